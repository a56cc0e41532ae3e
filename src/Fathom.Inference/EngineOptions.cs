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

    /// <summary>Throws when a value is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the option, its value and what is allowed.</exception>
    public void Validate()
    {
        if (MaxConcurrent < 1)
            throw new ArgumentOutOfRangeException(nameof(MaxConcurrent), MaxConcurrent, "at least 1 sequence must be allowed to run.");
        if (MaxWaiting < 0)
            throw new ArgumentOutOfRangeException(nameof(MaxWaiting), MaxWaiting, "the number of waiting sequences must be 0 or more.");
    }

    /// <summary>The cache that these bytes give.</summary>
    internal KvCache CreateCache(ModelConfig config)
    {
        long blockBytes;
        using (var probe = new KvCache(config, 0, CacheType))
            blockBytes = probe.BytesPerToken * KvCache.BlockLength;
        long blocks = CacheBytes / blockBytes;
        if (blocks < 1)
            throw new ArgumentOutOfRangeException(nameof(CacheBytes), CacheBytes, $"a block of {KvCache.BlockLength} tokens takes {blockBytes} bytes of cache; at least one is needed.");
        return new KvCache(config, Math.Min(blocks, int.MaxValue / KvCache.BlockLength) * KvCache.BlockLength, CacheType);
    }
}
