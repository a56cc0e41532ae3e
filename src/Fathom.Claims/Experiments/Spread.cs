// What a few runs say: differences with their standard errors, and curves as means over runs.

using System.Globalization;

namespace Fathom.Claims.Experiments;

/// <summary>The mean of differences between runs that share a seed.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Its standard error, from the spread over seeds; NaN where there is one seed, which decides nothing.</param>
readonly record struct PairedDifference(double Mean, double StandardError)
{
    /// <summary>first - second, seed by seed.</summary>
    public static PairedDifference Of(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        MeasuredValue differences = MeasuredValue.Of("difference", [.. first.Zip(second, (a, b) => a - b)], "");
        return new(differences.Mean, (differences.Deviation ?? double.NaN) / Math.Sqrt(differences.Runs));
    }

    /// <summary>Below zero by more than twice the standard error.</summary>
    public bool IsBelow => Mean < -2 * StandardError;

    /// <summary>Above zero by more than twice the standard error.</summary>
    public bool IsAbove => Mean > 2 * StandardError;

    /// <inheritdoc/>
    public override string ToString() => In("0.0000", 1);

    /// <summary>The mean and its standard error with so many decimals, both times a factor.</summary>
    public string In(string format, double factor)
    {
        string mean = (factor * Mean).ToString($"+{format};-{format};0", CultureInfo.InvariantCulture);
        return double.IsNaN(StandardError) ? $"{mean}, one seed" : $"{mean} ± {(factor * StandardError).ToString(format, CultureInfo.InvariantCulture)}";
    }
}

static class Curves
{
    /// <summary>The mean over runs of curves with the same places.</summary>
    public static MeasuredSeries Mean(string name, string x, string y, IReadOnlyList<IReadOnlyList<(double X, double Y)>> runs) => new(
        name, x, y,
        [.. Enumerable.Range(0, runs.Min(run => run.Count)).Select(i => (double[])[runs.Average(run => run[i].X), runs.Average(run => run[i].Y)])]);

    /// <summary>Means of at most <paramref name="points"/> neighbouring parts of a curve.</summary>
    public static IReadOnlyList<(double X, double Y)> Thin(IReadOnlyList<(double X, double Y)> curve, int points)
    {
        int size = (curve.Count + points - 1) / points;
        return [.. curve.Chunk(Math.Max(1, size)).Select(part => (part.Average(p => p.X), part.Average(p => p.Y)))];
    }
}
