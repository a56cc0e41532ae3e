// Sixteen exponentials at once; the same operations in the same order as the scalar version.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels;

public static partial class Exponential
{
    /// <summary>e^x in every lane, the bits of <see cref="Exp(float)"/>. Needs AVX-512F.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // vmaxps and vminps return their second operand where one is NaN, so NaN stays.
        x = Avx512F.Min(Vector512.Create(Highest), Avx512F.Max(Vector512.Create(Lowest), x));
        Vector512<float> n = Avx512F.RoundScale(x * Vector512.Create(Log2E), 0);
        Vector512<float> r = Avx512F.FusedMultiplyAdd(n, Vector512.Create(-Ln2High), x);
        r = Avx512F.FusedMultiplyAdd(n, Vector512.Create(-Ln2Low), r);
        Vector512<float> p = Avx512F.FusedMultiplyAdd(Vector512.Create(P0), r, Vector512.Create(P1));
        p = Avx512F.FusedMultiplyAdd(p, r, Vector512.Create(P2));
        p = Avx512F.FusedMultiplyAdd(p, r, Vector512.Create(P3));
        p = Avx512F.FusedMultiplyAdd(p, r, Vector512.Create(P4));
        p = Avx512F.FusedMultiplyAdd(p, r, Vector512.Create(P5));
        p = Avx512F.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Avx512F.FusedMultiplyAdd(p, r, Vector512<float>.One);
        // vscalefps multiplies by 2^n and rounds once, which is what the two factors of the scalar version do.
        return Avx512F.Scale(p, n);
    }

    /// <summary>1 / (1 + e^-x) in every lane, the bits of <see cref="Sigmoid(float)"/>. Needs AVX-512F.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x)
    {
        Vector512<float> e = Exp(-Vector512.Abs(x));
        Vector512<float> one = Vector512<float>.One;
        return Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), e, one) / (one + e);
    }
}
