// Total cost of ownership: what training and serving take beside the last run. A line that nobody stated is said to be missing, never taken for 0.

using System.Globalization;
using Fathom.Planning.Training;

namespace Fathom.Planning.Costs;

/// <summary>Devices of one kind that are bought.</summary>
/// <param name="Name">Which.</param>
/// <param name="Count">How many.</param>
/// <param name="Price">Price of one with its share of server and network, in dollars.</param>
/// <param name="Watts">Power of one with that share; 0 where power is paid in another line.</param>
public sealed record OwnedDevices(string Name, int Count, decimal Price, decimal Watts);

/// <summary>What owning takes. Sums in dollars over all years unless said otherwise; null: not stated.</summary>
public sealed record Ownership
{
    /// <summary>Years of use, above 0 and at most 50.</summary>
    public required decimal Years { get; init; }

    /// <summary>Devices that are bought.</summary>
    public required IReadOnlyList<OwnedDevices> Devices { get; init; }

    /// <summary>Where devices and prices come from.</summary>
    public required string DeviceSource { get; init; }

    /// <summary>Power that the data centre draws over what devices draw (PUE), at least 1.</summary>
    public decimal PowerUsageEffectiveness { get; init; } = (decimal)Efficiencies.PowerUsage.Value;

    /// <summary>Price of a kWh.</summary>
    public decimal PowerPrice { get; init; } = 0.10m;

    /// <summary>Share of the time in which devices work and draw their power, 0 to 1.</summary>
    public decimal Utilisation { get; init; } = 1;

    /// <summary>Buildings, network, staff of the data centre, repairs; with <see cref="OperationSource"/>.</summary>
    public decimal? Operation { get; init; }

    /// <summary>Who says so.</summary>
    public string OperationSource { get; init; } = "given";

    /// <summary>People.</summary>
    public decimal? People { get; init; }

    /// <summary>Cost of one of them per year.</summary>
    public decimal? Salary { get; init; }

    /// <summary>Runs that failed.</summary>
    public decimal? FailedRuns { get; init; }

    /// <summary>Ablations and small runs that chose the recipe.</summary>
    public decimal? Ablations { get; init; }

    /// <summary>Research that led to nothing that was shipped.</summary>
    public decimal? Research { get; init; }

    /// <summary>Data: licences, labels, generation.</summary>
    public decimal? Data { get; init; }

    /// <summary>
    /// SemiAnalysis' estimate of DeepSeek and High-Flyer: servers of $1.629B and operation of $0.944B over four years. Their operation holds the
    /// power; people, failed runs, ablations and research are not in it.
    /// </summary>
    public static Ownership SemiAnalysis { get; } = new()
    {
        Years = 4,
        Devices = [new("A100", 10_000, 23_716m, 0), new("H20", 30_000, 24_228m, 0), new("H800", 10_000, 31_728m, 0), new("H100", 10_000, 34_728m, 0)],
        DeviceSource = Figure.AssumptionMark + "server prices per GPU as recalled from SemiAnalysis, DeepSeek Debates (2025-01-31); counts and the sum of $1.6B as published",
        Operation = 944_000_000m,
        OperationSource = "SemiAnalysis, DeepSeek Debates (2025-01-31): cost of operation over four years, power included",
    };

    /// <summary>The published total of <see cref="SemiAnalysis"/>.</summary>
    public static Figure SemiAnalysisTotal { get; } = Figure.Money("published total", 2_573_000_000m, "USD", "SemiAnalysis, DeepSeek Debates (2025-01-31), as the seed documents quote it");
}

/// <summary>Total cost of ownership, line by line.</summary>
public sealed class TotalCost
{
    const decimal HoursPerYear = 8766;

    /// <summary>Adds up.</summary>
    /// <exception cref="PlanException">An input is out of its range; the message says which and what is allowed.</exception>
    public TotalCost(Ownership ownership)
    {
        Check("years", ownership.Years, 0.01m, 50);
        Check("PUE", ownership.PowerUsageEffectiveness, 1, 10);
        Check("power price", ownership.PowerPrice, 0, 100);
        Check("utilisation", ownership.Utilisation, 0.0001m, 1);
        foreach ((string name, decimal? sum) in ((string, decimal?)[])[("operation", ownership.Operation), ("failed runs", ownership.FailedRuns), ("ablations", ownership.Ablations), ("research", ownership.Research), ("data", ownership.Data)])
            Check(name, sum ?? 0, 0, 1e15m);
        Check("people", ownership.People ?? 0, 0, 10_000_000);
        Check("salary", ownership.Salary ?? 0, 0, 1_000_000_000);
        List<CostLine> lines = [];
        decimal kilowatts = 0, devices = 0;
        foreach (OwnedDevices owned in ownership.Devices)
        {
            Check($"number of {owned.Name}", owned.Count, 0, 100_000_000);
            Check($"price of {owned.Name}", owned.Price, 0, 100_000_000);
            Check($"power of {owned.Name}", owned.Watts, 0, 1_000_000);
            lines.Add(new($"servers, {owned.Name}", owned.Count * owned.Price, FormattableString.Invariant($"{owned.Count} x {owned.Price}; {ownership.DeviceSource}")));
            kilowatts += owned.Count * owned.Watts / 1000;
            devices += owned.Count;
        }
        if (kilowatts > 0)
        {
            lines.Add(new(
                "power", kilowatts * ownership.PowerUsageEffectiveness * ownership.Utilisation * HoursPerYear * ownership.Years * ownership.PowerPrice,
                FormattableString.Invariant($"{kilowatts} kW x PUE {ownership.PowerUsageEffectiveness} x {ownership.Utilisation} of the time x {HoursPerYear} h x {ownership.Years} years x {ownership.PowerPrice} per kWh")));
        }
        else
            lines.Add(new("power", null, ownership.Operation is null ? CostLine.NotStated : "in the operation"));
        lines.Add(CostLine.Of("operation", ownership.Operation, ownership.OperationSource));
        lines.Add(new("people", ownership.People * ownership.Salary * ownership.Years, ownership.People is null || ownership.Salary is null ? CostLine.NotStated : FormattableString.Invariant($"{ownership.People} x {ownership.Salary} x {ownership.Years} years")));
        lines.Add(CostLine.Of("failed runs", ownership.FailedRuns));
        lines.Add(CostLine.Of("ablations", ownership.Ablations));
        lines.Add(CostLine.Of("research", ownership.Research));
        lines.Add(CostLine.Of("data", ownership.Data));
        Lines = lines;
        UsefulHours = devices * HoursPerYear * ownership.Years * ownership.Utilisation;
    }

    /// <summary>Every line, those without an amount too.</summary>
    public IReadOnlyList<CostLine> Lines { get; }

    /// <summary>Sum of what is stated.</summary>
    public decimal Total => CostLine.SumOf(Lines);

    /// <summary>Names of the lines that are missing, so that the total is a lower bound.</summary>
    public IReadOnlyList<string> Missing => CostLine.MissingOf(Lines);

    /// <summary>Every stated line with its source, then what comes of them.</summary>
    public IReadOnlyList<Figure> Figures
    {
        get
        {
            List<Figure> figures = [.. Lines.Where(line => line.Amount is not null).Select(line => Figure.Money(line.Name, line.Amount!.Value, "USD", line.Source))];
            figures.Add(Figure.Money("total", Total, "USD", Missing.Count == 0 ? "the sum of the lines" : $"the sum of the stated lines, a lower bound: {string.Join(", ", Missing)} not stated"));
            figures.Add(new("hours in which devices work", (double)UsefulHours, "h", FormattableString.Invariant($"devices x {HoursPerYear} h x years x share of the time")));
            if (PerUsefulHour is { } hour)
                figures.Add(Figure.Money("cost of such an hour", hour, "USD", "total / hours in which devices work"));
            return figures;
        }
    }

    /// <summary>Device hours in which devices work.</summary>
    public decimal UsefulHours { get; }

    /// <summary>What such an hour costs, or null without devices.</summary>
    public decimal? PerUsefulHour => UsefulHours > 0 ? Total / UsefulHours : null;

    static void Check(string name, decimal value, decimal least, decimal most)
    {
        if (value < least || value > most)
            throw new PlanException(string.Create(CultureInfo.InvariantCulture, $"{name} is {value}; {least} to {most} is allowed."));
    }
}

/// <summary>A cost that falls by a constant share each year.</summary>
/// <param name="YearlyFall">Share by which it falls, above 0 and below 1.</param>
/// <param name="Source">Who says so.</param>
public sealed record CostTrend(double YearlyFall, string Source)
{
    const string Quoted = "quoted by the seed documents; a projection with this rate as its input";

    /// <summary>Training to the same quality.</summary>
    public static CostTrend Training { get; } = new(0.75, Quoted);

    /// <summary>Inference of the same quality, by the lower of the quoted rates.</summary>
    public static CostTrend InferenceLow { get; } = new(0.85, Quoted);

    /// <summary>Inference of the same quality, by the higher of the quoted rates.</summary>
    public static CostTrend InferenceHigh { get; } = new(0.90, Quoted);

    /// <summary>Share of today's cost after some years.</summary>
    public double After(double years) => Math.Pow(1 - YearlyFall, years);

    /// <summary>Years until something costs this many times less.</summary>
    public double YearsUntil(double timesCheaper) => Math.Log(timesCheaper) / -Math.Log(1 - YearlyFall);
}
