// Attention over up-projected latents, in runs of keys: against double precision, and its bits across runs, chunks, widths and threads.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

[Collection("ladder")]
public sealed unsafe class ExpandedAttentionTests : IDisposable
{
    const int Split = CachedAttention.SplitLength, Length = (2 * Split) + 70;

    // Heads, own key, shared key, value.
    static readonly (int Heads, int Own, int Shared, int Value)[] s_shapes = [(2, 32, 16, 32), (3, 5, 2, 7), (1, 24, 8, 40)];

    readonly Rung _ceiling = Ladder.Ceiling;
    readonly int _threads = ThreadTeam.Shared.ThreadCount;

    public void Dispose()
    {
        Ladder.Ceiling = _ceiling;
        ThreadTeam.SetSharedThreadCount(_threads);
    }

    public static TheoryData<int> Shapes => [0, 1, 2];

    static AttentionShape Shape(int number)
    {
        (int heads, int own, int shared, int value) = s_shapes[number];
        return CausalAttentionTests.Shape(heads, heads, own, shared, value);
    }

    static AttentionCase Problem(int number) => new(Shape(number), [Length], seed: 9);

    // The whole sequence in chunks of queries, each over runs of keys.
    static void Run(AttentionCase problem, int chunk, int run)
    {
        AttentionShape shape = problem.Shape;
        int headWidth = shape.QkDim + shape.VDim, qRow = shape.HeadCount * shape.QueryDim;
        for (int past = 0; past < Length; past += chunk)
        {
            int count = Math.Min(chunk, Length - past);
            using var state = new GuardedMemory<float>((int)CachedAttention.StateFloats(shape, count));
            using var q = new GuardedMemory<float>(count * qRow);
            using var o = new GuardedMemory<float>(count * shape.HeadCount * shape.VDim);
            for (int i = 0; i < count; i++)
                problem.Q.Span.Slice((past + i) * problem.QStride, qRow).CopyTo(q.Span[(i * qRow)..]);
            for (int first = 0; first < past + count; first += run)
            {
                int keyCount = Math.Min(run, past + count - first);
                using GuardedMemory<float> keys = new(keyCount * shape.HeadCount * headWidth), shared = new(keyCount * shape.SharedDim);
                for (int i = 0; i < keyCount; i++)
                {
                    for (int h = 0; h < shape.HeadCount; h++)
                    {
                        Span<float> to = keys.Span[(((i * shape.HeadCount) + h) * headWidth)..];
                        problem.K.Span.Slice(((first + i) * problem.KStride) + (h * shape.QkDim), shape.QkDim).CopyTo(to);
                        problem.V.Span.Slice(((first + i) * problem.VStride) + (h * shape.VDim), shape.VDim).CopyTo(to[shape.QkDim..]);
                    }
                    problem.Shared.Span.Slice((first + i) * problem.SharedStride, shape.SharedDim).CopyTo(shared.Span[(i * shape.SharedDim)..]);
                }
                CachedAttention.ForwardExpanded(
                    shape, q.Pointer, qRow, count, past, keys.Pointer, shared.Pointer, first, keyCount, state.Pointer, o.Pointer, shape.HeadCount * shape.VDim);
            }
            for (int i = 0; i < count; i++)
                o.Span.Slice(i * shape.HeadCount * shape.VDim, shape.HeadCount * shape.VDim).CopyTo(problem.O.Span[((past + i) * problem.OStride)..]);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void EveryRung_MatchesDoublePrecision(int number)
    {
        foreach (Rung rung in Ladder.Supported.Where(r => r <= Rung.Vector512))
        {
            Ladder.Ceiling = rung;
            using AttentionCase problem = Problem(number);
            Run(problem, 400, Split);
            foreach (int position in new[] { 0, 63, 64, Split - 1, Split, Split + 1, 399, 400, (2 * Split) - 1, 2 * Split, Length - 1 })
            {
                for (int head = 0; head < problem.Shape.HeadCount; head++)
                {
                    double[] expected = problem.Naive(0, position, head).O;
                    // As in CachedCase.
                    double bound = ((3 * (problem.Shape.QueryDim + 4)) + (2 * position) + 16) * Math.ScaleB(1, -24);
                    for (int d = 0; d < expected.Length; d++)
                    {
                        float actual = problem.O.Pointer[(position * problem.OStride) + (head * expected.Length) + d];
                        if (!(Math.Abs(expected[d] - actual) <= bound))
                            Assert.Fail($"{rung}, position {position}, head {head}, {d}: expected {expected[d]:R}, got {actual:R}, allowed {bound:E2} off");
                    }
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void RunsChunksWidthsAndThreads_GiveTheSameBits(int number)
    {
        Ladder.Ceiling = Rung.Scalar;
        ThreadTeam.SetSharedThreadCount(1);
        using AttentionCase expected = Problem(number);
        Run(expected, 1000, 1024);
        foreach (Rung rung in Ladder.Supported)
        {
            Ladder.Ceiling = rung;
            foreach ((int threads, int chunk, int run) in new[] { (1, 1000, Split), (2, 128, 1024), (5, 200, 2 * Split), (3, 77, Split) })
            {
                ThreadTeam.SetSharedThreadCount(threads);
                using AttentionCase other = Problem(number);
                Run(other, chunk, run);
                CausalAttentionBitsTests.Same(expected.O.Span, other.O.Span, $"{rung}, {threads} threads, chunks of {chunk}, runs of {run}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void WithinTheFirstSplit_HasTheBitsOfTheTrainingForward(int number)
    {
        using AttentionCase training = Problem(number), other = Problem(number);
        training.Forward();
        Run(other, 300, Split);
        CausalAttentionBitsTests.Same(training.O.Span[..(Split * training.OStride)], other.O.Span[..(Split * training.OStride)], "the first split");
    }
}
