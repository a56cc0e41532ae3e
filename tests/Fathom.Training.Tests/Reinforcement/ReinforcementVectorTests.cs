// GRPO and PPO losses against recorded results of two public trainers (shared/vectors/rl).
using System.Text.Json;
using Fathom.Models.Checkpoints;
using Fathom.Testing;
using Fathom.Training.Reinforcement;

namespace Fathom.Training.Tests.Reinforcement;

public sealed class ReinforcementVectorTests
{
    // The references are float32; their two trainers differ by 2.7e-8 and the largest values are about 3 (3 * 2^-24 = 1.8e-7 per rounding).
    const double Tolerance = 1e-6;
    const int Sequences = 12, MaxLength = 10, GroupSize = 4;

    [SharedDataTheory]
    [InlineData("adv_eps1e6", true, 1e-6)]
    [InlineData("adv_eps1e4", true, 1e-4)]
    [InlineData("adv_nostd", false, 0.0)]
    public void Advantages_EqualReference(string name, bool divide, double epsilon)
    {
        double[] advantages = new double[Sequences];
        int silent = Advantages.Compute(Read("rewards"), GroupSize, advantages, divide, epsilon);
        AssertClose(name, Read(name), advantages);
        Assert.Equal(1, silent);
        Assert.All(advantages[4..8], advantage => Assert.Equal(0.0, advantage));
    }

    [SharedDataFact]
    public void KlEstimators_EqualReference()
    {
        double[] logp = Read("logp"), reference = Read("ref_logp");
        AssertClose("kl_k1", Read("kl_k1"), [.. logp.Zip(reference, KlEstimators.K1)]);
        AssertClose("kl_k2", Read("kl_k2"), [.. logp.Zip(reference, KlEstimators.K2)]);
        AssertClose("kl_k3", Read("kl_k3"), [.. logp.Zip(reference, (l, r) => KlEstimators.K3(l, r).Value)]);
    }

    [SharedDataTheory]
    [InlineData("eps0.2_beta0.04", 0.2, 0.2, 0.04)]
    [InlineData("eps0.2_high0.28_beta0", 0.2, 0.28, 0.0)]
    [InlineData("eps0.2_beta0.001", 0.2, 0.2, 0.001)]
    public void Grpo_LossAndGradientEqualReference(string variant, double low, double high, double beta)
    {
        PolicyObjective objective = new(low, high, beta);
        AssertObjective($"grpo.seqmean.{variant}", objective, LossAggregation.SequenceMean);
        AssertObjective($"grpo.tokenmean.{variant}", objective, LossAggregation.TokenMean);
        AssertObjective($"grpo.drgrpo.{variant}", objective, LossAggregation.DrGrpo);
    }

    [SharedDataFact]
    public void DualClip_LossGradientAndClipShareEqualReference()
    {
        double clipShare = AssertObjective("ppo.dualclip3.eps0.2", new PolicyObjective(0.2, dualClip: 3), LossAggregation.TokenMean);
        using JsonDocument json = Json();
        double expected = json.RootElement.GetProperty("ppo_metrics").GetProperty("clipfrac").GetDouble();
        Assert.Equal(expected, clipShare, Tolerance);
    }

    // Sums weight times token loss over the tokens that count; returns the share of clipped tokens.
    static double AssertObjective(string name, PolicyObjective objective, LossAggregation aggregation)
    {
        double[] logp = Read("logp"), old = Read("old_logp"), reference = Read("ref_logp"), mask = Read("mask"), advantages = Read("adv_eps1e6");
        int[] lengths = [.. mask.Chunk(MaxLength).Select(row => (int)row.Sum())];
        double[] weights = new double[Sequences], gradient = new double[mask.Length];
        TokenWeights.Compute(lengths, aggregation, MaxLength, weights);

        double loss = 0, clipped = 0;
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == 0)
                continue;
            TokenLoss token = objective.Evaluate(logp[i], old[i], reference[i], advantages[i / MaxLength]);
            loss += weights[i / MaxLength] * token.Loss;
            gradient[i] = weights[i / MaxLength] * token.Gradient;
            clipped += token.Clipped ? 1 : 0;
        }

        using JsonDocument json = Json();
        Assert.Equal(json.RootElement.GetProperty("losses").GetProperty(name).GetDouble(), loss, Tolerance);
        AssertClose($"grad.{name}", Read($"grad.{name}"), gradient);
        return clipped / lengths.Sum();
    }

    static void AssertClose(string name, double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= Tolerance, $"{name}[{i}]: expected {expected[i]:R}, actual {actual[i]:R}, bound {Tolerance}");
    }

    static JsonDocument Json() => JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "rl", "rl.json")));

    static double[] Read(string name)
    {
        using SafetensorsFile file = SafetensorsFile.Open(SharedData.Path("vectors", "rl", "rl.safetensors"));
        return [.. file.ReadFloats(name).Select(value => (double)value)];
    }
}
