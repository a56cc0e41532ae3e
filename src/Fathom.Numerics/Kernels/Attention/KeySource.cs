// Where the keys and values of a sequence come from, contiguous or in the blocks of a cache, and how they get into scratch:
// keys transposed, so that lanes run over keys, and values (or keys) as padded rows.
namespace Fathom.Numerics.Kernels;

/// <summary>Reads keys and values from a packed batch or from a paged cache.</summary>
readonly unsafe struct KeySource
{
    const int BlockLength = CausalAttention.CacheBlockLength;

    readonly AttentionInputs _inputs;
    readonly float** _keyBlocks;
    readonly float** _valueBlocks;
    readonly int _blockTableStride;

    /// <summary>Keys and values of a packed batch.</summary>
    public KeySource(in AttentionInputs inputs) => _inputs = inputs;

    /// <summary>Keys and values in a cache's blocks, each [64, KeyValueHeadCount, dim].</summary>
    public KeySource(in AttentionShape shape, float** keyBlocks, float** valueBlocks, int blockTableStride)
    {
        _inputs = new AttentionInputs
        {
            KTokenStride = shape.KeyValueHeadCount * shape.QkDim,
            KHeadStride = shape.QkDim,
            VTokenStride = shape.KeyValueHeadCount * shape.VDim,
            VHeadStride = shape.VDim,
        };
        _keyBlocks = keyBlocks;
        _valueBlocks = valueBlocks;
        _blockTableStride = blockTableStride;
    }

    /// <summary>The keys of one head, transposed, the shared key's dimensions last: destination [QkDim + SharedDim, rowLength], zero behind the last key.</summary>
    public void TransposeKeys(in AttentionShape shape, int sequence, long start, int count, int head, float* destination, int rowLength)
    {
        for (int first = 0; first < count; first += BlockLength)
        {
            int block = Math.Min(BlockLength, count - first);
            Transpose(Key(sequence, start, first, head), _inputs.KTokenStride, block, shape.QkDim, destination + first, rowLength);
            if (shape.SharedDim > 0)
                Transpose(SharedKey(start + first), _inputs.SharedKTokenStride, block, shape.SharedDim, destination + ((nint)shape.QkDim * rowLength) + first, rowLength);
        }
        for (int d = 0; d < shape.QueryDim; d++)
            new Span<float>(destination + ((nint)d * rowLength) + count, rowLength - count).Clear();
    }

    /// <summary>The keys of one head as rows, the shared key's dimensions last: destination [count, rowLength], zero behind the last dimension.</summary>
    public void CopyKeys(in AttentionShape shape, int sequence, long start, int count, int head, float* destination, int rowLength)
    {
        for (int first = 0; first < count; first += BlockLength)
        {
            float* key = Key(sequence, start, first, head);
            for (int i = 0; i < Math.Min(BlockLength, count - first); i++, destination += rowLength)
            {
                CopyRow(key + ((nint)i * _inputs.KTokenStride), shape.QkDim, destination, rowLength);
                if (shape.SharedDim > 0)
                    CopyRow(SharedKey(start + first + i), shape.SharedDim, destination + shape.QkDim, rowLength - shape.QkDim);
            }
        }
    }

    /// <summary>The values of one head as rows: destination [count, rowLength], zero behind the last dimension.</summary>
    public void CopyValues(in AttentionShape shape, int sequence, long start, int count, int head, float* destination, int rowLength)
    {
        for (int first = 0; first < count; first += BlockLength)
        {
            float* value = Value(sequence, start, first, head);
            for (int i = 0; i < Math.Min(BlockLength, count - first); i++, destination += rowLength)
                CopyRow(value + ((nint)i * _inputs.VTokenStride), shape.VDim, destination, rowLength);
        }
    }

    /// <summary>The values of one head, transposed: destination [VDim, rowLength], zero behind the last token.</summary>
    public void TransposeValues(in AttentionShape shape, int sequence, long start, int count, int head, float* destination, int rowLength)
    {
        for (int first = 0; first < count; first += BlockLength)
            Transpose(Value(sequence, start, first, head), _inputs.VTokenStride, Math.Min(BlockLength, count - first), shape.VDim, destination + first, rowLength);
        for (int d = 0; d < shape.VDim; d++)
            new Span<float>(destination + ((nint)d * rowLength) + count, rowLength - count).Clear();
    }

    /// <summary>Copies a row and fills it up with zeros.</summary>
    internal static void CopyRow(float* source, int length, float* destination, int rowLength)
    {
        new Span<float>(source, length).CopyTo(new Span<float>(destination, length));
        new Span<float>(destination + length, rowLength - length).Clear();
    }

    /// <summary>destination[d * rowLength + i] = source[i * stride + d].</summary>
    internal static void Transpose(float* source, int stride, int rows, int columns, float* destination, int rowLength)
    {
        for (int d = 0; d < columns; d++)
        {
            float* target = destination + ((nint)d * rowLength);
            for (int i = 0; i < rows; i++)
                target[i] = source[((nint)i * stride) + d];
        }
    }

    float* Key(int sequence, long start, int first, int head)
        => (_keyBlocks == null
            ? _inputs.K + ((start + first) * _inputs.KTokenStride)
            : _keyBlocks[((long)sequence * _blockTableStride) + (first / BlockLength)]) + ((nint)head * _inputs.KHeadStride);

    float* Value(int sequence, long start, int first, int head)
        => (_valueBlocks == null
            ? _inputs.V + ((start + first) * _inputs.VTokenStride)
            : _valueBlocks[((long)sequence * _blockTableStride) + (first / BlockLength)]) + ((nint)head * _inputs.VHeadStride);

    float* SharedKey(long token) => _inputs.SharedK + (token * _inputs.SharedKTokenStride);
}
