// The published tables are whole, and say what the primer counts in them.
using Fathom.Evaluation.Benchmarks;

namespace Fathom.Evaluation.Tests.Benchmarks;

public sealed class PublishedScoresTests
{
    [Fact]
    public void Evaluation_Has21BenchmarksOfSixModels()
    {
        Assert.Equal(21, PublishedScores.Evaluation.Select(score => score.Title).Distinct().Count());
        Assert.Equal(6, PublishedScores.Evaluation.Select(score => score.Model).Distinct().Count());
        // o1-1217 has no score on ten of them.
        Assert.Equal(21 * 6 - 10, PublishedScores.Evaluation.Count);
        Assert.Equal(11, PublishedScores.Evaluation.Count(score => score.Model == "OpenAI-o1-1217"));
        Assert.All(PublishedScores.Evaluation.GroupBy(score => score.Title), group => Assert.InRange(group.Count(), 5, 6));
    }

    // Column sums, by which a slip of a digit anywhere shows; added up from the primer's text, not from the table here.
    [Theory]
    [InlineData("Claude-3.5-Sonnet-1022", 1930.3)]
    [InlineData("GPT-4o-0513", 1903.5)]
    [InlineData("DeepSeek-V3", 2482.5)]
    [InlineData("OpenAI-o1-mini", 3176.6)]
    [InlineData("OpenAI-o1-1217", 2811.9)]
    [InlineData("DeepSeek-R1", 3605.1)]
    public void Evaluation_ColumnSums(string model, double sum) =>
        Assert.Equal(sum, PublishedScores.Evaluation.Where(score => score.Model == model).Sum(score => score.Value), 1e-6);

    [Fact]
    public void Evaluation_R1WinsWhatThePrimerCounts()
    {
        // 6 of 10 English benchmarks, 1 of 5 on code (o1-1217 wins 3), 3 of 3 in mathematics, 2 of 3 Chinese ones.
        string[] winners = [.. PublishedScores.Evaluation.GroupBy(score => score.Title).Select(group => group.MaxBy(score => score.Value)!.Model)];
        Assert.Equal(6, winners[..10].Count(winner => winner == "DeepSeek-R1"));
        Assert.Equal(1, winners[10..15].Count(winner => winner == "DeepSeek-R1"));
        Assert.Equal(3, winners[10..15].Count(winner => winner == "OpenAI-o1-1217"));
        Assert.Equal(3, winners[15..18].Count(winner => winner == "DeepSeek-R1"));
        Assert.Equal(2, winners[18..].Count(winner => winner == "DeepSeek-R1"));
    }

    [Fact]
    public void Distilled_HasTenModelsWithSixScores()
    {
        Assert.Equal(60, PublishedScores.Distilled.Count);
        Assert.All(PublishedScores.Distilled.GroupBy(score => score.Model), model => Assert.Equal(6, model.Count()));
        Assert.Equal(6, PublishedScores.Distilled.Select(score => score.Model).Distinct().Count(model => model.Contains("Distill", StringComparison.Ordinal)));
        Assert.Equal([28.9, 52.7, 83.9, 33.8, 16.9, 954], PublishedScores.Distilled.Where(score => score.Model == "DeepSeek-R1-Distill-Qwen-1.5B").Select(score => score.Value));
        Assert.Equal([70.0, 86.7, 94.5, 65.2, 57.5, 1633], PublishedScores.Distilled.Where(score => score.Model == "DeepSeek-R1-Distill-Llama-70B").Select(score => score.Value));
        // What both tables have is the same in both.
        foreach (PublishedScore score in PublishedScores.Distilled)
            if (PublishedScores.Evaluation.FirstOrDefault(other => (other.Model, other.Benchmark, other.Metric) == (score.Model, score.Benchmark, score.Metric)) is { } other)
                Assert.Equal(other.Value, score.Value);
    }

    [Fact]
    public void On_GivesEveryModelOnce_FromTheBest()
    {
        IReadOnlyList<PublishedScore> aime = PublishedScores.On("aime", "passAt1");
        Assert.Equal(14, aime.Count);
        Assert.Equal(14, aime.Select(score => score.Model).Distinct().Count());
        Assert.Equal(("DeepSeek-R1", 79.8), (aime[0].Model, aime[0].Value));
        Assert.Equal(("GPT-4o-0513", 9.3), (aime[^1].Model, aime[^1].Value));
        Assert.Equal(10, PublishedScores.On("aime", "consAt64").Count);
        Assert.Equal(24, PublishedScores.On("aime").Count);
        Assert.Equal(5, PublishedScores.On("mmlu-pro").Count);
        Assert.Empty(PublishedScores.On("gsm8k"));
        Assert.All(PublishedScores.On("codeforces"), score => Assert.Contains(score.Metric, new[] { "rating", "percentile" }));
    }

    [Fact]
    public void WhereSourcesDisagree_BothValuesAreKept()
    {
        Assert.Equal((71.0, 77.9), Both("aime", "DeepSeek-R1-Zero"));
        Assert.Equal((50.0, 44.0), Both("aime", "QwQ-32B-Preview"));
        Assert.Equal((38.9, 33.8), Both("livecodebench", "Claude-3.5-Sonnet-1022"));
        Assert.Equal((36.2, null), Both("livecodebench", "DeepSeek-V3"));
        Assert.Equal(5, PublishedScores.Evaluation.Concat(PublishedScores.Distilled).Concat(PublishedScores.Zero).Count(score => score.Other is not null));

        static (double, double?) Both(string benchmark, string model)
        {
            PublishedScore score = PublishedScores.On(benchmark, "passAt1").Single(score => score.Model == model);
            return (score.Value, score.Other!.Value);
        }
    }

    // A name that no reader has is one of these; any other is a slip.
    [Fact]
    public void Benchmarks_HaveTheReadersNames()
    {
        string[] without = ["frames", "alpaca-eval", "arena-hard", "swe-bench-verified", "aider-polyglot", "cnmo", "c-simpleqa"];
        Assert.All(PublishedScores.Evaluation.Concat(PublishedScores.Distilled), score =>
            Assert.True(without.Contains(score.Benchmark) || BenchmarkFormats.All.Any(format => format.Name == score.Benchmark), score.Benchmark));
    }
}
