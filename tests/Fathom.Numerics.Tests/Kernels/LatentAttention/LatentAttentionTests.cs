// Absorbed latent attention against double precision, and its bits across widths, threads, batches and chunks.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

[Collection("ladder")]
public sealed unsafe class LatentAttentionTests : IDisposable
{
    static readonly int[] s_lengths = [129, 1, 64, 90];

    // Heads, latent rank, rotary width.
    static readonly (int Heads, int Rank, int Rope)[] s_shapes = [(4, 32, 8), (3, 5, 0), (16, 80, 16), (1, 33, 2), (40, 16, 8)];

    readonly Rung _ceiling = Ladder.Ceiling;
    readonly int _threads = ThreadTeam.Shared.ThreadCount;

    public void Dispose()
    {
        Ladder.Ceiling = _ceiling;
        ThreadTeam.SetSharedThreadCount(_threads);
    }

    public static TheoryData<int> Shapes => [0, 1, 2, 3, 4];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Forward_EveryRung_MatchesDoublePrecision(int number)
    {
        foreach (Rung rung in Ladder.Supported.Where(r => r <= Rung.Vector512))
        {
            Ladder.Ceiling = rung;
            Assert.Equal(rung, LatentAttention.Chosen);
            using AttentionCase problem = Problem(number, s_lengths);
            Run(problem, number, [.. s_lengths]);
            for (int s = 0; s < s_lengths.Length; s++)
            {
                for (int position = 0; position < s_lengths[s]; position++)
                {
                    for (int head = 0; head < s_shapes[number].Heads; head++)
                    {
                        double[] expected = problem.Naive(s, position, head).O;
                        int width = s_shapes[number].Rank + s_shapes[number].Rope;
                        // As for causal attention, and two more roundings per block and running sum.
                        double bound = ((2 * (width + 4) * Math.Sqrt(width)) + (2 * position) + 16) * Math.ScaleB(1, -24);
                        for (int d = 0; d < expected.Length; d++)
                        {
                            float actual = problem.O.Pointer[((problem.Starts[s] + position) * problem.OStride) + (head * expected.Length) + d];
                            if (!(Math.Abs(expected[d] - actual) <= bound))
                                Assert.Fail($"{rung}, sequence {s}, position {position}, head {head}, {d}: expected {expected[d]:R}, got {actual:R}, allowed {bound:E2} off");
                        }
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void WidthsThreadsChunksAndBatches_GiveTheSameBits(int number)
    {
        Ladder.Ceiling = Rung.Scalar;
        ThreadTeam.SetSharedThreadCount(1);
        using AttentionCase expected = Problem(number, s_lengths);
        Run(expected, number, [.. s_lengths]);
        foreach (Rung rung in Ladder.Supported)
        {
            Ladder.Ceiling = rung;
            foreach ((int threads, int chunk) in new[] { (1, 1), (2, 1), (5, 1000), (2, 13), (1, 64) })
            {
                ThreadTeam.SetSharedThreadCount(threads);
                using AttentionCase other = Problem(number, s_lengths);
                int[] done = new int[s_lengths.Length];
                while (done.Zip(s_lengths).Any(p => p.First < p.Second))
                    Run(other, number, [.. done.Zip(s_lengths, (d, n) => Math.Min(chunk, n - d))], done);
                CausalAttentionBitsTests.Same(expected.O.Span, other.O.Span, $"{rung}, {threads} threads, chunks of {chunk}");
            }
        }
        using AttentionCase alone = Problem(number, s_lengths);
        for (int s = 0; s < s_lengths.Length; s++)
            Run(alone, number, [.. s_lengths.Select((n, i) => i == s ? n : 0)]);
        CausalAttentionBitsTests.Same(expected.O.Span, alone.O.Span, "sequences one by one");
    }

    // One head of keys [latent; rotary key] whose values are their latents: the same problem as causal attention would pose.
    static AttentionCase Problem(int number, int[] lengths)
    {
        (int heads, int rank, int rope) = s_shapes[number];
        var problem = new AttentionCase(CausalAttentionTests.Shape(heads, 1, rank + rope, 0, rank), lengths, seed: 23);
        for (int token = 0; token < problem.Tokens; token++)
            problem.K.Span.Slice(token * problem.KStride, rank).CopyTo(problem.V.Span[(token * problem.VStride)..]);
        return problem;
    }

    // Runs the next counts[s] tokens of every sequence behind done[s] and counts them as done.
    static void Run(AttentionCase problem, int number, int[] counts, int[]? done = null)
    {
        (int heads, int rank, int rope) = s_shapes[number];
        done ??= new int[counts.Length];
        int width = rank + rope, total = counts.Sum();
        using var cache = new PagedCache(problem, problem.K, problem.KStride, width);
        using var q = new GuardedMemory<float>(total * heads * width);
        using var context = new GuardedMemory<float>(total * heads * rank);
        int[] starts = [0, .. counts.Select((_, i) => counts.Take(i + 1).Sum())];
        for (int s = 0; s < counts.Length; s++)
        {
            for (int i = 0; i < counts[s]; i++)
                problem.Q.Span.Slice((problem.Starts[s] + done[s] + i) * problem.QStride, heads * width).CopyTo(q.Span[((starts[s] + i) * heads * width)..]);
        }
        fixed (int* startsPointer = starts, donePointer = done)
        {
            LatentAttention.Forward(
                heads, rank, rope, problem.Shape.Scale, q.Pointer, heads * width, startsPointer, donePointer, counts.Length, cache.Blocks,
                PagedCache.BlocksPerSequence, context.Pointer, heads * rank);
        }
        for (int s = 0; s < counts.Length; s++)
        {
            for (int i = 0; i < counts[s]; i++)
                context.Span.Slice((starts[s] + i) * heads * rank, heads * rank).CopyTo(problem.O.Span[((problem.Starts[s] + done[s]++) * problem.OStride)..]);
        }
    }
}
