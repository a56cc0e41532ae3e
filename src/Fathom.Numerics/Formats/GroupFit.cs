// Finding the scale (and minimum) that lose least of a group of weights: 16 groups at a time, one per lane of a vector, so that no sum
// crosses lanes and a group's result does not depend on its neighbours.
//
// A group of n numbers x with weights w is stored as codes q of a few bits: x ≈ s q (symmetric) or x ≈ s q - m (affine, m >= 0).
// For given codes the best s and m solve a linear least-squares problem; for given s and m the best codes are the rounded quotients.
// The search tries a grid of ranges, takes the codes of each, solves for s and m in closed form, and polishes the best of them by
// alternating the two steps, neither of which can lose.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lanes = System.Runtime.Intrinsics.Vector512<float>;

namespace Fathom.Numerics.Formats;

/// <summary>16 groups of n numbers, element-major: element i of group l is at [16 i + l].</summary>
/// <param name="x">[n, 16] numbers.</param>
/// <param name="w">[n, 16] weights of the squared errors, 0 or more.</param>
/// <param name="n">Elements of a group.</param>
readonly unsafe struct GroupFit(float* x, float* w, int n)
{
    /// <summary>Groups in a batch.</summary>
    public const int Width = 16;

    const int PolishRounds = 3;

    // Steps of the grid on each side of the plain range, and their size in codes.
    const int GridSteps = 7;
    const float GridStep = 0.2f;

    // A determinant below this share of its first term is rounding noise.
    const float SingularShare = 1e-5f;

    /// <summary>Copies groups that lie one after the other into the lanes; lanes from <paramref name="groups"/> on become zeros.</summary>
    public static void Transpose(float* from, float* to, int n, int groups)
    {
        if (groups < Width)
            new Span<float>(to, n * Width).Clear();
        for (int l = 0; l < groups; l++)
        {
            for (int i = 0; i < n; i++)
                to[i * Width + l] = from[l * n + i];
        }
    }

    /// <summary>
    /// Scales of x ≈ s q with <paramref name="low"/> &lt;= q &lt;= <paramref name="high"/>, where -low = high + 1; a scale's sign lets the
    /// longer side of the numbers use the longer side of the codes, or not, whichever loses less.
    /// </summary>
    public Lanes Symmetric(float low, float high)
    {
        var extreme = Lanes.Zero;
        for (int i = 0; i < n; i++)
        {
            var value = Vector512.Load(x + i * Width);
            extreme = Vector512.ConditionalSelect(Vector512.GreaterThan(Vector512.Abs(value), Vector512.Abs(extreme)), value, extreme);
        }
        var unit = Reciprocal(extreme);
        var (best, scale) = (Lanes.Zero, Lanes.Zero);
        for (int step = -GridSteps; step <= GridSteps; step++)
        {
            TrySymmetric((low + step * GridStep) * unit, low, high, ref best, ref scale);
            TrySymmetric((high + step * GridStep) * unit, low, high, ref best, ref scale);
        }
        for (int round = 0; round < PolishRounds; round++)
            TrySymmetric(Reciprocal(scale), low, high, ref best, ref scale);
        return scale;
    }

    /// <summary>Scales s >= 0 and minima m >= 0 of x ≈ s q - m with 0 &lt;= q &lt;= <paramref name="high"/>.</summary>
    public (Lanes Scale, Lanes Minimum) Affine(float high)
    {
        // The codes' range must reach zero from below, because m cannot be negative.
        Lanes least = Lanes.Zero, most = Vector512.Load(x);
        for (int i = 0; i < n; i++)
        {
            var value = Vector512.Load(x + i * Width);
            least = Vector512.Min(least, value);
            most = Vector512.Max(most, value);
        }
        var unit = Reciprocal(Vector512.Max(most - least, Lanes.Zero));
        // With one value only, or none above zero, the minimum alone says it.
        var (sumW, sumX) = Totals();
        var (best, scale, minimum) = (Vector512.Create(float.NegativeInfinity), Lanes.Zero, -least);
        for (int step = -GridSteps; step <= GridSteps; step++)
            TryAffine((high + step * GridStep) * unit, least, high, sumW, sumX, ref best, ref scale, ref minimum);
        for (int round = 0; round < PolishRounds; round++)
            TryAffine(Reciprocal(scale), -minimum, high, sumW, sumX, ref best, ref scale, ref minimum);
        return (scale, minimum);
    }

    /// <summary>Weighted squared errors of x ≈ s q - m with the best codes in low to high.</summary>
    public Lanes Error(Lanes s, Lanes m, float low, float high)
    {
        var (inverse, sum) = (Reciprocal(s), Lanes.Zero);
        for (int i = 0; i < n; i++)
        {
            var value = Vector512.Load(x + i * Width) + m;
            var error = value - s * Code(value * inverse, low, high);
            sum = Vector512.FusedMultiplyAdd(Vector512.Load(w + i * Width) * error, error, sum);
        }
        return sum;
    }

    /// <summary>Sums of w and of w x, which no choice of codes changes.</summary>
    public (Lanes W, Lanes X) Totals()
    {
        Lanes sumW = Lanes.Zero, sumX = Lanes.Zero;
        for (int i = 0; i < n; i++)
        {
            var weight = Vector512.Load(w + i * Width);
            sumW += weight;
            sumX = Vector512.FusedMultiplyAdd(weight, Vector512.Load(x + i * Width), sumX);
        }
        return (sumW, sumX);
    }

    /// <summary>Sums of w q, w q q and w x q with the best codes for s and m.</summary>
    public (Lanes Q, Lanes QQ, Lanes XQ) Sums(Lanes s, Lanes m, float low, float high) => Sum(Reciprocal(s), -m, low, high);

    /// <summary>Writes the best codes, [n, 16], each plus <paramref name="bias"/>.</summary>
    public void Codes(Lanes s, Lanes m, float low, float high, int bias, byte* codes)
    {
        var inverse = Reciprocal(s);
        for (int i = 0; i < n; i++)
        {
            var code = Vector512.ConvertToInt32Native(Code((Vector512.Load(x + i * Width) + m) * inverse, low, high)) + Vector512.Create(bias);
            var narrow = Vector256.Narrow(code.GetLower(), code.GetUpper());
            Vector128.Narrow(narrow.GetLower(), narrow.GetUpper()).AsByte().Store(codes + i * Width);
        }
    }

    /// <summary>1 / s, and 0 for 0.</summary>
    static Lanes Reciprocal(Lanes s) => Vector512.AndNot(Lanes.One / s, Vector512.Equals(s, Lanes.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Lanes Code(Lanes quotient, float low, float high) =>
        Vector512.MinNative(Vector512.MaxNative(Vector512.Round(quotient), Vector512.Create(low)), Vector512.Create(high));

    // A least-squares solution takes scale * XQ (and offset * X) off the sum of squares: the larger the better.
    void TrySymmetric(Lanes inverse, float low, float high, ref Lanes best, ref Lanes scale)
    {
        Lanes xq = Lanes.Zero, qq = Lanes.Zero;
        for (int i = 0; i < n; i++)
        {
            var value = Vector512.Load(x + i * Width);
            var code = Code(value * inverse, low, high);
            var weighted = Vector512.Load(w + i * Width) * code;
            xq = Vector512.FusedMultiplyAdd(weighted, value, xq);
            qq = Vector512.FusedMultiplyAdd(weighted, code, qq);
        }
        var solved = xq / qq;
        var better = Vector512.GreaterThan(solved * xq, best);
        best = Vector512.ConditionalSelect(better, solved * xq, best);
        scale = Vector512.ConditionalSelect(better, solved, scale);
    }

    void TryAffine(Lanes inverse, Lanes least, float high, Lanes sumW, Lanes sumX, ref Lanes best, ref Lanes scale, ref Lanes minimum)
    {
        var (sumQ, sumQQ, sumXQ) = Sum(inverse, least, 0, high);
        var determinant = sumW * sumQQ - sumQ * sumQ;
        var solved = (sumW * sumXQ - sumX * sumQ) / determinant;
        var offset = (sumQQ * sumX - sumQ * sumXQ) / determinant;
        // Where the minimum would be negative, the best is on the border; where all codes are one, nothing tells the two unknowns apart.
        var border = ~(Vector512.LessThanOrEqual(offset, Lanes.Zero) & Vector512.GreaterThan(determinant, SingularShare * sumW * sumQQ));
        solved = Vector512.ConditionalSelect(border, sumXQ / sumQQ, solved);
        offset = Vector512.AndNot(offset, border);
        var gain = solved * sumXQ + offset * sumX;
        var better = Vector512.GreaterThan(gain, best) & Vector512.GreaterThan(solved, Lanes.Zero);
        best = Vector512.ConditionalSelect(better, gain, best);
        scale = Vector512.ConditionalSelect(better, solved, scale);
        minimum = Vector512.ConditionalSelect(better, -offset, minimum);
    }

    (Lanes Q, Lanes QQ, Lanes XQ) Sum(Lanes inverse, Lanes least, float low, float high)
    {
        Lanes sumQ = Lanes.Zero, sumQQ = Lanes.Zero, sumXQ = Lanes.Zero;
        for (int i = 0; i < n; i++)
        {
            var value = Vector512.Load(x + i * Width);
            var code = Code((value - least) * inverse, low, high);
            var weighted = Vector512.Load(w + i * Width) * code;
            sumQ += weighted;
            sumQQ = Vector512.FusedMultiplyAdd(weighted, code, sumQQ);
            sumXQ = Vector512.FusedMultiplyAdd(weighted, value, sumXQ);
        }
        return (sumQ, sumQQ, sumXQ);
    }
}
