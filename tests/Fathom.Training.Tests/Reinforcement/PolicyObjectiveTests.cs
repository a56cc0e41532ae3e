// The mathematics of GRPO where the recorded vectors do not reach: gradients by finite differences, extremes, edge cases.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;
using Fathom.Training.Reinforcement;

namespace Fathom.Training.Tests.Reinforcement;

public sealed class PolicyObjectiveTests
{
    [Fact]
    public void Gradient_EqualsCentralDifferenceAwayFromKinks()
    {
        const double step = 1e-6;
        int checkedPoints = 0;
        foreach (PolicyObjective objective in new PolicyObjective[] { new(), new(0.2, 0.28, 0.04), new(0.1, 0.3, 1, 3), new(1, 10, 0.5) })
            foreach (double advantage in new[] { -2.0, -0.3, 0, 0.7, 1.9 })
                for (double logRatio = -2.5; logRatio < 2.5; logRatio += 0.0937)
                    for (double reference = -3; reference <= 1; reference += 0.77)
                    {
                        const double logp = -1.2;
                        TokenLoss at = objective.Evaluate(logp, logp - logRatio, reference, advantage);
                        TokenLoss above = objective.Evaluate(logp + step, logp - logRatio, reference, advantage);
                        TokenLoss below = objective.Evaluate(logp - step, logp - logRatio, reference, advantage);
                        if (above.Clipped != below.Clipped)
                            continue;
                        // Central difference: step^2/6 of the third derivative (below 100 here) and rounding 1e-16 * 30 / step.
                        Assert.Equal((above.Loss - below.Loss) / (2 * step), at.Gradient, 1e-8);
                        checkedPoints++;
                    }
        Assert.True(checkedPoints > 5000);
    }

    [Theory]
    [InlineData(1, 0.5, true)]    // ratio e^0.5 is above 1.28 and the advantage wants it higher
    [InlineData(1, -0.5, false)]  // below the range, but the advantage pulls it back
    [InlineData(-1, -0.5, true)]
    [InlineData(-1, 0.5, false)]
    [InlineData(1, 0.24, false)]  // e^0.24 = 1.27 lies inside the raised upper bound
    public void Clip_TakesTheGradientOnlyOnTheFarSide(double advantage, double logRatio, bool clipped)
    {
        TokenLoss token = new PolicyObjective(0.2, 0.28).Evaluate(-1, -1 - logRatio, double.NaN, advantage);
        Assert.Equal(clipped, token.Clipped);
        Assert.Equal(clipped ? 0 : -advantage * Math.Exp(logRatio), token.Gradient, 1e-12);
    }

    [Fact]
    public void OnPolicyToken_GradientIsMinusAdvantage_KlZero()
    {
        TokenLoss token = new PolicyObjective(klWeight: 0.04).Evaluate(-0.7, -0.7, -0.7, 1.5);
        Assert.Equal(new TokenLoss(-1.5, -1.5, 0, false), token);
    }

    [Fact]
    public void ExtremeLogProbabilities_StayFinite_AndNaNIsNotHidden()
    {
        PolicyObjective objective = new(klWeight: 0.04);
        foreach (double logp in new[] { 0, -1e-300, -50, -1e4, -1e300 })
            foreach (double other in new[] { 0, -50, -1e4, -1e300 })
                foreach (double advantage in new[] { -1.0, 1.0 })
                {
                    TokenLoss token = objective.Evaluate(logp, other, other, advantage);
                    Assert.True(double.IsFinite(token.Loss) && double.IsFinite(token.Gradient), $"{logp} {other} {token}");
                }
        Assert.True(double.IsNaN(objective.Evaluate(double.NaN, -1, -1, 1).Loss));
        Assert.True(double.IsNaN(objective.Evaluate(double.NaN, -1, -1, 1).Gradient));
    }

    [Fact]
    public void Settings_OutsideTheirRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new PolicyObjective(clipLow: -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PolicyObjective(clipHigh: double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PolicyObjective(klWeight: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PolicyObjective(dualClip: 1));
    }

    [Fact]
    public void Evaluate_DoesNotAllocate()
    {
        PolicyObjective objective = new(klWeight: 0.04);
        double[] rewards = [0, 1, 1, 0], advantages = new double[4], weights = new double[4];
        int[] lengths = [3, 1, 4, 1];
        double sum = Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        sum += Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(double.IsFinite(sum));

        double Run()
        {
            Advantages.Compute(rewards, 4, advantages);
            TokenWeights.Compute(lengths, LossAggregation.SequenceMean, 8, weights);
            return objective.Evaluate(-1, -1.1, -0.9, advantages[1]).Loss * weights[1];
        }
    }

    [Fact]
    public void Advantages_TenthsWithoutSpread_AreExactlyZero_AndInPlaceWorks()
    {
        // The mean of three 0.1 is not 0.1 in floating point.
        double[] rewards = [0.1, 0.1, 0.1, 0, 1, 0.5];
        Assert.Equal(1, Advantages.Compute(rewards, 3, rewards));
        Assert.Equal([0, 0, 0], rewards[..3]);
        Assert.Equal(0, rewards[3..].Sum(), 1e-12);
        Assert.Equal(1 / (1 + 2e-6), rewards[4], 1e-12);
    }

    [Fact]
    public void Advantages_FailedReward_CountsNowhere()
    {
        double[] with = [double.NaN, 1, 0, 1, double.NaN, double.NaN, 2, double.NaN, 0, 0, double.NaN, 0], without = [1, 0, 1];
        double[] advantages = new double[12], alone = new double[3];
        // In the second group one reward is left, in the third all are equal: no signal.
        Assert.Equal(2, Advantages.Compute(with, 4, advantages));
        Advantages.Compute(without, 3, alone);
        Assert.Equal([0, alone[0], alone[1], alone[2], 0, 0, 0, 0, 0, 0, 0, 0], advantages);
    }

    [Fact]
    public void Advantages_LengthsThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Advantages.Compute([1, 2, 3], 2, new double[3]));
        Assert.Throws<ArgumentException>(() => Advantages.Compute([1, 2], 2, new double[3]));
    }

    [Fact]
    public void Weights_OfAllTokens_SumToOneWhereTheyAreMeans()
    {
        int[] lengths = [3, 1, 7, 5];
        double[] weights = new double[4];
        TokenWeights.Compute(lengths, LossAggregation.SequenceMean, 8, weights);
        Assert.Equal(1, lengths.Zip(weights, (length, weight) => length * weight).Sum(), 1e-15);
        TokenWeights.Compute(lengths, LossAggregation.TokenMean, 8, weights);
        Assert.Equal(1, lengths.Zip(weights, (length, weight) => length * weight).Sum(), 1e-15);
        TokenWeights.Compute(lengths, LossAggregation.DrGrpo, 8, weights);
        Assert.Equal(16.0 / 32, lengths.Zip(weights, (length, weight) => length * weight).Sum(), 1e-15);
        TokenWeights.Compute([0, 0], LossAggregation.TokenMean, 8, weights.AsSpan(0, 2));
        Assert.All(weights[..2], weight => Assert.True(double.IsFinite(weight)));
    }

    [Fact]
    public void Rewards_JudgeAnswerAndFormApart()
    {
        ProceduralTask task = TaskCatalog.Find("addition");
        Problem problem = task.Generate(1, 0, Split.Train, 2, Language.English);
        ParsedResponse right = AnswerExtraction.Parse($"work</think>{problem.Answer}"), bare = AnswerExtraction.Parse(problem.Answer, opened: false);
        ParsedResponse wrong = AnswerExtraction.Parse($"work</think>{problem.Answer}0");
        Assert.Equal<(double?, double)>((1, 1), (Rewards.Accuracy(task, problem, right), Rewards.Format(right)));
        Assert.Equal<(double?, double)>((1, 0), (Rewards.Accuracy(task, problem, bare), Rewards.Format(bare)));
        Assert.Equal<(double?, double)>((0, 1), (Rewards.Accuracy(task, problem, wrong), Rewards.Format(wrong)));
    }
}
