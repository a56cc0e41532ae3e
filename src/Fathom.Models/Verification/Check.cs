// The result of comparing one tensor with its reference.
namespace Fathom.Models.Verification;

/// <summary>One comparison.</summary>
/// <param name="Name">Name of the reference tensor.</param>
/// <param name="MaxAbs">Largest absolute difference.</param>
/// <param name="MaxRel">That difference over the reference's largest magnitude.</param>
/// <param name="Tolerance">Largest absolute difference allowed.</param>
/// <param name="Passed">Whether every element is within the tolerance; NaN never is.</param>
public sealed record Check(string Name, double MaxAbs, double MaxRel, double Tolerance, bool Passed)
{
    /// <summary>
    /// Allowed difference over a tensor's largest magnitude: far above what any correct float32 order of summation gives (the
    /// references differ among themselves by 1e-5) and far below what a mistake does.
    /// </summary>
    public const double RelativeTolerance = 1e-4;

    /// <summary>Compares element by element.</summary>
    /// <param name="name">Name of the reference.</param>
    /// <param name="actual">What was computed.</param>
    /// <param name="expected">The reference, same length.</param>
    /// <param name="tolerance">Largest absolute difference allowed; by default <see cref="RelativeTolerance"/> times the largest magnitude.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static Check Compare(string name, ReadOnlySpan<float> actual, ReadOnlySpan<float> expected, double? tolerance = null)
    {
        if (actual.Length != expected.Length)
            throw new ArgumentException($"{name}: computed {actual.Length} elements, the reference has {expected.Length}.");
        double worst = 0, magnitude = 0;
        for (int i = 0; i < actual.Length; i++)
        {
            double difference = Math.Abs((double)actual[i] - expected[i]);
            if (!(difference <= worst))
                worst = double.IsNaN(difference) ? double.PositiveInfinity : difference;
            magnitude = Math.Max(magnitude, Math.Abs((double)expected[i]));
        }
        double allowed = tolerance ?? RelativeTolerance * magnitude;
        return new Check(name, worst, magnitude == 0 ? worst : worst / magnitude, allowed, worst <= allowed);
    }

    /// <summary>Compares ids; any difference fails.</summary>
    public static Check Compare(string name, ReadOnlySpan<long> actual, ReadOnlySpan<long> expected)
    {
        if (actual.Length != expected.Length)
            throw new ArgumentException($"{name}: computed {actual.Length} ids, the reference has {expected.Length}.");
        int wrong = 0;
        for (int i = 0; i < actual.Length; i++)
            wrong += actual[i] == expected[i] ? 0 : 1;
        return new Check(name, wrong, (double)wrong / Math.Max(1, actual.Length), 0, wrong == 0);
    }
}
