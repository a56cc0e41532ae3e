// Mixture of experts of the naive model: scores, choice, gate weights (DeepSeek-V2 report, section 2.2; V3 report, section 2.1.2).

using Fathom.Models.Configs;
using Fathom.Numerics.Kernels;

namespace Fathom.Testing;

/// <summary>Routing of one layer over one sequence.</summary>
/// <param name="ExpertIds">[T][k], ascending.</param>
/// <param name="Weights">[T][k], in that order.</param>
/// <param name="Scores">[T][E], without selection bias.</param>
public sealed record NaiveRouting(int[][] ExpertIds, double[][] Weights, double[][] Scores);

public sealed partial class NaiveModel
{
    double[][] MixtureOfExperts(int layer, double[][] x, NaiveSequence run, NaiveSequence? replay)
    {
        string prefix = $"model.layers.{layer}.mlp.";
        var experts = config.Experts!;
        var routing = Route(layer, x, replay?.Routing[layer].ExpertIds);
        run.Routing[layer] = routing;
        return x.Select((row, t) =>
        {
            var sum = experts.SharedExpertCount > 0 ? FeedForward(prefix + "shared_experts.", row) : new double[row.Length];
            for (int j = 0; j < experts.ExpertsPerToken; j++)
            {
                var output = FeedForward($"{prefix}experts.{routing.ExpertIds[t][j]}.", row);
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += routing.Weights[t][j] * output[i];
                }
            }

            return sum;
        }).ToArray();
    }

    NaiveRouting Route(int layer, double[][] x, int[][]? replay)
    {
        string prefix = $"model.layers.{layer}.mlp.gate.";
        var experts = config.Experts!;
        int[][] ids = new int[x.Length][];
        double[][] gates = new double[x.Length][], scores = new double[x.Length][];
        for (int t = 0; t < x.Length; t++)
        {
            var logits = Multiply(prefix + "weight", x[t]);
            var score = scores[t] = experts.ScoringFunction == ScoringFunction.Softmax ? Softmax(logits) : logits.Select(value => 1 / (1 + Math.Exp(-value))).ToArray();
            ids[t] = replay?[t] ?? Choose(score, weights.GetValueOrDefault(prefix + "e_score_correction_bias"));
            double sum = experts.NormalizeWeights ? ids[t].Sum(id => score[id]) : 1;
            gates[t] = ids[t].Select(id => score[id] / sum * experts.RoutedScalingFactor).ToArray();
        }

        return new NaiveRouting(ids, gates, scores);
    }

    int[] Choose(double[] score, double[]? bias)
    {
        var experts = config.Experts!;
        var choice = score.Select((value, id) => value + (experts.SelectionMethod == SelectionMethod.BiasCorrected ? bias![id] : 0)).ToArray();
        var allowed = Enumerable.Range(0, choice.Length);
        if (experts.SelectionMethod != SelectionMethod.Greedy)
        {
            int size = choice.Length / experts.ExpertGroupCount, best = experts.SelectionMethod == SelectionMethod.GroupLimited ? 1 : 2;
            var groups = Enumerable.Range(0, experts.ExpertGroupCount)
                .OrderByDescending(g => choice[(g * size)..((g + 1) * size)].OrderDescending().Take(best).Sum())
                .Take(experts.GroupsPerToken).ToHashSet();
            allowed = allowed.Where(id => groups.Contains(id / size));
        }

        return allowed.OrderByDescending(id => choice[id]).Take(experts.ExpertsPerToken).Order().ToArray();
    }
}
