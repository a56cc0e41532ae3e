// `fathom plan serve`: nodes, cost and revenue of serving a model, from first principles and by the price book.
using System.CommandLine;
using System.Globalization;
using Fathom.Models.Configs;
using Fathom.Planning;
using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Prices;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>plan serve</c>.</summary>
static class PlanServeVerb
{
    const string DeepSeekDay = "deepseek-day";
    const int HoursPerDay = 24;
    const double SecondsPerDay = 86_400;

    static readonly Option<string?> s_preset = new Option<string?>("--preset") { Description = "deepseek-day: 24 hours of DeepSeek-V3 and R1 as published (2025-02-27 to 28), beside what the plan makes of its traffic." }.AcceptOnlyFromAmong(DeepSeekDay);

    static readonly Option<string> s_model = new("--model") { Description = "A preset's name: see 'fathom init --help'.", HelpName = "PRESET", DefaultValueFactory = _ => "deepseek-v3" };

    static readonly Option<string> s_device = new("--device", "--gpu", "--cluster") { Description = "Device of the catalogue.", HelpName = "NAME", DefaultValueFactory = _ => "h800" };

    static readonly Option<long?> s_input = PlanFlags.Tokens("--input", "Input tokens of a day, hits included.");

    static readonly Option<long?> s_hit = PlanFlags.Tokens("--hit", "Those of them that the cache has.");

    static readonly Option<long?> s_output = PlanFlags.Tokens("--output", "Output tokens of a day.");

    static readonly Option<string?> s_curve = new("--curve") { Description = "Traffic of the 24 hours in any unit, separated by commas.", HelpName = "N,..." };

    static readonly Option<double> s_peak = new Option<double>("--peak") { Description = "Without --curve: the greatest hour over the mean, 1 to 2.", HelpName = "FACTOR", DefaultValueFactory = _ => 278 / 226.75 }.Within(1, 2);

    static readonly Option<double> s_load = new Option<double>("--load") { Description = "Share of a node's throughput that is planned with; the rest is for bursts, imbalance and gaps (an assumption).", HelpName = "SHARE", DefaultValueFactory = _ => 0.7 }.Above(0, 1);

    static readonly Option<double> s_context = new Option<double>("--context") { Description = "Tokens in a sequence's cache while it writes, mean.", HelpName = "N", DefaultValueFactory = _ => 4989 }.Within(1, 10_000_000);

    static readonly Option<double> s_speed = new Option<double>("--speed") { Description = "Least tokens/s of a sequence.", HelpName = "N", DefaultValueFactory = _ => 21 }.Above(0, 1_000_000);

    static readonly Option<int> s_prefillNodes = new Option<int>("--prefill-nodes") { Description = "Nodes of a unit that reads prompts.", HelpName = "N", DefaultValueFactory = _ => ServingLayout.DeepSeek.Prefill.Nodes }.Within(1, 1 << 16);

    static readonly Option<int> s_decodeNodes = new Option<int>("--decode-nodes") { Description = "Nodes of a unit that writes.", HelpName = "N", DefaultValueFactory = _ => ServingLayout.DeepSeek.Decode.Nodes }.Within(1, 1 << 16);

    static readonly Option<int> s_redundant = new Option<int>("--redundant-experts") { Description = "Copies of busy experts per layer.", HelpName = "N", DefaultValueFactory = _ => ServingLayout.DeepSeek.Decode.RedundantExperts }.Within(0, 1 << 20);

    static readonly Option<string> s_priceModel = new("--price-model") { Description = "Model of the price book that the tokens are sold as.", HelpName = "NAME", DefaultValueFactory = _ => "deepseek-reasoner" };

    public static Verb Create() => new Verb(
        "serve", "What serving a model takes: throughput of a node, cache, nodes over the day, cost and revenue. Nothing is run.",
        "plan serve --preset deepseek-day",
        "plan serve --model deepseek-v3 --device h200 --input 10B --hit 4B --output 2B --at 2025-10-01 --price-model deepseek-chat",
        "plan serve --input 10B --output 2B --peak 1.5 --at 2025-10-01 --json")
    {
        s_preset, s_model, s_device, s_input, s_hit, s_output, s_curve, s_peak, s_load, s_context, s_speed, s_prefillNodes, s_decodeNodes, s_redundant,
        s_priceModel, PlanFlags.At, PlanFlags.Currency, PlanFlags.Prices, PlanFlags.Explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        bool published = parsed.GetValue(s_preset) is not null;
        ServingDay known = ServingDay.DeepSeek;
        long input = parsed.GetValue(s_input) ?? (published ? known.InputTokens : 0), output = parsed.GetValue(s_output) ?? (published ? known.OutputTokens : 0);
        long hit = parsed.GetValue(s_hit) ?? (published ? known.HitTokens : 0);
        if (published && (parsed.GetValue(s_input) ?? parsed.GetValue(s_hit) ?? parsed.GetValue(s_output)) is not null)
            throw CommandException.Usage("--preset has its own tokens; leave --input, --hit and --output out, or the preset.");
        if (input == 0 && output == 0)
            throw CommandException.Usage("there is no traffic; --input and --output (tokens of a day) or --preset deepseek-day is needed.");
        if (hit > input)
            throw CommandException.Usage($"--hit is {hit} and --input {input}; hits are part of the input, so 0 to {input} are allowed.");

        Device device = Device.Find(parsed.GetValue(s_device)!);
        ModelConfig config = CommonOptions.PresetNamed(parsed.GetValue(s_model)!);
        int redundant = config.Experts is null ? 0 : parsed.GetValue(s_redundant);
        ServingLayout layout = new(new(parsed.GetValue(s_prefillNodes), redundant, "given"), new(parsed.GetValue(s_decodeNodes), redundant, "given"));
        ServingPlan plan = new(config, device, layout);
        double context = parsed.GetValue(s_context), load = parsed.GetValue(s_load);
        // A token of a prompt attends to half of it on average; prompts are taken to be as long as the contexts.
        ServingThroughput prefill = plan.Prefill(context / 2), decode = plan.Decode(context, parsed.GetValue(s_speed));
        TrafficCurve curve = parsed.GetValue(s_curve) is { } list ? TrafficCurve.Of(Numbers(list)) : TrafficCurve.WithPeak(parsed.GetValue(s_peak));
        // Hits are read from the cache, so only misses are computed.
        double reading = (input - hit) / SecondsPerDay / prefill.TokensPerSecond / load, writing = output / SecondsPerDay / decode.TokensPerSecond / load;
        int[] nodes = [.. curve.Nodes(reading, layout.Prefill.Nodes).Zip(curve.Nodes(writing, layout.Decode.Nodes), (a, b) => checked(a + b))];
        decimal mean = nodes.Sum(count => (decimal)count) / HoursPerDay;

        DevicePrice rent = device.Rents.Count > 0 ? device.Rents[0] : throw new PlanException($"the catalogue has no rent of a {device.Title}; a device with one is needed, such as h800.");
        ServingDay planned = new(input, hit, output, mean, device.DevicesPerNode, new HourlyPrice(rent.Amount, rent.Currency, rent.Source), "the plan");
        PriceBook book = PlanFlags.Book(parsed);
        // By node hours: the mean is rounded.
        decimal cost = planned.Rent.For(nodes.Sum(count => (decimal)count) * device.DevicesPerNode);
        string currency = parsed.GetValue(PlanFlags.Currency)!, sold = parsed.GetValue(s_priceModel)!;
        DateTimeOffset at = parsed.GetValue(PlanFlags.At) ?? (published ? ServingDay.PriceMoment : book.LatestMoment(sold, DateTimeOffset.UtcNow, currency));
        TokenBill revenue = planned.Revenue(book, sold, at, currency);
        Figure[] figures =
        [
            .. published ? Published(known, revenue.Total) : [],
            new("bytes of a token in the cache", plan.CacheBytesPerToken, "bytes", "the model's cache in BF16, from its config"),
            new("with grouped-query attention in 8 groups", plan.GroupedCacheBytesPerToken, "bytes", "2 x layers x 8 x head size, BF16"),
            new("with keys and values of every head", plan.FullCacheBytesPerToken, "bytes", "keys and values of all heads, BF16"),
            new("input of a prefill node", prefill.TokensPerSecond, "tokens/s", $"{prefill.Batch} tokens in {Number(prefill.StepSeconds * 1e3)} ms on each device: {Parts(prefill)}"),
            new("output of a decode node", decode.TokensPerSecond, "tokens/s", $"{decode.Batch} sequences in {Number(decode.StepSeconds * 1e3)} ms on each device, bounded by {decode.BoundBy}: {Parts(decode)}"),
            new("routed experts on a decode device", decode.ExpertsPerDevice, "", "(experts + redundant) / devices of a unit"),
            new("load", load, "", parsed.GetResult(s_load) is { Implicit: false } ? "given" : Figure.AssumptionMark + "nodes are added before queues grow"),
            new("mean nodes", (double)mean, "nodes", $"24 hours in units of {layout.Prefill.Nodes} and {layout.Decode.Nodes} nodes"),
            new("peak nodes", nodes.Max(), "nodes", "the greatest hour"),
            Figure.Money("cost of the plan", cost, rent.Currency, $"mean nodes x {device.DevicesPerNode} x {rent.Amount.ToString(CultureInfo.InvariantCulture)} x 24 h; {rent.Source}"),
            Figure.Money("revenue", revenue.Total, revenue.Price.Currency, $"{sold} at {at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC; {revenue.Price.Source}"),
        ];
        bool comparable = rent.Currency == revenue.Price.Currency;
        Figure[] inputs = [ServingEfficiency.Products, ServingEfficiency.Attention, ServingEfficiency.Memory, ServingEfficiency.Network, ServingEfficiency.UsableMemory, .. device.Figures, .. revenue.Figures];
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new
            {
                Published = published ? new
                {
                    known.Cost,
                    Revenue = revenue.Total,
                    PublishedRevenue = ServingDay.PublishedRevenue.Amount,
                    ProfitOverCost = known.ProfitOverCost(ServingDay.PublishedRevenue.Amount!.Value),
                    ProfitOverRevenue = known.ProfitOverRevenue(ServingDay.PublishedRevenue.Amount!.Value),
                    known.MeanNodes,
                    PrefillNodes = ServingDay.Nodes(known.InputTokens, ServingDay.PublishedPrefillRate.Value),
                    DecodeNodes = ServingDay.Nodes(known.OutputTokens, ServingDay.PublishedDecodeRate.Value),
                } : null,
                Cache = new { Latent = config.Attention is LatentAttentionConfig, Bytes = plan.CacheBytesPerToken, Grouped = plan.GroupedCacheBytesPerToken, Full = plan.FullCacheBytesPerToken },
                Prefill = prefill,
                Decode = decode,
                Nodes = nodes,
                MeanNodes = mean,
                Cost = cost,
                CostCurrency = rent.Currency,
                Revenue = revenue.Total,
                RevenueCurrency = revenue.Price.Currency,
                ProfitOverCost = comparable && cost > 0 ? (revenue.Total - cost) / cost : (decimal?)null,
                Explain = parsed.GetValue(PlanFlags.Explain) ? figures.Concat(inputs) : null,
            });
            return Endings.Fine;
        }
        Table table = Terminal.Table("", ">value", "unit");
        foreach (Figure figure in figures)
            table.Add(figure.Name, figure.Amount is { } money ? PlanPriceVerb.Text(Math.Round(money, 2)) : Number(figure.Value), figure.Unit);
        Terminal.Write(table);
        if (parsed.GetValue(PlanFlags.Explain))
            PlanFlags.Print(figures.Concat(inputs));
        return Endings.Fine;
    }

    static Figure[] Published(ServingDay day, decimal revenue) =>
    [
        new("published nodes, mean", (double)day.MeanNodes, "nodes", day.Source),
        ServingDay.PublishedPeakNodes,
        Figure.Money("cost of the published day", day.Cost, day.Rent.Currency, $"{day.MeanNodes.ToString(CultureInfo.InvariantCulture)} nodes x {day.DevicesPerNode} x 2 x 24 h; {day.Rent.Source}"),
        Figure.Money("revenue from the rounded tokens", revenue, "USD", "price book"),
        ServingDay.PublishedRevenue,
        new("profit over cost", (double)day.ProfitOverCost(ServingDay.PublishedRevenue.Amount!.Value) * 100, "%", "(published revenue - cost) / cost"),
        new("profit over revenue", (double)day.ProfitOverRevenue(ServingDay.PublishedRevenue.Amount!.Value) * 100, "%", "(published revenue - cost) / published revenue"),
        new("prefill nodes by the published rate", ServingDay.Nodes(day.InputTokens, ServingDay.PublishedPrefillRate.Value), "nodes", "608e9 / 86400 s / 73,700 tokens/s"),
        new("decode nodes by the published rate", ServingDay.Nodes(day.OutputTokens, ServingDay.PublishedDecodeRate.Value), "nodes", "168e9 / 86400 s / 14,800 tokens/s"),
    ];

    static string Parts(ServingThroughput phase) => string.Join(", ", phase.Parts.Select(part => $"{part.Name} {Number(part.Seconds * 1e3)} ms ({part.Bound})"));

    static string Number(double value) => value >= 1000 ? value.ToString("N0", CultureInfo.InvariantCulture) : value.ToString("0.##", CultureInfo.InvariantCulture);

    static double[] Numbers(string list) => [.. list.Split(',').Select(word => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value
        : throw CommandException.Usage($"--curve has '{word}'; 24 numbers are allowed, separated by commas."))];
}
