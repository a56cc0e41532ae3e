// `fathom compare`: whether one evaluation's model is better than another's on the same problems.
using System.CommandLine;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Metrics;
using Fathom.Evaluation.Runs;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>compare</c>.</summary>
static class CompareVerb
{
    const int ShownProblems = 10, ShownCharacters = 60;

    static readonly Argument<string> s_first = new("A") { Description = "Folder of an evaluation." };

    static readonly Argument<string> s_second = new("B") { Description = "Folder of another one over the same problems." };

    public static Verb Create() => new Verb(
        "compare", "Compares two evaluations over the same problems, problem by problem: the difference of pass@1 with its 95% interval and the chance of such a difference between equals.",
        "compare runs/a/evaluations/gsm8k runs/b/evaluations/gsm8k",
        "compare evaluations/before evaluations/after --json")
    {
        s_first, s_second, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string first = parsed.GetValue(s_first)!, second = parsed.GetValue(s_second)!;
        EvaluationManifest a = EvaluationManifest.Read(first), b = EvaluationManifest.Read(second);
        if (a.DataHash != b.DataHash)
            throw CommandException.Failure($"'{first}' ({a.Task}, {a.Problems} problems, hash {a.DataHash[..12]}) and '{second}' ({b.Task}, {b.Problems} problems, hash {b.DataHash[..12]}) are not over the same problems.");
        Dictionary<int, double> scoresOfA = Scores(first), scoresOfB = Scores(second);
        int[] problems = [.. scoresOfA.Keys.Intersect(scoresOfB.Keys).Order()];
        if (problems.Length == 0)
            throw CommandException.Failure($"no problem has a graded response in both '{first}' and '{second}'.");
        double[] left = [.. problems.Select(problem => scoresOfA[problem])], right = [.. problems.Select(problem => scoresOfB[problem])];
        PairedComparison comparison = PairedComparison.Of(left, right);
        Estimate ofA = Estimate.OfShares(left), ofB = Estimate.OfShares(right);
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new
            {
                a.Task,
                Problems = problems.Length,
                A = new { a.Model, a.Samples, PassAt1 = ofA.Mean, ofA.StandardError },
                B = new { b.Model, b.Samples, PassAt1 = ofB.Mean, ofB.StandardError },
                Difference = comparison.Difference.Mean,
                comparison.Difference.StandardError,
                comparison.Difference.Interval?.Low,
                comparison.Difference.Interval?.High,
                comparison.PValue,
                comparison.Exact,
                ABetter = comparison.FirstBetter,
                BBetter = comparison.SecondBetter,
            });
            return Endings.Fine;
        }
        Table table = Terminal.Table("", "model", ">samples", ">pass@1", ">standard error", ">better on");
        table.Add("A", a.Model, $"{a.Samples}", Percent(ofA.Mean), Error(ofA), $"{comparison.FirstBetter}");
        table.Add("B", b.Model, $"{b.Samples}", Percent(ofB.Mean), Error(ofB), $"{comparison.SecondBetter}");
        Terminal.Write(table);
        string interval = comparison.Difference.Interval is { } range ? Terminal.Invariant($", 95% between {range.Low * 100:+0.0;-0.0;0.0} and {range.High * 100:+0.0;-0.0;0.0}") : "";
        Console.Out.WriteLine(Terminal.Invariant($"{a.Task}, {problems.Length} problems: B - A is {comparison.Difference.Mean * 100:+0.0;-0.0;0.0} points{interval}."));
        Console.Out.WriteLine(Terminal.Invariant($"Between equals a difference like this comes about with probability {comparison.PValue:0.####} (sign-flip test, {(comparison.Exact ? "exact" : "100,000 flips")})."));
        if (a with { Model = "", ModelHash = null } is var recipeOfA && (b with { Model = "", ModelHash = null }).DifferenceTo(recipeOfA) is { Length: > 0 } difference)
            Console.Out.WriteLine($"The recipes differ: {difference}");
        PrintChanges(second, problems, left, right);
        return Endings.Fine;
    }

    static void PrintChanges(string folder, int[] problems, double[] left, double[] right)
    {
        Dictionary<int, string> prompts = EvaluationFolder.ReadSamples(folder).GroupBy(sample => sample.Problem)
            .ToDictionary(problem => problem.Key, problem => problem.First() is var sample && sample.Id.Length > 0 ? sample.Id : sample.Prompt);
        int[] changed = [.. Enumerable.Range(0, problems.Length).Where(i => left[i] != right[i]).OrderByDescending(i => Math.Abs(right[i] - left[i])).ThenBy(i => i).Take(ShownProblems)];
        if (changed.Length == 0)
            return;
        Table table = Terminal.Table("largest changes", ">A", ">B");
        foreach (int i in changed)
        {
            string prompt = prompts[problems[i]].ReplaceLineEndings(" ");
            table.Add(prompt.Length <= ShownCharacters ? prompt : prompt[..ShownCharacters] + "...", Percent(left[i]), Percent(right[i]));
        }
        Terminal.Write(table);
    }

    // Share of right responses of every problem with a graded one.
    static Dictionary<int, double> Scores(string folder) => EvaluationFolder.ReadSamples(folder)
        .Where(sample => sample.Outcome != Outcome.Failed)
        .GroupBy(sample => sample.Problem)
        .ToDictionary(problem => problem.Key, problem => problem.Average(sample => sample.Outcome == Outcome.Right ? 1.0 : 0.0));

    static string Error(Estimate estimate) => estimate.StandardError is { } error ? Percent(error) : "";

    static string Percent(double share) => Terminal.Invariant($"{share:0.0%}");
}
