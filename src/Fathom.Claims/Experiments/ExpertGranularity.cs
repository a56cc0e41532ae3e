// Claim A5: many small experts and a shared one specialise more than few big ones, at equal sizes in all and per token.

using Fathom.Training.Data;

namespace Fathom.Claims.Experiments;

static class ExpertGranularity
{
    // Taken away from each task: an eighth of the routed experts, 2 of 16 big ones or 8 of 63 or 64 small ones.
    const double ShareAway = 1.0 / 8;

    public static Measurement Run(ExperimentSettings settings)
    {
        RecipeRun[] shared = Pretraining.Runs(settings, seed => Pretraining.Recipe("fine-and-shared", seed, Pretraining.FineAndShared), 0, 0.35);
        RecipeRun[] fine = Pretraining.Runs(settings, seed => Pretraining.Recipe("fine-only", seed, Pretraining.FineOnly), 0.35, 0.7);
        RecipeRun[] gshard = Pretraining.Runs(settings, seed => Pretraining.Recipe("gshard-like", seed, Pretraining.GShardLike), 0.7, 0.95);
        settings.Progress("experts by task", 0.95);

        double[] sharedLoss = Pretraining.FinalLosses(shared), fineLoss = Pretraining.FinalLosses(fine), gshardLoss = Pretraining.FinalLosses(gshard);
        (double Information, double Rise)[] sharedUse = Uses(settings, shared), fineUse = Uses(settings, fine), gshardUse = Uses(settings, gshard);
        var lossDifference = PairedDifference.Of(sharedLoss, gshardLoss);
        var riseDifference = PairedDifference.Of(Rises(sharedUse), Rises(gshardUse));

        return settings.Result(
            "A5", IsReproduced(lossDifference, riseDifference),
            "nano with 1 shared and 7 of 63 routed experts of width 32, with 8 of 64 and none shared, and with 2 of 16 of width 128 and none shared (GShard-like): "
            + "the same width per token and in all. The same documents of twelve tasks for each. Specialisation: how much each task's held-out loss rises when the eighth of the routed "
            + "experts that it uses most cannot be chosen, layer by layer (as DeepSeekMoE, section 4.5, does it), and the mutual information between task and chosen expert.",
            FormattableString.Invariant($"Held-out loss {sharedLoss.Average():0.0000} bits per byte with small and shared experts, {fineLoss.Average():0.0000} with small ones alone, {gshardLoss.Average():0.0000} GShard-like ")
            + FormattableString.Invariant($"(first less last: {lossDifference}). Without its most used eighth a task's loss rises by {Rises(sharedUse).Average():0.000}, {Rises(fineUse).Average():0.000} and {Rises(gshardUse).Average():0.000} nats per token ")
            + FormattableString.Invariant($"(first less last: {riseDifference}); the chosen expert tells {sharedUse.Average(use => use.Information):0.000}, {fineUse.Average(use => use.Information):0.000} and {gshardUse.Average(use => use.Information):0.000} bits about the task."),
            [
                MeasuredValue.Of("small and shared, final loss", sharedLoss, "bits per byte"),
                MeasuredValue.Of("small, final loss", fineLoss, "bits per byte"),
                MeasuredValue.Of("GShard-like, final loss", gshardLoss, "bits per byte"),
                .. Specialisation("small and shared", sharedUse),
                .. Specialisation("small", fineUse),
                .. Specialisation("GShard-like", gshardUse),
            ]) with
        {
            Series = [Curve("small and shared", shared), Curve("small", fine), Curve("GShard-like", gshard)],
        };
    }

    /// <summary>The rule: small and shared experts have the lower loss and the task's own experts matter more, each by more than twice the standard error over seeds.</summary>
    internal static bool IsReproduced(PairedDifference sharedLessGShardLoss, PairedDifference sharedLessGShardRise) => sharedLessGShardLoss.IsBelow && sharedLessGShardRise.IsAbove;

    /// <summary>Mutual information between task and expert in bits, tasks weighing the same.</summary>
    /// <param name="load">[tasks][experts] times chosen.</param>
    internal static double MutualInformation(IReadOnlyList<long[]> load)
    {
        double[][] given = [.. load.Select(counts => (double[])[.. counts.Select(n => (double)n / counts.Sum())])];
        double sum = 0;
        for (int e = 0; e < load[0].Length; e++)
        {
            double mean = given.Average(shares => shares[e]);
            foreach (double[] shares in given)
                sum += shares[e] > 0 ? shares[e] * Math.Log2(shares[e] / mean) / given.Length : 0;
        }
        return sum;
    }

    static (double Information, double Rise)[] Uses(ExperimentSettings settings, RecipeRun[] runs) => [.. runs.Select(run =>
    {
        settings.Cancellation.ThrowIfCancellationRequested();
        using var model = new TrainedModel(run);
        TrainingSequence[][] texts = [.. model.Tasks.Select(model.HeldOut)];
        long[][][] loads = [.. texts.Select(model.Load)]; // [tasks][layers][experts]
        double information = Enumerable.Range(0, loads[0].Length).Average(layer => MutualInformation([.. loads.Select(load => load[layer])]));
        return (information, texts.Average(text => model.LossWithoutMostUsed(text, ShareAway) - model.Loss(text)));
    })];

    static double[] Rises((double Information, double Rise)[] uses) => [.. uses.Select(use => use.Rise)];

    static MeasuredValue[] Specialisation(string name, (double Information, double Rise)[] uses) =>
    [
        MeasuredValue.Of($"{name}, loss rise without a task's most used eighth", Rises(uses), "nats per token"),
        MeasuredValue.Of($"{name}, information between task and expert", [.. uses.Select(use => use.Information)], "bits"),
    ];

    static MeasuredSeries Curve(string name, RecipeRun[] runs) =>
        Curves.Mean(name, "tokens", "held-out loss, bits per byte", [.. runs.Select(Pretraining.LossOverTokens)]);
}
