// The exponential and the logistic function, the one definition all kernels share: scalar, 256 and 512 bits give the same bits.
// Leaves out loops over memory: softmax, gates and attention fuse these into their own traversals.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

/// <summary>
/// e^x and the logistic function with the same bits at every vector width: each width does the same IEEE operations in the
/// same order. Argument reduction as in Cephes <c>expf</c>: x = n ln 2 + r with |r| at most ln(2)/2, e^x = 2^n P(r).
/// </summary>
/// <remarks>
/// The error of <c>Exp</c> is below 1 unit in the last place, subnormal results included; NaN stays NaN, results above
/// the largest float are infinite, -infinity gives 0.
/// </remarks>
public static partial class Exponential
{
    // Below, e^x rounds to 0; above, it rounds to infinity. Clamping keeps n small and infinities out of the reduction.
    const float Lowest = -104f, Highest = 89f;
    const float Log2E = 1.44269504f;

    // ln 2 as the nearest float and the rest: with fused multiply-add n * Ln2High is subtracted exactly enough for |n| <= 150.
    const float Ln2High = 0.693147182464599609375f, Ln2Low = -1.904654323148236e-9f;

    // Minimax for (e^r - 1 - r) / r^2 on |r| <= ln(2)/2 (Cephes expf), highest power first.
    const float P0 = 1.9875691500e-4f, P1 = 1.3981999507e-3f, P2 = 8.3334519073e-3f;
    const float P3 = 4.1665795894e-2f, P4 = 1.6666665459e-1f, P5 = 5.0000001201e-1f;

    /// <summary>e^<paramref name="x"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Exp(float x)
    {
        if (float.IsNaN(x))
            return x;
        x = x < Lowest ? Lowest : x > Highest ? Highest : x;
        float n = MathF.Round(x * Log2E);
        float r = MathF.FusedMultiplyAdd(n, -Ln2High, x);
        r = MathF.FusedMultiplyAdd(n, -Ln2Low, r);
        float p = MathF.FusedMultiplyAdd(P0, r, P1);
        p = MathF.FusedMultiplyAdd(p, r, P2);
        p = MathF.FusedMultiplyAdd(p, r, P3);
        p = MathF.FusedMultiplyAdd(p, r, P4);
        p = MathF.FusedMultiplyAdd(p, r, P5);
        p = MathF.FusedMultiplyAdd(p, r, 1f);
        p = MathF.FusedMultiplyAdd(p, r, 1f);
        // 2^n in two factors: each is a normal number, the first product is exact, so subnormal results round only once.
        int whole = (int)n, half = whole >> 1;
        return p * PowerOfTwo(half) * PowerOfTwo(whole - half);
    }

    /// <summary>The logistic function 1 / (1 + e^-x), with full relative precision for negative <paramref name="x"/> too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sigmoid(float x)
    {
        float e = Exp(-MathF.Abs(x));
        return (x < 0f ? e : 1f) / (1f + e);
    }

    static float PowerOfTwo(int n) => BitConverter.Int32BitsToSingle((n + 127) << 23);
}
