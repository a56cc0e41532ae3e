// The tile in 512-bit vectors: 8 rows by up to 48 columns, 24 sums, 3 vectors of B and one broadcast of A in 28 registers.

using System.Runtime.Intrinsics;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>FP32 tile in C#.</summary>
readonly unsafe struct TileVector512 : ITile
{
    public static int Lanes => 16;

    public static int MaxVectors => 3;

    public static int MaxRows(int vectors) => 8;

    public static void Run(TileCall* call, int rows, int vectors)
    {
        switch (vectors)
        {
            case 1: Run<One>(call, rows); break;
            case 2: Run<Two>(call, rows); break;
            default: Run<Three>(call, rows); break;
        }
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
        byte* a6 = call->A + Math.Min(6, last) * al;
        byte* a7 = call->A + Math.Min(7, last) * al;
        float* c0 = call->C;
        float* c1 = (float*)((byte*)call->C + Math.Min(1, last) * cl);
        float* c2 = (float*)((byte*)call->C + Math.Min(2, last) * cl);
        float* c3 = (float*)((byte*)call->C + Math.Min(3, last) * cl);
        float* c4 = (float*)((byte*)call->C + Math.Min(4, last) * cl);
        float* c5 = (float*)((byte*)call->C + Math.Min(5, last) * cl);
        float* c6 = (float*)((byte*)call->C + Math.Min(6, last) * cl);
        float* c7 = (float*)((byte*)call->C + Math.Min(7, last) * cl);
        Vector512<float> s00 = default, s01 = default, s02 = default;
        Vector512<float> s10 = default, s11 = default, s12 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default;
        Vector512<float> s30 = default, s31 = default, s32 = default;
        Vector512<float> s40 = default, s41 = default, s42 = default;
        Vector512<float> s50 = default, s51 = default, s52 = default;
        Vector512<float> s60 = default, s61 = default, s62 = default;
        Vector512<float> s70 = default, s71 = default, s72 = default;
        if (call->Load != 0)
        {
            s00 = Vector512.Load(c0);
            s10 = Vector512.Load(c1);
            s20 = Vector512.Load(c2);
            s30 = Vector512.Load(c3);
            s40 = Vector512.Load(c4);
            s50 = Vector512.Load(c5);
            s60 = Vector512.Load(c6);
            s70 = Vector512.Load(c7);
            if (TWidth.Vectors > 1)
            {
                s01 = Vector512.Load(c0 + 16);
                s11 = Vector512.Load(c1 + 16);
                s21 = Vector512.Load(c2 + 16);
                s31 = Vector512.Load(c3 + 16);
                s41 = Vector512.Load(c4 + 16);
                s51 = Vector512.Load(c5 + 16);
                s61 = Vector512.Load(c6 + 16);
                s71 = Vector512.Load(c7 + 16);
            }
            if (TWidth.Vectors > 2)
            {
                s02 = Vector512.Load(c0 + 32);
                s12 = Vector512.Load(c1 + 32);
                s22 = Vector512.Load(c2 + 32);
                s32 = Vector512.Load(c3 + 32);
                s42 = Vector512.Load(c4 + 32);
                s52 = Vector512.Load(c5 + 32);
                s62 = Vector512.Load(c6 + 32);
                s72 = Vector512.Load(c7 + 32);
            }
        }
        byte* b = call->B;
        nint steps = call->Steps, aStep = call->AStepStride, bStep = call->BStepStride, p = 0;
        do
        {
            Vector512<float> b0 = Vector512.Load((float*)b), b1 = default, b2 = default;
            if (TWidth.Vectors > 1)
                b1 = Vector512.Load((float*)b + 16);
            if (TWidth.Vectors > 2)
                b2 = Vector512.Load((float*)b + 32);
            Vector512<float> x0 = Vector512.Create(*(float*)(a0 + p));
            s00 = Vector512.FusedMultiplyAdd(x0, b0, s00);
            if (TWidth.Vectors > 1)
                s01 = Vector512.FusedMultiplyAdd(x0, b1, s01);
            if (TWidth.Vectors > 2)
                s02 = Vector512.FusedMultiplyAdd(x0, b2, s02);
            Vector512<float> x1 = Vector512.Create(*(float*)(a1 + p));
            s10 = Vector512.FusedMultiplyAdd(x1, b0, s10);
            if (TWidth.Vectors > 1)
                s11 = Vector512.FusedMultiplyAdd(x1, b1, s11);
            if (TWidth.Vectors > 2)
                s12 = Vector512.FusedMultiplyAdd(x1, b2, s12);
            Vector512<float> x2 = Vector512.Create(*(float*)(a2 + p));
            s20 = Vector512.FusedMultiplyAdd(x2, b0, s20);
            if (TWidth.Vectors > 1)
                s21 = Vector512.FusedMultiplyAdd(x2, b1, s21);
            if (TWidth.Vectors > 2)
                s22 = Vector512.FusedMultiplyAdd(x2, b2, s22);
            Vector512<float> x3 = Vector512.Create(*(float*)(a3 + p));
            s30 = Vector512.FusedMultiplyAdd(x3, b0, s30);
            if (TWidth.Vectors > 1)
                s31 = Vector512.FusedMultiplyAdd(x3, b1, s31);
            if (TWidth.Vectors > 2)
                s32 = Vector512.FusedMultiplyAdd(x3, b2, s32);
            Vector512<float> x4 = Vector512.Create(*(float*)(a4 + p));
            s40 = Vector512.FusedMultiplyAdd(x4, b0, s40);
            if (TWidth.Vectors > 1)
                s41 = Vector512.FusedMultiplyAdd(x4, b1, s41);
            if (TWidth.Vectors > 2)
                s42 = Vector512.FusedMultiplyAdd(x4, b2, s42);
            Vector512<float> x5 = Vector512.Create(*(float*)(a5 + p));
            s50 = Vector512.FusedMultiplyAdd(x5, b0, s50);
            if (TWidth.Vectors > 1)
                s51 = Vector512.FusedMultiplyAdd(x5, b1, s51);
            if (TWidth.Vectors > 2)
                s52 = Vector512.FusedMultiplyAdd(x5, b2, s52);
            Vector512<float> x6 = Vector512.Create(*(float*)(a6 + p));
            s60 = Vector512.FusedMultiplyAdd(x6, b0, s60);
            if (TWidth.Vectors > 1)
                s61 = Vector512.FusedMultiplyAdd(x6, b1, s61);
            if (TWidth.Vectors > 2)
                s62 = Vector512.FusedMultiplyAdd(x6, b2, s62);
            Vector512<float> x7 = Vector512.Create(*(float*)(a7 + p));
            s70 = Vector512.FusedMultiplyAdd(x7, b0, s70);
            if (TWidth.Vectors > 1)
                s71 = Vector512.FusedMultiplyAdd(x7, b1, s71);
            if (TWidth.Vectors > 2)
                s72 = Vector512.FusedMultiplyAdd(x7, b2, s72);
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
        s60.Store(c6);
        s70.Store(c7);
        if (TWidth.Vectors > 1)
        {
            s01.Store(c0 + 16);
            s11.Store(c1 + 16);
            s21.Store(c2 + 16);
            s31.Store(c3 + 16);
            s41.Store(c4 + 16);
            s51.Store(c5 + 16);
            s61.Store(c6 + 16);
            s71.Store(c7 + 16);
        }
        if (TWidth.Vectors > 2)
        {
            s02.Store(c0 + 32);
            s12.Store(c1 + 32);
            s22.Store(c2 + 32);
            s32.Store(c3 + 32);
            s42.Store(c4 + 32);
            s52.Store(c5 + 32);
            s62.Store(c6 + 32);
            s72.Store(c7 + 32);
        }
    }
}
