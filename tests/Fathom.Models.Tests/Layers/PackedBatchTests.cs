// A packed batch is its sequences side by side: forwards and backwards, bit for bit, whatever stands beside them and however a step
// is cut into passes.

using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Models.Tests.Layers;

public sealed unsafe class PackedBatchTests
{
    static readonly int[][] Sequences = [ToyModel.Tokens(9, 1), ToyModel.Tokens(1, 2), ToyModel.Tokens(30, 3), ToyModel.Tokens(2, 4), ToyModel.Tokens(17, 5)];

    static float[] Forward(DecoderModel model, IEnumerable<int[]> sequences)
    {
        using Tape tape = new();
        using PackedBatch batch = new();
        batch.Clear();
        foreach (int[] tokens in sequences)
            batch.Add(tokens);
        return model.Logits(tape, model.Forward(tape, batch)).Span.ToArray();
    }

    // One pass forwards and backwards, from a gradient of the final state that depends on token and place alone.
    static void Pass(DecoderModel model, Tape tape, PackedBatch batch, IReadOnlyList<int[]> sequences)
    {
        tape.Reset();
        tape.Recording = true;
        batch.Clear();
        batch.StepSequenceCount = Sequences.Length;
        foreach (int[] tokens in sequences)
            batch.Add(tokens);
        Tensor hidden = model.Forward(tape, batch);
        hidden.Gradient = tape.Scope.RentLike(hidden);
        for (int t = 0; t < hidden.Rows; t++)
            for (int h = 0; h < hidden.Columns; h++)
                hidden.Gradient.Row(t)[h] = MathF.Sin(batch.Tokens[t] + 3 * batch.Positions[t] + h);
        tape.Backward();
    }

    static float[] Gradients(DecoderModel model, Func<int, int> passOf)
    {
        using Tape tape = new();
        using PackedBatch batch = new();
        model.Parameters.EnableGradients();
        foreach (IGrouping<int, int[]> pass in Sequences.Select((tokens, i) => (tokens, i)).GroupBy(pair => passOf(pair.i), pair => pair.tokens))
            Pass(model, tape, batch, [.. pass]);
        model.Parameters.GatherGradients();
        return new ReadOnlySpan<float>(model.Parameters.Gradients, (int)model.Parameters.Length).ToArray();
    }

    [Theory]
    [MemberData(nameof(DecoderModelTests.Families), MemberType = typeof(DecoderModelTests))]
    public void Forward_SequenceAlone_GivesTheBitsItHasInABatch(string family)
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All[family]);
        float[] together = Forward(model, Sequences);
        float[] alone = [.. Sequences.SelectMany(tokens => Forward(model, [tokens]))];
        Assert.Equal(alone, together);
        float[] reversed = Forward(model, Sequences.Reverse());
        int v = model.Config.VocabularySize, last = Sequences[^1].Length * v;
        Assert.Equal(together[^last..], reversed[..last]);
    }

    [Theory]
    [MemberData(nameof(DecoderModelTests.Families), MemberType = typeof(DecoderModelTests))]
    public void Backward_StepCutIntoPasses_AccumulatesTheSameBits(string family)
    {
        // The balance loss per sequence: over a whole batch it cannot be cut.
        ModelConfig config = ToyPresets.All[family];
        if (config.Experts is { } experts)
            config = config with { Experts = experts with { SequenceBalance = true, BalanceLossWeight = 0.1 } };
        using DecoderModel model = ToyModel.Build(config);
        float[] whole = Gradients(model, _ => 0);
        Assert.True(whole.Count(value => value != 0) > whole.Length / 4);
        Assert.Equal(whole, Gradients(model, i => i / 2));
        Assert.Equal(whole, Gradients(model, i => i));
    }

    [Fact]
    public void Add_PositionsAndStarts_AreThoseOfEachSequence()
    {
        using PackedBatch batch = new();
        for (int round = 0; round < 2; round++)
        {
            batch.Clear();
            foreach (int[] tokens in Sequences)
                batch.Add(tokens);
            Assert.Equal((59, 5), (batch.TokenCount, batch.SequenceCount));
            Assert.Equal([0, 9, 10, 40, 42, 59], new ReadOnlySpan<int>(batch.SequenceStarts, 6).ToArray());
            Assert.Equal(Sequences.SelectMany(tokens => tokens), new ReadOnlySpan<int>(batch.Tokens, 59).ToArray());
            Assert.Equal(Sequences.SelectMany(tokens => Enumerable.Range(0, tokens.Length)), new ReadOnlySpan<int>(batch.Positions, 59).ToArray());
            Assert.All(new ReadOnlySpan<int>(batch.PastLengths, 5).ToArray(), past => Assert.Equal(0, past));
        }
    }

    [Fact]
    public void Add_CachedSequenceWithoutACache_IsRefused()
    {
        using PackedBatch batch = new();
        batch.Clear();
        Assert.Throws<InvalidOperationException>(() => batch.Add([1], new CachedSequence()));
    }
}

[Collection("alone")]
public sealed unsafe class ThreadCountTests
{
    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("qwen2")]
    public void Logits_WithOneTwoAndThreeThreads_HaveTheSameBits(string family)
    {
        // Wide enough that kernels really divide their work.
        ModelConfig config = ToyPresets.All[family] with { HiddenSize = 160, VocabularySize = 700, IntermediateSize = 300 };
        using DecoderModel model = ToyModel.Build(config);
        int before = ThreadTeam.Shared.ThreadCount;
        try
        {
            float[]? expected = null;
            foreach (int threads in new[] { 1, 2, 3 })
            {
                ThreadTeam.SetSharedThreadCount(threads);
                using Tape tape = new();
                using PackedBatch batch = new();
                batch.Clear();
                for (int i = 0; i < 6; i++)
                    batch.Add(ToyModel.Tokens(30 + i, i));
                float[] logits = model.Logits(tape, model.Forward(tape, batch)).Span.ToArray();
                Assert.Equal(expected ??= logits, logits);
            }
        }
        finally
        {
            ThreadTeam.SetSharedThreadCount(before);
        }
    }
}
