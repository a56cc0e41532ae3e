// What an engine may use.
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;

namespace Fathom.Inference;

/// <summary>Limits of an <see cref="InferenceEngine"/>.</summary>
public sealed record EngineOptions
{
    /// <summary>Bytes that the attention cache may take, kept beginnings counted in; memory is taken as it is used. Default 1 GiB.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Format of the cache. Default FP32.</summary>
    public ElementType CacheType { get; init; } = ElementType.F32;

    /// <summary>Sequences that run at once at most. Default 32.</summary>
    public int MaxConcurrent { get; init; } = 32;

    /// <summary>Sequences that may wait; more are refused. Default 256.</summary>
    public int MaxWaiting { get; init; } = 256;

    /// <summary>How tokens are guessed ahead; null: they are not.</summary>
    public SpeculationOptions? Speculation { get; init; }

    /// <summary>Throws when a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, its value and what is allowed.</exception>
    public void Validate()
    {
        if (MaxConcurrent < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxConcurrent), MaxConcurrent, "at least 1 sequence must be allowed to run.");
        if (MaxWaiting < 0)
            throw new ArgumentOutOfRangeException(nameof(MaxWaiting), MaxWaiting, "the number of waiting sequences must be 0 or more.");
    }

    /// <summary>The caches that these bytes give: the model's, and its draft model's for as many tokens.</summary>
    internal (KvCache Cache, KvCache? Draft) CreateCaches(ModelConfig config)
    {
        bool prediction = Speculation is { UsesPrediction: true };
        ModelConfig? draft = Speculation?.Draft?.Config;
        long blockBytes = BlockBytes(config, prediction) + (draft is null ? 0 : BlockBytes(draft, false));
        long blocks = Math.Min(CacheBytes / blockBytes, int.MaxValue / KvCache.BlockLength);
        if (blocks < 1)
            throw new ArgumentOutOfRangeException(nameof(CacheBytes), CacheBytes, $"a block of {KvCache.BlockLength} tokens takes {blockBytes} bytes of cache; at least one is needed.");
        return (new KvCache(config, blocks * KvCache.BlockLength, CacheType, prediction), draft is null ? null : new KvCache(draft, blocks * KvCache.BlockLength, CacheType));
    }

    long BlockBytes(ModelConfig config, bool withPrediction)
    {
        using var probe = new KvCache(config, 0, CacheType, withPrediction);
        return probe.BytesPerToken * KvCache.BlockLength;
    }
}
