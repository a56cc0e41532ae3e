// Quantiles of samples: the one definition of every median and quartile that is measured, planned with or printed.

namespace Fathom.Numerics.Statistics;

/// <summary>
/// Quantiles of samples: of n in order, the share p stands at place p (n - 1), and between two samples the line from one to the other
/// (definition 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", 1996).
/// </summary>
public static class Quantiles
{
    /// <summary>The middle one of an odd number of samples; of an even number, the mean of the two in the middle.</summary>
    /// <param name="samples">The samples, in any order.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static double Median(IEnumerable<double> samples) => At(Ordered(samples), 0.5);

    /// <summary>The lower quartile, the median and the upper quartile.</summary>
    /// <param name="samples">The samples, in any order.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static (double Low, double Median, double High) Quartiles(IEnumerable<double> samples)
    {
        double[] ordered = Ordered(samples);
        return (At(ordered, 0.25), At(ordered, 0.5), At(ordered, 0.75));
    }

    static double[] Ordered(IEnumerable<double> samples)
    {
        double[] ordered = [.. samples.Order()];
        return ordered.Length > 0 ? ordered : throw new ArgumentException("No samples have no quantiles; at least one is needed.", nameof(samples));
    }

    static double At(double[] ordered, double share)
    {
        double place = share * (ordered.Length - 1);
        int below = (int)place;
        double rest = place - below;
        // On a sample its neighbour does not count: an infinite one times 0 would be no number.
        return rest == 0 ? ordered[below] : ordered[below] + rest * (ordered[below + 1] - ordered[below]);
    }
}
