// The two halves of kv_b_proj as absorbed attention wants them: per head the key's half [nope, rank] and the value's half.
// A trained FP32 matrix is used where it lies. A stored one is decoded once, at first use, into bfloat16 with the value's half turned:
// decoding a block format anew for every token would cost more than reading these.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Key and value up-projections of latent attention, per head.</summary>
sealed unsafe class AbsorbedProjections : IDisposable
{
    /// <summary>The products take whole vectors of columns.</summary>
    const int Granule = 16;

    readonly Weight _keyValueUp; // [heads (nope + value), rank]
    readonly int _heads, _rank, _nope, _value;
    readonly MemoryScope _scope = new();
    ushort* _keyUp; // [heads, nope, padded rank]
    ushort* _valueUp; // [heads, rank, padded value]

    public AbsorbedProjections(Weight keyValueUp, int heads, int rank, int nope, int value)
        => (_keyValueUp, _heads, _rank, _nope, _value) = (keyValueUp, heads, rank, nope, value);

    /// <summary>Moves queries into latent space: y[rank] = q[nope] W_UK. Strides in floats.</summary>
    public void Absorb(Tape tape, int tokens, float* q, int qTokenStride, int qHeadStride, float* y, int yTokenStride, int yHeadStride)
    {
        HeadMatrices matrices = _keyValueUp.Values is { } values
            ? new() { Values = values.Data, HeadStride = (long)(_nope + _value) * _rank }
            : Prepared(tape, forKeys: true);
        HeadProjection.Forward(tokens, _heads, _nope, _rank, q, qTokenStride, qHeadStride, matrices, y, yTokenStride, yHeadStride);
    }

    /// <summary>Moves contexts out of latent space: y[value] = context[rank] W_UVᵀ. Strides in floats.</summary>
    public void Release(Tape tape, int tokens, float* context, int contextTokenStride, int contextHeadStride, float* y, int yTokenStride, int yHeadStride)
    {
        HeadMatrices matrices = _keyValueUp.Values is { } values
            ? new() { Values = values.Row(_nope), Transposed = true, HeadStride = (long)(_nope + _value) * _rank }
            : Prepared(tape, forKeys: false);
        HeadProjection.Forward(tokens, _heads, _rank, _value, context, contextTokenStride, contextHeadStride, matrices, y, yTokenStride, yHeadStride);
    }

    HeadMatrices Prepared(Tape tape, bool forKeys)
    {
        int rankRow = Padded(_rank), valueRow = Padded(_value);
        if (_keyUp == null)
        {
            ScopeMark mark = tape.Scope.Mark();
            Tensor decoded = tape.Decoded(_keyValueUp);
            _keyUp = _scope.Rent<ushort>((long)_heads * _nope * rankRow);
            _valueUp = _scope.Rent<ushort>((long)_heads * _rank * valueRow);
            new Span<byte>(_keyUp, checked(_heads * _nope * rankRow * sizeof(ushort))).Clear();
            new Span<byte>(_valueUp, checked(_heads * _rank * valueRow * sizeof(ushort))).Clear();
            for (int h = 0; h < _heads; h++)
            {
                float* up = decoded.Row(h * (_nope + _value));
                for (int d = 0; d < _nope; d++)
                    BFloat16.FromSingle(up + ((long)d * _rank), _keyUp + (((long)h * _nope + d) * rankRow), _rank);
                up += (long)_nope * _rank;
                for (int r = 0; r < _rank; r++)
                {
                    for (int d = 0; d < _value; d++)
                        _valueUp[((long)h * _rank + r) * valueRow + d] = BFloat16.FromSingle(up[(long)d * _rank + r]);
                }
            }
            tape.Scope.Release(mark);
        }
        return forKeys ? new() { Narrow = _keyUp, HeadStride = (long)_nope * rankRow } : new() { Narrow = _valueUp, HeadStride = (long)_rank * valueRow };
    }

    static int Padded(int length) => (length + Granule - 1) & -Granule;

    public void Dispose() => _scope.Dispose();
}
