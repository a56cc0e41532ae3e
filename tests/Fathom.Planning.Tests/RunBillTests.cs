// The bill of a run against numbers worked out by hand.

using System.Text.Json;
using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Prices;

namespace Fathom.Planning.Tests;

public class RunBillTests
{
    // Round numbers: 3.6e12 FLOP on 1e12 FLOP/s are 3.6 s, a thousandth of an hour, which at $2 costs $0.002.
    static readonly RunBill Bill = new(
        [
            new("base", "pretrain", new(1_000_000, 0, 5_000), 2.4e12, TimeSpan.FromSeconds(120)),
            new("rl", "rl", new(40_000, 60_000, 10_000), 1.2e12, TimeSpan.FromSeconds(60)),
        ],
        Cores: 2, PeakFlops: 80e9, PeakMemoryBytes: 1L << 30,
        new Accelerator("test", 2e12, 1e12, "hand"), new HourlyPrice(2m, "USD", "hand"));

    [Fact]
    public void Totals_TwoStages_AddUp()
    {
        Assert.Equal(new TokenCounts(1_040_000, 60_000, 15_000), Bill.Tokens);
        Assert.Equal(1_115_000, Bill.Tokens.Total);
        Assert.Equal(3.6e12, Bill.Flops);
        Assert.Equal(TimeSpan.FromMinutes(3), Bill.Elapsed);
        Assert.Equal(0.1, Bill.CoreHours, 12); // 3 min x 2 cores
    }

    [Fact]
    public void Utilisation_IsRateOverMeasuredPeak()
    {
        Assert.Equal(0.25, Bill.Utilisation, 12); // 3.6e12 / 180 s = 20e9 of 80e9
        Assert.Equal(0.25, Bill.UtilisationOf(Bill.Stages[0]), 12); // 2.4e12 / 120 s = 20e9
        Assert.Equal(0, (Bill with { Stages = [] }).Utilisation);
    }

    [Fact]
    public void ReferenceCost_IsHoursAtAchievedRateTimesPrice()
    {
        Assert.Equal(0.002m, Math.Round(Bill.ReferenceCost, 12));
        Assert.Equal(0.0006666667m, Math.Round(Bill.ReferenceCostOf(Bill.Stages[1]), 10)); // a third of it
    }

    [Fact]
    public void ReferenceCost_V3sFlops_GiveV3sPrice()
    {
        RunBill v3 = Bill with
        {
            Stages = [new("base", "pretrain", new(14_800_000_000_000, 0, 0), 6 * 37e9 * 14.8e12, TimeSpan.FromDays(54))],
            Reference = Accelerator.H800,
            Price = HourlyPrice.H800Rental,
        };
        Assert.Equal(5_328_000m, Math.Round(v3.ReferenceCost, 2));
    }

    [Fact]
    public void WriteTo_HoldsEveryRowAndTheTotal()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
            Bill.WriteTo(writer);
        JsonElement json = JsonDocument.Parse(stream.ToArray()).RootElement;

        JsonElement rl = json.GetProperty("stages")[1];
        Assert.Equal("rl", rl.GetProperty("name").GetString());
        Assert.Equal(60_000, rl.GetProperty("tokens").GetProperty("generated").GetInt64());
        Assert.Equal(60, rl.GetProperty("seconds").GetDouble());
        JsonElement total = json.GetProperty("total");
        Assert.Equal(1_115_000, total.GetProperty("tokens").GetProperty("total").GetInt64());
        Assert.Equal(0.25, total.GetProperty("modelFlopsUtilisation").GetDouble(), 12);
        Assert.Equal(1L << 30, total.GetProperty("peakMemoryBytes").GetInt64());
        Assert.Equal(0.002, total.GetProperty("referenceCost").GetDouble(), 12);
        Assert.Equal(2m, json.GetProperty("reference").GetProperty("pricePerHour").GetDecimal());
    }

    [Fact]
    public void Beside_HasALineForEachThingThatIsLeftOut_ZeroOnlyWhenSaidSo()
    {
        Assert.Equal(["failed runs", "ablations", "people", "data"], CostLine.MissingOf(Bill.Beside));
        RunBill said = Bill with { Beside = CostLine.BesideTheRun(failedRuns: 0, data: 12.5m) };
        Assert.Equal(["ablations", "people"], CostLine.MissingOf(said.Beside));
        Assert.Equal(12.5m, CostLine.SumOf(said.Beside));
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
            said.WriteTo(writer);
        JsonElement[] lines = [.. JsonDocument.Parse(stream.ToArray()).RootElement.GetProperty("beside").EnumerateArray()];
        Assert.Equal([JsonValueKind.Number, JsonValueKind.Null, JsonValueKind.Null, JsonValueKind.Number], lines.Select(line => line.GetProperty("amount").ValueKind));
        Assert.Equal("not stated", lines[1].GetProperty("source").GetString());
    }

    [Fact]
    public void TokenCounts_TooMany_Throw() =>
        Assert.Throws<OverflowException>(() => new TokenCounts(long.MaxValue, 0, 0) + new TokenCounts(1, 0, 0));
}
