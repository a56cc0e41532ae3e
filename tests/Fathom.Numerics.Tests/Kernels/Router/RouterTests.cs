// The gate against a naive choice by sorting, its gradient against finite differences, and everything against the reference models.
using Fathom.Models.Checkpoints;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tests.Kernels.Traversal;
using Fathom.Testing;
using Kernel = Fathom.Numerics.Kernels.Router;

namespace Fathom.Numerics.Tests.Kernels.Router;

public sealed unsafe class RouterTests : KernelTests
{
    /// <summary>One rule of choice and weights.</summary>
    public sealed record Gate(
        ScoringFunction Scoring, SelectionMethod Method, int Experts, int K, int Groups, int GroupsPerToken, bool Normalize, float Scale)
    {
        public int[] NaiveChoice(double[] scores, float[]? bias)
        {
            int size = Experts / Groups;
            // The bias is added in float, as the model does: ties must be ties here too.
            double[] choice = [.. scores.Select((s, e) => bias is null ? s : (float)s + bias[e])];
            double GroupScore(int group)
            {
                double[] sorted = [.. choice[(group * size)..((group + 1) * size)].OrderDescending()];
                return Method == SelectionMethod.BiasCorrected ? (float)sorted.Take(2).Sum() : sorted[0];
            }

            HashSet<int> stay = Method == SelectionMethod.Greedy
                ? [.. Enumerable.Range(0, Groups)]
                : [.. Enumerable.Range(0, Groups).OrderByDescending(GroupScore).ThenBy(g => g).Take(GroupsPerToken)];
            return [.. Enumerable.Range(0, Experts).Where(e => stay.Contains(e / size)).OrderByDescending(e => choice[e]).ThenBy(e => e).Take(K).Order()];
        }

        public double[] NaiveScores(double[] logits)
        {
            if (Scoring == ScoringFunction.Sigmoid)
                return [.. logits.Select(x => 1 / (1 + Math.Exp(-x)))];
            double max = logits.Max(), sum = logits.Sum(x => Math.Exp(x - max));
            return [.. logits.Select(x => Math.Exp(x - max) / sum)];
        }

        public double[] NaiveWeights(double[] scores, int[] ids)
        {
            double sum = Normalize ? ids.Sum(e => scores[e]) + 1e-20 : 1;
            return [.. ids.Select(e => Scale * scores[e] / sum)];
        }
    }

    static readonly Gate s_v1 = new(ScoringFunction.Softmax, SelectionMethod.Greedy, 12, 3, 1, 1, false, 1);
    static readonly Gate s_v2Group = new(ScoringFunction.Softmax, SelectionMethod.GroupLimited, 16, 4, 4, 2, false, 16);
    static readonly Gate s_v3 = new(ScoringFunction.Sigmoid, SelectionMethod.BiasCorrected, 16, 4, 4, 2, true, 2.5f);

    static readonly Gate[] s_gates =
    [
        s_v1, s_v2Group, s_v3,
        new(ScoringFunction.Softmax, SelectionMethod.Greedy, 7, 7, 1, 1, true, 1),
        new(ScoringFunction.Softmax, SelectionMethod.GroupLimited, 64, 6, 8, 3, true, 1),
        new(ScoringFunction.Sigmoid, SelectionMethod.BiasCorrected, 256, 8, 8, 4, true, 2.5f),
        new(ScoringFunction.Sigmoid, SelectionMethod.Greedy, 33, 1, 1, 1, false, 1),
    ];

    static float[] Scores(Gate gate, float[] logits)
    {
        using var memory = Guarded(logits);
        Kernel.Scores(memory.Pointer, memory.Pointer, logits.Length / gate.Experts, gate.Experts, gate.Scoring);
        return memory.Span.ToArray();
    }

    static (int[] Ids, float[] Weights) Select(Gate gate, float[] scores, float[]? bias)
    {
        int tokens = scores.Length / gate.Experts;
        using var scoresMemory = Guarded(scores);
        using var biasMemory = Guarded(bias ?? []);
        using var ids = Guarded(new int[tokens * gate.K]);
        using var weights = Guarded(new float[tokens * gate.K]);
        Kernel.Select(
            scoresMemory.Pointer, bias is null ? null : biasMemory.Pointer, tokens, gate.Experts, gate.K, gate.Groups, gate.GroupsPerToken,
            gate.Method, gate.Normalize, gate.Scale, ids.Pointer, weights.Pointer);
        return (ids.Span.ToArray(), weights.Span.ToArray());
    }

    static T[] Row<T>(T[] values, int row, int width) => values[(row * width)..((row + 1) * width)];

    [Fact]
    public void Scores_EveryGate_AreTheFormula()
    {
        foreach (Gate gate in s_gates)
        {
            foreach (int tokens in (int[])[0, 1, 50])
            {
                float[] logits = Normal(tokens * gate.Experts, 1, 3);
                double[] scores = EveryWay(() => [Scores(gate, logits)])[0];
                double[] expected = [.. Enumerable.Range(0, tokens).SelectMany(t => gate.NaiveScores(Row(Exact(logits), t, gate.Experts)))];
                // exp(x - max): x - max is off by half a unit of at most 24, that is 1e-6 relative; sum and division are far below that.
                Near(expected, scores, 2e-6, 1e-37, $"{gate}");
            }
        }
    }

    [Fact]
    public void Select_WithAndWithoutTies_IsTheSortedChoice()
    {
        foreach (Gate gate in s_gates)
        {
            foreach (bool ties in (bool[])[false, true])
            {
                const int tokens = 200;
                float[] scores = Scores(gate, Normal(tokens * gate.Experts, 1, 2));
                float[] bias = Normal(gate.Experts, 2, 0.3, -0.6);
                if (ties)
                {
                    // Multiples of 1/8: sums are exact and many choices equal.
                    scores = [.. scores.Select(s => MathF.Round(s * 8) / 8)];
                    bias = [.. bias.Select(s => MathF.Round(s * 8) / 8)];
                }
                float[]? given = gate.Method == SelectionMethod.BiasCorrected ? bias : null;
                int[] ids = [];
                double[] weights = EveryWay(() =>
                {
                    (ids, float[] w) = Select(gate, scores, given);
                    return [[.. ids], w];
                })[1];
                for (int t = 0; t < tokens; t++)
                {
                    double[] row = Row(Exact(scores), t, gate.Experts);
                    int[] expected = gate.NaiveChoice(row, given);
                    Assert.Equal(expected, Row(ids, t, gate.K));
                    Near(gate.NaiveWeights(row, expected), Row(weights, t, gate.K), 1e-6, 1e-30, $"{gate}, token {t}");
                }
            }
        }
    }

    [Fact]
    public void Select_NegativeChoiceScores_StayInsideTheChosenGroups()
    {
        // Masking with 0 instead of minus infinity would prefer the excluded group here.
        var gate = new Gate(ScoringFunction.Sigmoid, SelectionMethod.BiasCorrected, 4, 2, 2, 1, true, 1);
        (int[] ids, float[] weights) = Select(gate, [0.5f, 0.25f, 0.5f, 0.5f], [-1, -1, -2, -2]);
        Assert.Equal([0, 1], ids);
        Assert.Equal([2f / 3, 1f / 3], weights, (a, b) => Math.Abs(a - b) < 1e-7);
    }

    [Fact]
    public void Select_ScoresThatAreNotNumbers_StillGivesDistinctExperts()
    {
        foreach (Gate gate in s_gates)
        {
            float[] scores = [.. Enumerable.Range(0, 3 * gate.Experts).Select(i => i < gate.Experts || i % 3 == 0 ? float.NaN : 0.1f * (i % 7))];
            int[] ids = Select(gate, scores, null).Ids;
            for (int t = 0; t < 3; t++)
                Assert.Equal(gate.K, Row(ids, t, gate.K).Where(id => id >= 0 && id < gate.Experts).Distinct().Count());
        }
    }

    [Fact]
    public void Backward_EveryGateAndBalanceLoss_IsTheSlope()
    {
        const int tokens = 7;
        const double alpha = 0.3;
        int[] starts = [0, 3, 3, 7];
        foreach (Gate gate in s_gates.Where(g => g.Experts <= 64))
        {
            float[] logits = Normal(tokens * gate.Experts, 1), dWeights = Normal(tokens * gate.K, 2);
            int[] ids = Select(gate, Scores(gate, logits), null).Ids;
            double Loss(double[] at, bool withWeights)
            {
                double loss = 0;
                foreach ((int start, int end) in starts.Zip(starts.Skip(1)).Where(s => s.Second > s.First))
                {
                    double[] mean = new double[gate.Experts];
                    for (int t = start; t < end; t++)
                    {
                        double[] scores = gate.NaiveScores(Row(at, t, gate.Experts));
                        for (int e = 0; e < gate.Experts; e++)
                            mean[e] += scores[e] / scores.Sum() / (end - start);
                        if (withWeights)
                            loss += Dot(gate.NaiveWeights(scores, Row(ids, t, gate.K)), Row(dWeights, t, gate.K));
                    }
                    for (int e = 0; e < gate.Experts; e++)
                    {
                        int chosen = ids[(start * gate.K)..(end * gate.K)].Count(id => id == e);
                        loss += alpha / 2 * mean[e] * chosen * gate.Experts / ((end - start) * gate.K);
                    }
                }
                return loss;
            }

            double[][] actual = EveryWay(() =>
            {
                using var scores = Guarded(Scores(gate, logits));
                using var idsMemory = Guarded(ids);
                using var startsMemory = Guarded(starts);
                using var dWeightsMemory = Guarded(dWeights);
                using var dScores = Guarded(new float[logits.Length]);
                using var dLogits = Guarded(Enumerable.Repeat(float.NaN, logits.Length).ToArray());
                double loss = BalanceLoss.Run(
                    scores.Pointer, idsMemory.Pointer, startsMemory.Pointer, starts.Length - 1, gate.Experts, gate.K, gate.Scoring,
                    (float)(alpha / 2), dScores.Pointer);
                Kernel.Backward(
                    scores.Pointer, idsMemory.Pointer, dWeightsMemory.Pointer, dScores.Pointer, dLogits.Pointer, tokens, gate.Experts, gate.K,
                    gate.Scoring, gate.Normalize, gate.Scale);
                return [dLogits.Span.ToArray(), [(float)loss]];
            });
            Near([Loss(Exact(logits), false)], actual[1], 1e-5, 0, $"{gate} balance loss");
            // Terms up to the scale times |dWeight| (below 4); about ten roundings.
            Near(Slopes(v => Loss(v, true), logits), actual[0], 1e-5, 3e-6 * gate.Scale, $"{gate}");
        }
    }

    [Fact]
    public void Backward_WithoutBalanceLoss_TakesNoFurtherGradient()
    {
        float[] logits = Normal(5 * s_v3.Experts, 1), dWeights = Normal(5 * s_v3.K, 2), scores = Scores(s_v3, logits);
        int[] ids = Select(s_v3, scores, null).Ids;
        float[] Run(bool zeros)
        {
            using var scoresMemory = Guarded(scores);
            using var idsMemory = Guarded(ids);
            using var dWeightsMemory = Guarded(dWeights);
            using var dLogits = Guarded(new float[logits.Length]);
            Kernel.Backward(
                scoresMemory.Pointer, idsMemory.Pointer, dWeightsMemory.Pointer, zeros ? dLogits.Pointer : null, dLogits.Pointer, 5, s_v3.Experts,
                s_v3.K, s_v3.Scoring, s_v3.Normalize, s_v3.Scale);
            return dLogits.Span.ToArray();
        }

        EqualBits(Run(zeros: true), Run(zeros: false), "dLogits");
    }

    [SharedDataTheory]
    [InlineData("deepseek_v1")]
    [InlineData("deepseek_v2_lite")]
    [InlineData("deepseek_v2_group")]
    [InlineData("deepseek_v3")]
    public void SelectAndBalanceLoss_ReferenceModels_AgreeWithThem(string model)
    {
        Gate gate = model switch
        {
            "deepseek_v3" => s_v3,
            "deepseek_v2_group" => s_v2Group,
            _ => s_v1,
        };
        using ModelFolder folder = ModelFolder.Open(SharedData.Path("vectors", model));
        using SafetensorsFile vectors = SafetensorsFile.Open(SharedData.Path("vectors", model, "vectors.safetensors"));
        int layers = 0;
        for (int layer = 0; layer < 10; layer++)
        {
            if (!vectors.Entries.ContainsKey($"moe.{layer}.scores"))
                continue;
            layers++;
            float[] scores = vectors.ReadFloats($"moe.{layer}.scores");
            float[]? bias = gate.Method == SelectionMethod.BiasCorrected
                ? folder.ReadFloats($"model.layers.{layer}.mlp.gate.e_score_correction_bias", gate.Experts)
                : null;
            (int[] ids, float[] weights) = Select(gate, scores, bias);
            Assert.Equal(vectors.ReadInt64($"moe.{layer}.topk_ids"), ids.Select(id => (long)id));
            // The file's own scores and weights differ by up to 7.7e-6 where a weight is a score (V1, V2): two runs.
            Near(Exact(vectors.ReadFloats($"moe.{layer}.topk_weights")), Exact(weights), 1e-5, 0, $"{model}, layer {layer} weights");
            if (vectors.Entries.ContainsKey($"aux_loss.{layer}"))
            {
                Assert.Equal(vectors.ReadFloats($"aux_loss.{layer}")[0], Balance([0, 24, 48]), 1e-7);
                Assert.Equal(vectors.ReadFloats($"aux_loss_batch.{layer}")[0], Balance([0, 48]), 1e-7);
            }

            double Balance(int[] starts)
            {
                using var scoresMemory = Guarded(scores);
                using var idsMemory = Guarded(ids);
                using var startsMemory = Guarded(starts);
                int sequences = starts.Length - 1;
                return BalanceLoss.Run(
                    scoresMemory.Pointer, idsMemory.Pointer, startsMemory.Pointer, sequences, gate.Experts, gate.K, gate.Scoring, 0.02f / sequences, null);
            }
        }
        Assert.True(layers > 1, $"{model} has {layers} layers of experts");
    }
}
