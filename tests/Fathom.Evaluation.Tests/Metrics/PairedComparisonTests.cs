// The paired test against counting all flips and McNemar's binomial; its rate of false alarms; the coverage of the interval.
using System.Numerics;
using Fathom.Evaluation.Metrics;
using Fathom.Numerics.Random;
using Xunit.Abstractions;

namespace Fathom.Evaluation.Tests.Metrics;

public sealed class PairedComparisonTests(ITestOutputHelper output)
{
    const int Runs = 1000;

    [Fact]
    public void PValue_EqualsCountingAllFlips()
    {
        RandomStream random = new(9, 2);
        for (int trial = 0; trial < 100; trial++)
        {
            int problems = random.NextInt(1, 11), samples = random.NextInt(1, 7);
            double[] first = new double[problems], second = new double[problems];
            for (int i = 0; i < problems; i++)
                (first[i], second[i]) = (random.NextInt(samples + 1) / (double)samples, random.NextInt(samples + 1) / (double)samples);
            // In whole samples, so that equal sums are equal.
            int[] differences = [.. second.Zip(first, (b, a) => (int)Math.Round((b - a) * samples))];
            int atLeast = 0;
            for (uint flips = 0; flips < 1u << problems; flips++)
            {
                int sum = 0;
                for (int i = 0; i < problems; i++)
                    sum += (flips >> i & 1) == 1 ? differences[i] : -differences[i];
                atLeast += Math.Abs(sum) >= Math.Abs(differences.Sum()) ? 1 : 0;
            }
            PairedComparison comparison = PairedComparison.Of(first, second);
            Assert.True(comparison.Exact);
            Assert.Equal(atLeast / Math.Pow(2, problems), comparison.PValue, 1e-12);
            Assert.Equal(differences.Sum() / (double)samples / problems, comparison.Difference.Mean, 1e-12);
            Assert.Equal(differences.Count(d => d > 0), comparison.SecondBetter);
            Assert.Equal(differences.Count(d => d < 0), comparison.FirstBetter);
        }
    }

    [Theory]
    [InlineData(5, 0, 195)]
    [InlineData(12, 3, 100)]
    [InlineData(7, 7, 0)]
    [InlineData(700, 619, 0)]
    public void PValue_AllOrNothing_IsMcNemarsExactTest(int secondOnly, int firstOnly, int equal)
    {
        double[] first = [.. Enumerable.Repeat(0.0, secondOnly), .. Enumerable.Repeat(1.0, firstOnly), .. Enumerable.Repeat(1.0, equal)];
        double[] second = [.. Enumerable.Repeat(1.0, secondOnly), .. Enumerable.Repeat(0.0, firstOnly), .. Enumerable.Repeat(1.0, equal)];
        // Twice the binomial tail of the rarer side, with whole numbers of any size.
        int discordant = secondOnly + firstOnly;
        BigInteger tail = 0, ways = 1;
        for (int i = 0; i <= Math.Min(secondOnly, firstOnly); ways = ways * (discordant - i) / (i + 1), i++)
            tail += ways;
        double expected = Math.Min(1, Math.Exp(BigInteger.Log(2 * tail) - discordant * Math.Log(2)));
        // The reference's logarithms are of the size 900, so their last place is 1e-13.
        Assert.Equal(expected, PairedComparison.Of(first, second).PValue, 1e-11);
    }

    [Fact]
    public void PValue_ScoresWithoutACommonDenominator_IsEstimated_CloseToTheExactOne()
    {
        double[] first = new double[40], exactSecond = new double[40], second = new double[40];
        for (int i = 0; i < 40; i++)
        {
            (first[i], exactSecond[i]) = (0.25, i % 3 == 0 ? 0 : 0.5);
            second[i] = exactSecond[i] + 1e-7 * Math.Sqrt(i + 2);
        }
        PairedComparison exact = PairedComparison.Of(first, exactSecond), estimated = PairedComparison.Of(first, second);
        Assert.True(exact.Exact);
        Assert.False(estimated.Exact);
        // Flips that give the observed difference exactly fall to one side or the other by the added noise, so the estimate lies between
        // the tails with and without them, give or take five standard deviations of 100,000 draws. 26 against 14: P(X >= 26), P(X >= 27).
        double with = exact.PValue, without = with - 2 * Math.Exp(LogChoose(40, 26) - 40 * Math.Log(2));
        double five = 5 * Math.Sqrt(with * (1 - with) / 100_000);
        Assert.InRange(estimated.PValue, without - five, with + five);
        Assert.Equal(estimated.PValue, PairedComparison.Of(first, second).PValue);
    }

    [Theory]
    [InlineData(30, 1, 0.5)]
    [InlineData(30, 16, 0.1)]
    [InlineData(200, 1, 0.95)]
    [InlineData(200, 4, 0.5)]
    public void EqualModels_AlarmInAtMost5PercentOfRuns_AndTheIntervalCoversZero(int problems, int samples, double mean)
    {
        (int alarms, int covered, double width) = Simulate(problems, samples, mean, gain: 0);
        output.WriteLine($"alarms {alarms}/{Runs}, covered {covered}/{Runs}, mean width {width:0.000}");
        double five = 4 * Math.Sqrt(0.95 * 0.05 / Runs);
        Assert.InRange(alarms, 0, (0.05 + five) * Runs);
        Assert.InRange(covered, (0.95 - five) * Runs, Runs);
    }

    [Theory]
    [InlineData(30, 1, 0.5)]
    [InlineData(30, 16, 0.5)]
    [InlineData(200, 1, 0.85)]
    [InlineData(200, 4, 0.05)]
    [InlineData(200, 16, 0.5)]
    public void BetterModel_TheIntervalCoversTheGain(int problems, int samples, double mean)
    {
        (int alarms, int covered, double width) = Simulate(problems, samples, mean, gain: 0.1);
        output.WriteLine($"alarms {alarms}/{Runs}, covered {covered}/{Runs}, mean width {width:0.000}");
        Assert.InRange(covered, (0.95 - 4 * Math.Sqrt(0.95 * 0.05 / Runs)) * Runs, Runs);
        // A power that a test of two separate means would not have where difficulty varies.
        if (problems == 200 && samples == 16)
            Assert.InRange(alarms, 0.9 * Runs, Runs);
    }

    [Fact]
    public void EqualScores_AreNoProofOfEqualModels()
    {
        double[] scores = [.. Enumerable.Range(0, 30).Select(i => i % 2.0)];
        PairedComparison comparison = PairedComparison.Of(scores, scores);
        Assert.Equal(1, comparison.PValue);
        Assert.Equal(0, comparison.Difference.Mean);
        // Up to about 1 problem in 10 may still differ (the rule of three: 3.7 / 30 at 97.5%).
        Assert.InRange(comparison.Difference.Interval!.Value.High, 0.05, 0.15);
        Assert.Equal(-comparison.Difference.Interval!.Value.High, comparison.Difference.Interval!.Value.Low, 1e-12);
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => PairedComparison.Of([1], [1, 0]));
        Assert.Throws<ArgumentException>(() => PairedComparison.Of([], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairedComparison.Of([1.5], [1]));
    }

    // Problems whose chance lies around the mean, the same for both models but for the second one's gain; the truth is the mean gain.
    static (int Alarms, int Covered, double Width) Simulate(int problems, int samples, double mean, double gain)
    {
        RandomStream random = new(6, (ulong)(problems * 1000 + samples * 10 + (gain > 0 ? 1 : 0)));
        int alarms = 0, covered = 0;
        double width = 0;
        double[] first = new double[problems], second = new double[problems];
        for (int run = 0; run < Runs; run++)
        {
            for (int i = 0; i < problems; i++)
            {
                double chance = (1 - gain) * random.NextDouble() < mean ? random.NextDouble() * Math.Min(1 - gain, 2 * mean) : 0;
                first[i] = Samples(ref random, chance, samples);
                second[i] = Samples(ref random, chance + gain, samples);
            }
            PairedComparison comparison = PairedComparison.Of(first, second);
            alarms += comparison.PValue <= 0.05 ? 1 : 0;
            Interval interval = comparison.Difference.Interval!.Value;
            covered += interval.Contains(gain) ? 1 : 0;
            width += (interval.High - interval.Low) / Runs;
        }
        return (alarms, covered, width);
    }

    static double Samples(ref RandomStream random, double chance, int samples)
    {
        int right = 0;
        for (int s = 0; s < samples; s++)
            right += random.NextDouble() < chance ? 1 : 0;
        return right / (double)samples;
    }

    static double LogChoose(int n, int k) => Enumerable.Range(1, k).Sum(i => Math.Log((double)(n - k + i) / i));
}
