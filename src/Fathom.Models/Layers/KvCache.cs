// The attention cache in blocks of 64 tokens. For latent attention a token's row is its normed latent and its rotated shared key,
// nothing else; for grouped-query attention a block holds the keys of 64 tokens, then their values.
using System.Runtime.InteropServices;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Layers;

/// <summary>A sequence's place in a <see cref="KvCache"/>.</summary>
public sealed class CachedSequence
{
    internal List<int> Blocks { get; } = [];

    /// <summary>Tokens cached.</summary>
    public int Length { get; internal set; }
}

/// <summary>Blocks of cached attention inputs for all layers, handed out to sequences.</summary>
public sealed unsafe class KvCache : IDisposable
{
    /// <summary>Tokens per block.</summary>
    public const int BlockLength = 64;

    readonly List<nint> _slabs = [];
    readonly Stack<int> _free = new();
    readonly int _layers;
    readonly int _blocksPerSlab;
    readonly long _blockBytes;
    readonly int _blockLimit;
    int _blockCount;

    /// <summary>A cache for a model, empty; memory grows by use.</summary>
    /// <param name="config">The model.</param>
    /// <param name="maxTokens">Most tokens it may hold, rounded up to whole blocks.</param>
    /// <param name="type">Format of the cached rows: <see cref="ElementType.F32"/>, the only one training and rollouts use.</param>
    /// <exception cref="ArgumentException">Rows cannot be kept in <paramref name="type"/>.</exception>
    public KvCache(ModelConfig config, long maxTokens, ElementType type = ElementType.F32)
    {
        if (type != ElementType.F32)
            throw new ArgumentException($"A cache of attention rows cannot be kept in {type}; allowed is F32.", nameof(type));
        Type = type;
        _layers = config.LayerCount;
        int rowFloats = config.Attention switch
        {
            LatentAttentionConfig latent => latent.KvLoraRank + latent.QkRopeHeadDim,
            GroupedQueryAttentionConfig grouped => 2 * grouped.KeyValueHeadCount * grouped.HeadDim,
            _ => throw new NotSupportedException($"No cache for {config.Attention.GetType().Name}."),
        };
        LayerBlockBytes = (long)BlockLength * rowFloats * sizeof(float);
        _blockBytes = _layers * LayerBlockBytes;
        _blocksPerSlab = (int)Math.Clamp((16L << 20) / _blockBytes, 1, 1024);
        _blockLimit = checked((int)((maxTokens + BlockLength - 1) / BlockLength));
    }

    /// <summary>Format of the cached rows.</summary>
    public ElementType Type { get; }

    /// <summary>Bytes that a block of 64 tokens takes in one layer; a multiple of 64.</summary>
    public long LayerBlockBytes { get; }

    /// <summary>Bytes that a token takes in all layers.</summary>
    public long BytesPerToken => _blockBytes / BlockLength;

    /// <summary>Bytes in use by sequences.</summary>
    public long BytesInUse => (_blockCount - _free.Count) * _blockBytes;

    /// <summary>Blocks that sequences hold now; 0 when all have been released.</summary>
    public int BlocksInUse => _blockCount - _free.Count;

    /// <summary>Tokens that can still be cached in new blocks.</summary>
    public long FreeTokens => (long)(_blockLimit - BlocksInUse) * BlockLength;

    /// <summary>Makes room for <paramref name="tokens"/> more tokens of a sequence.</summary>
    /// <exception cref="InvalidOperationException">The cache is full.</exception>
    public void Reserve(CachedSequence sequence, int tokens)
    {
        int blocks = (sequence.Length + tokens + BlockLength - 1) / BlockLength;
        while (sequence.Blocks.Count < blocks)
            sequence.Blocks.Add(TakeBlock());
    }

    /// <summary>Counts <paramref name="tokens"/> as cached, after a forward pass wrote them.</summary>
    public void Advance(CachedSequence sequence, int tokens) => sequence.Length += tokens;

    /// <summary>Gives a sequence's blocks back.</summary>
    public void Release(CachedSequence sequence)
    {
        foreach (int block in sequence.Blocks)
            _free.Push(block);
        sequence.Blocks.Clear();
        sequence.Length = 0;
    }

    /// <summary>The rows of block <paramref name="index"/> of a sequence in one layer: <see cref="LayerBlockBytes"/> bytes at a multiple of 64.</summary>
    public byte* Block(CachedSequence sequence, int index, int layer)
    {
        int block = sequence.Blocks[index];
        return (byte*)_slabs[block / _blocksPerSlab] + (block % _blocksPerSlab) * _blockBytes + layer * LayerBlockBytes;
    }

    int TakeBlock()
    {
        if (_free.TryPop(out int block))
            return block;
        if (_blockCount == _blockLimit)
            throw new InvalidOperationException($"The attention cache is full: {(long)_blockLimit * BlockLength} tokens.");
        if (_blockCount == _slabs.Count * _blocksPerSlab)
            _slabs.Add((nint)NativeMemory.AlignedAlloc((nuint)(_blocksPerSlab * _blockBytes), 64));
        return _blockCount++;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (nint slab in _slabs)
            NativeMemory.AlignedFree((void*)slab);
        _slabs.Clear();
        _free.Clear();
        _blockCount = 0;
    }
}
