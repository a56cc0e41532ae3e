// Tiles of four vectors of columns and few rows: the heads of a group when one token is decoded.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

static unsafe partial class AttentionProduct<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    static void Tile6x4<TB>(int depth, float* a, int aRow, int aStep, TB* b, int bRow, float* c, int cRow, bool accumulate)
        where TB : unmanaged
    {
        int n = TLanes.Count;
        nint row = aRow, to = cRow;
        TLanes c00 = default, c01 = default, c02 = default, c03 = default;
        TLanes c10 = default, c11 = default, c12 = default, c13 = default;
        TLanes c20 = default, c21 = default, c22 = default, c23 = default;
        TLanes c30 = default, c31 = default, c32 = default, c33 = default;
        TLanes c40 = default, c41 = default, c42 = default, c43 = default;
        TLanes c50 = default, c51 = default, c52 = default, c53 = default;
        if (accumulate)
        {
            Load4(c + (0 * to), out c00, out c01, out c02, out c03);
            Load4(c + (1 * to), out c10, out c11, out c12, out c13);
            Load4(c + (2 * to), out c20, out c21, out c22, out c23);
            Load4(c + (3 * to), out c30, out c31, out c32, out c33);
            Load4(c + (4 * to), out c40, out c41, out c42, out c43);
            Load4(c + (5 * to), out c50, out c51, out c52, out c53);
        }
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
        {
            TLanes b0 = LoadB(b), b1 = LoadB(b + n), b2 = LoadB(b + (2 * n)), b3 = LoadB(b + (3 * n));
            TLanes x = TLanes.Create(a[0 * row]);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            c02 = TLanes.MultiplyAdd(x, b2, c02);
            c03 = TLanes.MultiplyAdd(x, b3, c03);
            x = TLanes.Create(a[1 * row]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            c12 = TLanes.MultiplyAdd(x, b2, c12);
            c13 = TLanes.MultiplyAdd(x, b3, c13);
            x = TLanes.Create(a[2 * row]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            c22 = TLanes.MultiplyAdd(x, b2, c22);
            c23 = TLanes.MultiplyAdd(x, b3, c23);
            x = TLanes.Create(a[3 * row]);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
            c32 = TLanes.MultiplyAdd(x, b2, c32);
            c33 = TLanes.MultiplyAdd(x, b3, c33);
            x = TLanes.Create(a[4 * row]);
            c40 = TLanes.MultiplyAdd(x, b0, c40);
            c41 = TLanes.MultiplyAdd(x, b1, c41);
            c42 = TLanes.MultiplyAdd(x, b2, c42);
            c43 = TLanes.MultiplyAdd(x, b3, c43);
            x = TLanes.Create(a[5 * row]);
            c50 = TLanes.MultiplyAdd(x, b0, c50);
            c51 = TLanes.MultiplyAdd(x, b1, c51);
            c52 = TLanes.MultiplyAdd(x, b2, c52);
            c53 = TLanes.MultiplyAdd(x, b3, c53);
        }
        Store2(c00, c01, c + (0 * to));
        Store2(c02, c03, c + (0 * to) + (2 * n));
        Store2(c10, c11, c + (1 * to));
        Store2(c12, c13, c + (1 * to) + (2 * n));
        Store2(c20, c21, c + (2 * to));
        Store2(c22, c23, c + (2 * to) + (2 * n));
        Store2(c30, c31, c + (3 * to));
        Store2(c32, c33, c + (3 * to) + (2 * n));
        Store2(c40, c41, c + (4 * to));
        Store2(c42, c43, c + (4 * to) + (2 * n));
        Store2(c50, c51, c + (5 * to));
        Store2(c52, c53, c + (5 * to) + (2 * n));
    }

    static void Tile4x4<TB>(int depth, float* a, int aRow, int aStep, TB* b, int bRow, float* c, int cRow, bool accumulate)
        where TB : unmanaged
    {
        int n = TLanes.Count;
        nint row = aRow, to = cRow;
        TLanes c00 = default, c01 = default, c02 = default, c03 = default;
        TLanes c10 = default, c11 = default, c12 = default, c13 = default;
        TLanes c20 = default, c21 = default, c22 = default, c23 = default;
        TLanes c30 = default, c31 = default, c32 = default, c33 = default;
        if (accumulate)
        {
            Load4(c + (0 * to), out c00, out c01, out c02, out c03);
            Load4(c + (1 * to), out c10, out c11, out c12, out c13);
            Load4(c + (2 * to), out c20, out c21, out c22, out c23);
            Load4(c + (3 * to), out c30, out c31, out c32, out c33);
        }
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
        {
            TLanes b0 = LoadB(b), b1 = LoadB(b + n), b2 = LoadB(b + (2 * n)), b3 = LoadB(b + (3 * n));
            TLanes x = TLanes.Create(a[0 * row]);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            c02 = TLanes.MultiplyAdd(x, b2, c02);
            c03 = TLanes.MultiplyAdd(x, b3, c03);
            x = TLanes.Create(a[1 * row]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            c12 = TLanes.MultiplyAdd(x, b2, c12);
            c13 = TLanes.MultiplyAdd(x, b3, c13);
            x = TLanes.Create(a[2 * row]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            c22 = TLanes.MultiplyAdd(x, b2, c22);
            c23 = TLanes.MultiplyAdd(x, b3, c23);
            x = TLanes.Create(a[3 * row]);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
            c32 = TLanes.MultiplyAdd(x, b2, c32);
            c33 = TLanes.MultiplyAdd(x, b3, c33);
        }
        Store2(c00, c01, c + (0 * to));
        Store2(c02, c03, c + (0 * to) + (2 * n));
        Store2(c10, c11, c + (1 * to));
        Store2(c12, c13, c + (1 * to) + (2 * n));
        Store2(c20, c21, c + (2 * to));
        Store2(c22, c23, c + (2 * to) + (2 * n));
        Store2(c30, c31, c + (3 * to));
        Store2(c32, c33, c + (3 * to) + (2 * n));
    }

    static void Tile2x4<TB>(int depth, float* a, int aRow, int aStep, TB* b, int bRow, float* c, int cRow, bool accumulate)
        where TB : unmanaged
    {
        int n = TLanes.Count;
        nint row = aRow, to = cRow;
        TLanes c00 = default, c01 = default, c02 = default, c03 = default;
        TLanes c10 = default, c11 = default, c12 = default, c13 = default;
        if (accumulate)
        {
            Load4(c + (0 * to), out c00, out c01, out c02, out c03);
            Load4(c + (1 * to), out c10, out c11, out c12, out c13);
        }
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
        {
            TLanes b0 = LoadB(b), b1 = LoadB(b + n), b2 = LoadB(b + (2 * n)), b3 = LoadB(b + (3 * n));
            TLanes x = TLanes.Create(a[0 * row]);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            c02 = TLanes.MultiplyAdd(x, b2, c02);
            c03 = TLanes.MultiplyAdd(x, b3, c03);
            x = TLanes.Create(a[1 * row]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            c12 = TLanes.MultiplyAdd(x, b2, c12);
            c13 = TLanes.MultiplyAdd(x, b3, c13);
        }
        Store2(c00, c01, c + (0 * to));
        Store2(c02, c03, c + (0 * to) + (2 * n));
        Store2(c10, c11, c + (1 * to));
        Store2(c12, c13, c + (1 * to) + (2 * n));
    }

    static void Tile1x4<TB>(int depth, float* a, int aStep, TB* b, int bRow, float* c, bool accumulate)
        where TB : unmanaged
    {
        int n = TLanes.Count;
        TLanes c0 = default, c1 = default, c2 = default, c3 = default;
        if (accumulate)
            (c0, c1, c2, c3) = (TLanes.Load(c), TLanes.Load(c + n), TLanes.Load(c + (2 * n)), TLanes.Load(c + (3 * n)));
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
        {
            TLanes x = TLanes.Create(*a);
            c0 = TLanes.MultiplyAdd(x, LoadB(b), c0);
            c1 = TLanes.MultiplyAdd(x, LoadB(b + n), c1);
            c2 = TLanes.MultiplyAdd(x, LoadB(b + (2 * n)), c2);
            c3 = TLanes.MultiplyAdd(x, LoadB(b + (3 * n)), c3);
        }
        Store2(c0, c1, c);
        Store2(c2, c3, c + (2 * n));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Load4(float* source, out TLanes first, out TLanes second, out TLanes third, out TLanes fourth)
    {
        int n = TLanes.Count;
        (first, second, third, fourth) = (TLanes.Load(source), TLanes.Load(source + n), TLanes.Load(source + (2 * n)), TLanes.Load(source + (3 * n)));
    }
}
