// `fathom claims`: every claim of the source documents, put to the test.
using System.CommandLine;
using Fathom.Claims;
using Fathom.Models.Configs;
using Fathom.Planning;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>claims</c>.</summary>
static class ClaimsVerb
{
    static readonly Argument<string[]> s_ids = new("ID") { Description = "Only these rows, such as C1 or A4. Default: all.", Arity = ArgumentArity.ZeroOrMore };

    public static Verb Create() => new Verb(
        "claims", "Every claim of the documents about DeepSeek's cost, architecture and training: computed, measured or corrected, with its source and the command that shows it.",
        "claims", "claims C1 A1 P5 --explain", "claims --json")
    {
        s_ids, PlanFlags.Explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        IReadOnlyList<ClaimTopic> topics = Chosen(ClaimCatalog.Topics(Measurement.Recorded), parsed.GetValue(s_ids)!);
        bool explain = parsed.GetValue(PlanFlags.Explain);
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(topics.SelectMany(topic => topic.Claims).Select(claim => new
            {
                claim.Id,
                Claim = claim.Statement,
                claim.Source,
                Verdict = claim.VerdictText,
                claim.Value,
                Kind = claim.KindText,
                claim.Command,
                Explain = explain ? claim.Figures : null,
            }));
            return Endings.Fine;
        }
        foreach (ClaimTopic topic in topics)
        {
            Terminal.Out.MarkupLine($"[bold]{Markup.Escape(topic.Title)}[/]");
            foreach (Claim claim in topic.Claims)
                Print(claim, explain);
            Terminal.Out.WriteLine();
        }
        foreach ((string name, string title) in ClaimCatalog.Documents)
            Terminal.Out.MarkupLine($"[dim]{name}: {Markup.Escape(title)}[/]");
        return Endings.Fine;
    }

    static void Print(Claim claim, bool explain)
    {
        Grid grid = new Grid().AddColumn(new GridColumn().Width(5).PadLeft(0).NoWrap()).AddColumn(new GridColumn().Width(17).NoWrap()).AddColumn(new GridColumn());
        grid.AddRow(new Markup($"[bold]{claim.Id}[/]"), new Markup($"[{Colour(claim.Verdict)}]{claim.VerdictText}[/]"), new Spectre.Console.Text($"{claim.Statement} ({claim.Source})"));
        grid.AddRow(new Spectre.Console.Text(""), new Markup($"[dim]{claim.KindText.Replace(", ", ",\n", StringComparison.Ordinal)}[/]"), new Spectre.Console.Text(claim.Value));
        grid.AddRow(new Spectre.Console.Text(""), new Spectre.Console.Text(""), new Markup($"[dim]{Markup.Escape(claim.Command)}[/]"));
        Terminal.Out.Write(grid);
        if (explain)
            PlanFlags.Print(claim.Figures);
    }

    static string Colour(Verdict verdict) => verdict switch
    {
        Verdict.Holds or Verdict.Reproduced => "green",
        Verdict.Corrected => "yellow",
        Verdict.NotReproduced => "red",
        Verdict.Quoted => "blue",
        _ => "dim",
    };

    static IReadOnlyList<ClaimTopic> Chosen(IReadOnlyList<ClaimTopic> topics, string[] ids)
    {
        if (ids.Length == 0)
            return topics;
        string[] known = [.. topics.SelectMany(topic => topic.Claims).Select(claim => claim.Id)];
        if (ids.FirstOrDefault(id => !known.Contains(id, StringComparer.OrdinalIgnoreCase)) is { } unknown)
            throw CommandException.Usage($"there is no claim '{unknown}'; did you mean '{NearestName.Of(unknown, known)}'? Claims: {string.Join(", ", known)}.");
        return [.. topics.Select(topic => topic with { Claims = [.. topic.Claims.Where(claim => ids.Contains(claim.Id, StringComparer.OrdinalIgnoreCase))] }).Where(topic => topic.Claims.Count > 0)];
    }
}
