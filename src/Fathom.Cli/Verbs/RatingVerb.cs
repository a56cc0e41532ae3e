// `fathom rating`: a Codeforces-style rating from contest standings and a model's submissions.
using System.CommandLine;
using System.Globalization;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Metrics;
using Fathom.Evaluation.Runs;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>rating</c>.</summary>
static class RatingVerb
{
    static readonly Argument<string> s_submissions = new("SUBMISSIONS")
    {
        Description = "Folder of an evaluation on Codeforces problems, whose ids are CONTEST/PROBLEM (samples are the submissions, in order), or JSON: {\"CONTEST\": {\"PROBLEM\": [false, true]}}.",
    };

    static readonly Option<string> s_standings = new("--standings")
    {
        Description = "JSON with the contests: [{\"name\", \"problems\": [{\"name\", \"points\"}], \"participants\": [{\"rating\", \"points\", \"penalty\"}]}].",
        HelpName = "FILE",
        Required = true,
    };

    static readonly Option<int> s_tries = new Option<int>("--tries") { Description = "Submissions that count per problem.", HelpName = "N", DefaultValueFactory = _ => ContestRating.DefaultTries }.Within(1, 10_000);

    public static Verb Create() => new Verb(
        "rating", "Rates a model as CodeElo does: in each contest the rating at which its rank among the humans is expected; the mean over contests, with the recipe that it rests on.",
        "rating evaluations/my-model-codeforces --standings contests.json",
        "rating submissions.json --standings contests.json --tries 1 --json")
    {
        s_submissions, s_standings, s_tries, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string path = parsed.GetValue(s_submissions)!, standings = parsed.GetValue(s_standings)!;
        foreach (string file in new[] { path, standings })
            if (!Path.Exists(file))
                throw CommandException.Usage($"there is no file '{file}'.");
        IReadOnlyList<ContestStandings> contests = ContestStandings.Read(standings);
        IReadOnlyDictionary<string, Dictionary<string, bool[]>> submissions = Directory.Exists(path) ? OfEvaluation(path) : ContestStandings.ReadSubmissions(path);
        ContestRating rating = ContestRating.Of(contests, submissions, parsed.GetValue(s_tries));
        double[] humans = [.. contests.SelectMany(contest => contest.Participants).Select(human => human.Rating)];
        double percentile = ContestRating.Percentile(rating.Mean.Mean, humans);
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new
            {
                Rating = rating.Mean.Mean,
                rating.Mean.StandardError,
                rating.Mean.Interval?.Low,
                rating.Mean.Interval?.High,
                Percentile = percentile,
                rating.Contests,
                rating.Recipe,
            });
            return Endings.Fine;
        }
        Table table = Terminal.Table("contest", ">points", ">penalty", ">rank", ">of", ">rating");
        foreach (ContestResult contest in rating.Contests)
            table.Add(contest.Contest, Text(contest.Points), Text(contest.Penalty), Text(contest.Rank), Text(contest.Participants), Text(contest.Rating));
        Terminal.Write(table);
        string interval = rating.Mean is { StandardError: { } error, Interval: { } range } ? Terminal.Invariant($" ± {error:0}, 95% between {range.Low:0} and {range.High:0}") : "";
        Console.Out.WriteLine(Terminal.Invariant($"Rating {rating.Mean.Mean:0}{interval}; above {percentile:0.0}% of these contests' participants."));
        Console.Out.WriteLine(rating.Recipe);
        return Endings.Fine;
    }

    // What could not be graded was never submitted.
    static Dictionary<string, Dictionary<string, bool[]>> OfEvaluation(string folder)
    {
        IReadOnlyList<EvaluationSample> samples = EvaluationFolder.ReadSamples(folder);
        if (samples.FirstOrDefault(sample => sample.Id.Split('/').Length != 2) is { } other)
            throw CommandException.Failure($"'{folder}': the problem '{other.Id}' has no id of the form CONTEST/PROBLEM.");
        return samples.Where(sample => sample.Outcome != Outcome.Failed).GroupBy(sample => sample.Id.Split('/')[0]).ToDictionary(
            contest => contest.Key,
            contest => contest.GroupBy(sample => sample.Id.Split('/')[1]).ToDictionary(problem => problem.Key, problem => problem.Select(sample => sample.Outcome == Outcome.Right).ToArray()));
    }

    static string Text(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
