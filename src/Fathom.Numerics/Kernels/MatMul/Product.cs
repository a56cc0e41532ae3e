// One product as the blocked implementation takes it, and the choice which factor plays A.

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>C, whose rows may be what the caller calls columns. Strides in elements.</summary>
readonly unsafe struct Destination(float* data, nint rowStride, nint columnStride)
{
    public readonly float* Data = data;
    public readonly nint RowStride = rowStride;
    public readonly nint ColumnStride = columnStride;

    /// <summary>The part that begins at (<paramref name="row"/>, <paramref name="column"/>).</summary>
    public Destination At(nint row, nint column)
        => new(Data + row * RowStride + column * ColumnStride, RowStride, ColumnStride);
}

/// <summary>C[m,n] (+)= A·B.</summary>
/// <param name="A">Lanes are the rows of C.</param>
/// <param name="B">Lanes are the columns of C.</param>
/// <param name="C">[m, n].</param>
/// <param name="M">Rows.</param>
/// <param name="N">Columns.</param>
/// <param name="K">Words along the sums.</param>
/// <param name="Accumulate">Sums start from C, else from 0.</param>
readonly unsafe record struct Product(Words A, Words B, Destination C, int M, int N, int K, bool Accumulate)
{
    /// <summary>
    /// From 9 to 64 rows, A·Bᵀ is computed as (B·Aᵀ)ᵀ: the larger factor is read where it lies and the smaller one is
    /// packed, since turning the larger would cost more than it saves. With fewer rows most lanes would idle, and turning
    /// is cheaper after all. Each element's chain is the same.
    /// </summary>
    public const int FewRows = 64, VeryFewRows = 8;

    /// <summary>The product, with its factors exchanged where that is faster.</summary>
    public static Product Of(Words a, Words b, Destination c, int m, int n, int k, bool accumulate)
    {
        bool exchange = m > VeryFewRows && m <= FewRows && IsAlongSteps(a) && IsAlongSteps(b);
        return exchange
            ? new(b, a, new(c.Data, c.ColumnStride, c.RowStride), n, m, k, accumulate)
            : new(a, b, c, m, n, k, accumulate);
    }

    static bool IsAlongSteps(Words x) => x.Layout is WordLayout.StepsAdjacent or WordLayout.WidenedSteps;

    /// <summary>The part of C that begins at (i, j) and has at most the given size; empty beyond the end.</summary>
    public Product Part(int i, int j, int rows, int columns)
        => this with
        {
            A = A.At(i, 0),
            B = B.At(j, 0),
            C = C.At(i, j),
            M = Math.Min(rows, M - i),
            N = Math.Min(columns, N - j),
        };
}
