// The published benchmark tables, the best of every row marked and counted group by group, and where publications of the same makers differ.

using System.Globalization;
using Fathom.Claims.Rows;
using Fathom.Evaluation.Benchmarks;

namespace Fathom.Claims.Page;

/// <summary>Writes the benchmark tables.</summary>
static class BenchmarkFigure
{
    /// <summary>Both tables.</summary>
    public static Markup Draw() => Markup.Of($"{Evaluation()}{Distilled()}");

    static Markup Evaluation()
    {
        IReadOnlyList<PublishedScore> scores = PublishedScores.Evaluation;
        string[] models = [.. scores.Select(score => score.Model).Distinct()];
        List<PublishedScore> differing = [];
        Markup body = new();
        foreach ((string name, string[] benchmarks) in Benchmarks.Groups)
        {
            IGrouping<string, PublishedScore>[] rows = [.. scores.Where(score => benchmarks.Contains(score.Benchmark)).GroupBy(score => score.Title)];
            string[] winners = [.. rows.Select(row => row.MaxBy(score => score.Value)!.Model)];
            body.Add($"<tr class=\"group\"><th scope=\"rowgroup\">{name}: best of {rows.Length} in</th>{Markup.Each(models, model => Markup.Of($"<td class=\"n\">{winners.Count(winner => winner == model)}</td>"))}</tr>\n");
            foreach (IGrouping<string, PublishedScore> row in rows)
                body.Add($"<tr><th scope=\"row\">{row.Key}</th>{Markup.Each(models, model => Cell(row.FirstOrDefault(score => score.Model == model), row.Max(score => score.Value), differing))}</tr>\n");
        }
        return Plate.Of(
            "R1 and five others on 21 benchmarks",
            "As published with R1. ★: the best of a row; the shaded rows count them (claim E2). The makers measured all of them with their own prompts and graders, or copied others' reports.",
            Table("21 benchmarks, percent except Codeforces' rating", models, body), Markup.Empty)
            .Add($"{Notes(differing, scores[0].Source)}");
    }

    static Markup Distilled()
    {
        IReadOnlyList<PublishedScore> scores = PublishedScores.Distilled;
        (string Title, double Best)[] columns = [.. scores.GroupBy(score => score.Title).Select(column => (column.Key, column.Max(score => score.Value)))];
        List<PublishedScore> differing = [];
        Markup body = Markup.Each(scores.GroupBy(score => score.Model), model => Markup.Of(
            $"<tr><th scope=\"row\">{model.Key}</th>{Markup.Each(columns, column => Cell(model.FirstOrDefault(score => score.Title == column.Title), column.Best, differing))}</tr>\n"));
        return Plate.Of(
            "The distilled models beside four others", "★: the best of a column.",
            Table("Five benchmarks, percent except Codeforces' rating", [.. columns.Select(column => column.Title)], body), Markup.Empty)
            .Add($"{Notes(differing, scores[0].Source)}");
    }

    static Markup Table(string caption, string[] heads, Markup body) => Markup.Of(
        $"<table class=\"scores\"><caption>{caption}</caption><thead><tr><td></td>{Markup.Each(heads, head => Markup.Of($"<th scope=\"col\" class=\"n\">{head}</th>"))}</tr></thead><tbody>{body}</tbody></table>");

    static Markup Cell(PublishedScore? score, double best, List<PublishedScore> differing)
    {
        if (score is null)
            return Markup.Of($"<td class=\"n\">–</td>");
        if (score.Other is not null)
            differing.Add(score);
        string value = score.Metric == "rating" ? score.Value.ToString("0", CultureInfo.InvariantCulture) : score.Value.ToString("0.0", CultureInfo.InvariantCulture);
        Markup mark = score.Other is null ? Markup.Empty : Markup.Of($"<sup>{differing.Count}</sup>");
        return score.Value == best ? Markup.Of($"<td class=\"n best\">★ {value}{mark}</td>") : Markup.Of($"<td class=\"n\">{value}{mark}</td>");
    }

    static Markup Notes(List<PublishedScore> differing, string source) => Markup.Of(
        $"<div class=\"below\"><p class=\"note\">Source: {source}.{(differing.Count > 0 ? " Other publications of the same makers:" : "")}</p>{(differing.Count == 0 ? Markup.Empty : Markup.Of($"<ol class=\"note\">{Markup.Each(differing, score => Markup.Of($"<li>{score.Model}, {score.Title}: {Other(score)} ({score.Other!.Source})</li>"))}</ol>"))}</div>\n");

    static string Other(PublishedScore score) => score.Other!.Value is { } value ? value.ToString("0.0", CultureInfo.InvariantCulture) : "left out";
}
