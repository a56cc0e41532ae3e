// The one matrix product inside attention: small, over scratch that lies in cache, with padded columns.
// Every element is one chain of fused multiply-adds over the depth, so tiles and widths do not show in the result.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

static unsafe class AttentionProduct<TLanes, TVector>
    where TLanes : struct, IAttentionLanes<TVector>
    where TVector : struct
{
    /// <summary>
    /// C[rows, columns] (+)= A[rows, depth] B[depth, columns]. A's element (r, d) lies at a[r * aRow + d * aStep], so a transposed
    /// A costs nothing; <paramref name="columns"/> is a multiple of 16 and B and C have room for them.
    /// </summary>
    public static void Multiply(int rows, int depth, int columns, float* a, int aRow, int aStep, float* b, int bRow, float* c, int cRow, bool accumulate)
    {
        int pair = 2 * TLanes.Count;
        int column = 0;
        for (; column + pair <= columns; column += pair)
        {
            int row = 0;
            if (TLanes.TileRows == 8)
            {
                for (; row + 8 <= rows; row += 8)
                    Tile8x2(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
            }
            for (; row + 4 <= rows; row += 4)
                Tile4x2(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
            for (; row < rows; row++)
                Tile1x2(depth, a + ((nint)row * aRow), aStep, b + column, bRow, c + ((nint)row * cRow) + column, accumulate);
        }
        for (; column < columns; column += TLanes.Count)
        {
            int row = 0;
            for (; row + 8 <= rows; row += 8)
                Tile8x1(depth, a + ((nint)row * aRow), aRow, aStep, b + column, bRow, c + ((nint)row * cRow) + column, cRow, accumulate);
            for (; row < rows; row++)
                Tile1x1(depth, a + ((nint)row * aRow), aStep, b + column, bRow, c + ((nint)row * cRow) + column, accumulate);
        }
    }

    static void Tile8x2(int depth, float* a, int aRow, int aStep, float* b, int bRow, float* c, int cRow, bool accumulate)
    {
        int n = TLanes.Count;
        TVector c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        TVector c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default;
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
            TVector b0 = TLanes.Load(b), b1 = TLanes.Load(b + n);
            float* a3 = a + (3 * row);
            float* a6 = a3 + (3 * row);
            TVector x = TLanes.Broadcast(*a);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            x = TLanes.Broadcast(a[row]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            x = TLanes.Broadcast(a[2 * row]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            x = TLanes.Broadcast(*a3);
            c30 = TLanes.MultiplyAdd(x, b0, c30);
            c31 = TLanes.MultiplyAdd(x, b1, c31);
            x = TLanes.Broadcast(a3[row]);
            c40 = TLanes.MultiplyAdd(x, b0, c40);
            c41 = TLanes.MultiplyAdd(x, b1, c41);
            x = TLanes.Broadcast(a3[2 * row]);
            c50 = TLanes.MultiplyAdd(x, b0, c50);
            c51 = TLanes.MultiplyAdd(x, b1, c51);
            x = TLanes.Broadcast(*a6);
            c60 = TLanes.MultiplyAdd(x, b0, c60);
            c61 = TLanes.MultiplyAdd(x, b1, c61);
            x = TLanes.Broadcast(a6[row]);
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

    static void Tile8x1(int depth, float* a, int aRow, int aStep, float* b, int bRow, float* c, int cRow, bool accumulate)
    {
        TVector c0 = default, c1 = default, c2 = default, c3 = default, c4 = default, c5 = default, c6 = default, c7 = default;
        float* upper = c + (4 * (nint)cRow);
        if (accumulate)
        {
            (c0, c1, c2, c3) = (TLanes.Load(c), TLanes.Load(c + cRow), TLanes.Load(c + (2 * cRow)), TLanes.Load(c + (3 * cRow)));
            (c4, c5, c6, c7) = (TLanes.Load(upper), TLanes.Load(upper + cRow), TLanes.Load(upper + (2 * cRow)), TLanes.Load(upper + (3 * cRow)));
        }
        nint row = aRow;
        for (int d = 0; d < depth; d++)
        {
            TVector x = TLanes.Load(b);
            float* a3 = a + (3 * row);
            float* a6 = a3 + (3 * row);
            c0 = TLanes.MultiplyAdd(TLanes.Broadcast(*a), x, c0);
            c1 = TLanes.MultiplyAdd(TLanes.Broadcast(a[row]), x, c1);
            c2 = TLanes.MultiplyAdd(TLanes.Broadcast(a[2 * row]), x, c2);
            c3 = TLanes.MultiplyAdd(TLanes.Broadcast(*a3), x, c3);
            c4 = TLanes.MultiplyAdd(TLanes.Broadcast(a3[row]), x, c4);
            c5 = TLanes.MultiplyAdd(TLanes.Broadcast(a3[2 * row]), x, c5);
            c6 = TLanes.MultiplyAdd(TLanes.Broadcast(*a6), x, c6);
            c7 = TLanes.MultiplyAdd(TLanes.Broadcast(a6[row]), x, c7);
            a += aStep;
            b += bRow;
        }
        TLanes.Store(c0, c);
        TLanes.Store(c1, c + cRow);
        TLanes.Store(c2, c + (2 * cRow));
        TLanes.Store(c3, c + (3 * cRow));
        TLanes.Store(c4, upper);
        TLanes.Store(c5, upper + cRow);
        TLanes.Store(c6, upper + (2 * cRow));
        TLanes.Store(c7, upper + (3 * cRow));
    }

    static void Tile4x2(int depth, float* a, int aRow, int aStep, float* b, int bRow, float* c, int cRow, bool accumulate)
    {
        int n = TLanes.Count;
        TVector c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        if (accumulate)
        {
            (c00, c01, c10, c11) = (TLanes.Load(c), TLanes.Load(c + n), TLanes.Load(c + cRow), TLanes.Load(c + cRow + n));
            (c20, c21, c30, c31) = (TLanes.Load(c + (2 * cRow)), TLanes.Load(c + (2 * cRow) + n), TLanes.Load(c + (3 * cRow)), TLanes.Load(c + (3 * cRow) + n));
        }
        nint row = aRow;
        for (int d = 0; d < depth; d++)
        {
            TVector b0 = TLanes.Load(b), b1 = TLanes.Load(b + n);
            TVector x = TLanes.Broadcast(*a);
            c00 = TLanes.MultiplyAdd(x, b0, c00);
            c01 = TLanes.MultiplyAdd(x, b1, c01);
            x = TLanes.Broadcast(a[row]);
            c10 = TLanes.MultiplyAdd(x, b0, c10);
            c11 = TLanes.MultiplyAdd(x, b1, c11);
            x = TLanes.Broadcast(a[2 * row]);
            c20 = TLanes.MultiplyAdd(x, b0, c20);
            c21 = TLanes.MultiplyAdd(x, b1, c21);
            x = TLanes.Broadcast(a[3 * row]);
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

    static void Tile1x2(int depth, float* a, int aStep, float* b, int bRow, float* c, bool accumulate)
    {
        int n = TLanes.Count;
        TVector c0 = accumulate ? TLanes.Load(c) : default, c1 = accumulate ? TLanes.Load(c + n) : default;
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
        {
            TVector x = TLanes.Broadcast(*a);
            c0 = TLanes.MultiplyAdd(x, TLanes.Load(b), c0);
            c1 = TLanes.MultiplyAdd(x, TLanes.Load(b + n), c1);
        }
        Store2(c0, c1, c);
    }

    static void Tile1x1(int depth, float* a, int aStep, float* b, int bRow, float* c, bool accumulate)
    {
        TVector sum = accumulate ? TLanes.Load(c) : default;
        for (int d = 0; d < depth; d++, a += aStep, b += bRow)
            sum = TLanes.MultiplyAdd(TLanes.Broadcast(*a), TLanes.Load(b), sum);
        TLanes.Store(sum, c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store2(TVector first, TVector second, float* destination)
    {
        TLanes.Store(first, destination);
        TLanes.Store(second, destination + TLanes.Count);
    }
}
