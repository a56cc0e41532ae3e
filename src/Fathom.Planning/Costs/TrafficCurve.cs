// How a day's traffic spreads over its hours.

namespace Fathom.Planning.Costs;

/// <summary>Traffic of the 24 hours relative to their mean.</summary>
public sealed class TrafficCurve
{
    const int Hours = 24, MaxNodes = 10_000_000;

    // A mean that fills units exactly must not take one more by rounding.
    const double RoundingSlack = 1e-9;

    TrafficCurve(double[] factors) => Factors = factors;

    /// <summary>Factor of each hour; their mean is 1.</summary>
    public IReadOnlyList<double> Factors { get; }

    /// <summary>From 24 values in any unit.</summary>
    /// <exception cref="PlanException">There are not 24, one is negative or not finite, or all are 0.</exception>
    public static TrafficCurve Of(IReadOnlyList<double> values)
    {
        if (values.Count != Hours)
            throw new PlanException($"the traffic has {values.Count} values; {Hours} are allowed, one per hour.");
        foreach (double value in values)
            if (!double.IsFinite(value) || value < 0)
                throw new PlanException(FormattableString.Invariant($"the traffic has {value}; numbers of at least 0 are allowed."));
        double mean = values.Max() is var greatest and > 0 ? values.Average(value => value / greatest) * greatest : throw new PlanException("the traffic is 0 all day; at least one hour above 0 is needed.");
        return new TrafficCurve([.. values.Select(value => value / mean)]);
    }

    /// <summary>A cosine over the day whose greatest hour is <paramref name="peak"/> times the mean.</summary>
    /// <exception cref="PlanException">The factor is not from 1 to 2, where the least hour reaches 0.</exception>
    public static TrafficCurve WithPeak(double peak)
    {
        if (!(peak is >= 1 and <= 2))
            throw new PlanException(FormattableString.Invariant($"the peak is {peak} times the mean; 1 to 2 is allowed, and 24 hourly values for other shapes."));
        return new TrafficCurve([.. Enumerable.Range(0, Hours).Select(hour => 1 + (peak - 1) * Math.Cos(2 * Math.PI * (hour - 12) / Hours))]);
    }

    /// <summary>Nodes of each hour, in whole units.</summary>
    /// <param name="meanNodes">Nodes that the mean traffic keeps busy.</param>
    /// <param name="unit">Nodes that are added at once.</param>
    /// <exception cref="PlanException">More nodes than there could be.</exception>
    public IReadOnlyList<int> Nodes(double meanNodes, int unit) => meanNodes <= MaxNodes
        ? [.. Factors.Select(factor => (int)Math.Ceiling(meanNodes * factor / unit - RoundingSlack) * unit)]
        : throw new PlanException(FormattableString.Invariant($"this traffic takes {meanNodes:0.##e0} nodes; at most {MaxNodes:N0} can be planned: less traffic, a faster device or a higher load would do."));
}
