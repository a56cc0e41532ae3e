// A claim as the page shows it: what is claimed and what came of it, curves of what was measured, and folded underneath all numbers.

using System.Globalization;
using Fathom.Planning;

namespace Fathom.Claims.Page;

/// <summary>Writes a claim.</summary>
static class ClaimRow
{
    // More are folded away.
    const int MostValues = 8;

    /// <summary>The claim.</summary>
    public static Markup Of(Claim claim)
    {
        string verdict = ClaimsPage.ClassOf(claim.Verdict);
        Markup row = Markup.Of($"<article class=\"claim\" id=\"{claim.Id}\"><a href=\"#{claim.Id}\">{claim.Id}</a>\n<div><h3>{claim.Statement}</h3><p>{claim.Value}</p>");
        if (claim.Measurement is { } measurement)
            row.Add($"{Measured(measurement)}");
        if (claim.Figures.Count > 0)
            row.Add($"<details><summary>{(claim.Figures.Count == 1 ? "1 figure with its source" : $"{claim.Figures.Count} figures with their sources")}</summary>{Plate.Scrolling($"{claim.Id}: figures", Figures(claim))}</details>");
        return row.Add($"</div>\n<aside><span class=\"badge {verdict}\"><span aria-hidden=\"true\">{ClaimsPage.SignOf(claim.Verdict)} </span>{claim.VerdictText}</span><p>{claim.KindText} · in {Documents(claim.Source)}</p><p><code>{claim.Command}</code></p></aside></article>\n");
    }

    // Short names of documents say which they are.
    static Markup Documents(string source) => Markup.Each(source.Split(' ').Index(), word =>
        Markup.Of($"{(word.Index > 0 ? " " : "")}{(ClaimCatalog.Documents.TryGetValue(word.Item, out string? title) ? Markup.Of($"<abbr title=\"{title}\">{word.Item}</abbr>") : Markup.Of($"{word.Item}"))}"));

    static Markup Figures(Claim claim) => Plate.Table($"Figures of {claim.Id}", ["figure", ">value", "unit", "source"], claim.Figures.Select(figure => (object[])[figure.Name, Value(figure), figure.Unit, figure.Source]));

    static string Value(Figure figure) => figure.Amount?.ToString("#,0.####", CultureInfo.InvariantCulture) ?? Quantity.Number(figure.Value);

    static Markup Measured(Measurement measurement)
    {
        string seeds = measurement.Seeds.Count switch { 0 => "nothing random", 1 => $"seed {measurement.Seeds[0]}", _ => $"seeds {string.Join(", ", measurement.Seeds)}" };
        Markup values = Plate.Table(
            $"Measured: mean and standard deviation over n runs; {seeds}", ["value", ">mean", ">± deviation", "unit", ">n"],
            measurement.Values.Select(value => (object[])[value.Name, Quantity.Number(value.Mean), value.Deviation is { } deviation ? "± " + Quantity.Number(deviation) : "–", value.Unit, value.Runs]));
        Markup table = Markup.Of($"<div class=\"measured\">{Plate.Scrolling($"{measurement.Id}: measured values", values)}</div>\n");
        bool folds = measurement.Values.Count > MostValues;
        return Markup.Of($"{CurveFigure.Draw(measurement)}{(folds ? Markup.Empty : table)}")
            .Add($"<details><summary>{(folds ? $"How it was measured, and {measurement.Values.Count} values" : "How it was measured")}</summary>{(folds ? table : Markup.Empty)}<p>{measurement.Summary}</p><p class=\"note\">{measurement.Method}</p><p class=\"note\">{measurement.Date}, {measurement.Machine}. <code>{measurement.Command}</code></p></details>");
    }
}
