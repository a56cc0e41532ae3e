// Eight exponentials at once; the same operations in the same order as the scalar version.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Fathom.Numerics.Kernels;

public static partial class Exponential
{
    /// <summary>e^x in every lane, the bits of <see cref="Exp(float)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        // ConditionalSelect leaves NaN lanes alone: comparisons with NaN are false.
        Vector256<float> low = Vector256.Create(Lowest), high = Vector256.Create(Highest);
        x = Vector256.ConditionalSelect(Vector256.LessThan(x, low), low, x);
        x = Vector256.ConditionalSelect(Vector256.GreaterThan(x, high), high, x);
        Vector256<float> n = Vector256.Round(x * Vector256.Create(Log2E));
        Vector256<float> r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-Ln2High), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-Ln2Low), r);
        Vector256<float> p = Vector256.FusedMultiplyAdd(Vector256.Create(P0), r, Vector256.Create(P1));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(P2));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(P3));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(P4));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(P5));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        Vector256<int> whole = Vector256.ConvertToInt32Native(n);
        Vector256<int> half = Vector256.ShiftRightArithmetic(whole, 1);
        return p * PowerOfTwo(half) * PowerOfTwo(whole - half);
    }

    /// <summary>1 / (1 + e^-x) in every lane, the bits of <see cref="Sigmoid(float)"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sigmoid(Vector256<float> x)
    {
        Vector256<float> e = Exp(-Vector256.Abs(x));
        Vector256<float> one = Vector256<float>.One;
        return Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), e, one) / (one + e);
    }

    static Vector256<float> PowerOfTwo(Vector256<int> n) => Vector256.ShiftLeft(n + Vector256.Create(127), 23).AsSingle();
}
