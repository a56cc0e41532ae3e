// A saved model is the same model: FP32 to the bit, BF16 to its rounding.

using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Testing;

namespace Fathom.Models.Tests.Layers;

public sealed unsafe class SaveTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    static float[] Logits(DecoderModel model)
    {
        using Tape tape = new();
        using PackedBatch batch = new();
        batch.Clear();
        batch.Add(ToyModel.Tokens(20, 3));
        return model.Logits(tape, model.Forward(tape, batch)).Span.ToArray();
    }

    [Theory]
    [MemberData(nameof(DecoderModelTests.Families), MemberType = typeof(DecoderModelTests))]
    public void Fp32_SavedAndLoaded_HasTheSameBits(string family)
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All[family]);
        model.Save(_folder);
        using DecoderModel loaded = DecoderModel.Load(_folder);
        Assert.Equal(model.Parameters.All.Select(p => p.Name), loaded.Parameters.All.Select(p => p.Name));
        foreach (Parameter parameter in model.Parameters.All)
            Assert.Equal(parameter.Value.Span.ToArray(), loaded.Parameters[parameter.Name].Span.ToArray());
        Assert.Equal(Logits(model), Logits(loaded));
        // The oracle reads the folder with its own eyes: names, shapes and places are right.
        NaiveSequence run = NaiveWeights.Load(_folder).Forward(ToyModel.Tokens(20, 3));
        double bound = 3e-5 * run.Logits.Max(row => row.Max(Math.Abs));
        Assert.All(run.Logits.SelectMany(row => row).Zip(Logits(model)), pair => Assert.InRange(pair.Second, pair.First - bound, pair.First + bound));
    }

    [Theory]
    [MemberData(nameof(DecoderModelTests.Families), MemberType = typeof(DecoderModelTests))]
    public void Bf16_SavedAndLoaded_IsWithinItsRounding(string family)
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All[family]);
        model.Save(_folder, ElementType.BF16);
        using DecoderModel loaded = DecoderModel.Load(_folder);
        int rounded = 0;
        foreach (Parameter parameter in model.Parameters.All)
        {
            // Half the distance of two neighbours between 2^e and 2^(e+1) is 2^(e-8); a router's bias stays FP32.
            double share = parameter.Trainable ? Math.Pow(2, -8) : 0;
            Rounded(parameter.Value.Span, loaded.Parameters[parameter.Name].Span, parameter.Name, share, ref rounded);
        }
        Assert.NotEqual(0, rounded);
    }

    static void Rounded(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string name, double share, ref int rounded)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            double bound = share * Math.Pow(2, Math.Floor(Math.Log2(Math.Abs(expected[i]) + 1e-30)));
            Assert.True(Math.Abs(expected[i] - actual[i]) <= bound, $"{name}[{i}]: {expected[i]} became {actual[i]}, bound {bound}");
            rounded += expected[i] != actual[i] ? 1 : 0;
        }
    }

    [Fact]
    public void Save_OverAnOlderModel_LeavesTheNewOneOnly()
    {
        using DecoderModel old = ToyModel.Build(ToyPresets.Llama, 1), model = ToyModel.Build(ToyPresets.Qwen2, 2);
        old.Save(_folder);
        model.Save(_folder);
        using DecoderModel loaded = DecoderModel.Load(_folder);
        Assert.Equal(Logits(model), Logits(loaded));
        Assert.Equal(["config.json", "model.safetensors"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
    }
}
