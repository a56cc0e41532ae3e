// How tokens are drawn.
namespace Fathom.Inference;

/// <summary>How a completion's tokens are drawn and when it ends.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the logits; 0 takes the most likely token. At least 0. Default 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps the fewest tokens whose probability reaches this. In (0, 1]; 1 keeps all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps this many tokens at most; 0 keeps all.</summary>
    public int TopK { get; init; }

    /// <summary>Drops tokens less likely than this times the likeliest. In [0, 1]; 0 drops none.</summary>
    public float MinP { get; init; }

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
        if (MaxNewTokens < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxNewTokens), MaxNewTokens, "at least 1 new token must be allowed.");
    }
}
