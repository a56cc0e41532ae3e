// MatMul against a naive chain of fused multiply-adds (bits) and against sums in double precision (derived tolerance),
// on every rung, with inaccessible pages behind all three matrices.

using Fathom.Numerics.Kernels;
using Fathom.Numerics.Threading;
using Fathom.Testing;
using Kernel = Fathom.Numerics.Kernels.MatMul.MatMul;

namespace Fathom.Numerics.Tests.Kernels.MatMul;

[Collection("ladder")]
public sealed unsafe class MatMulTests : IDisposable
{
    readonly Rung _ceiling = Ladder.Ceiling;

    public void Dispose() => Ladder.Ceiling = _ceiling;

    public enum Form
    {
        NN,
        NT,
        TN,
    }

    public static TheoryData<Form, Rung> FormsAndRungs()
    {
        var data = new TheoryData<Form, Rung>();
        foreach (Form form in Enum.GetValues<Form>())
        {
            foreach (Rung rung in Ladder.Supported)
                data.Add(form, rung);
        }
        return data;
    }

    static void Force(Rung rung)
    {
        Ladder.Ceiling = rung;
        // Assembled kernels may lack their instruction or system; every other rung must be the one that runs.
        Assert.True(Kernel.Chosen == rung || rung >= Rung.Assembled, $"{rung} was forced, {Kernel.Chosen} runs.");
    }

    static readonly int[] s_sizes = [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 70, 97, 130];

    [Theory]
    [MemberData(nameof(FormsAndRungs))]
    public void OddShapes_EveryRung_EqualTheNaiveChainBitForBit(Form form, Rung rung)
    {
        Force(rung);
        var random = new System.Random(7);
        for (int round = 0; round < 60; round++)
        {
            int m = s_sizes[random.Next(s_sizes.Length)], n = s_sizes[random.Next(s_sizes.Length)];
            int k = s_sizes[random.Next(s_sizes.Length)];
            Check(form, m, n, k, random.Next(3) * random.Next(20), random.Next(2) == 0, random);
        }
    }

    [Theory]
    [MemberData(nameof(FormsAndRungs))]
    public void ShapesBeyondEveryBlock_EveryRung_EqualTheNaiveChainBitForBit(Form form, Rung rung)
    {
        Force(rung);
        var random = new System.Random(8);
        foreach ((int m, int n, int k) in new[] { (3, 40, 3001), (1, 1100, 700), (190, 1030, 20), (600, 50, 40), (16, 520, 1030) })
            Check(form, m, n, k, 3, accumulate: true, random);
    }

    static void Check(Form form, int m, int n, int k, int pad, bool accumulate, System.Random random)
    {
        (int aRows, int aColumns) = form == Form.TN ? (k, m) : (m, k);
        (int bRows, int bColumns) = form == Form.NT ? (n, k) : (k, n);
        int lda = aColumns + pad, ldb = bColumns + pad, ldc = n + pad;
        using var a = Filled(aRows, aColumns, lda, random);
        using var b = Filled(bRows, bColumns, ldb, random);
        using var c = Filled(m, n, ldc, random);
        float[] old = c.Span.ToArray();
        switch (form)
        {
            case Form.NN: Kernel.NN(a.Pointer, lda, b.Pointer, ldb, c.Pointer, ldc, m, n, k, accumulate); break;
            case Form.NT: Kernel.NT(a.Pointer, lda, b.Pointer, ldb, c.Pointer, ldc, m, n, k, accumulate); break;
            default: Kernel.TN(a.Pointer, lda, b.Pointer, ldb, c.Pointer, ldc, m, n, k, accumulate); break;
        }
        for (int at = 0; at < old.Length; at++)
        {
            int i = at / ldc, j = at % ldc;
            float chain = old[at];
            if (j < n)
            {
                double exact = accumulate ? chain : 0, magnitude = Math.Abs(exact);
                chain = (float)exact;
                for (int p = 0; p < k; p++)
                {
                    float x = a.Span[form == Form.TN ? p * lda + i : i * lda + p];
                    float y = b.Span[form == Form.NT ? j * ldb + p : p * ldb + j];
                    chain = MathF.FusedMultiplyAdd(x, y, chain);
                    exact += (double)x * y;
                    magnitude += Math.Abs((double)x * y);
                }
                // k roundings, each at most half a unit (2^-24) of a partial sum that never exceeds the sum of magnitudes.
                double bound = k * Math.ScaleB(1.0, -24) * magnitude;
                Assert.True(Math.Abs(c.Span[at] - exact) <= bound,
                    $"{form} {m}x{n}x{k}: C[{i},{j}] is {c.Span[at]:R}, expected {exact:R} within {bound:R}.");
            }
            // Outside the columns nothing may have changed; inside, the chain decides.
            Assert.True(BitConverter.SingleToInt32Bits(chain) == BitConverter.SingleToInt32Bits(c.Span[at]),
                $"{form} {m}x{n}x{k} lda+{pad} accumulate {accumulate} {Kernel.Chosen}: C[{i},{j}] is {c.Span[at]:R}, the chain {chain:R}.");
        }
    }

    static GuardedMemory<float> Filled(int rows, int columns, int stride, System.Random random)
    {
        // The last row has no padding: reading a whole stride there would hit the guard page.
        var memory = new GuardedMemory<float>(rows == 0 ? 0 : (rows - 1) * stride + columns);
        foreach (ref float value in memory.Span)
            value = random.NextSingle() * 2 - 1;
        return memory;
    }

    [Theory]
    [InlineData(Form.NN)]
    [InlineData(Form.NT)]
    [InlineData(Form.TN)]
    public void ThreadCount_OneToFive_DoesNotChangeTheBits(Form form)
    {
        int before = ThreadTeam.Shared.ThreadCount;
        try
        {
            foreach (int threads in new[] { 1, 2, 3, 5 })
            {
                ThreadTeam.SetSharedThreadCount(threads);
                Check(form, 70, 300, 290, 1, accumulate: true, new System.Random(9));
                Check(form, 5, 700, 130, 0, accumulate: false, new System.Random(9));
            }
        }
        finally
        {
            ThreadTeam.SetSharedThreadCount(before);
        }
    }
}
