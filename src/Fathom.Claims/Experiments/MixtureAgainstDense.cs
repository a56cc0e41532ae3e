// Claim A4: a mixture of experts reaches a dense model's loss with less compute.
// The same documents in the same order for a mixture, a dense model with the same operations per token, and one with 2.5 times as many.

using Fathom.Models.Counts;
using Fathom.Training.Recipes;

namespace Fathom.Claims.Experiments;

static class MixtureAgainstDense
{
    /// <summary>Feed-forward widths of the dense models: the mixture's operations per token, and 2.5 times as many (tests hold both to it).</summary>
    public const int EqualWidth = 304, WideWidth = 1056;

    // Attention's operations depend on how far back a token looks; documents are short.
    const double Context = 32;

    public static Measurement Run(ExperimentSettings settings)
    {
        RecipeRun[] mixture = Pretraining.Runs(settings, seed => Pretraining.Recipe("fine-and-shared", seed, Pretraining.FineAndShared), 0, 0.4);
        RecipeRun[] dense = Pretraining.Runs(settings, seed => Pretraining.Recipe("dense", seed, Pretraining.Dense(EqualWidth)), 0.4, 0.6);
        RecipeRun[] wide = Pretraining.Runs(settings, seed => Pretraining.Recipe("dense-wide", seed, Pretraining.Dense(WideWidth)), 0.6, 1);

        double mixtureFlops = TrainingFlopsPerToken(mixture[0].Recipe), denseFlops = TrainingFlopsPerToken(dense[0].Recipe), wideFlops = TrainingFlopsPerToken(wide[0].Recipe);
        double[] mixtureLoss = Pretraining.FinalLosses(mixture), denseLoss = Pretraining.FinalLosses(dense), wideLoss = Pretraining.FinalLosses(wide);
        var difference = PairedDifference.Of(mixtureLoss, denseLoss);
        var differenceWide = PairedDifference.Of(mixtureLoss, wideLoss);
        double[] widths = [.. mixtureLoss.Select((loss, i) => mixtureFlops / DenseFlopsAtLoss(loss, (denseFlops, denseLoss[i]), (wideFlops, wideLoss[i])))];
        bool bound = mixtureLoss.Zip(wideLoss).Any(pair => pair.First < pair.Second);
        MeasuredValue ratio = MeasuredValue.Of($"compute at equal loss and tokens, mixture over dense{(bound ? ", at most" : "")}", widths, "ratio");
        MeasuredValue early = Passing("dense model with the same operations per token", denseLoss, denseFlops);
        MeasuredValue earlyWide = Passing("dense model with 2.5 times the operations per token", wideLoss, wideFlops);

        return settings.Result(
            "A4", IsReproduced(difference),
            "Mixture: nano with 1 shared and 7 of 63 routed experts of width 32 in three of its four layers. Dense: nano with feed-forwards of width "
            + FormattableString.Invariant($"{EqualWidth} ({denseFlops / mixtureFlops:0.0%} of the mixture's operations per token) and {WideWidth} ({wideFlops / mixtureFlops:0.00} times as many). ")
            + "Each learns from the same documents (worked solutions of twelve kinds of problems) in the same order; loss on held-out documents. "
            + "Compute at equal loss and tokens is read between the two dense models, linear in the logarithm of their operations; beyond them it is a bound. "
            + "Compute to pass a dense model's final loss is what the mixture had used by then over all that the dense model used.",
            FormattableString.Invariant($"At equal training operations the mixture's loss is {mixtureLoss.Average():0.0000} bits per byte, the dense model's {denseLoss.Average():0.0000} (difference {difference}); ")
            + FormattableString.Invariant($"the dense model with {wideFlops / mixtureFlops:0.00} times the operations has {wideLoss.Average():0.0000} (difference {differenceWide}). ")
            + FormattableString.Invariant($"At equal loss and tokens the mixture needs {(bound ? "at most " : "")}{ratio.Mean:0%} of a dense model's compute; ")
            + FormattableString.Invariant($"it passes the final loss of the first dense model with {early.Mean:0%} of that model's compute, that of the second with {earlyWide.Mean:0%}. The claim is about 40%, of models with billions of parameters."),
            [
                MeasuredValue.Of("mixture, final loss", mixtureLoss, "bits per byte"),
                MeasuredValue.Of("dense, equal operations, final loss", denseLoss, "bits per byte"),
                MeasuredValue.Of("dense, 2.5 times the operations, final loss", wideLoss, "bits per byte"),
                ratio,
                early,
                earlyWide,
                new("mixture, training operations per token", mixtureFlops, null, 1, "FLOP"),
                new("dense, training operations per token", denseFlops, null, 1, "FLOP"),
                new("dense wide, training operations per token", wideFlops, null, 1, "FLOP"),
            ]) with
        {
            Series =
            [
                Curve("mixture", mixture, mixtureFlops),
                Curve("dense, equal operations per token", dense, denseFlops),
                Curve("dense, 2.5 times the operations per token", wide, wideFlops),
            ],
        };

        MeasuredValue Passing(string model, double[] loss, double flops) => MeasuredValue.Of(
            $"compute to pass the final loss of the {model}",
            [.. mixture.Select((run, i) => ShareToReach(loss[i], Pretraining.LossOverTokens(run)) * mixtureFlops / flops)], "ratio");
    }

    /// <summary>The rule: at equal training operations the mixture's loss is lower by more than twice the standard error over seeds.</summary>
    internal static bool IsReproduced(PairedDifference mixtureLessDense) => mixtureLessDense.IsBelow;

    /// <summary>Operations per token of the dense model that would have this loss: between two dense models, linear in the logarithm of operations; at most the large one's, at least the small one's.</summary>
    internal static double DenseFlopsAtLoss(double loss, (double Flops, double Loss) small, (double Flops, double Loss) large)
    {
        double along = loss <= large.Loss ? 1 : loss >= small.Loss ? 0 : (small.Loss - loss) / (small.Loss - large.Loss);
        return small.Flops * Math.Pow(large.Flops / small.Flops, along);
    }

    /// <summary>The share of a curve's length at which it first is at or below a loss, linear between its points; 1 where it never is.</summary>
    internal static double ShareToReach(double loss, IReadOnlyList<(double Tokens, double Loss)> curve)
    {
        for (int i = 0; i < curve.Count; i++)
        {
            if (curve[i].Loss > loss)
                continue;
            if (i == 0)
                return curve[0].Tokens / curve[^1].Tokens;
            (double t0, double l0) = curve[i - 1];
            (double t1, double l1) = curve[i];
            return (t0 + (t1 - t0) * (l0 - loss) / (l0 - l1)) / curve[^1].Tokens;
        }
        return 1;
    }

    /// <summary>Operations of training on one token, forward and backward.</summary>
    internal static double TrainingFlopsPerToken(Recipe recipe) =>
        3 * new ModelCounts(recipe.Model.ToConfig(recipe.Tokenizer.VocabularySize)).ForwardFlopsPerToken(Context);

    static MeasuredSeries Curve(string name, RecipeRun[] runs, double flopsPerToken) => Curves.Mean(
        name, "training FLOP", "held-out loss, bits per byte",
        [.. runs.Select(run => (IReadOnlyList<(double, double)>)[.. Pretraining.LossOverTokens(run).Select(point => (point.Tokens * flopsPerToken, point.Loss))])]);
}
