// A row of the price book.

namespace Fathom.Planning.Prices;

/// <summary>The prices of a model's three classes of tokens, per million, while they hold.</summary>
/// <param name="Model">Name that requests use.</param>
/// <param name="Version">What answered under that name at the time.</param>
/// <param name="Currency">ISO 4217 code.</param>
/// <param name="From">When the price begins.</param>
/// <param name="Until">When it ends, the first moment without it; null while it holds.</param>
/// <param name="Hit">Input found in the cache; null where the model had no cache to hit.</param>
/// <param name="Miss">Other input.</param>
/// <param name="Output">Output, reasoning included.</param>
/// <param name="Window">Hours to which the price is limited; null: always. Inside them it goes before prices without hours.</param>
/// <param name="Promotion">Why it is lower for a while, or null.</param>
/// <param name="Source">Who says so.</param>
public sealed record TokenPrice(
    string Model, string Version, string Currency, DateTimeOffset From, DateTimeOffset? Until, decimal? Hit, decimal Miss, decimal Output,
    PriceWindow? Window, string? Promotion, string Source)
{
    /// <summary>Prices are per this many tokens.</summary>
    public const long Tokens = 1_000_000;

    /// <summary>What some tokens cost at a price per million.</summary>
    public static decimal Fee(long tokens, decimal price) => tokens * price / Tokens;

    /// <summary>Whether it holds at a moment.</summary>
    public bool Holds(DateTimeOffset at) => at >= From && (Until is not { } end || at < end) && (Window is not { } window || window.Contains(at));
}
