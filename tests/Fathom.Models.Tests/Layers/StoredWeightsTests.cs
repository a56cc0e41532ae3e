// A model run from its file, in the file's format, against the model loaded into memory as FP32: the same bits where the file is FP32,
// nearly the same numbers where products round activations to BF16.

using Fathom.Models.Checkpoints;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Testing;

namespace Fathom.Models.Tests.Layers;

public sealed class StoredWeightsTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, ElementType> Cases()
    {
        var cases = new TheoryData<string, ElementType>();
        foreach (string family in ToyPresets.All.Keys)
        {
            cases.Add(family, ElementType.F32);
            cases.Add(family, ElementType.BF16);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Open_AllOrders_ComputesWhatLoadDoes(string family, ElementType type)
    {
        using (DecoderModel model = ToyModel.Build(ToyPresets.All[family]))
            model.Save(_folder, type);
        using DecoderModel stored = DecoderModel.Open(_folder), loaded = DecoderModel.Load(_folder);
        AssertSame(type, Whole(loaded), Whole(stored));
        AssertSame(type, Cached(loaded), Cached(stored));
    }

    // Each product's input is off by at most 2^-9 of itself, about 2^-10 in the mean square; errors of a dozen products per layer and
    // three layers add up like a random walk: sqrt(36) 2^-10 = 0.6 %. Four times that leaves room for the residual stream's spread.
    static void AssertSame(ElementType type, float[] expected, float[] actual)
    {
        if (type == ElementType.F32)
        {
            Assert.Equal(expected, actual);
            return;
        }
        double error = expected.Zip(actual, (x, y) => Math.Pow(x - y, 2)).Sum(), size = expected.Sum(x => Math.Pow(x, 2));
        Assert.InRange(Math.Sqrt(error / size), 1e-9, 0.024);
    }

    [Fact]
    public void Shards_AreRead()
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All["deepseek-v3"]);
        model.Save(_folder);
        ModelFolder.Write(_folder, model.Parameters.ToSources(ElementType.F32), 4096);
        Assert.True(Directory.GetFiles(_folder, "*.safetensors").Length > 2);
        using DecoderModel stored = DecoderModel.Open(_folder);
        Assert.Equal(Whole(model), Whole(stored));
    }

    [Fact]
    public void StoredModel_IsNotTrained()
    {
        using (DecoderModel model = ToyModel.Build(ToyPresets.Llama))
            model.Save(_folder, ElementType.BF16);
        using DecoderModel stored = DecoderModel.Open(_folder);
        Assert.Throws<InvalidOperationException>(() => stored.Parameters);
        using Tape tape = new() { Recording = true };
        using PackedBatch batch = new();
        batch.Clear();
        batch.Add(ToyModel.Tokens(5, 1));
        Assert.Contains("BF16", Assert.Throws<InvalidOperationException>(() => stored.Forward(tape, batch)).Message, StringComparison.Ordinal);
    }

    static float[] Whole(DecoderModel model)
    {
        using Tape tape = new();
        using PackedBatch batch = new();
        batch.Clear();
        batch.Add(ToyModel.Tokens(20, 3));
        batch.Add(ToyModel.Tokens(7, 4));
        return model.Logits(tape, model.Forward(tape, batch)).Span.ToArray();
    }

    // A prompt, then single tokens: latent attention expanded, then absorbed.
    static float[] Cached(DecoderModel model)
    {
        using Tape tape = new();
        using var cache = new KvCache(model.Config, 128);
        var sequence = new CachedSequence();
        int[] tokens = ToyModel.Tokens(12, 5);
        var logits = new List<float>();
        foreach (int[] step in new[] { tokens[..9], tokens[9..10], tokens[10..11], tokens[11..] })
        {
            tape.Reset();
            using PackedBatch batch = new();
            batch.Clear(cache);
            cache.Reserve(sequence, step.Length);
            batch.Add(step, sequence);
            logits.AddRange(model.Logits(tape, model.Forward(tape, batch)).Span);
            cache.Advance(sequence, step.Length);
        }
        return [.. logits];
    }
}
