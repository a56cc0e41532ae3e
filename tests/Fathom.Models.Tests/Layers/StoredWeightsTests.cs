// A model run from its file, in the file's format, computes the same bits as the model loaded into memory as FP32.

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
    public void Open_AllOrders_SameBitsAsLoad(string family, ElementType type)
    {
        using (DecoderModel model = ToyModel.Build(ToyPresets.All[family]))
            model.Save(_folder, type);
        using DecoderModel stored = DecoderModel.Open(_folder), loaded = DecoderModel.Load(_folder);
        Assert.Equal(Whole(loaded), Whole(stored));
        Assert.Equal(Cached(loaded), Cached(stored));
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
