// Matrix multiplication of BF16 factors with FP32 sums and FP32 results: the contract and the choice of implementation.
// Letters as in MatMul.cs. A BF16 number is a ushort: the upper half of the FP32 number of the same value.

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>
/// C = A·B for BF16 factors, with FP32 accumulation and FP32 results, and its transposed forms.
/// </summary>
public static unsafe partial class MatMulBf16
{
    static readonly Rung[] s_implemented = [Rung.Scalar];

    /// <summary>The implementation that calls take at present.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <summary>C[m,n] (+)= A[m,k] · B[k,n].</summary>
    /// <param name="a">[m, k] BF16, rows <paramref name="lda"/> apart.</param>
    /// <param name="lda">At least k.</param>
    /// <param name="b">[k, n] BF16, rows <paramref name="ldb"/> apart.</param>
    /// <param name="ldb">At least n.</param>
    /// <param name="c">[m, n], rows <paramref name="ldc"/> apart; overlaps neither A nor B.</param>
    /// <param name="ldc">At least n.</param>
    /// <param name="m">Rows of C, 0 or more.</param>
    /// <param name="n">Columns of C, 0 or more.</param>
    /// <param name="k">Length of the sums, 0 or more.</param>
    /// <param name="accumulate">Adds to C instead of overwriting it.</param>
    public static void NN(ushort* a, int lda, ushort* b, int ldb, float* c, int ldc, int m, int n, int k, bool accumulate)
        => Multiply(new(a, lda, 1), new(b, 1, ldb), c, ldc, m, n, k, accumulate);

    /// <summary>C[m,n] (+)= A[m,k] · B[n,k]ᵀ: y = x·Wᵀ of a linear layer.</summary>
    /// <param name="a">[m, k] BF16, rows <paramref name="lda"/> apart.</param>
    /// <param name="lda">At least k.</param>
    /// <param name="b">[n, k] BF16, rows <paramref name="ldb"/> apart.</param>
    /// <param name="ldb">At least k.</param>
    /// <param name="c">[m, n], rows <paramref name="ldc"/> apart; overlaps neither A nor B.</param>
    /// <param name="ldc">At least n.</param>
    /// <param name="m">Rows of C, 0 or more.</param>
    /// <param name="n">Columns of C, 0 or more.</param>
    /// <param name="k">Length of the sums, 0 or more.</param>
    /// <param name="accumulate">Adds to C instead of overwriting it.</param>
    public static void NT(ushort* a, int lda, ushort* b, int ldb, float* c, int ldc, int m, int n, int k, bool accumulate)
        => Multiply(new(a, lda, 1), new(b, ldb, 1), c, ldc, m, n, k, accumulate);

    /// <summary>C[m,n] (+)= A[k,m]ᵀ · B[k,n]: dW += dYᵀ·X of a linear layer, summed in token order.</summary>
    /// <param name="a">[k, m] BF16, rows <paramref name="lda"/> apart.</param>
    /// <param name="lda">At least m.</param>
    /// <param name="b">[k, n] BF16, rows <paramref name="ldb"/> apart.</param>
    /// <param name="ldb">At least n.</param>
    /// <param name="c">[m, n], rows <paramref name="ldc"/> apart; overlaps neither A nor B.</param>
    /// <param name="ldc">At least n.</param>
    /// <param name="m">Rows of C, 0 or more.</param>
    /// <param name="n">Columns of C, 0 or more.</param>
    /// <param name="k">Length of the sums, 0 or more.</param>
    /// <param name="accumulate">Adds to C instead of overwriting it.</param>
    public static void TN(ushort* a, int lda, ushort* b, int ldb, float* c, int ldc, int m, int n, int k, bool accumulate)
        => Multiply(new(a, 1, lda), new(b, 1, ldb), c, ldc, m, n, k, accumulate);

    static void Multiply(
        Operand<ushort> a, Operand<ushort> b, float* c, int ldc, int m, int n, int k, bool accumulate)
    {
        if (m <= 0 || n <= 0)
            return;
        MultiplyScalar(a, b, c, ldc, m, n, k, accumulate);
    }
}
