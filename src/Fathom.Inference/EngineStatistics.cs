// What an engine does and has done.
namespace Fathom.Inference;

/// <summary>A look at an <see cref="InferenceEngine"/>. Numbers of a running engine are taken one after the other, not at one instant.</summary>
public sealed record EngineStatistics
{
    /// <summary>Sequences that run.</summary>
    public required int Running { get; init; }

    /// <summary>Sequences that wait.</summary>
    public required int Waiting { get; init; }

    /// <summary>Bytes of cache that running sequences hold.</summary>
    public required long CacheBytesInUse { get; init; }

    /// <summary>Bytes of cache that only kept beginnings hold; given up when needed.</summary>
    public required long CacheBytesKept { get; init; }

    /// <summary>Bytes that the cache may take.</summary>
    public required long CacheBytesLimit { get; init; }

    /// <summary>Prompt tokens computed.</summary>
    public required long PromptTokens { get; init; }

    /// <summary>Prompt tokens that were in the cache, or computed for another request.</summary>
    public required long CachedPromptTokens { get; init; }

    /// <summary>Tokens generated.</summary>
    public required long GeneratedTokens { get; init; }

    /// <summary>Tokens computed again because their sequence had to give its cache back.</summary>
    public required long RecomputedTokens { get; init; }

    /// <summary>How often a sequence had to give its cache back.</summary>
    public required long Preemptions { get; init; }

    /// <summary>Tokens that speculation guessed.</summary>
    public required long DraftedTokens { get; init; }

    /// <summary>Guessed tokens that were the ones drawn.</summary>
    public required long AcceptedTokens { get; init; }

    /// <summary>Passes of the model.</summary>
    public required long Steps { get; init; }

    /// <summary>Time in which the engine had something to do.</summary>
    public required TimeSpan BusyTime { get; init; }

    /// <summary>Tokens generated per second of <see cref="BusyTime"/>.</summary>
    public double TokensPerSecond => BusyTime > TimeSpan.Zero ? GeneratedTokens / BusyTime.TotalSeconds : 0;
}
