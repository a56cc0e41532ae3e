// The attention cache in blocks of 64 tokens. For latent attention a token's row is its normed latent and its rotated shared key,
// nothing else; for grouped-query attention a block holds the keys of 64 tokens, then their values (see CacheLayout).
using System.Runtime.InteropServices;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Layers;

/// <summary>A sequence's place in a <see cref="KvCache"/>.</summary>
public sealed class CachedSequence
{
    internal List<int> Numbers { get; } = [];

    /// <summary>Its blocks, by their numbers in the cache's <see cref="KvCache.Pool"/>.</summary>
    public IReadOnlyList<int> Blocks => Numbers;

    /// <summary>Tokens cached.</summary>
    public int Length { get; internal set; }
}

/// <summary>Blocks of cached attention inputs for all layers, handed out to sequences.</summary>
public sealed unsafe class KvCache : IDisposable
{
    /// <summary>Tokens per block.</summary>
    public const int BlockLength = CacheLayout.BlockLength;

    /// <summary>
    /// Prompts enter in pieces that end at multiples of so many tokens, the last one being the rest: how a prompt is cut follows from
    /// its length alone, and with it the bits of its rows.
    /// </summary>
    public const int PromptGrid = 512;

    readonly List<nint> _slabs = [];
    readonly int _layers;
    readonly int _blocksPerSlab;
    readonly long _blockBytes;

    /// <summary>A cache for a model, empty; memory grows by use.</summary>
    /// <param name="config">The model.</param>
    /// <param name="maxTokens">Most tokens it may hold, rounded up to whole blocks.</param>
    /// <param name="type">Format of the cached rows: F32 (what rollouts use), BF16, or I8 with one FP32 factor per 32 elements.</param>
    /// <param name="withPrediction">Whether the multi-token-prediction module has its rows too.</param>
    /// <exception cref="ArgumentException">Rows cannot be kept in <paramref name="type"/>.</exception>
    public KvCache(ModelConfig config, long maxTokens, ElementType type = ElementType.F32, bool withPrediction = false)
    {
        _layers = config.LayerCount + (withPrediction ? config.MtpLayerCount : 0);
        Layout = config.Attention switch
        {
            LatentAttentionConfig latent => CacheLayout.Latent(type, latent.KvLoraRank, latent.QkRopeHeadDim),
            GroupedQueryAttentionConfig grouped => CacheLayout.Grouped(type, grouped.KeyValueHeadCount, grouped.HeadDim, grouped.HeadDim),
            _ => throw new NotSupportedException($"No cache for {config.Attention.GetType().Name}."),
        };
        _blockBytes = checked(_layers * Layout.Bytes);
        _blocksPerSlab = (int)Math.Clamp((16L << 20) / _blockBytes, 1, 1024);
        Pool = new BlockPool(checked((int)((maxTokens + BlockLength - 1) / BlockLength)));
    }

    /// <summary>How a block of 64 tokens is laid out in one layer, and in which format.</summary>
    public CacheLayout Layout { get; }

    /// <summary>Bytes that a token takes in all layers.</summary>
    public long BytesPerToken => _blockBytes / BlockLength;

    /// <summary>Who holds which block.</summary>
    public BlockPool Pool { get; }

    /// <summary>Bytes in use by sequences.</summary>
    public long BytesInUse => BlocksInUse * _blockBytes;

    /// <summary>Blocks that sequences hold now; 0 when all have been released.</summary>
    public int BlocksInUse => Pool.InUse;

    /// <summary>Tokens that can still be cached in new blocks.</summary>
    public long FreeTokens => (long)Pool.Free * BlockLength;

    /// <summary>Makes room for <paramref name="tokens"/> more tokens of a sequence.</summary>
    /// <exception cref="InvalidOperationException">The cache is full.</exception>
    public void Reserve(CachedSequence sequence, int tokens)
    {
        if (!TryReserve(sequence, tokens))
            throw new InvalidOperationException($"The attention cache is full: {(long)Pool.Limit * BlockLength} tokens.");
    }

    /// <summary>Makes room for <paramref name="tokens"/> more tokens of a sequence.</summary>
    /// <returns>False when the cache is full; the sequence keeps what it got.</returns>
    public bool TryReserve(CachedSequence sequence, int tokens)
    {
        int blocks = (sequence.Length + tokens + BlockLength - 1) / BlockLength;
        while (sequence.Numbers.Count < blocks)
        {
            if (!TryTakeBlock(out int block))
                return false;
            sequence.Numbers.Add(block);
        }
        return true;
    }

    /// <summary>Appends a whole computed block that others hold too.</summary>
    public void Share(CachedSequence sequence, int block)
    {
        Pool.AddReference(block);
        sequence.Numbers.Add(block);
        sequence.Length += BlockLength;
    }

    /// <summary>Lets a sequence hold another block with the same rows in the place of its own.</summary>
    public void Replace(CachedSequence sequence, int index, int block)
    {
        Pool.AddReference(block);
        Pool.Release(sequence.Numbers[index]);
        sequence.Numbers[index] = block;
    }

    /// <summary>Lets an empty sequence begin with the first tokens of another: whole blocks are shared, the last one is copied.</summary>
    /// <param name="source">Its first <paramref name="tokens"/> tokens are computed.</param>
    /// <param name="target">An empty sequence.</param>
    /// <param name="tokens">At least 1.</param>
    /// <returns>False when there is no block for the copy; nothing has changed.</returns>
    public bool TryFork(CachedSequence source, CachedSequence target, int tokens)
    {
        int whole = tokens / BlockLength, copy = -1;
        if (tokens % BlockLength != 0)
        {
            if (!TryTakeBlock(out copy))
                return false;
            Buffer.MemoryCopy(Address(source.Numbers[whole]), Address(copy), _blockBytes, _blockBytes);
        }
        for (int i = 0; i < whole; i++)
        {
            Pool.AddReference(source.Numbers[i]);
            target.Numbers.Add(source.Numbers[i]);
        }
        if (copy >= 0)
            target.Numbers.Add(copy);
        target.Length = tokens;
        return true;
    }

    /// <summary>Counts <paramref name="tokens"/> as cached, after a forward pass wrote them.</summary>
    public void Advance(CachedSequence sequence, int tokens) => sequence.Length += tokens;

    /// <summary>Forgets a sequence's tokens behind the first <paramref name="length"/>; it keeps its blocks.</summary>
    public void Rewind(CachedSequence sequence, int length) => sequence.Length = Math.Min(sequence.Length, length);

    /// <summary>Gives a sequence's blocks back.</summary>
    public void Release(CachedSequence sequence)
    {
        foreach (int block in sequence.Numbers)
            Pool.Release(block);
        sequence.Numbers.Clear();
        sequence.Length = 0;
    }

    /// <summary>The rows of block <paramref name="index"/> of a sequence in one layer: <see cref="Layout"/> at a multiple of 64 bytes.</summary>
    public byte* Block(CachedSequence sequence, int index, int layer)
        => Address(sequence.Numbers[index]) + layer * Layout.Bytes;

    byte* Address(int block) => (byte*)_slabs[block / _blocksPerSlab] + (block % _blocksPerSlab) * _blockBytes;

    bool TryTakeBlock(out int block)
    {
        if (!Pool.TryTake(out block))
            return false;
        if (block == _slabs.Count * _blocksPerSlab)
        {
            int blocks = (int)Math.Min(_blocksPerSlab, Pool.Limit - (long)block);
            try
            {
                _slabs.Add((nint)NativeMemory.AlignedAlloc((nuint)(blocks * _blockBytes), 64));
            }
            catch
            {
                Pool.Release(block);
                throw;
            }
        }
        return true;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        foreach (nint slab in _slabs)
            NativeMemory.AlignedFree((void*)slab);
        _slabs.Clear();
    }
}
