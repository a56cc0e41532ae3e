// The published day of V3 and R1, to the dollar.

using Fathom.Planning.Costs;
using Fathom.Planning.Prices;

namespace Fathom.Planning.Tests.Costs;

public class ServingDayTests
{
    [Fact]
    public void PublishedDay_CostAndRevenue_AreExact()
    {
        ServingDay day = ServingDay.DeepSeek;
        Assert.Equal(87_072m, day.Cost);
        Assert.Equal(562_100m, day.Revenue(PriceBook.Published, "deepseek-reasoner", ServingDay.PriceMoment, "USD").Total);
        Assert.Equal(562_027m, ServingDay.PublishedRevenue.Amount);
        Assert.Equal(5.45m, Math.Round(day.ProfitOverCost(562_027m), 2));
        Assert.Equal(0.845m, Math.Round(day.ProfitOverRevenue(562_027m), 3));
    }

    [Fact]
    public void PublishedRates_GiveThePublishedNodes()
    {
        double prefill = ServingDay.Nodes(ServingDay.DeepSeek.InputTokens, ServingDay.PublishedPrefillRate.Value), decode = ServingDay.Nodes(ServingDay.DeepSeek.OutputTokens, ServingDay.PublishedDecodeRate.Value);
        Assert.Equal((95.5, 131.4), (Math.Round(prefill, 1), Math.Round(decode, 1)));
        // Rates are given to three digits, so the sum holds to a few tenths of a percent.
        Assert.Equal(226.75, prefill + decode, 226.75 * 0.005);
    }

    [Fact]
    public void Curve_WithPeak_HasMeanOneAndItsPeak()
    {
        TrafficCurve curve = TrafficCurve.WithPeak(1.5);
        Assert.Equal(24, curve.Factors.Count);
        Assert.Equal(1, curve.Factors.Average(), 12);
        Assert.Equal((0.5, 1.5), (Math.Round(curve.Factors.Min(), 12), Math.Round(curve.Factors.Max(), 12)));
        Assert.All(TrafficCurve.WithPeak(1).Factors, factor => Assert.Equal(1, factor));
    }

    [Fact]
    public void Curve_Nodes_AreWholeUnitsThatSuffice()
    {
        double[] values = [.. Enumerable.Range(1, 24).Select(hour => (double)hour)];
        IReadOnlyList<int> nodes = TrafficCurve.Of(values).Nodes(12.5, 4); // mean of the values is 12.5: hour h takes h nodes
        for (int hour = 1; hour <= 24; hour++)
            Assert.Equal((hour + 3) / 4 * 4, nodes[hour - 1]);
    }

    [Theory]
    [InlineData(0.9)]
    [InlineData(2.1)]
    [InlineData(double.NaN)]
    public void Curve_PeakOutOfRange_IsRefused(double peak) => Assert.Throws<PlanException>(() => TrafficCurve.WithPeak(peak));

    [Fact]
    public void Curve_BadValues_AreRefused()
    {
        Assert.Contains("23 values", Assert.Throws<PlanException>(() => TrafficCurve.Of(new double[23])).Message, StringComparison.Ordinal);
        Assert.Throws<PlanException>(() => TrafficCurve.Of(new double[24]));
        Assert.Throws<PlanException>(() => TrafficCurve.Of([.. Enumerable.Repeat(-1.0, 24)]));
        Assert.Throws<PlanException>(() => TrafficCurve.WithPeak(1).Nodes(1e9, 1));
    }
}
