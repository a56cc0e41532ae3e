// A day of serving as accounts see it: tokens, nodes, cost, revenue. The published day of DeepSeek-V3 and R1 is a preset.

using Fathom.Planning.Prices;

namespace Fathom.Planning.Costs;

/// <summary>A day's traffic and the nodes that served it.</summary>
/// <param name="InputTokens">Input tokens, hits included.</param>
/// <param name="HitTokens">Input tokens found in the cache.</param>
/// <param name="OutputTokens">Output tokens.</param>
/// <param name="MeanNodes">Nodes in use, mean over the day.</param>
/// <param name="DevicesPerNode">Devices per node.</param>
/// <param name="Rent">Price of a device's hour.</param>
/// <param name="Source">Where tokens and nodes come from.</param>
public sealed record ServingDay(long InputTokens, long HitTokens, long OutputTokens, decimal MeanNodes, int DevicesPerNode, HourlyPrice Rent, string Source)
{
    const int Hours = 24;
    const int Seconds = 86_400;

    /// <summary>27 and 28 February 2025, 12:00 UTC to 12:00 UTC: all traffic of V3 and R1.</summary>
    public static ServingDay DeepSeek { get; } = new(
        608_000_000_000, 342_000_000_000, 168_000_000_000, 226.75m, 8, HourlyPrice.H800Rental,
        "DeepSeek, DeepSeek-V3/R1 Inference System Overview (open-infra-index, day 6, 2025-03-01); token counts are rounded there");

    /// <summary>Revenue of the preset as published, from token counts that are not rounded.</summary>
    public static Figure PublishedRevenue { get; } = Figure.Money("published revenue at R1's prices", 562_027m, "USD", DeepSeek.Source);

    /// <summary>Published mean rate of a node that reads, tokens/s with hits.</summary>
    public static Figure PublishedPrefillRate { get; } = new("published input per node", 73_700, "tokens/s", DeepSeek.Source);

    /// <summary>Published mean rate of a node that writes, tokens/s.</summary>
    public static Figure PublishedDecodeRate { get; } = new("published output per node", 14_800, "tokens/s", DeepSeek.Source);

    /// <summary>Published most nodes at a time.</summary>
    public static Figure PublishedPeakNodes { get; } = new("published peak of nodes", 278, "nodes", DeepSeek.Source);

    /// <summary>When the preset's prices are looked up: by day, since it was billed at the full price of R1.</summary>
    public static DateTimeOffset PriceMoment { get; } = new(2025, 2, 27, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Rent of the nodes.</summary>
    public decimal Cost => Rent.For(MeanNodes * DevicesPerNode * Hours);

    /// <summary>What the tokens bring at a price.</summary>
    /// <exception cref="PriceException">There is no such price.</exception>
    public TokenBill Revenue(PriceBook book, string model, DateTimeOffset at, string currency) =>
        book.Bill(model, HitTokens, InputTokens - HitTokens, OutputTokens, at, currency);

    /// <summary>Profit over cost: 5.45 is the published 545%.</summary>
    public decimal ProfitOverCost(decimal revenue) => (revenue - Cost) / Cost;

    /// <summary>Profit as a share of revenue.</summary>
    public decimal ProfitOverRevenue(decimal revenue) => (revenue - Cost) / revenue;

    /// <summary>Nodes that tokens of a day keep busy at a rate in tokens/s.</summary>
    public static double Nodes(long tokensPerDay, double tokensPerSecond) => tokensPerDay / (double)Seconds / tokensPerSecond;
}
