// Block tables of a batch's cached sequences, as the kernels take them.
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Finds the cache rows of a batch.</summary>
static unsafe class AttentionCacheRows
{
    /// <summary>Pointers to every block that the batch's sequences hold in one layer: [B, stride].</summary>
    public static float** BlockTable(this PackedBatch batch, MemoryScope scope, int layer, out int stride)
    {
        KvCache cache = batch.Cache!;
        ReadOnlySpan<CachedSequence> sequences = batch.Cached;
        stride = 1;
        foreach (CachedSequence sequence in sequences)
            stride = Math.Max(stride, sequence.Numbers.Count);
        var table = (float**)scope.Rent<nint>((long)sequences.Length * stride);
        for (int s = 0; s < sequences.Length; s++)
        {
            for (int b = 0; b < sequences[s].Numbers.Count; b++)
                table[s * stride + b] = (float*)cache.Block(sequences[s], b, layer);
        }
        return table;
    }

    /// <summary>Writes columns of the batch's tokens into their cache rows.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="table">From <see cref="BlockTable"/>.</param>
    /// <param name="stride">From <see cref="BlockTable"/>.</param>
    /// <param name="source">[T, columns].</param>
    /// <param name="rowFloats">Distance of two tokens in a block.</param>
    /// <param name="offset">First float of the columns, from the block's start.</param>
    public static void WriteToCache(this PackedBatch batch, float** table, int stride, Tensor source, int rowFloats, int offset)
    {
        for (int s = 0; s < batch.SequenceCount; s++)
        {
            for (int t = batch.SequenceStarts[s]; t < batch.SequenceStarts[s + 1]; t++)
            {
                int position = batch.Positions[t];
                float* block = table[s * stride + position / KvCache.BlockLength];
                source.RowSpan(t).CopyTo(new Span<float>(block + offset + position % KvCache.BlockLength * rowFloats, source.Columns));
            }
        }
    }
}
