// Memory of a model that is run: counted bytes against the stored model, its interleaved rows and its cache.

using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;
using Fathom.Planning.Here;

namespace Fathom.Planning.Tests.Here;

public class HereMemoryTests
{
    static readonly Figure s_runtime = new("runtime", 50e6, "bytes", "a test");

    static double Part(IEnumerable<Figure> parts, string name) => parts.Single(part => part.Name == name).Value;

    [Theory]
    [InlineData("f32")]
    [InlineData("f16")]
    [InlineData("bf16")]
    [InlineData("q8_0")]
    [InlineData("q4_k_m")]
    public void OfRunning_WeightsAreThoseOfTheModel(string format)
    {
        GgufTarget target = GgufTarget.Find(format)!;
        IReadOnlyList<Figure> parts = HereMemory.OfRunning(Presets.Nano, target, ElementType.F32, 512, bench: true, s_runtime);
        using RandomCheckpoint checkpoint = new(Presets.Nano, target, 1);
        Assert.Equal(checkpoint.Tensors.Sum(tensor => tensor.ByteLength), Part(parts, "weights as made"));
        long interleaved = 0;
        foreach (TensorSpec spec in TensorNames.Own(Presets.Nano).Where(spec => spec.Shape.Length > 1))
        {
            Weight weight = checkpoint.Read(spec);
            if (spec.Role is not (TensorRole.Embedding or TensorRole.Router))
                interleaved += Weight.InterleavedBytes(weight.Type, weight.Rows, weight.Columns);
        }
        Assert.Equal(interleaved, Part(parts, "interleaved weights"));
        Assert.Equal(target.Base is ElementType.F32 or ElementType.F16, interleaved == 0);
    }

    [Theory]
    [InlineData(ElementType.F32, 1, 64)]
    [InlineData(ElementType.F32, 512, 512)]
    [InlineData(ElementType.BF16, 513, 576)]
    public void OfRunning_CacheIsWholeBlocks(ElementType type, long tokens, long held)
    {
        IReadOnlyList<Figure> parts = HereMemory.OfRunning(Presets.Nano, GgufTarget.Find("f32")!, type, tokens, bench: false, s_runtime);
        // 48 + 8 elements in each of 4 layers.
        Assert.Equal(held * 4 * 56 * (type == ElementType.F32 ? 4 : 2), Part(parts, "cache"));
    }

    [Fact]
    public void OfRunning_AFilesWeightsAreHeldOnce()
    {
        GgufTarget target = GgufTarget.Find("bf16")!;
        double file = HereMemory.OfRunning(Presets.Nano, target, ElementType.F32, 64, bench: false, s_runtime).Sum(part => part.Value);
        double bench = HereMemory.OfRunning(Presets.Nano, target, ElementType.F32, 64, bench: true, s_runtime).Sum(part => part.Value);
        Assert.True(bench - file > 2 * 900_000, $"{bench} - {file}");
    }
}
