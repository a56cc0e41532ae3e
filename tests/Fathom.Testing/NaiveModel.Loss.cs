// Losses of the naive model and their derivatives by finite differences: the oracle for gradients.

using Fathom.Models.Configs;

namespace Fathom.Testing;

public sealed partial class NaiveModel
{
    /// <summary>Log-probability of each token 1..T-1 given its prefix, [T - 1].</summary>
    public static double[] LogProbabilities(NaiveSequence run) =>
        run.Tokens.Skip(1).Select((token, i) => LogProbability(run.Logits[i], token)).ToArray();

    /// <summary>Mean over all sequences' tokens 1..T-1 of minus their log-probability.</summary>
    public static double CrossEntropy(IReadOnlyList<NaiveSequence> runs) => -runs.SelectMany(LogProbabilities).Average();

    /// <summary>
    /// Balance loss of one layer with the config's weight: alpha * sum_e f_e p_e, with f_e the share of choices that went to expert e times E, and p_e the mean
    /// over tokens of e's score divided by the token's sum of scores (V3 report, equations 17 to 20; for softmax scores the sum is 1). Per sequence and
    /// averaged, or over the whole batch.
    /// </summary>
    public double BalanceLoss(IReadOnlyList<NaiveSequence> runs, int layer, bool perSequence)
    {
        double Of(NaiveRouting[] routings)
        {
            int count = config.Experts!.RoutedExpertCount;
            var choices = routings.SelectMany(routing => routing.ExpertIds).SelectMany(ids => ids).ToArray();
            var scores = routings.SelectMany(routing => routing.Scores).ToArray();
            return Enumerable.Range(0, count).Sum(expert =>
                choices.Count(id => id == expert) * (double)count / choices.Length * scores.Average(row => row[expert] / row.Sum()));
        }

        var all = runs.Select(run => run.Routing[layer]).ToArray();
        return config.Experts!.BalanceLossWeight * (perSequence ? all.Average(routing => Of([routing])) : Of(all));
    }

    /// <summary>
    /// Loss of a batch: <see cref="CrossEntropy"/>; plus, with <paramref name="balance"/>, the balance loss of every decoder layer with experts, per sequence or
    /// not as the config says; plus <paramref name="mtpWeight"/> times the mean over depths d of the cross-entropy of tokens d+1..T-1 (V3 report, equation 25).
    /// With <paramref name="routing"/> (the runs of an earlier pass over the same sequences) the choice of experts stays as it was then.
    /// </summary>
    public double Loss(IReadOnlyList<int[]> sequences, bool balance = false, double mtpWeight = 0, bool mtpBeforeFinalNorm = false, IReadOnlyList<NaiveSequence>? routing = null)
    {
        var runs = sequences.Select((tokens, i) => Forward(tokens, routing?[i])).ToArray();
        double loss = CrossEntropy(runs);
        if (balance && config.Experts is { } experts)
        {
            loss += Enumerable.Range(0, config.LayerCount).Where(layer => layer >= experts.FirstDenseLayerCount).Sum(layer => BalanceLoss(runs, layer, experts.SequenceBalance));
        }

        if (mtpWeight != 0)
        {
            for (int i = 0; i < runs.Length; i++)
            {
                PredictFurther(runs[i], mtpBeforeFinalNorm, routing?[i]);
            }

            loss += mtpWeight * Enumerable.Range(1, config.MtpLayerCount).Average(depth => runs.SelectMany(run =>
                run.Tokens.Skip(depth + 1).Select((token, i) => -LogProbability(run.Predictions[depth - 1].Logits[i], token))).Average());
        }

        return loss;
    }

    /// <summary>
    /// Derivative of <paramref name="loss"/> (any function of this model) by one element of a parameter: central differences of fourth order,
    /// error about step^4 times the fifth derivative plus 1e-16 / step.
    /// </summary>
    public double FiniteDifference(string name, int index, Func<double> loss, double step = 1e-3)
    {
        double value = weights[name][index];
        double At(double offset)
        {
            weights[name][index] = value + offset;
            return loss();
        }

        double derivative = (At(-2 * step) - 8 * At(-step) + 8 * At(step) - At(2 * step)) / (12 * step);
        weights[name][index] = value;
        return derivative;
    }

    static double LogProbability(double[] logits, int token)
    {
        double max = logits.Max();
        return logits[token] - max - Math.Log(logits.Sum(value => Math.Exp(value - max)));
    }
}
