// Where the keys and values of a sequence lie and how they get into scratch block by block: as panels whose lanes run over tokens, or as
// padded rows.
namespace Fathom.Numerics.Kernels;

/// <summary>Reads keys and values from a packed batch, in blocks of 64 tokens from a sequence's beginning.</summary>
readonly unsafe struct KeySource
{
    /// <summary>Tokens per block and per panel.</summary>
    public const int BlockLength = 64;

    readonly AttentionShape _shape;
    readonly AttentionInputs _inputs;

    /// <summary>Keys and values of a packed batch.</summary>
    public KeySource(in AttentionShape shape, in AttentionInputs inputs) => (_shape, _inputs) = (shape, inputs);

    /// <summary>From one token's value to the next one's.</summary>
    public int ValueStride => _inputs.VTokenStride;

    /// <summary>The keys of a block, the shared key's dimensions last: panel [QkDim + SharedDim, 64].</summary>
    public void FillKeyPanel<TLanes>(long start, int first, int count, int head, float* panel)
        where TLanes : struct, ILanes<TLanes>
    {
        Transposition.Run<TLanes>(Key(start, first, head), _inputs.KTokenStride, count, _shape.QkDim, panel, BlockLength);
        if (_shape.SharedDim > 0)
            Transposition.Run<TLanes>(SharedKey(start + first), _inputs.SharedKTokenStride, count, _shape.SharedDim, panel + (_shape.QkDim * BlockLength), BlockLength);
    }

    /// <summary>The values of a block: panel [VDim, 64].</summary>
    public void FillValuePanel<TLanes>(long start, int first, int count, int head, float* panel)
        where TLanes : struct, ILanes<TLanes>
        => Transposition.Run<TLanes>(Value(start, first, head), _inputs.VTokenStride, count, _shape.VDim, panel, BlockLength);

    /// <summary>The keys of a block as rows, the shared key's dimensions last: destination [count, stride], zero up to the next multiple of 16.</summary>
    public void CopyKeys<TLanes>(long start, int first, int count, int head, float* destination, int stride)
        where TLanes : struct, ILanes<TLanes>
    {
        float* key = Key(start, first, head);
        int padded = AttentionRow<TLanes>.Padded(_shape.QueryDim);
        for (int i = 0; i < count; i++, key += _inputs.KTokenStride, destination += stride)
        {
            AttentionRow<TLanes>.Copy(key, _shape.QkDim, destination, padded);
            if (_shape.SharedDim > 0)
                AttentionRow<TLanes>.Copy(SharedKey(start + first + i), _shape.SharedDim, destination + _shape.QkDim, padded - _shape.QkDim);
        }
    }

    /// <summary>The values of a block as rows: destination [count, stride], zero up to the next multiple of 16.</summary>
    public void CopyValues<TLanes>(long start, int first, int count, int head, float* destination, int stride)
        where TLanes : struct, ILanes<TLanes>
    {
        float* value = Value(start, first, head);
        for (int i = 0; i < count; i++, value += _inputs.VTokenStride, destination += stride)
            AttentionRow<TLanes>.Copy(value, _shape.VDim, destination, AttentionRow<TLanes>.Padded(_shape.VDim));
    }

    /// <summary>The value of a block's first token; <paramref name="first"/> is a multiple of 64.</summary>
    public float* Value(long start, int first, int head) => _inputs.V + ((start + first) * _inputs.VTokenStride) + ((nint)head * _inputs.VHeadStride);

    float* Key(long start, int first, int head) => _inputs.K + ((start + first) * _inputs.KTokenStride) + ((nint)head * _inputs.KHeadStride);

    float* SharedKey(long token) => _inputs.SharedK + (token * _inputs.SharedKTokenStride);
}
