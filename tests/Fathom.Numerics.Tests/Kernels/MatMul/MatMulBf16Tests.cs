// MatMulBf16 against a naive chain of fused multiply-adds (bits) and against sums in double precision (derived tolerance),
// on every rung, with inaccessible pages behind all three matrices.

using Fathom.Numerics.Kernels;
using Fathom.Numerics.Threading;
using Fathom.Testing;
using Form = Fathom.Numerics.Tests.Kernels.MatMul.MatMulTests.Form;
using Kernel = Fathom.Numerics.Kernels.MatMul.MatMulBf16;

namespace Fathom.Numerics.Tests.Kernels.MatMul;

[Collection("ladder")]
public sealed unsafe class MatMulBf16Tests : IDisposable
{
    readonly Rung _ceiling = Ladder.Ceiling;

    public void Dispose() => Ladder.Ceiling = _ceiling;

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
        using var a = FilledBf16(aRows, aColumns, lda, random);
        using var b = FilledBf16(bRows, bColumns, ldb, random);
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
                (float X, float Y) Factors(int p) => (
                    Widen(a.Span[form == Form.TN ? p * lda + i : i * lda + p]),
                    Widen(b.Span[form == Form.NT ? j * ldb + p : p * ldb + j]));
                double exact = accumulate ? chain : 0, magnitude = Math.Abs(exact);
                chain = (float)exact;
                for (int p = 0; p < k; p++)
                {
                    (float x, float y) = Factors(p);
                    exact += (double)x * y;
                    magnitude += Math.Abs((double)x * y);
                }
                for (int p = 0; p < k; p += 2)
                {
                    // Odd before even.
                    if (p + 1 < k)
                    {
                        (float oddX, float oddY) = Factors(p + 1);
                        chain = MathF.FusedMultiplyAdd(oddX, oddY, chain);
                    }
                    (float x, float y) = Factors(p);
                    chain = MathF.FusedMultiplyAdd(x, y, chain);
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

    static float Widen(ushort bf16) => BitConverter.UInt32BitsToSingle((uint)bf16 << 16);

    static GuardedMemory<float> Filled(int rows, int columns, int stride, System.Random random)
    {
        var memory = new GuardedMemory<float>(rows == 0 ? 0 : (rows - 1) * stride + columns);
        foreach (ref float value in memory.Span)
            value = random.NextSingle() * 2 - 1;
        return memory;
    }

    static GuardedMemory<ushort> FilledBf16(int rows, int columns, int stride, System.Random random)
    {
        // The last row has no padding: reading a whole stride there would hit the guard page.
        var memory = new GuardedMemory<ushort>(rows == 0 ? 0 : (rows - 1) * stride + columns);
        foreach (ref ushort value in memory.Span)
            value = (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() * 2 - 1) >> 16);
        return memory;
    }

    [Theory]
    [MemberData(nameof(FormsAndRungs))]
    public void NumbersBelowTheNormalRange_EveryRung_StayWithinTheStatedBound(Form form, Rung rung)
    {
        Ladder.Ceiling = rung;
        const int k = 6;
        // 2^-130 and 2^20: the exact sum is k 2^-110; a rung that flushes factors gives 0.
        using var a = new GuardedMemory<ushort>(k);
        using var b = new GuardedMemory<ushort>(k);
        using var c = new GuardedMemory<float>(1);
        a.Span.Fill(0x0008);
        b.Span.Fill(0x4980);
        if (form == Form.NN)
            Kernel.NN(a.Pointer, k, b.Pointer, 1, c.Pointer, 1, 1, 1, k, accumulate: false);
        else if (form == Form.NT)
            Kernel.NT(a.Pointer, k, b.Pointer, k, c.Pointer, 1, 1, 1, k, accumulate: false);
        else
            Kernel.TN(a.Pointer, 1, b.Pointer, 1, c.Pointer, 1, 1, 1, k, accumulate: false);
        double exact = k * Math.ScaleB(1, -110);
        Assert.InRange(c.Span[0], exact - 2 * k * Math.ScaleB(1, -126) * (1 + Math.ScaleB(1, 20)), exact + Math.ScaleB(1, -126));
        if (Kernel.Chosen != Rung.Assembled)
            Assert.Equal(exact, c.Span[0]);
    }

    [Theory]
    [MemberData(nameof(FormsAndRungs))]
    public void ManyRowsOrOne_NumbersAroundTheEndOfTheNormalRange_GiveARowTheSameBits(Form form, Rung rung)
    {
        Ladder.Ceiling = rung;
        const int m = 200, n = 50, k = 33;
        var random = new System.Random(11);
        using var a = FilledBf16(m, k, k, random);
        using var b = FilledBf16(n, k, k, random);
        // Products around 2^-126: some sums fall below the normal range, some factors are there already.
        foreach (ref ushort value in a.Span)
            value = (ushort)(value & 0x807f | random.Next(0, 24) << 7);
        foreach (ref ushort value in b.Span)
            value = (ushort)(value & 0x807f | random.Next(120, 130) << 7);
        using var whole = new GuardedMemory<float>(m * n);
        using var alone = new GuardedMemory<float>(m * n);
        Multiply(a.Pointer, whole.Pointer, m);
        for (int i = 0; i < m; i++)
            Multiply(form == Form.TN ? a.Pointer + i : a.Pointer + i * k, alone.Pointer + i * n, 1);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.AsBytes(whole.Span)
            .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(alone.Span)));

        // A and B are read as whatever the form asks for; the numbers are random anyway.
        void Multiply(ushort* rows, float* c, int count)
        {
            if (form == Form.NN)
                Kernel.NN(rows, k, b.Pointer, n, c, n, count, n, k, accumulate: false);
            else if (form == Form.NT)
                Kernel.NT(rows, k, b.Pointer, k, c, n, count, n, k, accumulate: false);
            else
                Kernel.TN(rows, m, b.Pointer, n, c, n, count, n, k, accumulate: false);
        }
    }
}
