// report.html of an evaluation: one page without scripts or outside files: the numbers with their uncertainty, how they came about, and
// samples to read, since a score that nobody has looked behind is not one to trust.
using System.Net;
using System.Text;
using Fathom.Evaluation.Graders;
using static System.FormattableString;

namespace Fathom.Evaluation.Runs;

/// <summary>A number that somebody published, to stand beside one's own.</summary>
/// <param name="Model">The model.</param>
/// <param name="Metric">What was measured, as in <c>pass@1</c>.</param>
/// <param name="Value">In percent, or rating points.</param>
/// <param name="Source">Where it stands.</param>
public sealed record ReferenceScore(string Model, string Metric, double Value, string Source);

/// <summary>Makes the page.</summary>
public static class EvaluationReport
{
    const int ShownProblems = 12, ShownResponses = 2, ShownCharacters = 4000;
    const double Width = 400, Height = 190, Left = 42, Right = 12, Top = 12, Bottom = 28;

    /// <summary>The page.</summary>
    /// <param name="manifest">What was evaluated.</param>
    /// <param name="summary">What came out.</param>
    /// <param name="samples">All samples, in order.</param>
    /// <param name="references">Published numbers; may be empty.</param>
    public static string Render(EvaluationManifest manifest, EvaluationSummary summary, IReadOnlyList<EvaluationSample> samples, IReadOnlyList<ReferenceScore> references)
    {
        StringBuilder page = new();
        page.Append(ReportFrame.Head($"{manifest.Task}: {manifest.Model}"));
        page.Append(Invariant($"<header><h1>{Html(manifest.Task)}</h1><p>{Html(manifest.Model)}{(manifest.Endpoint is { } endpoint ? $" at {Html(endpoint)}" : "")}</p></header>\n"));
        AppendTiles(page, summary);
        page.Append("<h2>Curves</h2>\n<div class=\"charts\" style=\"margin-top:14px\">\n");
        AppendScores(page, summary);
        AppendLengths(page, samples);
        AppendDifficulty(page, samples);
        page.Append("</div>\n");
        AppendParts(page, summary);
        AppendReferences(page, summary, references);
        AppendSamples(page, samples);
        AppendRecipe(page, manifest);
        page.Append(ReportFrame.End($"Made by Fathom from the files beside this page: {EvaluationManifest.FileName}, {EvaluationFolder.SamplesFile}, {EvaluationFolder.SummaryFile}."));
        return page.ToString();
    }

    static void AppendTiles(StringBuilder page, EvaluationSummary summary)
    {
        List<(string Value, string Label)> tiles =
        [
            (Percent(summary.PassAt1), summary is { Low: { } low, High: { } high } ? $"pass@1, 95% between {Percent(low)} and {Percent(high)}" : "pass@1"),
        ];
        if (summary.AtK.Count > 0)
        {
            ScoreAtK most = summary.AtK[^1];
            tiles.Add((Percent(most.Cons.Mean), $"cons@{most.K}"));
            tiles.Add((Percent(most.Pass.Mean), $"pass@{most.K}"));
        }
        tiles.Add((Invariant($"{summary.Problems:#,0} × {summary.Samples}"), "problems × responses"));
        tiles.Add((Invariant($"{summary.MeanTokens:#,0}"), "tokens per response"));
        tiles.Add((Percent(summary.TruncatedShare), "cut off by the length limit"));
        if (summary.Failed > 0)
            tiles.Add((Invariant($"{summary.Failed:#,0}"), "responses that could not be graded"));
        if (summary.TokensPerSolved is { } tokens)
            tiles.Add((Invariant($"{tokens:#,0}"), "tokens per right response"));
        if (summary.MoneyPerSolved is { } money)
            tiles.Add((Invariant($"{money:0.######}"), "money per right response"));
        page.Append(ReportFrame.Tiles(tiles));
    }

    // pass@k and cons@k over k.
    static void AppendScores(StringBuilder page, EvaluationSummary summary)
    {
        if (summary.AtK.Count == 0)
            return;
        (int K, double Pass, double Cons)[] points = [(1, summary.PassAt1, summary.PassAt1), .. summary.AtK.Select(at => (at.K, at.Pass.Mean, at.Cons.Mean))];
        double X(int k) => Left + Math.Log2(k) / Math.Log2(points[^1].K) * (Width - Left - Right);
        Open(page, "pass@k and cons@k", "Violet: at least one of k responses is right. Green: the vote of k responses is right. Over the number k of responses taken together.");
        Axis(page, share => Percent0(share));
        foreach ((int k, _, _) in points)
            page.Append(Invariant($"<text class=\"tick x\" x=\"{X(k):0.#}\" y=\"{Height - 10}\">{k}</text>"));
        foreach ((string kind, Func<(int K, double Pass, double Cons), double> value) in new (string, Func<(int K, double Pass, double Cons), double>)[] { ("evaluate", p => p.Pass), ("rl", p => p.Cons) })
        {
            page.Append(Invariant($"<polyline class=\"line {kind}\" points=\"{string.Join(' ', points.Select(p => Invariant($"{X(p.K):0.#},{Y(value(p)):0.#}")))}\"/>"));
            foreach ((int K, double Pass, double Cons) p in points)
                page.Append(Invariant($"<circle class=\"dot {kind}\" cx=\"{X(p.K):0.#}\" cy=\"{Y(value(p)):0.#}\" r=\"3.5\"><title>k = {p.K}: {Percent(value(p))}</title></circle>"));
        }
        page.Append("</svg></figure>\n");
    }

    // How long right and wrong responses are.
    static void AppendLengths(StringBuilder page, IReadOnlyList<EvaluationSample> samples)
    {
        const int bins = 24;
        int longest = Math.Max(1, samples.Max(sample => sample.Tokens));
        double step = Math.Max(1, Math.Ceiling(longest / (double)bins));
        int[,] counts = new int[bins + 1, 2];
        foreach (EvaluationSample sample in samples)
            counts[(int)(sample.Tokens / step), sample.Outcome == Outcome.Right ? 1 : 0]++;
        int used = (int)(longest / step) + 1, most = Math.Max(1, Enumerable.Range(0, used).Max(bin => counts[bin, 0] + counts[bin, 1]));
        double width = (Width - Left - Right) / used;
        Open(page, "Response length", "Responses by length in tokens. Green: right; red: wrong or not graded.");
        Axis(page, share => Invariant($"{share * most:0}"));
        for (int bin = 0; bin < used; bin++)
        {
            double x = Left + bin * width, right = counts[bin, 1] / (double)most, all = right + counts[bin, 0] / (double)most;
            page.Append(Invariant($"<rect x=\"{x + 0.5:0.#}\" width=\"{width - 1:0.#}\" y=\"{Y(right):0.#}\" height=\"{Y(0) - Y(right):0.#}\" fill=\"var(--right)\"><title>{bin * step:#,0} to {(bin + 1) * step - 1:#,0} tokens: {counts[bin, 1]} right</title></rect>"));
            page.Append(Invariant($"<rect x=\"{x + 0.5:0.#}\" width=\"{width - 1:0.#}\" y=\"{Y(all):0.#}\" height=\"{Y(right) - Y(all):0.#}\" fill=\"var(--wrong)\"><title>{bin * step:#,0} to {(bin + 1) * step - 1:#,0} tokens: {counts[bin, 0]} wrong</title></rect>"));
        }
        foreach (double share in new[] { 0, 0.5, 1 })
            page.Append(Invariant($"<text class=\"tick x\" x=\"{Left + share * (Width - Left - Right):0.#}\" y=\"{Height - 10}\">{share * used * step:#,0}</text>"));
        page.Append("</svg></figure>\n");
    }

    // How many problems are solved how often.
    static void AppendDifficulty(StringBuilder page, IReadOnlyList<EvaluationSample> samples)
    {
        int[] rights = [.. samples.GroupBy(sample => sample.Problem).Select(problem => problem.Count(sample => sample.Outcome == Outcome.Right))];
        int most = samples.Max(sample => sample.Sample) + 1;
        int[] counts = new int[most + 1];
        foreach (int right in rights)
            counts[right]++;
        int highest = Math.Max(1, counts.Max());
        double width = (Width - Left - Right) / (most + 1);
        Open(page, "Problems by right responses", "How many problems have how many right responses: at the ends those that are always missed and always solved.");
        Axis(page, share => Invariant($"{share * highest:0}"));
        for (int right = 0; right <= most; right++)
        {
            double share = counts[right] / (double)highest, x = Left + right * width;
            page.Append(Invariant($"<rect x=\"{x + 0.5:0.#}\" width=\"{Math.Max(1, width - 1):0.#}\" y=\"{Y(share):0.#}\" height=\"{Y(0) - Y(share):0.#}\" fill=\"var(--evaluate)\"><title>{counts[right]} problems with {right} of {most} right</title></rect>"));
            if (most <= 16 || right % (most / 8) == 0)
                page.Append(Invariant($"<text class=\"tick x\" x=\"{x + width / 2:0.#}\" y=\"{Height - 10}\">{right}</text>"));
        }
        page.Append("</svg></figure>\n");
    }

    static void AppendParts(StringBuilder page, EvaluationSummary summary)
    {
        if (summary.Parts.Count == 0)
            return;
        page.Append("<h2>The grader's other numbers</h2>\n<div class=\"card\"><table><tr><th>part</th><th>mean</th><th>over</th></tr>\n");
        foreach (PartMean part in summary.Parts)
            page.Append(Invariant($"<tr><td>{Html(part.Name)}</td><td>{part.Mean:0.0000}</td><td>{part.Count:#,0.##}</td></tr>\n"));
        page.Append("</table></div>\n");
    }

    static void AppendReferences(StringBuilder page, EvaluationSummary summary, IReadOnlyList<ReferenceScore> references)
    {
        if (references.Count == 0)
            return;
        page.Append("<h2>Published scores</h2>\n<p class=\"note\">Made by others with their own prompts, samples and graders: a comparison of sizes, not a ranking.</p>\n<div class=\"card\"><table><tr><th>model</th><th>metric</th><th>score</th><th>source</th></tr>\n");
        page.Append(Invariant($"<tr class=\"total\"><td>{Html(summary.Model)} (this page)</td><td>pass@1</td><td>{summary.PassAt1 * 100:0.0}</td><td></td></tr>\n"));
        foreach (ReferenceScore reference in references)
            page.Append(Invariant($"<tr><td>{Html(reference.Model)}</td><td>{Html(reference.Metric)}</td><td>{reference.Value:0.0}</td><td>{Html(reference.Source)}</td></tr>\n"));
        page.Append("</table></div>\n");
    }

    // Problems that are sometimes solved tell most; then those never solved, then the rest.
    static void AppendSamples(StringBuilder page, IReadOnlyList<EvaluationSample> samples)
    {
        page.Append("<h2>Samples</h2>\n<p class=\"note\">First problems that are sometimes solved, then missed and solved ones. Reasoning is dimmed. All samples stand in the file beside this page.</p>\n");
        List<List<EvaluationSample>> problems = [.. samples.GroupBy(sample => sample.Problem).Select(problem => problem.ToList())
            .OrderBy(problem => problem.Count(sample => sample.Outcome == Outcome.Right) is var right && right > 0 && right < problem.Count ? 0 : right == 0 ? 1 : 2)
            .ThenBy(problem => problem[0].Problem).Take(ShownProblems)];
        foreach (List<EvaluationSample> problem in problems)
        {
            EvaluationSample first = problem[0];
            page.Append(Invariant($"<div class=\"card sample\"><h3>{Html(Cut(first.Prompt))}</h3><p>{Html(first.Id.Length > 0 ? first.Id + " · " : "")}right answer: {Html(Cut(first.Reference))}</p><div class=\"answers\">"));
            // One right and one wrong response where there are both.
            foreach (EvaluationSample sample in problem.GroupBy(sample => sample.Outcome).Select(same => same.First()).Concat(problem).Distinct().Take(ShownResponses))
            {
                bool? isRight = sample.Outcome switch { Outcome.Right => true, Outcome.Wrong => false, _ => null };
                string note = $"{sample.Tokens} tokens{(sample.Truncated ? ", cut off" : "")}{(sample.Answer is { } answer ? $" · answer: {Cut(answer, 80)}" : " · no answer found")}{(sample.Reason is { } reason ? $" · {Cut(reason, 200)}" : "")}";
                page.Append(ReportFrame.Response(Html(note), isRight, Cut(sample.Response)));
            }
            page.Append("</div></div>\n");
        }
    }

    static void AppendRecipe(StringBuilder page, EvaluationManifest manifest)
    {
        page.Append("<h2>The recipe</h2>\n<p class=\"note\">What the numbers depend on. The same recipe gives the same samples.</p>\n<div class=\"card\"><pre>");
        page.Append(Html(manifest.ToJson())).Append("</pre></div>\n");
    }

    static void Open(StringBuilder page, string title, string note) => page.Append(Invariant(
        $"<figure><figcaption><h3>{Html(title)}</h3><p>{Html(note)}</p></figcaption><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Html(title)}\">"));

    static void Axis(StringBuilder page, Func<double, string> label)
    {
        foreach (double share in new[] { 0, 0.25, 0.5, 0.75, 1 })
            page.Append(Invariant($"<line class=\"grid\" x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{Y(share):0.#}\" y2=\"{Y(share):0.#}\"/><text class=\"tick y\" x=\"{Left - 7}\" y=\"{Y(share) + 3.5:0.#}\">{label(share)}</text>"));
    }

    static double Y(double share) => Top + (1 - share) * (Height - Top - Bottom);

    // The end of a response holds its answer.
    static string Cut(string text, int most = ShownCharacters) => text.Length <= most ? text : $"{text[..(most / 2)]} […] {text[^(most / 2)..]}";

    static string Percent(double share) => Invariant($"{share * 100:0.0}%");

    static string Percent0(double share) => Invariant($"{share * 100:0}%");

    static string Html(string text) => WebUtility.HtmlEncode(text);
}
