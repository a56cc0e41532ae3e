// The rows of a packed batch laid out in the blocks of a cache, every block in guarded memory of its own.
using Fathom.Numerics.Kernels;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

/// <summary>Three blocks of 64 rows per sequence; rows beyond a sequence's end are NaN.</summary>
sealed unsafe class PagedCache : IDisposable
{
    public const int BlocksPerSequence = 3;

    readonly List<IDisposable> _owned = [];

    /// <summary>Copies the first <paramref name="width"/> floats of every token's row.</summary>
    public PagedCache(AttentionCase batch, GuardedMemory<float> rows, int stride, int width)
    {
        var table = new GuardedMemory<nint>(batch.Lengths.Length * BlocksPerSequence);
        _owned.Add(table);
        Blocks = (float**)table.Pointer;
        for (int s = 0; s < batch.Lengths.Length; s++)
        {
            for (int b = 0; b < BlocksPerSequence; b++)
            {
                var block = new GuardedMemory<float>(CausalAttention.CacheBlockLength * width);
                _owned.Add(block);
                block.Span.Fill(float.NaN);
                for (int i = 0; i < CausalAttention.CacheBlockLength && (b * CausalAttention.CacheBlockLength) + i < batch.Lengths[s]; i++)
                    rows.Span.Slice((batch.Starts[s] + (b * CausalAttention.CacheBlockLength) + i) * stride, width).CopyTo(block.Span[(i * width)..]);
                Blocks[(s * BlocksPerSequence) + b] = block.Pointer;
            }
        }
    }

    /// <summary>The table the kernels take: sequence by sequence, block by block.</summary>
    public float** Blocks { get; }

    public void Dispose() => _owned.ForEach(o => o.Dispose());
}
