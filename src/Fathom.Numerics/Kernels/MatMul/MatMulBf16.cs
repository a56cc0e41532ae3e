// Matrix multiplication of BF16 factors with FP32 sums and FP32 results: the contract and the choice of implementation.
// Letters as in MatMul.cs. A BF16 number is a ushort: the upper half of the FP32 number of the same value.

using Fathom.Numerics.Kernels.Assembly;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>
/// C = A·B for BF16 factors, with FP32 accumulation and FP32 results, and its transposed forms.
/// </summary>
/// <remarks>
/// Products of two BF16 numbers are exact in FP32. Every element of C is one chain of fused multiply-adds, pair by pair
/// along k: k = 1, 0, 3, 2, 5, 4, …, the order of the instruction <c>vdpbf16ps</c> (found by experiment; Intel's manual
/// describes the same). All rungs give the same bits as long as no factor, sum or old C lies below 2⁻¹²⁶ in magnitude
/// without being zero: there the instruction takes and writes zero, the other rungs keep the number. A sum thus differs
/// by at most about 2k · 2⁻¹²⁶ · (1 + the largest factor).
/// </remarks>
public static unsafe partial class MatMulBf16
{
    static readonly Rung[] s_implemented = MachineCode.HasBf16
        ? [Rung.Scalar, Rung.Vector256, Rung.Vector512, Rung.Assembled]
        : [Rung.Scalar, Rung.Vector256, Rung.Vector512];

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
        var destination = new Destination(c, ldc, 1);
        switch (Chosen)
        {
            case Rung.Assembled:
                MultiplyAssembled(a, b, destination, m, n, k, accumulate);
                break;
            case Rung.Vector512:
                Partition<TileVector512>.Run(
                    Product.Of(Words.Widened(a), Words.Widened(b), destination, m, n, k, accumulate));
                break;
            case Rung.Vector256:
                Partition<TileVector256>.Run(
                    Product.Of(Words.Widened(a), Words.Widened(b), destination, m, n, k, accumulate));
                break;
            default:
                MultiplyScalar(a, b, c, ldc, m, n, k, accumulate);
                break;
        }
    }

    static void MultiplyAssembled(
        Operand<ushort> a, Operand<ushort> b, Destination c, int m, int n, int k, bool accumulate)
    {
        // With many rows the work is arithmetic, with few it is moving B: there pairs halve the words. Both give the same bits.
        if (MachineCode.HasSlowBf16 && m > Product.FewRows)
        {
            Partition<TileAssembled<WidenedMultiplyAdd>>.Run(
                Product.Of(Words.Widened(a), Words.Widened(b), c, m, n, k, accumulate));
            return;
        }
        Partition<TileAssembled<Bf16MultiplyAdd>>.Run(
            Product.Of(Words.Pairs(a), Words.Pairs(b), c, m, n, k / 2, accumulate));
        if (k % 2 != 0)
        {
            Partition<TileAssembled<Bf16MultiplyAdd>>.Run(
                Product.Of(Words.Single(a, k - 1), Words.Single(b, k - 1), c, m, n, 1, accumulate || k > 1));
        }
    }
}
