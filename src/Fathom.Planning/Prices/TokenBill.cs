// What tokens cost at a moment, and which balance pays.

namespace Fathom.Planning.Prices;

/// <summary>The fee of some tokens, exactly.</summary>
/// <param name="Price">The row of the price book.</param>
/// <param name="At">The moment that chose the row.</param>
/// <param name="HitTokens">Input tokens found in the cache.</param>
/// <param name="MissTokens">Other input tokens.</param>
/// <param name="OutputTokens">Output tokens.</param>
public sealed record TokenBill(TokenPrice Price, DateTimeOffset At, long HitTokens, long MissTokens, long OutputTokens)
{
    /// <summary>Fee of the hits.</summary>
    public decimal Hit => TokenPrice.Fee(HitTokens, Price.Hit ?? 0);

    /// <summary>Fee of the misses.</summary>
    public decimal Miss => TokenPrice.Fee(MissTokens, Price.Miss);

    /// <summary>Fee of the output.</summary>
    public decimal Output => TokenPrice.Fee(OutputTokens, Price.Output);

    /// <summary>The whole fee.</summary>
    public decimal Total => Hit + Miss + Output;

    /// <summary>Every number with its source.</summary>
    public IReadOnlyList<Figure> Figures
    {
        get
        {
            string holds = FormattableString.Invariant($"{Price.Source}; {Price.Version}, from {Price.From.UtcDateTime:yyyy-MM-dd HH:mm} UTC{(Price.Window is { } window ? ", " + window : "")}{(Price.Promotion is { } promotion ? ", " + promotion : "")}");
            List<Figure> figures = [];
            if (Price.Hit is { } hit)
                figures.Add(Figure.Money("price of a million hits", hit, Price.Currency, holds));
            figures.Add(Figure.Money("price of a million misses", Price.Miss, Price.Currency, holds));
            figures.Add(Figure.Money("price of a million output tokens", Price.Output, Price.Currency, holds));
            if (Price.Hit is { } paid)
                figures.Add(Figure.Money("hits", Hit, Price.Currency, FormattableString.Invariant($"{HitTokens} tokens x {paid} / 1e6")));
            figures.Add(Figure.Money("misses", Miss, Price.Currency, FormattableString.Invariant($"{MissTokens} tokens x {Price.Miss} / 1e6")));
            figures.Add(Figure.Money("output", Output, Price.Currency, FormattableString.Invariant($"{OutputTokens} tokens x {Price.Output} / 1e6")));
            figures.Add(Figure.Money("total", Total, Price.Currency, "hits + misses + output"));
            return figures;
        }
    }
}

/// <summary>An account: what was given and what was paid in.</summary>
/// <param name="Granted">Given balance, at least 0.</param>
/// <param name="ToppedUp">Balance that was paid in, at least 0.</param>
public readonly record struct Balance(decimal Granted, decimal ToppedUp)
{
    /// <summary>Both together.</summary>
    public decimal Total => Granted + ToppedUp;

    /// <summary>The balance after a fee: the granted part pays first (DeepSeek API docs, Deduction Rules).</summary>
    /// <exception cref="PriceException">The fee is negative or more than the balance.</exception>
    public Balance After(decimal fee)
    {
        if (fee < 0)
            throw new PriceException(FormattableString.Invariant($"the fee is {fee}; 0 or more is allowed"));
        if (fee > Total)
            throw new PriceException(FormattableString.Invariant($"the fee is {fee} and the balance {Total}; {fee - Total} more would do"));
        decimal granted = Math.Min(fee, Granted);
        return new Balance(Granted - granted, ToppedUp - (fee - granted));
    }
}
