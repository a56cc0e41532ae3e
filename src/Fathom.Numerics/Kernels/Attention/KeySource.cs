// Where the keys and values of a sequence come from, contiguous or in the blocks of a cache, and how they get into scratch
// block by block: as panels whose lanes run over tokens, or as padded rows.
namespace Fathom.Numerics.Kernels;

/// <summary>Reads keys and values from a packed batch or from a paged cache, in blocks of 64 tokens from a sequence's beginning.</summary>
readonly unsafe struct KeySource
{
    /// <summary>Tokens per block and per panel.</summary>
    public const int BlockLength = CausalAttention.CacheBlockLength;

    readonly AttentionShape _shape;
    readonly AttentionInputs _inputs;
    readonly float** _keyBlocks;
    readonly float** _valueBlocks;
    readonly int _blockTableStride;

    /// <summary>Keys and values of a packed batch.</summary>
    public KeySource(in AttentionShape shape, in AttentionInputs inputs) => (_shape, _inputs) = (shape, inputs);

    /// <summary>Keys and values in a cache's blocks, each [64, KeyValueHeadCount, dim].</summary>
    public KeySource(in AttentionShape shape, float** keyBlocks, float** valueBlocks, int blockTableStride)
    {
        _shape = shape;
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

    /// <summary>From one token's value to the next one's.</summary>
    public int ValueStride => _inputs.VTokenStride;

    /// <summary>The keys of a block, the shared key's dimensions last: panel [QkDim + SharedDim, 64].</summary>
    public void FillKeyPanel<TLanes>(int sequence, long start, int first, int count, int head, float* panel)
        where TLanes : struct, ILanes<TLanes>
    {
        Transposition.Run<TLanes>(Key(sequence, start, first, head), _inputs.KTokenStride, count, _shape.QkDim, panel, BlockLength);
        if (_shape.SharedDim > 0)
            Transposition.Run<TLanes>(SharedKey(start + first), _inputs.SharedKTokenStride, count, _shape.SharedDim, panel + (_shape.QkDim * BlockLength), BlockLength);
    }

    /// <summary>The values of a block: panel [VDim, 64].</summary>
    public void FillValuePanel<TLanes>(int sequence, long start, int first, int count, int head, float* panel)
        where TLanes : struct, ILanes<TLanes>
        => Transposition.Run<TLanes>(Value(sequence, start, first, head), _inputs.VTokenStride, count, _shape.VDim, panel, BlockLength);

    /// <summary>The keys of a block as rows, the shared key's dimensions last: destination [count, stride], zero up to the next multiple of 16.</summary>
    public void CopyKeys<TLanes>(int sequence, long start, int first, int count, int head, float* destination, int stride)
        where TLanes : struct, ILanes<TLanes>
    {
        float* key = Key(sequence, start, first, head);
        int padded = AttentionRow<TLanes>.Padded(_shape.QueryDim);
        for (int i = 0; i < count; i++, key += _inputs.KTokenStride, destination += stride)
        {
            AttentionRow<TLanes>.Copy(key, _shape.QkDim, destination, padded);
            if (_shape.SharedDim > 0)
                AttentionRow<TLanes>.Copy(SharedKey(start + first + i), _shape.SharedDim, destination + _shape.QkDim, padded - _shape.QkDim);
        }
    }

    /// <summary>The values of a block as rows: destination [count, stride], zero up to the next multiple of 16.</summary>
    public void CopyValues<TLanes>(int sequence, long start, int first, int count, int head, float* destination, int stride)
        where TLanes : struct, ILanes<TLanes>
    {
        float* value = Value(sequence, start, first, head);
        for (int i = 0; i < count; i++, value += _inputs.VTokenStride, destination += stride)
            AttentionRow<TLanes>.Copy(value, _shape.VDim, destination, AttentionRow<TLanes>.Padded(_shape.VDim));
    }

    /// <summary>The value of a block's first token; <paramref name="first"/> is a multiple of 64.</summary>
    public float* Value(int sequence, long start, int first, int head)
        => (_valueBlocks == null
            ? _inputs.V + ((start + first) * _inputs.VTokenStride)
            : _valueBlocks[((long)sequence * _blockTableStride) + (first / BlockLength)]) + ((nint)head * _inputs.VHeadStride);

    float* Key(int sequence, long start, int first, int head)
        => (_keyBlocks == null
            ? _inputs.K + ((start + first) * _inputs.KTokenStride)
            : _keyBlocks[((long)sequence * _blockTableStride) + (first / BlockLength)]) + ((nint)head * _inputs.KHeadStride);

    float* SharedKey(long token) => _inputs.SharedK + (token * _inputs.SharedKTokenStride);
}
