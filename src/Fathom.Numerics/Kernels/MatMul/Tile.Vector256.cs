// The tile in 256-bit vectors: 6 rows by up to 16 columns, 12 sums, 2 vectors of B and one broadcast of A in 15 registers.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>FP32 tile for processors without 512-bit vectors.</summary>
readonly unsafe struct TileVector256 : ITile
{
    public static int Lanes => 8;

    public static int MaxVectors => 2;

    public static int MaxRows(int vectors) => 6;

    public static void Run(TileCall* call, int rows, int vectors)
    {
        if (vectors == 1)
            Run<One>(call, rows);
        else
            Run<Two>(call, rows);
    }

    static void Run<TWidth>(TileCall* call, int rows)
        where TWidth : struct, IWidth
    {
        // Rows beyond the last repeat the last: they compute and store the same numbers again.
        nint last = rows - 1, al = call->ALaneStride, cl = call->CRowStride;
        byte* a0 = call->A;
        byte* a1 = call->A + Math.Min(1, last) * al;
        byte* a2 = call->A + Math.Min(2, last) * al;
        byte* a3 = call->A + Math.Min(3, last) * al;
        byte* a4 = call->A + Math.Min(4, last) * al;
        byte* a5 = call->A + Math.Min(5, last) * al;
        float* c0 = call->C;
        float* c1 = (float*)((byte*)call->C + Math.Min(1, last) * cl);
        float* c2 = (float*)((byte*)call->C + Math.Min(2, last) * cl);
        float* c3 = (float*)((byte*)call->C + Math.Min(3, last) * cl);
        float* c4 = (float*)((byte*)call->C + Math.Min(4, last) * cl);
        float* c5 = (float*)((byte*)call->C + Math.Min(5, last) * cl);
        Vector256<float> s00 = default, s01 = default;
        Vector256<float> s10 = default, s11 = default;
        Vector256<float> s20 = default, s21 = default;
        Vector256<float> s30 = default, s31 = default;
        Vector256<float> s40 = default, s41 = default;
        Vector256<float> s50 = default, s51 = default;
        if (call->Load != 0)
        {
            s00 = Vector256.Load(c0);
            s10 = Vector256.Load(c1);
            s20 = Vector256.Load(c2);
            s30 = Vector256.Load(c3);
            s40 = Vector256.Load(c4);
            s50 = Vector256.Load(c5);
            if (TWidth.Vectors > 1)
            {
                s01 = Vector256.Load(c0 + 8);
                s11 = Vector256.Load(c1 + 8);
                s21 = Vector256.Load(c2 + 8);
                s31 = Vector256.Load(c3 + 8);
                s41 = Vector256.Load(c4 + 8);
                s51 = Vector256.Load(c5 + 8);
            }
        }
        byte* b = call->B;
        nint steps = call->Steps, aStep = call->AStepStride, bStep = call->BStepStride, p = 0;
        do
        {
            Vector256<float> b0 = Vector256.Load((float*)b), b1 = default;
            if (TWidth.Vectors > 1)
                b1 = Vector256.Load((float*)b + 8);
            Vector256<float> x0 = Vector256.Create(*(float*)(a0 + p));
            s00 = Fma.MultiplyAdd(x0, b0, s00);
            if (TWidth.Vectors > 1)
                s01 = Fma.MultiplyAdd(x0, b1, s01);
            Vector256<float> x1 = Vector256.Create(*(float*)(a1 + p));
            s10 = Fma.MultiplyAdd(x1, b0, s10);
            if (TWidth.Vectors > 1)
                s11 = Fma.MultiplyAdd(x1, b1, s11);
            Vector256<float> x2 = Vector256.Create(*(float*)(a2 + p));
            s20 = Fma.MultiplyAdd(x2, b0, s20);
            if (TWidth.Vectors > 1)
                s21 = Fma.MultiplyAdd(x2, b1, s21);
            Vector256<float> x3 = Vector256.Create(*(float*)(a3 + p));
            s30 = Fma.MultiplyAdd(x3, b0, s30);
            if (TWidth.Vectors > 1)
                s31 = Fma.MultiplyAdd(x3, b1, s31);
            Vector256<float> x4 = Vector256.Create(*(float*)(a4 + p));
            s40 = Fma.MultiplyAdd(x4, b0, s40);
            if (TWidth.Vectors > 1)
                s41 = Fma.MultiplyAdd(x4, b1, s41);
            Vector256<float> x5 = Vector256.Create(*(float*)(a5 + p));
            s50 = Fma.MultiplyAdd(x5, b0, s50);
            if (TWidth.Vectors > 1)
                s51 = Fma.MultiplyAdd(x5, b1, s51);
            p += aStep;
            b += bStep;
        }
        while (--steps > 0);
        s00.Store(c0);
        s10.Store(c1);
        s20.Store(c2);
        s30.Store(c3);
        s40.Store(c4);
        s50.Store(c5);
        if (TWidth.Vectors > 1)
        {
            s01.Store(c0 + 8);
            s11.Store(c1 + 8);
            s21.Store(c2 + 8);
            s31.Store(c3 + 8);
            s41.Store(c4 + 8);
            s51.Store(c5 + 8);
        }
    }
}
