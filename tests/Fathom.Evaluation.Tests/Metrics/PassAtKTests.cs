// pass@k against enumeration of all draws.
using System.Numerics;
using Fathom.Evaluation.Metrics;

namespace Fathom.Evaluation.Tests.Metrics;

public sealed class PassAtKTests
{
    [Fact]
    public void Unbiased_EqualsEnumerationOfAllDraws()
    {
        for (int n = 1; n <= 12; n++)
            for (int c = 0; c <= n; c++)
                for (int k = 1; k <= n; k++)
                {
                    // The first c samples are right: a draw of k passes if it holds one of them.
                    int draws = 0, passed = 0;
                    for (uint draw = 0; draw < 1u << n; draw++)
                        if (BitOperations.PopCount(draw) == k)
                        {
                            draws++;
                            passed += (draw & ((1u << c) - 1)) != 0 ? 1 : 0;
                        }
                    // n factors, one rounding each.
                    Assert.Equal((double)passed / draws, PassAtK.Unbiased(n, c, k), 12 * 2.3e-16);
                }
    }

    [Fact]
    public void Unbiased_HasTheRightMean_OverAllOutcomes()
    {
        // Sum over the binomial distribution of c must give 1 - (1-p)^k exactly: that is what unbiased means.
        const double p = 0.3;
        const int n = 10;
        for (int k = 1; k <= n; k++)
        {
            double mean = 0, ways = 1;
            for (int c = 0; c <= n; ways = ways * (n - c) / (c + 1), c++)
                mean += ways * Math.Pow(p, c) * Math.Pow(1 - p, n - c) * PassAtK.Unbiased(n, c, k);
            Assert.Equal(1 - Math.Pow(1 - p, k), mean, 1e-14);
        }
    }

    [Fact]
    public void PassAt1_MeanAndErrorByProblem()
    {
        // Per-problem means 0, 0.5, 1, 0.5: mean 0.5, s^2 = (0.25+0+0.25+0)/3, error = sqrt(s^2/4).
        Estimate estimate = PassAtK.PassAt1([0, 2, 4, 2], 4);
        Assert.Equal(0.5, estimate.Mean);
        Assert.Equal(Math.Sqrt(0.5 / 3 / 4), estimate.StandardError!.Value, 1e-15);
    }

    [Fact]
    public void PassAt_SingleProblem_HasNoStandardError()
    {
        Estimate estimate = PassAtK.PassAt1([1], 4);
        Assert.Equal(0.25, estimate.Mean);
        Assert.Null(estimate.StandardError);
    }

    [Fact]
    public void GPassAt_EqualsEnumerationOfAllDraws()
    {
        for (int n = 1; n <= 10; n++)
            for (int c = 0; c <= n; c++)
                for (int k = 1; k <= n; k++)
                    for (int needed = 1; needed <= k; needed++)
                    {
                        int draws = 0, passed = 0;
                        for (uint draw = 0; draw < 1u << n; draw++)
                            if (BitOperations.PopCount(draw) == k)
                            {
                                draws++;
                                passed += BitOperations.PopCount(draw & ((1u << c) - 1)) >= needed ? 1 : 0;
                            }
                        // Logarithms of factorials up to 10! carry a few roundings of numbers below 16.
                        Assert.Equal((double)passed / draws, PassAtK.GPassAt(n, c, k, (double)needed / k), 1e-13);
                    }
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.PassAt1([], 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Unbiased(4, 5, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Unbiased(4, 1, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Unbiased(4, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.GPassAt(4, 1, 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.GPassAt(4, 1, 2, 1.1));
    }
}
