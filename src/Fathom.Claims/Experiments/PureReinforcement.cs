// Claim R4: reinforcement learning alone, without examples, makes a base model reason: accuracy and length grow, reflection words appear.

using Fathom.Training.Reinforcement;
using Fathom.Training.Runs;

namespace Fathom.Claims.Experiments;

static class PureReinforcement
{
    public static Measurement Run(ExperimentSettings settings)
    {
        RecipeRun[] runs = ReinforcementRuns.Of(settings, "nano-r1-zero");
        Change accuracy = Changed(runs, MetricNames.PassAt1), length = Changed(runs, MetricNames.MeanTokens);
        (double[] early, double[] late) = (Tenth(runs, last: false), Tenth(runs, last: true));
        return settings.Result(
            "R4", IsReproduced(accuracy, length),
            "The recipe nano-r1-zero: pre-training on hasty and careful solutions, then GRPO with rewards for accuracy and format, no examples in between. "
            + ReinforcementRuns.Scoring(runs)
            + FormattableString.Invariant($" Reflection words ({string.Join(", ", ReflectionWords.All)}) are counted in every sampled answer; the first and the last tenth of the steps are compared. The verdict follows accuracy and length; the words are reported apart."),
            FormattableString.Invariant($"pass@1 {accuracy.Before.Average():0.0%} to {accuracy.After.Average():0.0%}, mean length {length.Before.Average():0.0} to {length.After.Average():0.0} tokens ({Seeds(runs.Length)}). ")
            + Words(early.Average(), late.Average())
            + " That answers grow is designed in: the base has seen a hasty and a careful manner, and reinforcement learning chooses.",
            [
                MeasuredValue.Of("pass@1, base", accuracy.Before, "share"),
                MeasuredValue.Of("pass@1, reinforcement learning", accuracy.After, "share"),
                MeasuredValue.Of("mean tokens, base", length.Before, "tokens"),
                MeasuredValue.Of("mean tokens, reinforcement learning", length.After, "tokens"),
                MeasuredValue.Of("reflection words per answer, first tenth of the steps", early, "words"),
                MeasuredValue.Of("reflection words per answer, last tenth of the steps", late, "words"),
            ]) with
        {
            Series =
            [
                ReinforcementRuns.Curve("accuracy", runs, MetricNames.PassAt1, "share"),
                ReinforcementRuns.Curve("mean length", runs, MetricNames.MeanTokens, "tokens"),
                ReinforcementRuns.Curve("reflection words", runs, MetricNames.ReflectionWords, "words per answer"),
            ],
        };
    }

    /// <summary>A number before and after reinforcement learning, run by run.</summary>
    internal readonly record struct Change(double[] Before, double[] After)
    {
        /// <summary>
        /// Whether it grew by more than twice the standard error over seeds; a single run only has to have grown, and its result says that it is one.
        /// </summary>
        public bool Grew => Before.Length > 1 ? PairedDifference.Of(After, Before).IsAbove : After[0] > Before[0];
    }

    /// <summary>The rule: accuracy and mean length on held-out problems both grew.</summary>
    internal static bool IsReproduced(Change accuracy, Change length) => accuracy.Grew && length.Grew;

    /// <summary>What the words did, in a sentence.</summary>
    internal static string Words(double early, double late) => late > early
        ? FormattableString.Invariant($"Reflection words grew from {early:0.000} to {late:0.000} per answer.")
        : FormattableString.Invariant($"Reflection words did not appear ({early:0.000} per answer at first, {late:0.000} at last): the task data has none, so there are none to choose.");

    static string Seeds(int runs) => runs == 1 ? "one seed" : $"{runs} seeds";

    static Change Changed(RecipeRun[] runs, string metric) =>
        new([.. runs.Select(run => run.Last("evaluate-base", metric))], [.. runs.Select(run => run.Last("evaluate-rl", metric))]);

    static double[] Tenth(RecipeRun[] runs, bool last) => [.. runs.Select(run =>
    {
        IReadOnlyList<(MetricRecord Step, double Value)> values = run.Values("rl", MetricNames.ReflectionWords);
        int count = Math.Max(1, values.Count / 10);
        return values.Skip(last ? values.Count - count : 0).Take(count).Average(value => value.Value);
    })];
}
