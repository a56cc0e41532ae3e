// `fathom grade`: verdicts on recorded responses.
using System.CommandLine;
using System.Globalization;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Mathematics;
using Fathom.Evaluation.Metrics;
using Fathom.Evaluation.Runs;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>grade</c>.</summary>
static class GradeVerb
{
    static readonly Argument<string> s_file = new("FILE") { Description = "JSON lines: {\"answer\": ..., \"responses\": [...]}; other fields are allowed." };

    public static Verb Create() => new Verb(
        "grade", "Grades recorded responses to problems with a mathematical answer: takes the answer out of each response (boxed, after ####, 'the answer is', ...) and compares it with the right one.",
        "grade responses.jsonl",
        "grade responses.jsonl --json")
    {
        s_file, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string file = parsed.GetValue(s_file)!;
        if (!File.Exists(file))
            throw CommandException.Usage($"there is no file '{file}'.");
        List<RecordedResponses> problems = [.. RecordedResponses.Read(file)];
        long responses = problems.Sum(problem => (long)problem.Responses.Count);
        var verdicts = new Verdict[problems.Count][];
        double[] consensus = new double[problems.Count];
        WorkDisplay.Show("grading", "responses", report =>
        {
            long done = 0;
            var gate = new Lock();
            Parallel.For(0, problems.Count, i =>
            {
                RecordedResponses problem = problems[i];
                Verdict[] all = [.. problem.Responses.Select(response => MathGrader.Grade(problem.Answer, response))];
                MathAnswer?[] answers = [.. all.Select(verdict => verdict.Answer is { } answer ? MathAnswer.Parse(answer) : null)];
                verdicts[i] = all;
                consensus[i] = Consensus.At(
                    all.Length, [.. all.Select(verdict => verdict.Answer is null ? (bool?)null : verdict.Outcome == Outcome.Right)],
                    (a, b) => MathEquivalence.Compare(answers[a]!, answers[b]!) == Comparison.Equal);
                lock (gate)
                    report(done += all.Length, responses);
            });
            return true;
        });

        Estimate passAt1 = Estimate.OfShares([.. verdicts.Select(all => (double)all.Count(IsRight) / all.Length)]);
        Estimate consAtK = Estimate.OfShares(consensus);
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new
            {
                Problems = problems.Count,
                Responses = responses,
                PassAt1 = passAt1.Mean,
                ConsAtK = consAtK.Mean,
                passAt1.StandardError,
                passAt1.Interval?.Low,
                passAt1.Interval?.High,
                Verdicts = verdicts.Select(all => all.Select(IsRight)),
                Answers = verdicts.Select(all => all.Select(verdict => verdict.Answer)),
            });
            return Endings.Fine;
        }
        Table table = Terminal.Table(">problems", ">responses", ">right", ">pass@1", ">standard error", ">95% interval", ">cons@k");
        table.Add(
            Text(problems.Count), Text(responses), Text(verdicts.Sum(all => all.Count(IsRight))), Percent(passAt1.Mean), passAt1.StandardError is { } error ? Percent(error) : "",
            passAt1.Interval is { } interval ? $"{Percent(interval.Low)} - {Percent(interval.High)}" : "", Percent(consAtK.Mean));
        Terminal.Write(table);
        int silent = verdicts.Sum(all => all.Count(verdict => verdict.Answer is null));
        if (silent > 0)
            Console.Out.WriteLine($"{silent} responses have no answer that could be found.");
        return Endings.Fine;
    }

    static bool IsRight(Verdict verdict) => verdict.Outcome == Outcome.Right;

    static string Text(long count) => count.ToString(CultureInfo.InvariantCulture);

    static string Percent(double share) => Terminal.Invariant($"{share:0.0%}");
}
