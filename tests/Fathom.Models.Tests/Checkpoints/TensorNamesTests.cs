using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Testing;

namespace Fathom.Models.Tests.Checkpoints;

public class TensorNamesTests
{
    [SharedDataTheory]
    [MemberData(nameof(Configs.ModelConfigTests.Folders), MemberType = typeof(Configs.ModelConfigTests))]
    public void Of_OfficialConfig_IsExactlyTheFilesTensors(string folder)
    {
        using var model = ModelFolder.Open(SharedData.Path(folder));
        var expected = model.Names.Select(name => $"{name} [{string.Join(", ", model.Entry(name).Shape)}]").Order(StringComparer.Ordinal);
        var actual = TensorNames.Of(model.Config).Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]").Order(StringComparer.Ordinal);
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Of_MultiTokenPrediction_KnowsItsCopies()
    {
        var copies = TensorNames.Of(Presets.Nano with { MtpLayerCount = 1 }).Where(tensor => tensor.CopyOf is not null).ToDictionary(tensor => tensor.Name, tensor => tensor.CopyOf);
        Assert.Equal(new Dictionary<string, string?> { ["model.layers.4.embed_tokens.weight"] = TensorNames.Embedding, ["model.layers.4.shared_head.head.weight"] = TensorNames.Head }, copies);
    }

    [Theory]
    [MemberData(nameof(Configs.ModelConfigTests.PresetNames), MemberType = typeof(Configs.ModelConfigTests))]
    public void Of_Preset_NamesEachTensorOnceInLayerOrder(string name)
    {
        var tensors = TensorNames.Of(Presets.Get(name)).ToArray();
        Assert.Equal(tensors.Length, tensors.Select(tensor => tensor.Name).Distinct().Count());
        var layers = tensors.Where(tensor => tensor.Layer >= 0).Select(tensor => tensor.Layer).ToArray();
        Assert.Equal(layers.Order(), layers);
        Assert.All(tensors, tensor => Assert.True(tensor.Layer < 0 || tensor.Name.StartsWith(TensorNames.Layer(tensor.Layer), StringComparison.Ordinal)));
    }
}
