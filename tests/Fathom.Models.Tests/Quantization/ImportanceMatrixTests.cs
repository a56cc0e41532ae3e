// The importance matrix: mean squares of what each matrix is multiplied with, token by token.

using Fathom.Models.Checkpoints;
using Fathom.Models.Layers;
using Fathom.Models.Quantization;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Testing;

namespace Fathom.Models.Tests.Quantization;

public sealed class ImportanceMatrixTests : IDisposable
{
    static readonly int[][] s_windows = [ToyModel.Tokens(11, 1), ToyModel.Tokens(7, 2)];

    readonly string _folder = Directory.CreateTempSubdirectory("fathom-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    Dictionary<string, float[]> Measure(string family, ElementType type, out float[] final, out int hidden)
    {
        using (DecoderModel model = ToyModel.Build(ToyPresets.All[family]))
            model.Save(_folder, type);
        using DecoderModel stored = DecoderModel.Open(_folder);
        var done = new List<int>();
        Dictionary<string, float[]> importance = ImportanceMatrix.Measure(stored, s_windows, done.Add);
        Assert.Equal([1, 2], done);
        using Tape tape = new();
        using PackedBatch batch = new();
        batch.Clear();
        foreach (int[] window in s_windows)
            batch.Add(window);
        final = stored.Forward(tape, batch).Span.ToArray();
        hidden = stored.Config.HiddenSize;
        return importance;
    }

    [Theory]
    [InlineData("deepseek-v3", ElementType.F32)]
    [InlineData("deepseek-v3", ElementType.BF16)]
    [InlineData("llama", ElementType.BF16)]
    public void Head_IsTheMeanSquareOfTheFinalStates(string family, ElementType type)
    {
        Dictionary<string, float[]> importance = Measure(family, type, out float[] final, out int hidden);
        int tokens = final.Length / hidden;
        float[] head = importance[TensorNames.Head];
        Assert.Equal(hidden, head.Length);
        for (int i = 0; i < hidden; i++)
        {
            double mean = Enumerable.Range(0, tokens).Average(t => Math.Pow(final[t * hidden + i], 2));
            // The same numbers, summed in another order.
            Assert.Equal(mean, head[i], 1e-6 * mean + 1e-12);
        }
    }

    [Fact]
    public void EveryMatrixOfADenseModel_IsThere_AndWhatSharesInputsSharesImportance()
    {
        Dictionary<string, float[]> importance = Measure("llama", ElementType.BF16, out _, out _);
        using ModelFolder folder = ModelFolder.Open(_folder);
        string[] matrices = [.. TensorNames.Of(folder.Config).Where(s => s.Shape.Length > 1 && s.Role != TensorRole.Embedding).Select(s => s.Name)];
        Assert.Equal(matrices.Order(StringComparer.Ordinal), importance.Keys.Order(StringComparer.Ordinal));
        const string layer = "model.layers.0.";
        Assert.Equal(importance[layer + "self_attn.q_proj.weight"], importance[layer + "self_attn.v_proj.weight"]);
        Assert.Equal(importance[layer + "mlp.gate_proj.weight"], importance[layer + "mlp.up_proj.weight"]);
        Assert.NotEqual(importance[layer + "self_attn.q_proj.weight"], importance[layer + "mlp.gate_proj.weight"]);
    }

    [Fact]
    public void Experts_CountTheirOwnTokensOnly_AndPredictionCountsNone()
    {
        Dictionary<string, float[]> importance = Measure("deepseek-v3", ElementType.F32, out _, out _);
        using ModelFolder folder = ModelFolder.Open(_folder);
        int layers = folder.Config.LayerCount;
        Assert.True(folder.Config.MtpLayerCount > 0);
        Assert.DoesNotContain(importance.Keys, name => name.StartsWith($"model.layers.{layers}.", StringComparison.Ordinal));
        string[] experts = [.. importance.Keys.Where(name => name.StartsWith("model.layers.1.mlp.experts.", StringComparison.Ordinal) && name.EndsWith("up_proj.weight", StringComparison.Ordinal))];
        Assert.True(experts.Length > 1);
        Assert.True(experts.Select(name => importance[name][0]).Distinct().Count() > 1);
    }
}
