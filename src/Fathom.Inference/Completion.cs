// A request for a completion and its result.
using Fathom.Text.Tokenizers;

namespace Fathom.Inference;

/// <summary>Why a completion ended.</summary>
public enum FinishReason
{
    /// <summary>Still running.</summary>
    None,

    /// <summary>A stop token or stop string.</summary>
    Stop,

    /// <summary>The length limit, of the request or of the model's context.</summary>
    Length,

    /// <summary>Whoever asked for it did not want more.</summary>
    Cancelled,

    /// <summary>The request's time was up.</summary>
    Deadline,
}

/// <summary>One sequence to continue.</summary>
/// <param name="Prompt">Token ids, at least one.</param>
/// <param name="Options">How to draw.</param>
/// <param name="Seed">Seeds this sequence's draws: the same prompt, options and seed give the same tokens in any batch.</param>
public sealed record GenerationRequest(int[] Prompt, SamplingOptions Options, ulong Seed)
{
    /// <summary>Requests of higher priority go first and may displace others. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>Time from submission after which the request ends with <see cref="FinishReason.Deadline"/>; null: no limit.</summary>
    public TimeSpan? TimeLimit { get; init; }
}

/// <summary>The tokens generated for one request.</summary>
public sealed class Completion
{
    internal Completion()
    {
    }

    /// <summary>Generated ids, a stop token counted in.</summary>
    public List<int> Tokens { get; } = [];

    /// <summary>Natural logarithm of each token's probability under softmax(logits / temperature), before top-k, top-p and min-p.</summary>
    public List<float> LogProbabilities { get; } = [];

    /// <summary>The likeliest tokens beside each; empty where <see cref="SamplingOptions.Alternatives"/> asks for none.</summary>
    public List<TokenAlternatives> Alternatives { get; } = [];

    /// <summary>Tokens of the reasoning among them, without its marks; 0 without <see cref="SamplingOptions.Reasoning"/>.</summary>
    public int ReasoningTokens { get; internal set; }

    /// <summary>Why it ended.</summary>
    public FinishReason FinishReason { get; internal set; }

    /// <summary>The text before a stop string, when one ended the completion.</summary>
    public string? StoppedText { get; internal set; }

    /// <summary>Prompt tokens that were in the cache or computed for another request; the others were computed for this one.</summary>
    public int CachedPromptTokens { get; internal set; }

    /// <summary>Tokens that speculation guessed.</summary>
    public int DraftedTokens { get; internal set; }

    /// <summary>Guessed tokens that were the ones drawn.</summary>
    public int AcceptedTokens { get; internal set; }

    /// <summary>Forgets what came after somebody wanted no more.</summary>
    internal void Cut(int count)
    {
        Tokens.RemoveRange(count, Tokens.Count - count);
        LogProbabilities.RemoveRange(count, LogProbabilities.Count - count);
        Alternatives.RemoveRange(Math.Min(count, Alternatives.Count), Math.Max(Alternatives.Count - count, 0));
        (FinishReason, StoppedText) = (FinishReason.Cancelled, null);
    }

    /// <summary>The completion as text: special tokens other than the ending one are spelled out.</summary>
    public string Text(Tokenizer tokenizer, IReadOnlyList<int> stopIds)
    {
        if (StoppedText is not null)
            return StoppedText;
        int count = Tokens.Count;
        if (FinishReason == FinishReason.Stop && count > 0 && stopIds.Contains(Tokens[^1]))
            count--;
        return tokenizer.Decode(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(Tokens)[..count]);
    }
}
