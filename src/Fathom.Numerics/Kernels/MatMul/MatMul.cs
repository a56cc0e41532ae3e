// Matrix multiplication in FP32: the contract and the choice of implementation.
// Leaves out validation (the operator above does it) and batched or strided-batch forms (see GroupedMatMul).
// Letters: m rows of C, n columns of C, k the summed dimension; ld* is the distance between rows, in elements.

using Fathom.Numerics.Kernels.Assembly;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>
/// C = A·B in FP32 and its transposed forms, on the shared thread team.
/// </summary>
/// <remarks>
/// Every element of C is one chain of fused multiply-adds over k = 0, 1, … starting from 0, or from the old value of C
/// when accumulating. Hence all rungs, tilings and thread counts give the same bits, a row of C has the same bits
/// whatever rows stand beside it, and a sum over tokens may be split into micro-batches that accumulate in turn.
/// </remarks>
public static unsafe partial class MatMul
{
    // The assembled FP32 tile needs no instruction that .NET lacks; it is there for its exact row counts and prefetches.
    static readonly Rung[] s_implemented = MachineCode.Supported
        ? [Rung.Scalar, Rung.Vector256, Rung.Vector512, Rung.Assembled]
        : [Rung.Scalar, Rung.Vector256, Rung.Vector512];

    /// <summary>The implementation that calls take at present.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <summary>C[m,n] (+)= A[m,k] · B[k,n].</summary>
    /// <param name="a">[m, k], rows <paramref name="lda"/> apart.</param>
    /// <param name="lda">At least k.</param>
    /// <param name="b">[k, n], rows <paramref name="ldb"/> apart.</param>
    /// <param name="ldb">At least n.</param>
    /// <param name="c">[m, n], rows <paramref name="ldc"/> apart; overlaps neither A nor B.</param>
    /// <param name="ldc">At least n.</param>
    /// <param name="m">Rows of C, 0 or more.</param>
    /// <param name="n">Columns of C, 0 or more.</param>
    /// <param name="k">Length of the sums, 0 or more.</param>
    /// <param name="accumulate">Adds to C instead of overwriting it.</param>
    public static void NN(float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int n, int k, bool accumulate)
        => Multiply(new(a, lda, 1), new(b, 1, ldb), c, ldc, m, n, k, accumulate);

    /// <summary>C[m,n] (+)= A[m,k] · B[n,k]ᵀ: y = x·Wᵀ of a linear layer.</summary>
    /// <param name="a">[m, k], rows <paramref name="lda"/> apart.</param>
    /// <param name="lda">At least k.</param>
    /// <param name="b">[n, k], rows <paramref name="ldb"/> apart.</param>
    /// <param name="ldb">At least k.</param>
    /// <param name="c">[m, n], rows <paramref name="ldc"/> apart; overlaps neither A nor B.</param>
    /// <param name="ldc">At least n.</param>
    /// <param name="m">Rows of C, 0 or more.</param>
    /// <param name="n">Columns of C, 0 or more.</param>
    /// <param name="k">Length of the sums, 0 or more.</param>
    /// <param name="accumulate">Adds to C instead of overwriting it.</param>
    public static void NT(float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int n, int k, bool accumulate)
        => Multiply(new(a, lda, 1), new(b, ldb, 1), c, ldc, m, n, k, accumulate);

    /// <summary>C[m,n] (+)= A[k,m]ᵀ · B[k,n]: dW += dYᵀ·X of a linear layer, summed in token order.</summary>
    /// <param name="a">[k, m], rows <paramref name="lda"/> apart.</param>
    /// <param name="lda">At least m.</param>
    /// <param name="b">[k, n], rows <paramref name="ldb"/> apart.</param>
    /// <param name="ldb">At least n.</param>
    /// <param name="c">[m, n], rows <paramref name="ldc"/> apart; overlaps neither A nor B.</param>
    /// <param name="ldc">At least n.</param>
    /// <param name="m">Rows of C, 0 or more.</param>
    /// <param name="n">Columns of C, 0 or more.</param>
    /// <param name="k">Length of the sums, 0 or more.</param>
    /// <param name="accumulate">Adds to C instead of overwriting it.</param>
    public static void TN(float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int n, int k, bool accumulate)
        => Multiply(new(a, 1, lda), new(b, 1, ldb), c, ldc, m, n, k, accumulate);

    static void Multiply(
        Operand<float> a, Operand<float> b, float* c, int ldc, int m, int n, int k, bool accumulate)
    {
        Rung rung = Chosen;
        if (rung == Rung.Scalar)
        {
            MultiplyScalar(a, b, c, ldc, m, n, k, accumulate);
            return;
        }
        Product product = Product.Of(Words.Of(a), Words.Of(b), new(c, ldc, 1), m, n, k, accumulate);
        switch (rung)
        {
            case Rung.Assembled: Partition<TileAssembled<SingleMultiplyAdd>>.Run(product); break;
            case Rung.Vector512: Partition<TileVector512>.Run(product); break;
            default: Partition<TileVector256>.Run(product); break;
        }
    }
}
