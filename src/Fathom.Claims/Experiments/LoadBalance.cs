// Claim A6: a selection bias keeps experts evenly loaded without an auxiliary loss, and no token is dropped.

using Fathom.Training.Runs;

namespace Fathom.Claims.Experiments;

static class LoadBalance
{
    // DeepSeekMoE's 2B model had this weight (section 4.1.3).
    const double AuxiliaryWeight = 1e-2;
    const int CurvePoints = 50;

    public static Measurement Run(ExperimentSettings settings)
    {
        RecipeRun[] bias = Pretraining.Runs(settings, seed => Pretraining.Recipe("fine-and-shared", seed, Pretraining.FineAndShared), 0, 0.33);
        RecipeRun[] auxiliary = Pretraining.Runs(settings, seed => Pretraining.Recipe("auxiliary-loss", seed, Pretraining.FineAndShared, 0, AuxiliaryWeight), 0.33, 0.64);
        RecipeRun[] neither = Pretraining.Runs(settings, seed => Pretraining.Recipe("unbalanced", seed, Pretraining.FineAndShared, 0, 0), 0.64, 0.95);
        settings.Progress("load of the experts", 0.95);

        (double[] biasVio, double[] auxiliaryVio, double[] neitherVio) = (LateViolations(bias), LateViolations(auxiliary), LateViolations(neither));
        (double[] biasLoss, double[] auxiliaryLoss, double[] neitherLoss) = (Pretraining.FinalLosses(bias), Pretraining.FinalLosses(auxiliary), Pretraining.FinalLosses(neither));
        (long Dropped, double Idle)[] biasUse = Uses(settings, bias), auxiliaryUse = Uses(settings, auxiliary), neitherUse = Uses(settings, neither);
        long dropped = biasUse.Concat(auxiliaryUse).Concat(neitherUse).Sum(use => use.Dropped);
        var violation = PairedDifference.Of(biasVio, neitherVio);
        var loss = PairedDifference.Of(biasLoss, auxiliaryLoss);

        return settings.Result(
            "A6", IsReproduced(violation, loss, dropped),
            FormattableString.Invariant($"nano with 1 shared and 7 of 63 routed experts, balanced by the selection bias alone (step {Pretraining.BiasUpdateRate}), by the sequence-wise auxiliary loss alone (weight {AuxiliaryWeight}), and not at all. ")
            + "MaxVio is the greatest load of an expert over the mean load, less 1, of a step's whole batch in the worst layer; the last quarter of the steps counts. "
            + "Idle: experts with less than a tenth of the mean load on held-out documents. Dropped: choices of held-out tokens that no expert ran.",
            FormattableString.Invariant($"MaxVio in the last quarter: {biasVio.Average():0.00} with the bias, {auxiliaryVio.Average():0.00} with the auxiliary loss, {neitherVio.Average():0.00} with neither (bias less neither: {violation}). ")
            + FormattableString.Invariant($"Held-out loss {biasLoss.Average():0.0000}, {auxiliaryLoss.Average():0.0000} and {neitherLoss.Average():0.0000} bits per byte (bias less auxiliary: {loss}). ")
            + FormattableString.Invariant($"Idle experts {biasUse.Average(use => use.Idle):0%}, {auxiliaryUse.Average(use => use.Idle):0%} and {neitherUse.Average(use => use.Idle):0%}; {(dropped == 0 ? "no choice was" : $"{dropped} choices were")} dropped."),
            [
                MeasuredValue.Of("bias, MaxVio", biasVio, ""),
                MeasuredValue.Of("auxiliary loss, MaxVio", auxiliaryVio, ""),
                MeasuredValue.Of("neither, MaxVio", neitherVio, ""),
                MeasuredValue.Of("bias, final loss", biasLoss, "bits per byte"),
                MeasuredValue.Of("auxiliary loss, final loss", auxiliaryLoss, "bits per byte"),
                MeasuredValue.Of("neither, final loss", neitherLoss, "bits per byte"),
                MeasuredValue.Of("bias, idle experts", [.. biasUse.Select(use => use.Idle)], "share"),
                MeasuredValue.Of("auxiliary loss, idle experts", [.. auxiliaryUse.Select(use => use.Idle)], "share"),
                MeasuredValue.Of("neither, idle experts", [.. neitherUse.Select(use => use.Idle)], "share"),
                new("dropped choices", dropped, null, bias.Length + auxiliary.Length + neither.Length, ""),
            ]) with
        {
            Series = [Curve("bias", bias), Curve("auxiliary loss", auxiliary), Curve("neither", neither)],
        };
    }

    /// <summary>
    /// The rule: MaxVio is lower with the bias than with neither by more than twice the standard error over seeds, the loss is not higher than with the
    /// auxiliary loss by more than that, and nothing is dropped.
    /// </summary>
    internal static bool IsReproduced(PairedDifference biasLessNeitherViolation, PairedDifference biasLessAuxiliaryLoss, long dropped) =>
        biasLessNeitherViolation.IsBelow && !biasLessAuxiliaryLoss.IsAbove && dropped == 0;

    /// <summary>Share of the experts whose load is below a tenth of the mean.</summary>
    internal static double IdleShare(long[] load) => load.Count(n => 10 * n * load.Length < load.Sum()) / (double)load.Length;

    static double[] LateViolations(RecipeRun[] runs) => [.. runs.Select(run =>
    {
        IReadOnlyList<(MetricRecord Step, double Value)> values = run.Values(Pretraining.Stage, MetricNames.MaxVio);
        return values.Skip(values.Count - Math.Max(1, values.Count / 4)).Average(value => value.Value);
    })];

    static (long Dropped, double Idle)[] Uses(ExperimentSettings settings, RecipeRun[] runs) => [.. runs.Select(run =>
    {
        settings.Cancellation.ThrowIfCancellationRequested();
        using var model = new TrainedModel(run);
        long dropped = 0;
        long[][]? total = null;
        foreach (string task in model.Tasks)
        {
            Training.Data.TrainingSequence[] text = model.HeldOut(task);
            long[][] load = model.Load(text);
            long choices = text.Sum(sequence => (long)sequence.Tokens.Length - 1) * model.Model.Config.Experts!.ExpertsPerToken;
            dropped += load.Sum(layer => choices - layer.Sum());
            total = total is null ? load : [.. total.Zip(load, (sum, more) => (long[])[.. sum.Zip(more, (a, b) => a + b)])];
        }
        return (dropped, total!.Average(IdleShare));
    })];

    static MeasuredSeries Curve(string name, RecipeRun[] runs) => Curves.Mean(
        name, "step", "MaxVio",
        [.. runs.Select(run => Curves.Thin([.. run.Values(Pretraining.Stage, MetricNames.MaxVio).Select(point => ((double)point.Step.Step, point.Value))], CurvePoints))]);
}
