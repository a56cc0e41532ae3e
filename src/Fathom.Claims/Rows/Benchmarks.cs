// E: the benchmark tables.

using Fathom.Evaluation.Benchmarks;
using Fathom.Planning;
using static Fathom.Claims.Rows.Row;

namespace Fathom.Claims.Rows;

static class Benchmarks
{
    /// <summary>The groups of the primer's figure, by benchmark and metric as the table has them.</summary>
    public static IReadOnlyList<(string Name, string[] Benchmarks)> Groups { get; } =
    [
        ("English", ["mmlu", "mmlu-redux", "mmlu-pro", "drop", "ifeval", "gpqa", "simpleqa", "frames", "alpaca-eval", "arena-hard"]),
        ("code", ["livecodebench", "codeforces", "swe-bench-verified", "aider-polyglot"]),
        ("mathematics", ["aime", "math", "cnmo"]),
        ("Chinese", ["cluewsc", "c-eval", "c-simpleqa"]),
    ];

    public static IReadOnlyList<Claim> All() => [Tables(), Wins()];

    static Claim Tables()
    {
        int scores = PublishedScores.Evaluation.Count + PublishedScores.Distilled.Count, disagree = PublishedScores.Evaluation.Concat(PublishedScores.Distilled).Count(score => score.Other is not null);
        return Quoted(
            "E1", "pass@1 and cons@64: the benchmark tables", "S3",
            Say($"recorded: {scores} published scores with their sources; {disagree} differ in another publication of the same makers; our pass@1 is the mean over k samples per problem, with its interval"),
            [.. PublishedScores.Evaluation.Where(score => score.Model == "DeepSeek-R1").Select(score => new Figure(score.Title, score.Value, "", score.Source))])
            .By("fathom eval --help");
    }

    static Claim Wins()
    {
        // "English" as in the table: the winner of a row has the greatest value.
        string[] winners = ["DeepSeek-R1", "OpenAI-o1-1217", "DeepSeek-R1", "DeepSeek-R1"];
        int[] claimed = [6, 3, 3, 2], counted = new int[claimed.Length], rows = new int[claimed.Length];
        List<Figure> figures = [];
        foreach (var row in PublishedScores.Evaluation.GroupBy(score => score.Title))
        {
            int group = Groups.ToList().FindIndex(group => group.Benchmarks.Contains(row.First().Benchmark));
            PublishedScore best = row.MaxBy(score => score.Value)!;
            rows[group]++;
            counted[group] += best.Model == winners[group] ? 1 : 0;
            figures.Add(new($"{row.Key}: {best.Model}", best.Value, "", best.Source));
        }
        return Computed(
            "E2", "Wins: R1 6 of 10 in English, o1-1217 3 of 5 in code, R1 3 of 3 in mathematics, R1 2 of 3 in Chinese", "S3", counted.SequenceEqual(claimed) && rows.SequenceEqual([10, 5, 3, 3]),
            $"counted from the table: {string.Join(", ", Groups.Select((group, i) => Say($"{group.Name} {counted[i]} of {rows[i]} ({winners[i]})")))}", figures);
    }
}
