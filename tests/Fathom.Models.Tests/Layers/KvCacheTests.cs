// Inference over the cache: chunks of any size equal the whole pass, both orders of latent attention equal each other, and the cache
// holds what it says and gives all of it back.

using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Models.Tests.Layers;

public sealed unsafe class KvCacheTests
{
    // Longer than two blocks, so that block borders are crossed; past YaRN's original context too.
    const int Length = 150;

    static float[] Whole(DecoderModel model, int[] tokens)
    {
        using Tape tape = new();
        using PackedBatch batch = new();
        batch.Clear();
        batch.Add(tokens);
        return model.Logits(tape, model.Forward(tape, batch)).Span.ToArray();
    }

    // The logits of all tokens, taken in by chunks of the given sizes, the last repeated.
    static float[] Chunked(DecoderModel model, int[] tokens, params int[] sizes)
    {
        using Tape tape = new();
        using PackedBatch batch = new();
        using KvCache cache = new(model.Config, tokens.Length);
        var sequence = new CachedSequence();
        var logits = new List<float>();
        for (int from = 0, chunk = 0; from < tokens.Length; chunk++)
        {
            int count = Math.Min(sizes[Math.Min(chunk, sizes.Length - 1)], tokens.Length - from);
            tape.Reset();
            batch.Clear(cache);
            cache.Reserve(sequence, count);
            batch.Add(tokens.AsSpan(from, count), sequence);
            logits.AddRange(model.Logits(tape, model.Forward(tape, batch)).Span);
            cache.Advance(sequence, count);
            from += count;
        }
        return [.. logits];
    }

    static void Close(float[] expected, float[] actual, double relative)
    {
        Assert.Equal(expected.Length, actual.Length);
        double bound = relative * expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= bound, $"[{i}]: expected {expected[i]}, actual {actual[i]}, bound {bound}");
    }

    public static readonly TheoryData<int[]> Chunks = [[Length], [Length - 20, 20], [1], [4], [5], [64], [63, 1, 1, 64], [130, 1], [3, 70, 2, 75]];

    [Theory]
    [MemberData(nameof(Chunks))]
    public void GroupedQuery_AnyChunks_GiveTheBitsOfTheWholePass(int[] sizes)
    {
        int[] tokens = ToyModel.Tokens(Length, 1);
        foreach (string family in new[] { "llama", "qwen2", "deepseek-v1" })
        {
            using DecoderModel model = ToyModel.Build(ToyPresets.All[family]);
            Assert.Equal(Whole(model, tokens), Chunked(model, tokens, sizes));
        }
    }

    // The two orders of latent attention round differently, so bits differ where a chunk is attended absorbed; and the residual stream
    // carries that on: 1e-5 of the largest logit, some hundred roundings.
    [Theory]
    [MemberData(nameof(Chunks))]
    public void Latent_AnyChunks_EqualTheWholePass(int[] sizes)
    {
        int[] tokens = ToyModel.Tokens(Length, 2);
        foreach (string family in new[] { "deepseek-v3", "deepseek-v2" })
        {
            // Every expert is used, so that rounding cannot flip a choice.
            ModelConfig config = ToyPresets.All[family];
            config = config with { Experts = config.Experts! with { ExpertsPerToken = 8, ExpertGroupCount = 1, GroupsPerToken = 1 } };
            using DecoderModel model = ToyModel.Build(config);
            Close(Whole(model, tokens), Chunked(model, tokens, sizes), 1e-5);
        }
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("deepseek-v2")]
    public void LatentAttention_Absorbed_EqualsExpanded(string family)
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All[family]);
        ModelConfig config = model.Config;
        using RotaryEmbedding rotary = new(config);
        var attention = new LatentAttention(config, (LatentAttentionConfig)config.Attention, model.Parameters, rotary, "model.layers.0.self_attn.", 0);
        using Tape expandedTape = new(), tape = new();
        using PackedBatch batch = new(), cached = new();
        using KvCache cache = new(config, 100);
        var random = new Random(4);
        const int t = 70;
        Tensor x = expandedTape.Scope.Rent(t, config.HiddenSize);
        foreach (ref float value in x.Span)
            value = (float)(random.NextDouble() * 2 - 1);
        batch.Clear();
        batch.Add(new int[t]);
        Tensor expanded = attention.Forward(expandedTape, x, batch);
        double bound = 1e-5 * expanded.Span.ToArray().Max(Math.Abs);
        var sequence = new CachedSequence();
        int different = 0;
        for (int from = 0, chunk = 1; from < t; chunk = chunk % LatentAttention.AbsorbedTokenLimit + 1)
        {
            int count = Math.Min(chunk, t - from);
            tape.Reset();
            cached.Clear(cache);
            cache.Reserve(sequence, count);
            cached.Add(new int[count], sequence);
            Tensor absorbed = attention.Forward(tape, tape.Scope.Wrap(x.Row(from), count, config.HiddenSize), cached);
            cache.Advance(sequence, count);
            for (int i = 0; i < absorbed.Length; i++)
            {
                float expected = expanded.Row(from)[i];
                Assert.True(Math.Abs(absorbed.Data[i] - expected) <= bound, $"token {from} + {i}: expanded {expected}, absorbed {absorbed.Data[i]}, bound {bound}");
                different += absorbed.Data[i] != expected ? 1 : 0;
            }
            from += count;
        }
        // Equal bits everywhere would mean that the same order ran twice.
        Assert.NotEqual(0, different);
    }

    [Fact]
    public void Decode_ManySequencesTogether_GivesEachTheBitsItHasAlone()
    {
        foreach (string family in new[] { "deepseek-v3", "deepseek-v2", "qwen2" })
        {
            using DecoderModel model = ToyModel.Build(ToyPresets.All[family]);
            int[][] prompts = [ToyModel.Tokens(3, 1), ToyModel.Tokens(40, 2), ToyModel.Tokens(1, 3), ToyModel.Tokens(70, 4)];
            float[][] alone = [.. prompts.Select((prompt, i) => Decode(model, [prompt])[0])];
            float[][] together = Decode(model, prompts);
            for (int i = 0; i < prompts.Length; i++)
                Assert.Equal(alone[i], together[i]);
        }
    }

    // Runs prompts and then five fixed tokens each; the last logits of every step, by sequence.
    static float[][] Decode(DecoderModel model, int[][] prompts)
    {
        using Tape tape = new();
        using PackedBatch batch = new();
        using KvCache cache = new(model.Config, 1000);
        CachedSequence[] sequences = [.. prompts.Select(_ => new CachedSequence())];
        List<float>[] logits = [.. prompts.Select(_ => new List<float>())];
        for (int step = 0; step < 6; step++)
        {
            tape.Reset();
            batch.Clear(cache);
            for (int i = 0; i < prompts.Length; i++)
            {
                int[] tokens = step == 0 ? prompts[i] : [(step * 5) % 37];
                cache.Reserve(sequences[i], tokens.Length);
                batch.Add(tokens, sequences[i]);
            }
            Tensor all = model.Logits(tape, model.Forward(tape, batch));
            for (int i = 0; i < prompts.Length; i++)
            {
                logits[i].AddRange(all.RowSpan(batch.SequenceStarts[i + 1] - 1));
                cache.Advance(sequences[i], batch.SequenceStarts[i + 1] - batch.SequenceStarts[i]);
            }
        }
        return [.. logits.Select(list => list.ToArray())];
    }

    [Theory]
    [MemberData(nameof(DecoderModelTests.Families), MemberType = typeof(DecoderModelTests))]
    public void Accounting_BytesAreThoseOfWholeBlocks_AndAllComeBack(string family)
    {
        ModelConfig config = ToyPresets.All[family];
        int perToken = config.Attention switch
        {
            LatentAttentionConfig latent => latent.KvLoraRank + latent.QkRopeHeadDim,
            GroupedQueryAttentionConfig grouped => 2 * grouped.KeyValueHeadCount * grouped.HeadDim,
            _ => throw new InvalidOperationException(),
        };
        using KvCache cache = new(config, 1000);
        Assert.Equal((long)perToken * config.LayerCount * sizeof(float), cache.BytesPerToken);
        var random = new Random(2);
        CachedSequence[] sequences = [.. Enumerable.Range(0, 5).Select(_ => new CachedSequence())];
        for (int round = 0; round < 50; round++)
        {
            CachedSequence sequence = sequences[random.Next(5)];
            if (sequence.Length > 100)
            {
                cache.Release(sequence);
                Assert.Equal(0, sequence.Length);
            }
            int tokens = random.Next(1, 70);
            cache.Reserve(sequence, tokens);
            cache.Advance(sequence, tokens);
            int blocks = sequences.Sum(s => (s.Length + 63) / 64);
            Assert.Equal(blocks, cache.BlocksInUse);
            Assert.Equal((long)blocks * 64 * perToken * config.LayerCount * sizeof(float), cache.BytesInUse);
            Assert.Equal((16 - blocks) * 64, cache.FreeTokens);
        }
        foreach (CachedSequence sequence in sequences)
            cache.Release(sequence);
        Assert.Equal((0, 0L, 1024L), (cache.BlocksInUse, cache.BytesInUse, cache.FreeTokens));
    }

    [Fact]
    public void Reserve_BeyondTheLimit_IsRefused_AndAReleaseMakesRoom()
    {
        using KvCache cache = new(ToyPresets.Llama, 128);
        CachedSequence one = new(), two = new();
        cache.Reserve(one, 128);
        Assert.Contains("128 tokens", Assert.Throws<InvalidOperationException>(() => cache.Reserve(two, 1)).Message);
        cache.Release(one);
        cache.Reserve(two, 65);
        Assert.Equal(2, cache.BlocksInUse);
    }

    [Fact]
    public void Block_OfDifferentSequencesAndLayers_NeverOverlap()
    {
        using KvCache cache = new(ToyPresets.DeepSeekV3, 4096);
        CachedSequence one = new(), two = new();
        cache.Reserve(one, 300);
        cache.Reserve(two, 200);
        long bytes = cache.Layout.Bytes;
        long[] starts = [.. from s in new[] { (one, 5), (two, 4) }
                            from block in Enumerable.Range(0, s.Item2)
                            from layer in Enumerable.Range(0, 2)
                            let address = (long)cache.Block(s.Item1, block, layer)
                            orderby address
                            select address];
        Assert.Equal(18, starts.Length);
        for (int i = 1; i < starts.Length; i++)
            Assert.True(starts[i] - starts[i - 1] >= bytes);
    }
}
