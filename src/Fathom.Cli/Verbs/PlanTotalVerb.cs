// `fathom plan total`: total cost of ownership over years, line by line.
using System.CommandLine;
using Fathom.Planning;
using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>plan total</c>.</summary>
static class PlanTotalVerb
{
    const int ProjectedYears = 5;

    static readonly Option<string?> s_preset = new Option<string?>("--preset") { Description = "semianalysis: the estimate of $2.573B over four years for DeepSeek, and which inputs give it." }.AcceptOnlyFromAmong("semianalysis");

    static readonly Option<string> s_device = new("--device", "--gpu", "--cluster") { Description = "Device of the catalogue.", HelpName = "NAME", DefaultValueFactory = _ => "h800" };

    static readonly Option<int?> s_count = new Option<int?>("--count") { Description = "Devices that are bought.", HelpName = "N" }.Within(1, 100_000_000);

    static readonly Option<decimal?> s_price = PlanFlags.Money("--device-price", "Price of a device with its share of server and network. Default: the catalogue's price of the device alone.");

    static readonly Option<decimal> s_years = new("--years") { Description = "Years of use.", HelpName = "N", DefaultValueFactory = _ => 4 };

    static readonly Option<decimal> s_pue = new("--pue") { Description = "Power of the data centre over that of its devices.", HelpName = "N", DefaultValueFactory = _ => 1.3m };

    static readonly Option<decimal> s_power = new("--power-price") { Description = "Price of a kWh.", HelpName = "MONEY", DefaultValueFactory = _ => 0.10m };

    static readonly Option<decimal> s_utilisation = new("--utilisation") { Description = "Share of the time in which devices work.", HelpName = "SHARE", DefaultValueFactory = _ => 1 };

    static readonly Option<decimal?> s_operation = PlanFlags.Money("--operation", "Buildings, network, staff of the data centre, over all years.");

    static readonly Option<decimal?> s_people = new("--people") { Description = "People.", HelpName = "N" };

    static readonly Option<decimal?> s_salary = PlanFlags.Money("--salary", "Cost of one of them per year.");

    static readonly Option<decimal?> s_failed = PlanFlags.Money("--failed-runs", "Runs that failed, 0 where there were none.");

    static readonly Option<decimal?> s_ablations = PlanFlags.Money("--ablations", "Small runs that chose the recipe.");

    static readonly Option<decimal?> s_research = PlanFlags.Money("--research", "Research that led to nothing shipped.");

    static readonly Option<decimal?> s_data = PlanFlags.Money("--data", "Licences, labels, generated data.");

    public static Verb Create() => new Verb(
        "total", "Total cost of ownership: devices, power, people, failed runs, ablations, research. A line that is not stated is named as missing, never taken for 0.",
        "plan total --preset semianalysis",
        "plan total --count 2048 --device h800 --years 4 --people 150 --salary 200000 --failed-runs 0 --ablations 2000000")
    {
        s_preset, s_device, s_count, s_price, s_years, s_pue, s_power, s_utilisation, s_operation, s_people, s_salary, s_failed, s_ablations, s_research, s_data,
        PlanFlags.Explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        bool preset = parsed.GetValue(s_preset) is not null;
        Option[] own = [s_device, s_count, s_price, s_years, s_pue, s_power, s_operation];
        if (preset && own.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } other)
            throw CommandException.Usage($"--preset has its own {other.Name}; leave one of them out.");
        Ownership ownership = preset ? Ownership.SemiAnalysis : Owned(parsed);
        // What the preset's source leaves out can be added to it.
        ownership = ownership with
        {
            Utilisation = parsed.GetValue(s_utilisation),
            People = parsed.GetValue(s_people),
            Salary = parsed.GetValue(s_salary),
            FailedRuns = parsed.GetValue(s_failed),
            Ablations = parsed.GetValue(s_ablations),
            Research = parsed.GetValue(s_research),
            Data = parsed.GetValue(s_data),
        };
        TotalCost total = new(ownership);
        var trends = new[] { ("training, -75% a year", CostTrend.Training), ("inference, -85% a year", CostTrend.InferenceLow), ("inference, -90% a year", CostTrend.InferenceHigh) };
        List<Figure> figures = [.. total.Figures];
        if (preset)
            figures.Add(Ownership.SemiAnalysisTotal);
        foreach ((string name, CostTrend trend) in trends)
        {
            figures.Add(new($"{name}: fall per year", trend.YearlyFall, "", trend.Source));
            figures.AddRange(Enumerable.Range(1, ProjectedYears).Select(year => new Figure($"{name}: share after {year} years", trend.After(year), "", Terminal.Invariant($"(1 - {trend.YearlyFall}) ^ {year}"))));
            figures.Add(new($"{name}: years until 1,200 times less", trend.YearsUntil(1200), "years", Terminal.Invariant($"log 1200 / -log (1 - {trend.YearlyFall})")));
        }
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new
            {
                total.Total,
                Currency = "USD",
                ownership.Years,
                total.Lines,
                total.Missing,
                total.UsefulHours,
                total.PerUsefulHour,
                Published = preset ? Ownership.SemiAnalysisTotal.Amount : null,
                Explain = parsed.GetValue(PlanFlags.Explain) ? figures : null,
                Projections = trends.Select(trend => new { Name = trend.Item1, trend.Item2.YearlyFall, Shares = Enumerable.Range(1, ProjectedYears).Select(year => trend.Item2.After(year)), YearsUntil1200TimesCheaper = trend.Item2.YearsUntil(1200), trend.Item2.Source }),
            });
            return Endings.Fine;
        }
        Table table = Terminal.Table("line", ">USD", "from");
        foreach (CostLine line in total.Lines)
            table.Add(line.Name, line.Amount is null ? "-" : PlanPriceVerb.Text(line.Amount), line.Amount is null ? line.Source : "");
        table.Add("total", PlanPriceVerb.Text(total.Total), "");
        Terminal.Write(table);
        if (preset)
            Console.Out.WriteLine($"Published: {Ownership.SemiAnalysisTotal}.");
        if (total.PerUsefulHour is { } hour)
            Console.Out.WriteLine(Terminal.Invariant($"An hour in which a device works costs {hour:0.00} USD."));
        if (total.Missing.Count > 0)
            Console.Out.WriteLine($"Not stated, so the total is a lower bound: {string.Join(", ", total.Missing)}. Give 0 where there was none.");
        Console.Out.WriteLine("If costs fall as the source documents quote, the same costs after 1 to 5 years:");
        foreach ((string name, CostTrend trend) in trends)
            Console.Out.WriteLine(Terminal.Invariant($"  {name}: {string.Join(", ", Enumerable.Range(1, ProjectedYears).Select(year => Terminal.Invariant($"{trend.After(year):0.###%}")))}; 1,200 times less after {trend.YearsUntil(1200):0.0} years."));
        if (parsed.GetValue(PlanFlags.Explain))
            PlanFlags.Print(figures);
        return Endings.Fine;
    }

    static Ownership Owned(ParseResult parsed)
    {
        Device device = Device.Find(parsed.GetValue(s_device)!);
        if (parsed.GetValue(s_count) is not { } count)
            throw CommandException.Usage("--count is missing: how many devices are bought; or --preset semianalysis.");
        decimal price = parsed.GetValue(s_price) ?? (device.Purchases.Count > 0 ? device.Purchases[0].Amount
            : throw CommandException.Usage($"the catalogue has no price of a {device.Title}; give it with --device-price."));
        return new Ownership
        {
            Years = parsed.GetValue(s_years),
            Devices = [new(device.Title, count, price, (decimal)device.Watts.Value)],
            DeviceSource = parsed.GetValue(s_price) is null ? device.Purchases[0].Source : "given",
            PowerUsageEffectiveness = parsed.GetValue(s_pue),
            PowerPrice = parsed.GetValue(s_power),
            Operation = parsed.GetValue(s_operation),
        };
    }
}
