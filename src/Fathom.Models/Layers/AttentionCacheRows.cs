// The cache rows of a batch, as the kernels take them.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Finds the cache rows of a batch.</summary>
static unsafe class AttentionCacheRows
{
    /// <summary>The blocks of a batch's sequences in one layer.</summary>
    /// <param name="batch">A batch with a cache.</param>
    /// <param name="scope">Keeps the table: [B, blocks of the longest sequence].</param>
    /// <param name="layer">The layer.</param>
    public static CachedBatch RowsOf(this PackedBatch batch, MemoryScope scope, int layer)
    {
        KvCache cache = batch.Cache!;
        ReadOnlySpan<CachedSequence> sequences = batch.Cached;
        int stride = 1;
        for (int s = 0; s < sequences.Length; s++)
            stride = Math.Max(stride, BlocksOf(batch, s));
        var table = (byte**)scope.Rent<nint>((long)sequences.Length * stride);
        for (int s = 0; s < sequences.Length; s++)
        {
            int blocks = BlocksOf(batch, s);
            for (int b = 0; b < blocks; b++)
                table[s * stride + b] = cache.Block(sequences[s], b, layer);
        }
        return new CachedBatch
        {
            Layout = cache.Layout,
            Blocks = table,
            TableStride = stride,
            Starts = batch.SequenceStarts,
            PastLengths = batch.PastLengths,
            SequenceCount = batch.SequenceCount,
        };
    }

    static int BlocksOf(PackedBatch batch, int sequence)
        => (batch.PastLengths[sequence] + batch.SequenceStarts[sequence + 1] - batch.SequenceStarts[sequence] + KvCache.BlockLength - 1) / KvCache.BlockLength;
}
