// Means, errors, and that the confidence interval covers the truth in simulated runs.
using Fathom.Evaluation.Metrics;
using Fathom.Numerics.Random;
using Xunit.Abstractions;

namespace Fathom.Evaluation.Tests.Metrics;

public sealed class EstimateTests(ITestOutputHelper output)
{
    const int Runs = 1000;

    // An interval that covers in exactly 95% of all runs is seen to cover in Runs of them with a standard deviation of
    // sqrt(0.95 * 0.05 / 1000) = 0.0069; four of them are passed once in 30,000 shapes.
    static readonly double s_lowest = 0.95 - 4 * Math.Sqrt(0.95 * 0.05 / Runs);

    public static TheoryData<int, double, int, double> Shapes()
    {
        var shapes = new TheoryData<int, double, int, double>();
        foreach (int problems in new[] { 30, 200 })
            foreach (double mean in new[] { 0.05, 0.5, 0.95 })
                foreach (int samples in new[] { 1, 4, 16, 64 })
                    foreach (double spread in new[] { 0, 0.5, 0.8 })
                        shapes.Add(problems, mean, samples, spread);
        return shapes;
    }

    // A problem's chance is 0 or 1 with the probability `spread` and otherwise the mean or, in the half of the cases, drawn around it: from
    // problems that are all alike to a set of which most are always solved or never.
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Interval_CoversTheTruth_In95PercentOfRuns(int problems, double mean, int samples, double spread)
    {
        RandomStream random = new(5, (ulong)HashCode(problems, mean, samples, spread));
        int covered = 0;
        double width = 0;
        double[] scores = new double[problems];
        for (int run = 0; run < Runs; run++)
        {
            for (int i = 0; i < problems; i++)
            {
                double chance = mean;
                if (random.NextDouble() < spread)
                    chance = random.NextDouble() < mean ? 1 : 0;
                else if (spread > 0)
                    chance = mean + Math.Min(mean, 1 - mean) * (2 * random.NextDouble() - 1);
                int right = 0;
                for (int s = 0; s < samples; s++)
                    right += random.NextDouble() < chance ? 1 : 0;
                scores[i] = (double)right / samples;
            }
            Interval interval = Estimate.OfShares(scores).Interval!.Value;
            covered += interval.Contains(mean) ? 1 : 0;
            width += interval.High - interval.Low;
        }
        output.WriteLine($"covered {covered}/{Runs}, mean width {width / Runs:0.000}");
        Assert.InRange((double)covered / Runs, s_lowest, 1);
        // Not by being wide: at most a fifth over twice Student's reach at the true variance with two problems' worth of coin tosses added,
        // and near 0 and 1 what the rule of three asks for (an end of 3.7/n where every problem has the same result).
        double ofTosses = mean * (1 - mean), around = spread > 0 ? Math.Pow(Math.Min(mean, 1 - mean), 2) / 3 : 0;
        double variance = spread * ofTosses + (1 - spread) * (ofTosses / samples + around) + 2 * ofTosses / problems;
        Assert.InRange(width / Runs, 0, 1.2 * 2 * 2.045 * Math.Sqrt(variance / problems) + 3.7 / problems / Math.Sqrt(samples));
    }

    [Fact]
    public void StudentsInterval_WouldNot()
    {
        // Why the interval is what it is: mean +- t errors misses the truth of 0.05 in one run of five with 30 problems.
        RandomStream random = new(5, 1);
        int covered = 0;
        double[] scores = new double[30];
        for (int run = 0; run < Runs; run++)
        {
            for (int i = 0; i < scores.Length; i++)
                scores[i] = random.NextDouble() < 0.05 ? 1 : 0;
            covered += Estimate.OfAmounts(scores).Interval!.Value.Contains(0.05) ? 1 : 0;
        }
        output.WriteLine($"Student's interval covered {covered}/{Runs}");
        Assert.InRange(covered, 0, 850);
    }

    // Clopper and Pearson's limits by their definition: the p at which `successes` or more (or fewer) have the chance 2.5%.
    [Theory]
    [InlineData(0, 30)]
    [InlineData(1, 30)]
    [InlineData(15, 30)]
    [InlineData(30, 30)]
    [InlineData(3, 200)]
    [InlineData(1, 1)]
    public void OfShares_AllOrNothing_IsTheExactBinomialInterval(int successes, int problems)
    {
        double[] scores = [.. Enumerable.Range(0, problems).Select(i => i < successes ? 1.0 : 0)];
        Interval interval = Estimate.OfShares(scores).Interval!.Value;
        if (successes == 0)
            Assert.Equal(0, interval.Low);
        else
            Assert.Equal(0.025, 1 - AtMost(successes - 1, problems, interval.Low), 1e-9);
        if (successes == problems)
            Assert.Equal(1, interval.High);
        else
            Assert.Equal(0.025, AtMost(successes, problems, interval.High), 1e-9);
    }

    [Fact]
    public void OfAmounts_IsStudentsInterval()
    {
        // t for 3 degrees of freedom and 97.5% is 3.182446; mean 2.5, s^2 = 5/3.
        Estimate estimate = Estimate.OfAmounts([1, 2, 3, 4]);
        Assert.Equal(2.5, estimate.Mean);
        Assert.Equal(Math.Sqrt(5.0 / 3 / 4), estimate.StandardError!.Value, 1e-15);
        Assert.Equal(2.5 + 3.182446 * Math.Sqrt(5.0 / 12), estimate.Interval!.Value.High, 1e-5);
        Assert.Equal(4, estimate.Problems);
        Assert.Null(Estimate.OfAmounts([7]).Interval);
    }

    [Fact]
    public void OfShares_MirroredScores_HaveTheMirroredInterval()
    {
        double[] scores = [0, 0.25, 0, 0.5, 0, 0, 0.75, 0, 0, 0.25];
        Interval interval = Estimate.OfShares(scores).Interval!.Value, mirrored = Estimate.OfShares([.. scores.Select(score => 1 - score)]).Interval!.Value;
        // The quantiles are found to a relative 1e-8 or better.
        Assert.Equal(interval.Low, 1 - mirrored.High, 1e-7);
        Assert.Equal(interval.High, 1 - mirrored.Low, 1e-7);
        Assert.True(interval.Contains(0.175));
    }

    [Fact]
    public void WrongScores_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Estimate.OfShares([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Estimate.OfShares([0.5, 1.1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Estimate.OfShares([double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Estimate.OfAmounts([double.PositiveInfinity, 1]));
    }

    static double AtMost(int successes, int tosses, double p)
    {
        double chance = Math.Pow(1 - p, tosses), sum = 0;
        for (int i = 0; i <= successes; i++)
        {
            sum += chance;
            chance *= (tosses - i) * p / ((i + 1) * (1 - p));
        }
        return sum;
    }

    // The framework's hash codes differ from process to process.
    static int HashCode(int problems, double mean, int samples, double spread) => problems * 1_000_000 + (int)(mean * 100) * 10_000 + samples * 100 + (int)(spread * 10);
}
