// The one matrix product inside attention: small, over scratch that lies in cache, with padded columns.
// Every element is one chain of fused multiply-adds over the depth, so tiles and widths do not show in the result.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

static unsafe partial class AttentionProduct<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    /// <summary>
    /// C[rows, columns] (+)= A[rows, depth] B[depth, columns]. A's element (r, d) lies at a[r * aRow + d * aStep], so a transposed
    /// A costs nothing; <paramref name="columns"/> is a multiple of 16 and B and C have room for them. B is of floats or of bfloat16
    /// patterns, which are widened as they are loaded.
    /// </summary>
    public static void Multiply<TB>(int rows, int depth, int columns, float* a, int aRow, int aStep, TB* b, int bRow, float* c, int cRow, bool accumulate)
        where TB : unmanaged
    {
        int n = TLanes.Count, row = 0;
        // 512-bit code has 32 registers: 16 accumulators. Narrower code has 16: 8 accumulators.
        if (n == 16)
        {
            for (; row + 8 <= rows; row += 8)
            {
                int column = 0;
                for (; column + (2 * n) <= columns; column += 2 * n)
                    Tile8x2(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
                if (column < columns)
                    Tile8x1(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
            }
            // What is left of a group of heads: 4 vectors of columns, so that a loaded vector and a loaded number both meet several others.
            for (; rows - row >= 2 && columns % (4 * n) == 0; row += rows - row >= 6 ? 6 : rows - row >= 4 ? 4 : 2)
            {
                for (int column = 0; column < columns; column += 4 * n)
                {
                    if (rows - row >= 6)
                        Tile6x4(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
                    else if (rows - row >= 4)
                        Tile4x4(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
                    else
                        Tile2x4(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
                }
            }
        }
        for (; row + 4 <= rows; row += 4)
        {
            int column = 0;
            for (; column + (2 * n) <= columns; column += 2 * n)
                Tile4x2(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
            if (column < columns)
                Tile4x1(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
        }
        for (; row < rows; row++)
        {
            int column = 0;
            for (; column + (4 * n) <= columns; column += 4 * n)
                Tile1x4(depth, a + ((nint)row * aRow), aStep, b + column, bRow, c + ((nint)row * cRow) + column, accumulate);
            for (; column + (2 * n) <= columns; column += 2 * n)
                Tile1x2(depth, a + ((nint)row * aRow), aStep, b + column, bRow, c + ((nint)row * cRow) + column, accumulate);
            if (column < columns)
                Tile1x1(depth, a + ((nint)row * aRow), aStep, b + column, bRow, c + ((nint)row * cRow) + column, accumulate);
        }
    }

    static void Tile8x2<TB>(int depth, float* a, int aRow, int aStep, TB* b, int bRow, float* c, int cRow, bool accumulate)
        where TB : unmanaged
    {
        int n = TLanes.Count;
        TLanes c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        TLanes c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
        float* c4 = c + (4 * (nint)cRow);
        if (accumulate)
        {
            (c00, c01, c10, c11) = (TLanes.Load(c), TLanes.Load(c + n), TLanes.Load(c + cRow), TLanes.Load(c + cRow + n));
            (c20, c21, c30, c31) = (TLanes.Load(c + (2 * cRow)), TLanes.Load(c + (2 * cRow) + n), TLanes.Load(c + (3 * cRow)), TLanes.Load(c + (3 * cRow) + n));
            (c40, c41, c50, c51) = (TLanes.Load(c4), TLanes.Load(c4 + n), TLanes.Load(c4 + cRow), TLanes.Load(c4 + cRow + n));
            (c60, c61, c70, c71) = (TLanes.Load(c4 + (2 * cRow)), TLanes.Load(c4 + (2 * cRow) + n), TLanes.Load(c4 + (3 * cRow)), TLanes.Load(c4 + (3 * cRow) + n));
        }
        nint row = aRow;
        for (int d = 0; d < depth; d++)
        {
            TLanes b0 = LoadB(b), b1 = LoadB(b + n);
            float* a3 = a + (3 * row);
            float* a6 = a3 + (3 * row);
            TLanes x = TLanes.Create(*a);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            x = TLanes.Create(a[row]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            x = TLanes.Create(a[2 * row]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            x = TLanes.Create(*a3);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
            x = TLanes.Create(a3[row]);
            c40 = TLanes.MultiplyAdd(x, b0, c40);
            c41 = TLanes.MultiplyAdd(x, b1, c41);
            x = TLanes.Create(a3[2 * row]);
            c50 = TLanes.MultiplyAdd(x, b0, c50);
            c51 = TLanes.MultiplyAdd(x, b1, c51);
            x = TLanes.Create(*a6);
            c60 = TLanes.MultiplyAdd(x, b0, c60);
            c61 = TLanes.MultiplyAdd(x, b1, c61);
            x = TLanes.Create(a6[row]);
            c70 = TLanes.MultiplyAdd(x, b0, c70);
            c71 = TLanes.MultiplyAdd(x, b1, c71);
            a += aStep;
            b += bRow;
        }
        Store2(c00, c01, c);
        Store2(c10, c11, c + cRow);
        Store2(c20, c21, c + (2 * cRow));
        Store2(c30, c31, c + (3 * cRow));
        Store2(c40, c41, c4);
        Store2(c50, c51, c4 + cRow);
        Store2(c60, c61, c4 + (2 * cRow));
        Store2(c70, c71, c4 + (3 * cRow));
    }

    static void Tile8x1<TB>(int depth, float* a, int aRow, int aStep, TB* b, int bRow, float* c, int cRow, bool accumulate)
        where TB : unmanaged
    {
        TLanes c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        float* upper = c + (4 * (nint)cRow);
        if (accumulate)
        {
            (c0, c1, c2, c3) = (TLanes.Load(c), TLanes.Load(c + cRow), TLanes.Load(c + (2 * cRow)), TLanes.Load(c + (3 * cRow)));
            (c4, c5, c6, c7) = (TLanes.Load(upper), TLanes.Load(upper + cRow), TLanes.Load(upper + (2 * cRow)), TLanes.Load(upper + (3 * cRow)));
        }
        nint row = aRow;
        for (int d = 0; d < depth; d++)
        {
            TLanes x = LoadB(b);
            float* a3 = a + (3 * row);
            float* a6 = a3 + (3 * row);
            c0 = TLanes.MultiplyAdd(TLanes.Create(*a), x, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Create(a[row]), x, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Create(a[2 * row]), x, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Create(*a3), x, c3);
            c4 = TLanes.MultiplyAdd(TLanes.Create(a3[row]), x, c4);
            c5 = TLanes.MultiplyAdd(TLanes.Create(a3[2 * row]), x, c5);
            c6 = TLanes.MultiplyAdd(TLanes.Create(*a6), x, c6);
            c7 = TLanes.MultiplyAdd(TLanes.Create(a6[row]), x, c7);
            a += aStep;
            b += bRow;
        }
        c0.Store(c);
        c1.Store(c + cRow);
        c2.Store(c + (2 * cRow));
        c3.Store(c + (3 * cRow));
        c4.Store(upper);
        c5.Store(upper + cRow);
        c6.Store(upper + (2 * cRow));
        c7.Store(upper + (3 * cRow));
    }

    static void Tile4x2<TB>(int depth, float* a, int aRow, int aStep, TB* b, int bRow, float* c, int cRow, bool accumulate)
        where TB : unmanaged
    {
        int n = TLanes.Count;
        TLanes c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        if (accumulate)
        {
            (c00, c01, c10, c11) = (TLanes.Load(c), TLanes.Load(c + n), TLanes.Load(c + cRow), TLanes.Load(c + cRow + n));
            (c20, c21, c30, c31) = (TLanes.Load(c + (2 * cRow)), TLanes.Load(c + (2 * cRow) + n), TLanes.Load(c + (3 * cRow)), TLanes.Load(c + (3 * cRow) + n));
        }
        nint row = aRow;
        for (int d = 0; d < depth; d++)
        {
            TLanes b0 = LoadB(b), b1 = LoadB(b + n);
            TLanes x = TLanes.Create(*a);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            x = TLanes.Create(a[row]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            x = TLanes.Create(a[2 * row]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            x = TLanes.Create(a[3 * row]);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
            a += aStep;
            b += bRow;
        }
        Store2(c00, c01, c);
        Store2(c10, c11, c + cRow);
        Store2(c20, c21, c + (2 * cRow));
        Store2(c30, c31, c + (3 * cRow));
    }

    static void Tile4x1<TB>(int depth, float* a, int aRow, int aStep, TB* b, int bRow, float* c, int cRow, bool accumulate)
        where TB : unmanaged
    {
        TLanes c0 = default, c1 = default, c2 = default, c3 = default;
        if (accumulate)
            (c0, c1, c2, c3) = (TLanes.Load(c), TLanes.Load(c + cRow), TLanes.Load(c + (2 * cRow)), TLanes.Load(c + (3 * cRow)));
        nint row = aRow;
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
        {
            TLanes x = LoadB(b);
            c0 = TLanes.MultiplyAdd(TLanes.Create(*a), x, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Create(a[row]), x, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Create(a[2 * row]), x, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Create(a[3 * row]), x, c3);
        }
        c0.Store(c);
        c1.Store(c + cRow);
        c2.Store(c + (2 * cRow));
        c3.Store(c + (3 * cRow));
    }

    static void Tile1x2<TB>(int depth, float* a, int aStep, TB* b, int bRow, float* c, bool accumulate)
        where TB : unmanaged
    {
        int n = TLanes.Count;
        TLanes c0 = accumulate ? TLanes.Load(c) : default, c1 = accumulate ? TLanes.Load(c + n) : default;
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
        {
            TLanes x = TLanes.Create(*a);
            c0 = TLanes.MultiplyAdd(x, LoadB(b), c0);
            c1 = TLanes.MultiplyAdd(x, LoadB(b + n), c1);
        }
        Store2(c0, c1, c);
    }

    static void Tile1x1<TB>(int depth, float* a, int aStep, TB* b, int bRow, float* c, bool accumulate)
        where TB : unmanaged
    {
        TLanes sum = accumulate ? TLanes.Load(c) : default;
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
            sum = TLanes.MultiplyAdd(TLanes.Create(*a), LoadB(b), sum);
        sum.Store(c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store2(TLanes first, TLanes second, float* destination)
    {
        first.Store(destination);
        second.Store(destination + TLanes.Count);
    }

    // Resolved when the tile is compiled: one of the two loads remains.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TLanes LoadB<TB>(TB* place)
        where TB : unmanaged
        => typeof(TB) == typeof(ushort) ? TLanes.Load((ushort*)place) : TLanes.Load((float*)place);
}
