// Quantiles against literal examples and against shares counted in a long row of samples.

using Fathom.Numerics.Statistics;

namespace Fathom.Numerics.Tests.Statistics;

public sealed class QuantilesTests
{
    [Theory]
    [InlineData(new double[] { 7 }, 7, 7, 7)]
    [InlineData(new double[] { 5, 1, 3, 2, 4 }, 2, 3, 4)]
    [InlineData(new double[] { 4, 1 }, 1.75, 2.5, 3.25)]
    [InlineData(new double[] { 1, 10, 2, 4 }, 1.75, 3, 5.5)]
    [InlineData(new double[] { -3, -1, -2 }, -2.5, -2, -1.5)]
    public void Quartiles_AreLinearBetweenSamplesInOrder(double[] samples, double low, double median, double high)
    {
        // All numbers here are exact in binary, so the results are.
        Assert.Equal((low, median, high), Quantiles.Quartiles(samples));
        Assert.Equal(median, Quantiles.Median(samples));
    }

    [Fact]
    public void Quartiles_OfAnyOrder_SplitTheSamples()
    {
        // 101 different samples, shuffled by multiplication: places 25, 50 and 75 are samples.
        double[] samples = [.. Enumerable.Range(0, 101).Select(i => (double)(i * 37 % 101))];
        (double low, double median, double high) = Quantiles.Quartiles(samples);
        Assert.Equal((25, 50, 75), (samples.Count(sample => sample < low), samples.Count(sample => sample < median), samples.Count(sample => sample < high)));
    }

    [Fact]
    public void Median_OnASample_IsNotTouchedByAnInfiniteNeighbour() => Assert.Equal(2, Quantiles.Median([1, 2, double.PositiveInfinity]));

    [Fact]
    public void NoSamples_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Quantiles.Median([]));
        Assert.Throws<ArgumentException>(() => Quantiles.Quartiles([]));
    }
}
