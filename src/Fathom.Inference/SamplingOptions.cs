// How tokens are drawn.
using System.Collections.ObjectModel;
using Fathom.Inference.Constraints;

namespace Fathom.Inference;

/// <summary>How a completion's tokens are drawn and when it ends.</summary>
public sealed record SamplingOptions
{
    /// <summary>Most alternatives that can be shown.</summary>
    public const int MostAlternatives = 20;

    /// <summary>Divides the logits; 0 takes the most likely token. At least 0. Default 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the fewest tokens whose probability reaches this. In (0, 1]; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps this many tokens at most; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Drops tokens less likely than this times the likeliest. In [0, 1]; 0 drops none.</summary>
    public float MinP { get; init; }

    /// <summary>
    /// Divides positive logits and multiplies negative ones of every token of prompt and completion, however often and wherever it came (CTRL, arXiv
    /// 1909.05858, section 4.1). Above 0; 1 changes nothing.
    /// </summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Taken off the logit of every token that was generated. In [-2, 2]; 0 changes nothing.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Taken off the logit of a token for every time it was generated. In [-2, 2]; 0 changes nothing.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of tokens, by id. In [-100, 100]; the ends all but forbid and all but force a token.</summary>
    public IReadOnlyDictionary<int, float> LogitBias { get; init; } = ReadOnlyDictionary<int, float>.Empty;

    /// <summary>
    /// Shows for every token its log-probability and those of this many likeliest ones (0 to 20), under softmax(logits): the model's own view, before
    /// penalties, biases, constraint, temperature and cuts. Null: shows none.
    /// </summary>
    public int? Alternatives { get; init; }

    /// <summary>The reasoning's marks and bounds, or null where it is not watched.</summary>
    public ReasoningOptions? Reasoning { get; init; }

    /// <summary>What the text must be, or null. Where the prompt opens the reasoning (<see cref="Reasoning"/>), it holds for what follows that.</summary>
    public TokenConstraint? Constraint { get; init; }

    /// <summary>Most tokens to generate. At least 1.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>Token ids that end a completion; the ending token is part of its tokens.</summary>
    public IReadOnlyList<int> StopIds { get; init; } = [];

    /// <summary>Texts that end a completion, also across token borders; the completion's text stops before them.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Throws when a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, its value and what is allowed.</exception>
    public void Validate()
    {
        if (!(Temperature >= 0) || float.IsInfinity(Temperature))
            throw new ArgumentOutOfRangeException(nameof(Temperature), Temperature, "temperature must be 0 or more.");
        if (!(TopP > 0 && TopP <= 1))
            throw new ArgumentOutOfRangeException(nameof(TopP), TopP, "top-p must be above 0 and at most 1.");
        if (TopK < 0)
            throw new ArgumentOutOfRangeException(nameof(TopK), TopK, "top-k must be 0 (off) or more.");
        if (!(MinP >= 0 && MinP <= 1))
            throw new ArgumentOutOfRangeException(nameof(MinP), MinP, "min-p must be 0 to 1.");
        if (!(RepetitionPenalty > 0) || float.IsInfinity(RepetitionPenalty))
            throw new ArgumentOutOfRangeException(nameof(RepetitionPenalty), RepetitionPenalty, "the repetition penalty must be above 0.");
        if (!(PresencePenalty >= -2 && PresencePenalty <= 2))
            throw new ArgumentOutOfRangeException(nameof(PresencePenalty), PresencePenalty, "the presence penalty must be -2 to 2.");
        if (!(FrequencyPenalty >= -2 && FrequencyPenalty <= 2))
            throw new ArgumentOutOfRangeException(nameof(FrequencyPenalty), FrequencyPenalty, "the frequency penalty must be -2 to 2.");
        foreach ((int token, float bias) in LogitBias)
        {
            if (token < 0 || !(bias >= -100 && bias <= 100))
                throw new ArgumentOutOfRangeException(nameof(LogitBias), $"{token}: {bias}", "a logit bias must be -100 to 100, for a token of 0 or more.");
        }
        if (Alternatives is < 0 or > MostAlternatives)
            throw new ArgumentOutOfRangeException(nameof(Alternatives), Alternatives, $"alternatives must be 0 to {MostAlternatives}.");
        if (StopStrings.Any(string.IsNullOrEmpty))
            throw new ArgumentOutOfRangeException(nameof(StopStrings), "", "a stop string must not be empty.");
        if (MaxNewTokens < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxNewTokens), MaxNewTokens, "at least 1 new token must be allowed.");
        Reasoning?.Validate();
    }
}
