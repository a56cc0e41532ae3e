// `fathom claims`: every claim of the source documents, put to the test.
using System.CommandLine;
using System.Globalization;
using Fathom.Claims;
using Fathom.Claims.Experiments;
using Fathom.Claims.Page;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Planning;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>claims</c>.</summary>
static class ClaimsVerb
{
    static readonly Argument<string[]> s_ids = new("ID") { Description = "Only these rows, such as C1 or A4. Default: all.", Arity = ArgumentArity.ZeroOrMore };

    static readonly Option<string?> s_measure = new("--measure")
    {
        Description = $"Run the experiment of this claim, here and now: {string.Join(", ", ExperimentCatalog.All.Select(experiment => $"{experiment.Id} ({experiment.Minutes} min)"))}; minutes on two quiet cores.",
        HelpName = "ID",
    };

    static readonly Option<string?> s_results = new("--results")
    {
        Description = $"Folder of your own results, which stand in the place of the recorded ones. --measure writes there; its default is {DefaultResults}.",
        HelpName = "DIR",
    };

    static readonly Option<ulong[]> s_seeds = new("--seeds")
    {
        Description = "Seeds of the experiment, separated by commas; one run for each.",
        HelpName = "N,...",
        DefaultValueFactory = _ => [.. ExperimentSettings.RecordedSeeds],
        CustomParser = result =>
        {
            List<ulong> seeds = [];
            foreach (string word in result.Tokens[0].Value.Split(','))
            {
                if (ulong.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ulong seed) && !seeds.Contains(seed) && seeds.Count < MostSeeds)
                    seeds.Add(seed);
                else
                    result.AddError($"--seeds is {result.Tokens[0].Value}; up to {MostSeeds} different whole numbers of at least 0 are allowed, separated by commas");
            }
            return [.. seeds];
        },
    };

    static readonly Option<string?> s_html = new("--html") { Description = "Write a page of its own with the claims and the documents' figures drawn anew.", HelpName = "FILE" };

    const string DefaultResults = "claims";

    const int MostSeeds = 100;

    public static Verb Create() => new Verb(
        "claims", "Every claim of the documents about DeepSeek's cost, architecture and training: computed, measured or corrected, with its source and the command that shows it.",
        "claims", "claims C1 A1 P5 --explain", "claims --html claims.html", "claims --measure A6", "claims --results claims --json")
    {
        s_ids, s_html, s_measure, s_results, s_seeds, CommonOptions.Threads, PlanFlags.Explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string[] ids = parsed.GetValue(s_ids)!;
        string? results = parsed.GetValue(s_results);
        if (parsed.GetValue(s_measure) is { } measured)
        {
            if (ids.Length > 0)
                throw CommandException.Usage($"--measure shows the claim that it measured; leave {ids[0]} out.");
            results ??= DefaultResults;
            ids = [Measure(measured, results, parsed.GetValue(s_seeds)!)];
        }
        IReadOnlyList<ClaimTopic> topics = Chosen(ClaimCatalog.Topics(results is null ? Measurement.Recorded : Measurement.RecordedAnd(results)), ids);
        if (parsed.GetValue(s_html) is { } html)
        {
            ClaimsPage.Write(html, topics);
            Console.Error.WriteLine($"Wrote {html}.");
            if (!parsed.GetValue(CommonOptions.Json))
                return Endings.Fine;
        }
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

    static string Measure(string id, string results, IReadOnlyList<ulong> seeds)
    {
        Experiment experiment = ExperimentCatalog.Find(id);
        // Experiments share the runs that are the same.
        string runs = Path.Combine(results, "runs");
        Directory.CreateDirectory(runs);
        using CancellationTokenSource cancellation = new();
        using Interruption interruption = new(() =>
        {
            Console.Error.WriteLine("Stopping at the end of this step; what is done is kept.");
            cancellation.Cancel();
        });
        try
        {
            Measurement result = WorkDisplay.Show(experiment.Title, report => experiment.Run(new ExperimentSettings(seeds, runs) { Progress = report, Cancellation = cancellation.Token }));
            AtomicFile.WriteText(Path.Combine(results, $"{experiment.Id}.json"), result.ToJson());
            return experiment.Id;
        }
        catch (OperationCanceledException)
        {
            throw CommandException.Failure($"{experiment.Id} was stopped; the same command goes on from {runs}.");
        }
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
