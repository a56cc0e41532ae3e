// A number that can be asked where it comes from.

using System.Globalization;

namespace Fathom.Planning;

/// <summary>A number with its name, its unit and its source.</summary>
/// <param name="Name">What it is, in a few words.</param>
/// <param name="Value">The number; for a sum of money the nearest double of <see cref="Amount"/>.</param>
/// <param name="Unit">The unit, as in FLOP/s, bytes, s, h or USD; empty for a plain ratio or count.</param>
/// <param name="Source">
/// A document with its section, a measurement, an assumption (then the text begins with <see cref="AssumptionMark"/>), or the formula and the
/// inputs that it was computed from.
/// </param>
public sealed record Figure(string Name, double Value, string Unit, string Source)
{
    /// <summary>How the source of a number begins that nobody has published.</summary>
    public const string AssumptionMark = "assumption: ";

    /// <summary>The exact sum, where the figure is one of money.</summary>
    public decimal? Amount { get; init; }

    /// <summary>Whether the number is assumed rather than published, measured or computed.</summary>
    public bool IsAssumption => Source.StartsWith(AssumptionMark, StringComparison.Ordinal);

    /// <summary>A sum of money, kept exactly.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="amount">The sum.</param>
    /// <param name="currency">ISO 4217 code of the currency.</param>
    /// <param name="source">As in <see cref="Source"/>.</param>
    public static Figure Money(string name, decimal amount, string currency, string source) => new(name, (double)amount, currency, source) { Amount = amount };

    /// <summary>Name, number, unit and source on one line, by the invariant culture.</summary>
    public override string ToString()
    {
        string number = Amount?.ToString(CultureInfo.InvariantCulture) ?? Value.ToString("G6", CultureInfo.InvariantCulture);
        return $"{Name} = {number}{(Unit.Length > 0 ? " " + Unit : "")} ({Source})";
    }
}
