// What solving takes: the tokens and the money of all responses, wrong ones too, over the right ones.
namespace Fathom.Evaluation.Metrics;

/// <summary>Totals of a set of graded responses.</summary>
/// <param name="Responses">Responses graded.</param>
/// <param name="Right">Right ones among them.</param>
/// <param name="Truncated">Responses that the length limit ended.</param>
/// <param name="Tokens">Tokens of all responses.</param>
/// <param name="Money">Price of all of them, in the currency of the caller's price table; null where there is no price.</param>
public sealed record SolvingCost(long Responses, long Right, long Truncated, long Tokens, decimal? Money)
{
    /// <summary>Share of responses that the length limit ended; 0 where there are none.</summary>
    public double TruncatedShare => Responses == 0 ? 0 : (double)Truncated / Responses;

    /// <summary>Tokens generated for one right response; null where there is none.</summary>
    public double? TokensPerSolved => Right == 0 ? null : (double)Tokens / Right;

    /// <summary>Money spent for one right response; null where there is none, or no price.</summary>
    public decimal? MoneyPerSolved => Right == 0 ? null : Money / Right;
}
