// What the model thought of tokens at one place of a completion.
namespace Fathom.Inference;

/// <summary>A token and its log-probability.</summary>
/// <param name="Id">The token.</param>
/// <param name="LogProbability">Natural logarithm of its probability.</param>
public readonly record struct TokenLogProbability(int Id, float LogProbability);

/// <summary>A token of a completion beside the likeliest ones, under the model's own distribution: softmax(logits), before anything that options change.</summary>
/// <param name="LogProbability">The log-probability of the token that was taken.</param>
/// <param name="Likeliest">The likeliest tokens, likeliest first; the one that was taken is among them or not.</param>
public sealed record TokenAlternatives(float LogProbability, IReadOnlyList<TokenLogProbability> Likeliest);
