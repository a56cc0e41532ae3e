// How rows are written: one line of what is claimed, then what came of it.

using System.Globalization;
using Fathom.Planning;

namespace Fathom.Claims.Rows;

static class Row
{
    /// <summary>Numbers that follow from their inputs or do not.</summary>
    public static Claim Computed(string id, string statement, string source, bool holds, string value, params IReadOnlyList<Figure> figures) =>
        new(id, statement, source, ClaimKind.Computed, holds ? Verdict.Holds : Verdict.Corrected, value, CommandOf(id), figures);

    /// <summary>Somebody else's figure, and what can be computed about it.</summary>
    public static Claim Quoted(string id, string statement, string source, string value, params IReadOnlyList<Figure> figures) =>
        new(id, statement, source, ClaimKind.Computed, Verdict.Quoted, value, CommandOf(id), figures);

    /// <summary>A claim that is wrong.</summary>
    public static Claim Corrected(string id, string statement, string source, string value, params IReadOnlyList<Figure> figures) =>
        new(id, statement, source, ClaimKind.Corrected, Verdict.Corrected, value, CommandOf(id), figures);

    /// <summary>What an experiment showed, or what it waits for.</summary>
    public static Claim Measured(string id, string statement, string source, IReadOnlyDictionary<string, Measurement> measured, string waitsFor) =>
        new Claim(id, statement, source, ClaimKind.Measured, Verdict.NotMeasured, $"not measured yet: waits for {waitsFor}", CommandOf(id), []).With(measured);

    /// <summary>A computed or corrected claim that an experiment was held against, too.</summary>
    public static Claim With(this Claim claim, IReadOnlyDictionary<string, Measurement> measured)
    {
        claim = claim with { Kind = claim.Kind | ClaimKind.Measured };
        if (!measured.TryGetValue(claim.Id, out Measurement? result))
        {
            return claim.Verdict == Verdict.NotMeasured ? claim : claim with { Value = $"{claim.Value}; not measured yet" };
        }
        // A correction stays one whatever small models do; a failed experiment is worth more than a sum that holds.
        Verdict verdict = claim.Verdict is Verdict.NotMeasured || claim.Verdict == Verdict.Holds && result.Verdict == Verdict.NotReproduced ? result.Verdict : claim.Verdict;
        return claim with
        {
            Verdict = verdict,
            Value = claim.Verdict == Verdict.NotMeasured ? result.Summary : $"{claim.Value}; measured: {result.Summary}",
            Command = result.Command,
            Figures = [.. claim.Figures, .. result.Values.Select(value => FigureOf(value, result))],
            Measurement = result,
        };
    }

    /// <summary>Gives the command that shows more than the claim's own sources.</summary>
    public static Claim By(this Claim claim, string command) => claim with { Command = command };

    /// <summary>Text by the invariant culture.</summary>
    public static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static string CommandOf(string id) => $"fathom claims {id} --explain";

    static Figure FigureOf(MeasuredValue value, Measurement result) => new(value.Name, value.Mean, value.Unit, Say(
        $"measured {result.Date} with '{result.Command}': {(value.Deviation is { } deviation ? $"mean of {value.Runs} runs, standard deviation {deviation.ToString("G3", CultureInfo.InvariantCulture)}" : value.Runs == 1 ? "one run" : $"{value.Runs} runs")}{(result.Seeds.Count > 0 ? $", seeds {string.Join(", ", result.Seeds)}" : "")}"));
}
