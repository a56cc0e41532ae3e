// Total cost of ownership by hand, the published estimate, and the projections.

using Fathom.Planning.Costs;

namespace Fathom.Planning.Tests.Costs;

public class TotalCostTests
{
    static readonly Ownership s_small = new()
    {
        Years = 2,
        Devices = [new("x", 10, 1000, 500)],
        DeviceSource = "hand",
        PowerUsageEffectiveness = 1.2m,
        PowerPrice = 0.1m,
        Utilisation = 0.5m,
        Operation = 100,
        People = 3,
        Salary = 50,
        FailedRuns = 0,
        Ablations = 7,
        Research = 8,
        Data = 9,
    };

    [Fact]
    public void Total_OfASmallCluster_AddsUp()
    {
        TotalCost total = new(s_small);
        // 5 kW x 1.2 x half the time x 8766 h x 2 years x 0.1 = 5259.6.
        Assert.Equal(5259.6m, total.Lines.Single(line => line.Name == "power").Amount);
        Assert.Equal(10_000 + 5259.6m + 100 + 300 + 0 + 7 + 8 + 9, total.Total);
        Assert.Empty(total.Missing);
        Assert.Equal(10 * 8766 * 2 * 0.5m, total.UsefulHours);
        Assert.Equal(total.Total / 87_660, total.PerUsefulHour);
    }

    [Fact]
    public void Total_WhatIsNotStated_IsNamedAndNotZero()
    {
        TotalCost total = new(s_small with { People = null, FailedRuns = null });
        Assert.Equal(["people", "failed runs"], total.Missing);
        Assert.All(total.Lines.Where(line => total.Missing.Contains(line.Name)), line => Assert.Null(line.Amount));
        Assert.Equal(0, new TotalCost(s_small).Lines.Single(line => line.Name == "failed runs").Amount);
    }

    [Fact]
    public void SemiAnalysis_InputsGiveThePublishedSum()
    {
        TotalCost total = new(Ownership.SemiAnalysis);
        Assert.Equal(2.573m, Math.Round(total.Total / 1e9m, 3));
        Assert.Equal(Ownership.SemiAnalysisTotal.Amount, Math.Round(total.Total / 1e6m) * 1_000_000m);
        Assert.Equal(1.6m, Math.Round(total.Lines.Where(line => line.Name.StartsWith("servers", StringComparison.Ordinal)).Sum(line => line.Amount!.Value) / 1e9m, 1));
        Assert.Equal(["people", "failed runs", "ablations", "research", "data"], total.Missing);
    }

    [Fact]
    public void Inputs_OutOfRange_AreRefused()
    {
        Assert.Contains("utilisation is 1.5", Assert.Throws<PlanException>(() => new TotalCost(s_small with { Utilisation = 1.5m })).Message, StringComparison.Ordinal);
        Assert.Throws<PlanException>(() => new TotalCost(s_small with { Years = 0 }));
        Assert.Throws<PlanException>(() => new TotalCost(s_small with { PowerUsageEffectiveness = 0.9m }));
        Assert.Throws<PlanException>(() => new TotalCost(s_small with { FailedRuns = -1 }));
        Assert.Throws<PlanException>(() => new TotalCost(s_small with { People = decimal.MaxValue }));
    }

    [Fact]
    public void Trends_FallByTheirRate()
    {
        Assert.Equal(0.0625, CostTrend.Training.After(2), 12);
        Assert.Equal(0.001, CostTrend.InferenceHigh.After(3), 12);
        Assert.Equal(1 / 1200.0, CostTrend.InferenceLow.After(CostTrend.InferenceLow.YearsUntil(1200)), 12);
    }
}
