// The page of claims: one file without scripts or anything from outside. A summary, then topic by topic the documents' figures drawn anew from
// the program's own numbers, and every claim with what came of it.

using Fathom.Evaluation.Runs;
using Fathom.Models.Checkpoints;

namespace Fathom.Claims.Page;

/// <summary>Makes the page.</summary>
public static class ClaimsPage
{
    // Figures by the letter of the topic's claims.
    static readonly Dictionary<char, Func<IReadOnlyList<Claim>, Markup>> s_figures = new()
    {
        ['C'] = _ => Markup.Of($"{CostByPartFigure.Draw()}{PublishedHoursFigure.Draw()}"),
        ['D'] = _ => ScheduleFigure.Draw(),
        ['R'] = _ => Markup.Of($"{StagePipelineFigure.Draw()}{PolicyOptimisationFigure.Draw()}"),
        ['K'] = DistillationFigure.Draw,
        ['P'] = _ => PriceLadderFigure.Draw(),
        ['E'] = _ => BenchmarkFigure.Draw(),
    };

    /// <summary>Writes the page to a file.</summary>
    /// <param name="path">The file; it is replaced as a whole.</param>
    /// <param name="topics">The claims, as <see cref="ClaimCatalog.Topics"/> has them.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<ClaimTopic> topics) => AtomicFile.WriteText(path, Html(topics));

    /// <summary>The page, which is well-formed XML too.</summary>
    /// <param name="topics">The claims, as <see cref="ClaimCatalog.Topics"/> has them.</param>
    public static string Html(IReadOnlyList<ClaimTopic> topics)
    {
        Markup page = new();
        page.Add($"{Markup.Made(ReportFrame.Head("Claims about DeepSeek", PageStyle.Css))}");
        page.Add($"<header><h1>What is claimed about DeepSeek, and what came of it</h1><p>Four documents of early 2025, claim by claim: computed from stated inputs, measured on a small machine, or corrected with the source. The figures are drawn from these numbers.</p>");
        page.Add($"<dl>{Markup.Each(ClaimCatalog.Documents, document => Markup.Of($"<dt>{document.Key}</dt><dd>{document.Value}</dd>"))}</dl></header>\n");
        AddSummary(page, topics);
        foreach ((int index, ClaimTopic topic) in topics.Index())
            AddTopic(page, index, topic);
        page.Add($"{Markup.Made(ReportFrame.End("Made by Fathom: <code>fathom claims --html FILE</code>. Published numbers are their authors'; planned ones come from <code>fathom plan</code>, measured ones from the commands beside them."))}");
        return page.ToString();
    }

    static void AddSummary(Markup page, IReadOnlyList<ClaimTopic> topics)
    {
        ILookup<Verdict, Claim> claims = topics.SelectMany(topic => topic.Claims).ToLookup(claim => claim.Verdict);
        page.Add($"<div class=\"tiles\">{Markup.Each(Enum.GetValues<Verdict>(), verdict => Markup.Of($"<div class=\"tile\"><b class=\"{ClassOf(verdict)}\"><i aria-hidden=\"true\">{SignOf(verdict)}</i>{claims[verdict].Count()}</b><span>{Meaning(verdict)}</span></div>"))}</div>\n");
        page.Add($"<div class=\"card map\" role=\"group\" aria-label=\"all claims\">");
        foreach ((int index, ClaimTopic topic) in topics.Index())
            page.Add($"<span><a href=\"#topic-{index}\">{topic.Title}</a></span><div>{Markup.Each(topic.Claims, Chip)}</div>");
        page.Add($"</div>\n");
    }

    static Markup Chip(Claim claim) =>
        Markup.Of($"<a class=\"chip {ClassOf(claim.Verdict)}\" href=\"#{claim.Id}\" title=\"{claim.Statement}: {claim.VerdictText}\">{claim.Id} {SignOf(claim.Verdict)}</a>");

    static void AddTopic(Markup page, int index, ClaimTopic topic)
    {
        page.Add($"<section aria-labelledby=\"topic-{index}\"><h2 id=\"topic-{index}\">{topic.Title}</h2>\n");
        if (topic.Claims.Count > 0 && s_figures.TryGetValue(topic.Claims[0].Id[0], out Func<IReadOnlyList<Claim>, Markup>? figures))
            page.Add($"{figures(topic.Claims)}");
        page.Add($"<div class=\"card claims\">{Markup.Each(topic.Claims, ClaimRow.Of)}</div></section>\n");
    }

    /// <summary>The style of a verdict.</summary>
    internal static string ClassOf(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    /// <summary>A sign for a verdict, so that it does not hang on colour.</summary>
    internal static string SignOf(Verdict verdict) => verdict switch
    {
        Verdict.Holds => "✓",
        Verdict.Corrected => "≠",
        Verdict.Quoted => "“",
        Verdict.Reproduced => "●",
        Verdict.NotReproduced => "✗",
        _ => "○",
    };

    static string Meaning(Verdict verdict) => verdict switch
    {
        Verdict.Holds => "hold: the numbers follow from their inputs",
        Verdict.Corrected => "corrected, with the source",
        Verdict.Quoted => "quoted: nothing here can check them",
        Verdict.Reproduced => "reproduced by an experiment",
        Verdict.NotReproduced => "not reproduced by the experiment",
        _ => "not measured yet",
    };
}
