// Causal attention against double precision and finite differences, on every rung.
using Fathom.Numerics.Kernels;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

[Collection("ladder")]
public sealed unsafe class CausalAttentionTests : IDisposable
{
    readonly Rung _ceiling = Ladder.Ceiling;

    public void Dispose() => Ladder.Ceiling = _ceiling;

    public static AttentionShape Shape(int heads, int keyHeads, int qk, int shared, int v) => new()
    {
        HeadCount = heads,
        KeyValueHeadCount = keyHeads,
        QkDim = qk,
        SharedDim = shared,
        VDim = v,
        Scale = 1f / MathF.Sqrt(qk + shared),
    };

    static readonly (AttentionShape Shape, int[] Lengths)[] s_cases =
    [
        (Shape(2, 2, 8, 0, 8), [1]),
        (Shape(1, 1, 1, 0, 1), [1, 2, 3]),
        (Shape(4, 2, 5, 0, 5), [7, 1, 0, 9]),
        (Shape(6, 2, 24, 8, 24), [17, 33]),
        (Shape(2, 2, 32, 16, 32), [70, 1, 64]),
        (Shape(3, 1, 24, 0, 40), [65]),
        (Shape(8, 8, 16, 8, 16), [31, 8]),
        (Shape(2, 1, 33, 16, 5), [130]),
    ];

    public static TheoryData<int, Rung> CasesAndRungs()
    {
        var data = new TheoryData<int, Rung>();
        for (int i = 0; i < s_cases.Length; i++)
        {
            foreach (Rung rung in Ladder.Supported.Where(r => r <= Rung.Vector512))
                data.Add(i, rung);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(CasesAndRungs))]
    public void Forward_RaggedBatch_MatchesDoublePrecision(int number, Rung rung)
    {
        Ladder.Ceiling = rung;
        Assert.Equal(rung, CausalAttention.Chosen);
        using var problem = new AttentionCase(s_cases[number].Shape, s_cases[number].Lengths, seed: number);
        problem.Forward();
        AttentionShape shape = problem.Shape;
        for (int sequence = 0; sequence < problem.Lengths.Length; sequence++)
        {
            for (int position = 0; position < problem.Lengths[sequence]; position++)
            {
                for (int head = 0; head < shape.HeadCount; head++)
                {
                    (double[] expected, double logSumExp) = problem.Naive(sequence, position, head);
                    // Inputs lie in [-1, 1], so scaled scores stay below sqrt(D), each with at most D rounding errors of that size, which enter
                    // numerator and denominator; the two sums over the keys add one rounding error per key each.
                    double units = (2 * (shape.QueryDim + 4) * Math.Sqrt(shape.QueryDim)) + (2 * position) + 8, bound = units * Math.ScaleB(1, -24);
                    int token = problem.Starts[sequence] + position;
                    for (int d = 0; d < shape.VDim; d++)
                        Close(expected[d], problem.O.Pointer[(token * problem.OStride) + (head * shape.VDim) + d], bound, $"o[{sequence}, {position}, {head}, {d}]");
                    Close(logSumExp, problem.LogSumExp.Pointer[(token * shape.HeadCount) + head], bound, $"log-sum-exp[{sequence}, {position}, {head}]");
                }
            }
        }
        GapsUntouched(problem.O.Span, problem.OStride, shape.HeadCount * shape.VDim);
    }

    [Theory]
    [MemberData(nameof(CasesAndRungs))]
    public void Backward_RaggedBatch_MatchesFiniteDifferences(int number, Rung rung)
    {
        Ladder.Ceiling = rung;
        using var problem = new AttentionCase(s_cases[number].Shape, s_cases[number].Lengths, seed: 100 + number);
        problem.Forward();
        problem.Backward();
        AttentionShape shape = problem.Shape;
        Sample(problem, problem.Q, problem.QGradient, problem.QStride, shape.HeadCount * shape.QueryDim, "dQ");
        Sample(problem, problem.K, problem.KGradient, problem.KStride, shape.KeyValueHeadCount * shape.QkDim, "dK");
        Sample(problem, problem.V, problem.VGradient, problem.VStride, shape.KeyValueHeadCount * shape.VDim, "dV");
        if (shape.SharedDim > 0)
            Sample(problem, problem.Shared, problem.SharedGradient, problem.SharedStride, shape.SharedDim, "dSharedK");
    }

    [Fact]
    public void EmptyBatch_ReadsAndWritesNothing()
    {
        using var problem = new AttentionCase(Shape(2, 2, 8, 8, 8), [0, 0], seed: 1);
        problem.Forward();
        problem.Backward();
    }

    // Central differences of the double-precision loss at eight places per tensor, the first and last among them.
    static void Sample(AttentionCase problem, GuardedMemory<float> values, GuardedMemory<float> gradients, int stride, int width, string name)
    {
        const float Step = 1f / 512;
        for (int sample = 0; sample < 8; sample++)
        {
            int token = sample == 0 ? 0 : sample == 1 ? problem.Tokens - 1 : problem.Random.Next(problem.Tokens);
            int at = (token * stride) + (sample == 0 ? 0 : sample == 1 ? width - 1 : problem.Random.Next(width));
            int sequence = Enumerable.Range(0, problem.Lengths.Length).First(s => problem.Starts[s] <= token && token < problem.Starts[s + 1]);
            float value = values.Pointer[at];
            values.Pointer[at] = value + Step;
            float up = values.Pointer[at];
            double above = problem.NaiveLoss(sequence);
            values.Pointer[at] = value - Step;
            float down = values.Pointer[at];
            double below = problem.NaiveLoss(sequence);
            values.Pointer[at] = value;
            double expected = (above - below) / ((double)up - down);
            // Truncation: step^2 / 6 times a third derivative of order 1 (a sum over at most 130 rows and 8 heads of bounded terms, mostly far
            // smaller); rounding of the float backward: about a thousand operations of size 1 at 2^-24. A wrong sign or a missing term is 100 times this.
            double bound = 1e-4 + (1e-4 * Math.Abs(expected));
            Close(expected, gradients.Pointer[at], bound, $"{name}[token {token}, {at % stride}]");
        }
        GapsUntouched(gradients.Span, stride, width);
    }

    static void GapsUntouched(Span<float> memory, int stride, int width)
    {
        for (int i = 0; i < memory.Length; i++)
        {
            if (i % stride >= width)
                Assert.Equal(7f, memory[i]);
        }
    }

    static void Close(double expected, float actual, double bound, string place)
    {
        if (!(Math.Abs(expected - actual) <= bound))
            Assert.Fail($"{place}: expected {expected:R}, got {actual:R}, off by {Math.Abs(expected - actual):E2}, allowed {bound:E2}");
    }
}
