// Causal attention gives the same bits at every vector width, on any number of threads, in any batch, and in any cut into chunks.
using System.Runtime.InteropServices;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

[Collection("ladder")]
public sealed unsafe class CausalAttentionBitsTests : IDisposable
{
    static readonly int[] s_lengths = [70, 1, 129, 16];

    static readonly AttentionShape[] s_shapes =
    [
        CausalAttentionTests.Shape(4, 4, 32, 16, 32), CausalAttentionTests.Shape(6, 2, 24, 0, 40), CausalAttentionTests.Shape(3, 3, 5, 8, 7),
    ];

    readonly Rung _ceiling = Ladder.Ceiling;
    readonly int _threads = ThreadTeam.Shared.ThreadCount;

    public void Dispose()
    {
        Ladder.Ceiling = _ceiling;
        ThreadTeam.SetSharedThreadCount(_threads);
    }

    public static TheoryData<int> Shapes => [0, 1, 2];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Rungs_ForwardAndBackward_GiveTheSameBits(int number)
    {
        Ladder.Ceiling = Rung.Scalar;
        using AttentionCase scalar = Solved(number, s_lengths);
        foreach (Rung rung in Ladder.Supported)
        {
            Ladder.Ceiling = rung;
            using AttentionCase other = Solved(number, s_lengths);
            SameBits(scalar, other, $"rung {rung}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ThreadCounts_ForwardAndBackward_GiveTheSameBits(int number)
    {
        ThreadTeam.SetSharedThreadCount(1);
        using AttentionCase single = Solved(number, s_lengths);
        foreach (int threads in new[] { 2, 5 })
        {
            ThreadTeam.SetSharedThreadCount(threads);
            using AttentionCase other = Solved(number, s_lengths);
            SameBits(single, other, $"{threads} threads");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void SequenceAlone_ForwardAndBackward_HasTheBitsOfTheBatch(int number)
    {
        using AttentionCase batch = Solved(number, s_lengths);
        for (int sequence = 0; sequence < s_lengths.Length; sequence++)
        {
            using var alone = new AttentionCase(s_shapes[number], [s_lengths[sequence]], seed: 1);
            foreach ((GuardedMemory<float> from, GuardedMemory<float> to, int stride) in new[]
            {
                (batch.Q, alone.Q, batch.QStride), (batch.K, alone.K, batch.KStride), (batch.V, alone.V, batch.VStride),
                (batch.Shared, alone.Shared, batch.SharedStride), (batch.OGradient, alone.OGradient, batch.OStride),
            })
            {
                Rows(from, batch, sequence, stride, to.Length).CopyTo(to.Span);
            }
            alone.Forward();
            alone.Backward();
            foreach ((GuardedMemory<float> together, GuardedMemory<float> own, int stride, string name) in new[]
            {
                (batch.O, alone.O, batch.OStride, "o"), (batch.LogSumExp, alone.LogSumExp, batch.Shape.HeadCount, "log-sum-exp"),
                (batch.QGradient, alone.QGradient, batch.QStride, "dQ"), (batch.KGradient, alone.KGradient, batch.KStride, "dK"),
                (batch.VGradient, alone.VGradient, batch.VStride, "dV"), (batch.SharedGradient, alone.SharedGradient, batch.SharedStride, "dSharedK"),
            })
            {
                Same(Rows(together, batch, sequence, stride, own.Length), own.Span, $"{name} of sequence {sequence}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ChunksBehindTheirPast_HaveTheBitsOfTheWholeSequence(int number)
    {
        using AttentionCase whole = Solved(number, [129]);
        int* queryStarts = stackalloc int[] { 0, 0 }, keyStarts = stackalloc int[] { 0, 0 };
        foreach (int chunk in new[] { 1, 7, 64, 100 })
        {
            using var o = new GuardedMemory<float>(whole.O.Length);
            o.Span.Fill(7f);
            for (int first = 0; first < 129; first += chunk)
            {
                int count = Math.Min(chunk, 129 - first);
                (queryStarts[1], keyStarts[1]) = (count, first + count);
                AttentionInputs inputs = whole.Inputs with { Q = whole.Q.Pointer + (first * whole.QStride) };
                CausalAttention.Forward(whole.Shape, inputs, queryStarts, keyStarts, 1, o.Pointer + (first * whole.OStride), whole.OStride, null);
            }
            Same(whole.O.Span, o.Span, $"chunks of {chunk}");
        }
    }

    [Fact]
    public void LaterTokens_EvenNaN_DoNotReachEarlierOnes()
    {
        using AttentionCase clean = Solved(0, [129]);
        using AttentionCase poisoned = Solved(0, [129]);
        poisoned.K.Span[(100 * clean.KStride)..].Fill(float.NaN);
        poisoned.V.Span[(100 * clean.VStride)..].Fill(float.NaN);
        poisoned.Shared.Span[(100 * clean.SharedStride)..].Fill(float.NaN);
        poisoned.Forward();
        Same(clean.O.Span[..(100 * clean.OStride)], poisoned.O.Span[..(100 * clean.OStride)], "tokens before the first NaN");
        Assert.True(float.IsNaN(poisoned.O.Span[100 * clean.OStride]));
    }

    static AttentionCase Solved(int shape, int[] lengths)
    {
        var problem = new AttentionCase(s_shapes[shape], lengths, seed: 17);
        problem.Forward();
        problem.Backward();
        return problem;
    }

    static Span<float> Rows(GuardedMemory<float> memory, AttentionCase batch, int sequence, int stride, int length)
        => memory.Span.Slice(batch.Starts[sequence] * stride, length);

    static void SameBits(AttentionCase expected, AttentionCase actual, string what)
    {
        Same(expected.O.Span, actual.O.Span, $"o, {what}");
        Same(expected.LogSumExp.Span, actual.LogSumExp.Span, $"log-sum-exp, {what}");
        Same(expected.QGradient.Span, actual.QGradient.Span, $"dQ, {what}");
        Same(expected.KGradient.Span, actual.KGradient.Span, $"dK, {what}");
        Same(expected.VGradient.Span, actual.VGradient.Span, $"dV, {what}");
        Same(expected.SharedGradient.Span, actual.SharedGradient.Span, $"dSharedK, {what}");
    }

    internal static void Same(Span<float> expected, Span<float> actual, string what)
    {
        int at = MemoryMarshal.Cast<float, int>(expected).CommonPrefixLength(MemoryMarshal.Cast<float, int>(actual));
        if (at < expected.Length || expected.Length != actual.Length)
            Assert.Fail($"{what}: element {at} of {expected.Length} and {actual.Length} is {expected[at]:R} and {actual[at]:R}");
    }
}
