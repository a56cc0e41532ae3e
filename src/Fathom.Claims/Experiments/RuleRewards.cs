// Claim R2: rewards by rules alone (is the answer right, is its form right) lift a model's accuracy; no reward model.

using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Claims.Experiments;

static class RuleRewards
{
    public static Measurement Run(ExperimentSettings settings)
    {
        RecipeRun[] runs = ReinforcementRuns.Of(settings, "nano-r1");
        double[] start = Scores(runs, "evaluate-base"), cold = Scores(runs, "evaluate-cold-start"), end = Scores(runs, "evaluate-rl");
        var lift = PairedDifference.Of(end, cold);
        return settings.Result(
            "R2", IsReproduced(lift),
            "The recipe nano-r1: pre-training, a cold start of 256 examples, then GRPO whose rewards are two rules, accuracy and format, of equal weight. "
            + ReinforcementRuns.Scoring(runs),
            FormattableString.Invariant($"pass@1 {start.Average():0.0%} of the base, {cold.Average():0.0%} after the cold start, {end.Average():0.0%} after reinforcement learning; ")
            + FormattableString.Invariant($"lift by rule rewards {lift.In("0.0", 100)} points (by seed: {string.Join(", ", end.Zip(cold, (after, before) => FormattableString.Invariant($"{100 * before:0.0} to {100 * after:0.0}")))})."),
            [
                MeasuredValue.Of("pass@1, base", start, "share"),
                MeasuredValue.Of("pass@1, cold start", cold, "share"),
                MeasuredValue.Of("pass@1, reinforcement learning", end, "share"),
                MeasuredValue.Of("lift by reinforcement learning", [.. end.Zip(cold, (after, before) => after - before)], "share"),
                MeasuredValue.Of("standard error over problems, reinforcement learning", [.. runs.Select(run => run.Last("evaluate-rl", MetricNames.StandardError))], "share"),
                MeasuredValue.Of("mean tokens, base", [.. runs.Select(run => run.Last("evaluate-base", MetricNames.MeanTokens))], "tokens"),
                MeasuredValue.Of("mean tokens, reinforcement learning", [.. runs.Select(run => run.Last("evaluate-rl", MetricNames.MeanTokens))], "tokens"),
            ]) with
        {
            Series =
            [
                ReinforcementRuns.Curve("reward", runs, MetricNames.Reward, "accuracy + format, 0 to 2"),
                ReinforcementRuns.Curve("accuracy of sampled answers", runs, MetricNames.PassAt1, "share"),
                ReinforcementRuns.Curve("good form of sampled answers", runs, "format", "share"),
            ],
        };
    }

    /// <summary>The rule: pass@1 after reinforcement learning is above that after the cold start by more than twice the standard error over seeds.</summary>
    internal static bool IsReproduced(PairedDifference lift) => lift.IsAbove;

    static double[] Scores(RecipeRun[] runs, string stage) => [.. runs.Select(run => run.Last(stage, MetricNames.PassAt1))];
}

/// <summary>Runs of the built-in recipes with a stage <c>rl</c>.</summary>
static class ReinforcementRuns
{
    const int CurvePoints = 60;

    /// <summary>One run of each seed.</summary>
    public static RecipeRun[] Of(ExperimentSettings settings, string recipe) => [.. settings.Seeds.Select((seed, i) => RecipeRun.Of(
        settings, RecipeFile.Load(recipe) with { Seed = checked((long)seed) }, (double)i / settings.Seeds.Count, (i + 1.0) / settings.Seeds.Count))];

    /// <summary>How the recipe's evaluations score, in a sentence.</summary>
    public static string Scoring(RecipeRun[] runs)
    {
        EvaluateOptions options = runs[0].Recipe.Stages.OfType<EvaluateOptions>().Last();
        return FormattableString.Invariant($"pass@1 over {options.Problems} held-out problems of {string.Join(", ", runs[0].Recipe.Tasks.Select(task => task.Task))}, {options.Samples} samples each at temperature {options.Temperature}.");
    }

    /// <summary>A number of the reinforcement learning over its steps, the mean over the runs.</summary>
    public static MeasuredSeries Curve(string name, RecipeRun[] runs, string metric, string y) => Curves.Mean(
        name, "step", y, [.. runs.Select(run => Curves.Thin([.. run.Values("rl", metric).Select(point => ((double)point.Step.Step, point.Value))], CurvePoints))]);
}
