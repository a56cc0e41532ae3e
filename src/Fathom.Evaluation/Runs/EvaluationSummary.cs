// The numbers of an evaluation, each with what is needed to judge it: how many, how sure, how often nothing could be said.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Metrics;

namespace Fathom.Evaluation.Runs;

/// <summary>A mean over problems.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardError">Its standard error over problems; null for a single one.</param>
/// <param name="Low">Lower end of the 95% confidence interval.</param>
/// <param name="High">Upper end.</param>
public sealed record Score(double Mean, double? StandardError, double? Low, double? High)
{
    /// <summary>The score of an estimate.</summary>
    public static Score Of(Estimate estimate) => new(estimate.Mean, estimate.StandardError, estimate.Interval?.Low, estimate.Interval?.High);
}

/// <summary>pass@k and cons@k for one k.</summary>
/// <param name="K">Responses taken together.</param>
/// <param name="Pass">At least one of them is right.</param>
/// <param name="Cons">Their vote is right.</param>
public sealed record ScoreAtK(int K, Score Pass, Score Cons);

/// <summary>A grader's other number, averaged over responses.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mean">Weighted mean.</param>
/// <param name="Count">Sum of the weights.</param>
public sealed record PartMean(string Name, double Mean, double Count);

/// <summary>Everything an evaluation found.</summary>
public sealed record EvaluationSummary
{
    /// <summary>The task.</summary>
    public required string Task { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>Problems scored: those with a graded response.</summary>
    public required int Problems { get; init; }

    /// <summary>Responses per problem.</summary>
    public required int Samples { get; init; }

    /// <summary>pass@1: the mean over problems of the share of right responses (DeepSeek-R1, section 3).</summary>
    public required double PassAt1 { get; init; }

    /// <summary>Standard error of pass@1 over problems; null for a single one.</summary>
    public required double? StandardError { get; init; }

    /// <summary>Lower end of the 95% confidence interval of pass@1.</summary>
    public required double? Low { get; init; }

    /// <summary>Upper end.</summary>
    public required double? High { get; init; }

    /// <summary>pass@k and cons@k for k = 2, 4, 8, ... and the number of samples; empty for one sample.</summary>
    public required IReadOnlyList<ScoreAtK> AtK { get; init; }

    /// <summary>The grader's other numbers.</summary>
    public required IReadOnlyList<PartMean> Parts { get; init; }

    /// <summary>Responses that could not be graded; they count nowhere.</summary>
    public required long Failed { get; init; }

    /// <summary>Mean response length in tokens.</summary>
    public required double MeanTokens { get; init; }

    /// <summary>Share of responses that the length limit ended.</summary>
    public required double TruncatedShare { get; init; }

    /// <summary>Share of responses with reasoning and answer in their places.</summary>
    public required double WellFormedShare { get; init; }

    /// <summary>Tokens of all prompts.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Tokens of all responses.</summary>
    public required long GeneratedTokens { get; init; }

    /// <summary>Response tokens per right response; null where none is right.</summary>
    public required double? TokensPerSolved { get; init; }

    /// <summary>What all of it cost; null where no price was given.</summary>
    public decimal? Money { get; init; }

    /// <summary>Money per right response; null where none is right or no price was given.</summary>
    public decimal? MoneyPerSolved { get; init; }

    /// <summary>Computes the summary.</summary>
    /// <param name="manifest">What was evaluated.</param>
    /// <param name="samples">The samples, in order; every problem has as many as the manifest says.</param>
    /// <param name="same">Whether two answers to the problem of that index say the same.</param>
    /// <param name="fee">What some prompt tokens and some response tokens cost; null where there is no price.</param>
    /// <exception cref="InvalidDataException">No response could be graded.</exception>
    public static EvaluationSummary Of(
        EvaluationManifest manifest, IReadOnlyList<EvaluationSample> samples, Func<int, string, string, bool> same, Func<long, long, decimal>? fee = null)
    {
        List<EvaluationSample[]> problems = [.. samples.Where(sample => sample.Outcome != Outcome.Failed).GroupBy(sample => sample.Problem).Select(problem => problem.ToArray())];
        if (problems.Count == 0)
            throw new InvalidDataException($"none of {samples.Count} responses could be graded; the first one: {samples[0].Reason}");
        Estimate passAt1 = Estimate.OfShares([.. problems.Select(problem => (double)Right(problem) / problem.Length)]);
        long promptTokens = samples.Sum(sample => (long)sample.PromptTokens), tokens = samples.Sum(sample => (long)sample.Tokens);
        var cost = new SolvingCost(
            samples.Count, samples.Count(sample => sample.Outcome == Outcome.Right), samples.Count(sample => sample.Truncated), tokens,
            fee?.Invoke(promptTokens, tokens));
        return new EvaluationSummary
        {
            Task = manifest.Task,
            Model = manifest.Model,
            Problems = problems.Count,
            Samples = manifest.Samples,
            PassAt1 = passAt1.Mean,
            StandardError = passAt1.StandardError,
            Low = passAt1.Interval?.Low,
            High = passAt1.Interval?.High,
            AtK = [.. Ks(manifest.Samples).Select(k => AtEach(k, problems, same)).OfType<ScoreAtK>()],
            Parts = [.. from part in samples.SelectMany(sample => sample.Parts)
                        group part by part.Name into parts
                        let count = parts.Sum(part => part.Weight)
                        select new PartMean(parts.Key, parts.Sum(part => part.Value * part.Weight) / count, count)],
            Failed = samples.Count(sample => sample.Outcome == Outcome.Failed),
            MeanTokens = (double)tokens / samples.Count,
            TruncatedShare = cost.TruncatedShare,
            WellFormedShare = (double)samples.Count(sample => sample.WellFormed) / samples.Count,
            PromptTokens = promptTokens,
            GeneratedTokens = tokens,
            TokensPerSolved = cost.TokensPerSolved,
            Money = cost.Money,
            MoneyPerSolved = cost.MoneyPerSolved,
        };
    }

    /// <summary>2, 4, 8, ... below the number of samples, and that number.</summary>
    internal static IEnumerable<int> Ks(int samples)
    {
        for (int k = 2; k < samples; k *= 2)
            yield return k;
        if (samples > 1)
            yield return samples;
    }

    static int Right(EvaluationSample[] problem) => problem.Count(sample => sample.Outcome == Outcome.Right);

    // Problems that lost responses to failed grading have fewer than k at the largest k, and are left out there.
    static ScoreAtK? AtEach(int k, List<EvaluationSample[]> problems, Func<int, string, string, bool> same)
    {
        List<EvaluationSample[]> whole = [.. problems.Where(problem => problem.Length >= k)];
        if (whole.Count == 0)
            return null;
        return new ScoreAtK(
            k,
            Score.Of(Estimate.OfShares([.. whole.Select(problem => PassAtK.Unbiased(problem.Length, Right(problem), k))])),
            Score.Of(Estimate.OfShares([.. whole.Select(problem => Consensus.At(
                k, [.. problem.Select(sample => sample.Answer is null ? (bool?)null : sample.Outcome == Outcome.Right)],
                (i, j) => same(problem[0].Problem, problem[i].Answer!, problem[j].Answer!)))])));
    }
}
