// P: prices of tokens, and what use costs.

using Fathom.Planning;
using Fathom.Planning.Costs;
using Fathom.Planning.Prices;
using static Fathom.Claims.Rows.Row;

namespace Fathom.Claims.Rows;

static class PricesAndUse
{
    // When the documents were written: after V3's introduction ended, before the night discount began.
    static readonly DateTimeOffset s_then = new(2025, 2, 20, 0, 0, 0, TimeSpan.Zero), s_before = new(2025, 1, 20, 0, 0, 0, TimeSpan.Zero);

    public static IReadOnlyList<Claim> All(IReadOnlyDictionary<string, Measurement> measured) =>
    [
        Hits(), Dollars(), UpTo90(), Measured("P4", "A cache hit costs less", "S1 S2", measured, "its experiment"), Day(),
        Measured("P6", "Reasoning models overthink simple questions; use the right model", "S1 S2", measured, "a router between models"),
    ];

    static TokenPrice V3(string currency, DateTimeOffset at) => PriceBook.Published.Find("deepseek-chat", at, currency);

    static TokenPrice R1(string currency) => PriceBook.Published.Find("deepseek-reasoner", s_then, currency);

    static TokenPrice O3Mini => PriceBook.Published.Find("o3-mini", s_then, "USD");

    static Claim Hits()
    {
        TokenPrice before = V3("CNY", s_before), v3 = V3("CNY", s_then), r1 = R1("CNY"), o3 = O3Mini;
        bool holds = (before.Hit, before.Output, v3.Hit, v3.Output, r1.Hit, r1.Output, o3.Hit, o3.Output) == (0.1m, 2m, 0.5m, 8m, 1m, 16m, 0.55m, 4.40m);
        return Computed(
            "P1", "V3: 0.5 yuan input, 8 yuan output; before, 0.1 and 2; R1: 1 and 16 yuan; o3-mini: $0.55 and $4.40", "S1", holds,
            Say($"true of cache hits; misses are left out: {v3.Miss} yuan (V3; before, {before.Miss}), {r1.Miss} yuan (R1), ${o3.Miss:0.00} (o3-mini)"),
            [.. FiguresOf("V3 before 2025-02-08", before), .. FiguresOf("V3", v3), .. FiguresOf("R1", r1), .. FiguresOf("o3-mini", o3)])
            .By("fathom plan price --model deepseek-chat --currency CNY --at 2025-02-20 --explain");
    }

    static Claim Dollars()
    {
        TokenPrice v3 = V3("USD", s_then), r1 = R1("USD");
        (string Name, decimal Said, decimal Right)[] all = [("V3 hit", 0.007m, v3.Hit!.Value), ("V3 output", 0.112m, v3.Output), ("R1 hit", 0.0014m, r1.Hit!.Value), ("R1 output", 0.224m, r1.Output)];
        return Corrected(
            "P2", "V3 $0.007 and $0.112, R1 $0.0014 and $0.224 per million tokens", "S2",
            $"said and right: {string.Join(", ", all.Select(price => Say($"{price.Name} ${price.Said} and ${price.Right} ({Math.Round(price.Right / price.Said)} times too low)")))}",
            [.. FiguresOf("V3", v3), .. FiguresOf("R1", r1)]).By("fathom plan price --model deepseek-reasoner --at 2025-02-20 --explain");
    }

    static Claim UpTo90()
    {
        TokenPrice r1 = R1("USD"), o3 = O3Mini;
        decimal hits = 1 - r1.Hit!.Value / o3.Hit!.Value, misses = 1 - r1.Miss / o3.Miss, output = 1 - r1.Output / o3.Output;
        return Corrected(
            "P3", "\"Up to 90% lower than comparable OpenAI models\"", "S2", Say($"said: up to 90%; right, R1 against o3-mini: {hits:0%} on hits, {misses:0%} on misses, {output:0%} on output"),
            [.. FiguresOf("R1", r1), .. FiguresOf("o3-mini", o3)]).By("fathom plan price --model o3-mini --at 2025-02-20 --explain");
    }

    static Claim Day()
    {
        ServingDay day = ServingDay.DeepSeek;
        decimal revenue = day.Revenue(PriceBook.Published, "deepseek-reasoner", ServingDay.PriceMoment, "USD").Total, published = ServingDay.PublishedRevenue.Amount!.Value;
        decimal overCost = day.ProfitOverCost(published), overRevenue = day.ProfitOverRevenue(published);
        return Computed(
            "P5", "24 hours of V3 and R1: 608B tokens in (342B hits), 168B out, 226.75 nodes: cost $87,072, at R1's prices $562,027, a margin of 545%", "DeepSeek, open-infra-index, day 6",
            day.Cost == 87_072 && revenue == 562_100 && decimal.Round(overCost, 2) == 5.45m && decimal.Round(overRevenue, 3) == 0.845m,
            Say($"cost ${day.Cost:N0}; revenue ${revenue:N0} from the rounded tokens (${published:N0} published); {overCost:0%} over cost = {overRevenue:0.0%} of revenue; R1's prices for all tokens, which V3, web and app did not pay"),
            Figure.Money("cost", day.Cost, "USD", $"226.75 nodes x 8 x 24 h x {day.Rent.Amount}; {day.Source}"), Figure.Money("revenue", revenue, "USD", "tokens by class x prices of R1 (price book)"), ServingDay.PublishedRevenue,
            new("profit over cost", (double)overCost, "", "(published revenue - cost) / cost"), new("profit over revenue", (double)overRevenue, "", "(published revenue - cost) / published revenue"))
            .By("fathom plan serve --preset deepseek-day --explain");
    }

    static Figure[] FiguresOf(string name, TokenPrice price) =>
    [
        Figure.Money($"{name}, a million hits", price.Hit ?? 0, price.Currency, price.Source), Figure.Money($"{name}, a million misses", price.Miss, price.Currency, price.Source),
        Figure.Money($"{name}, a million output tokens", price.Output, price.Currency, price.Source),
    ];
}
