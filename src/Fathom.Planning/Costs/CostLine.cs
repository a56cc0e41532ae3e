// A line of a bill, and the lines that every bill of a training has beside its last run.

namespace Fathom.Planning.Costs;

/// <summary>A line of a bill.</summary>
/// <param name="Name">What is paid for.</param>
/// <param name="Amount">Money; null where it is not stated, 0 only where it was said to be nothing.</param>
/// <param name="Source">Formula and inputs, or who says so.</param>
public sealed record CostLine(string Name, decimal? Amount, string Source)
{
    /// <summary>The source of a line without an amount.</summary>
    public const string NotStated = "not stated";

    /// <summary>A line that somebody states, or nobody.</summary>
    public static CostLine Of(string name, decimal? amount, string source = "given") => new(name, amount, amount is null ? NotStated : source);

    /// <summary>What training takes beside the run that is planned or was made: null for what is not stated.</summary>
    /// <param name="failedRuns">Runs that failed.</param>
    /// <param name="ablations">Small runs that chose the recipe.</param>
    /// <param name="people">People.</param>
    /// <param name="data">Licences, labels, generated data.</param>
    public static IReadOnlyList<CostLine> BesideTheRun(decimal? failedRuns = null, decimal? ablations = null, decimal? people = null, decimal? data = null) =>
        [Of("failed runs", failedRuns), Of("ablations", ablations), Of("people", people), Of("data", data)];

    /// <summary>Names of the lines without an amount: a sum of the others is a lower bound.</summary>
    public static IReadOnlyList<string> MissingOf(IEnumerable<CostLine> lines) => [.. lines.Where(line => line.Source == NotStated).Select(line => line.Name)];

    /// <summary>Sum of what is stated.</summary>
    public static decimal SumOf(IEnumerable<CostLine> lines) => lines.Sum(line => line.Amount ?? 0);
}
