// Causal attention over packed sequences, for all head layouts.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

public static unsafe partial class Operators
{
    /// <summary>
    /// Causal attention over packed sequences. Keys and values stand in one tensor, per key-value head first the key's own part,
    /// then the value (as MLA's up-projection writes them), or in two tensors.
    /// </summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="shape">Head counts and sizes, and the score scale.</param>
    /// <param name="q">[T, heads * (own part + shared part)].</param>
    /// <param name="k">[T, kv heads * own part], or with <paramref name="v"/> null [T, kv heads * (own part + value)].</param>
    /// <param name="v">[T, kv heads * value] or null.</param>
    /// <param name="sharedK">[T, shared part]: the trailing key part that all heads share (MLA's rotary key), or null.</param>
    /// <param name="sequenceStarts">[sequences + 1] first token of each sequence; must live as long as the tape's history.</param>
    /// <param name="sequenceCount">Number of sequences.</param>
    /// <returns>[T, heads * value].</returns>
    public static Tensor Attend(
        this Tape tape, in AttentionShape shape, Tensor q, Tensor k, Tensor? v, Tensor? sharedK, int* sequenceStarts, int sequenceCount)
    {
        int t = q.Rows;
        Tensor o = tape.Scope.Rent(t, shape.HeadCount * shape.VDim);
        float* logSumExp = tape.Recording ? tape.Scope.Rent<float>((long)t * shape.HeadCount) : null;
        AttentionInputs inputs = AttentionInputsOf(shape, q, k, v, sharedK);
        CausalAttention.Forward(shape, inputs, sequenceStarts, sequenceCount, o.Data, o.Columns, logSumExp);
        if (tape.Recording)
            tape.Record<AttendNode>().Set(shape, q, k, v, sharedK, sequenceStarts, sequenceCount, o, logSumExp);
        return o;
    }

    /// <summary>Pointers and strides of queries, keys and values as <see cref="Attend"/> lays them out.</summary>
    public static AttentionInputs AttentionInputsOf(in AttentionShape shape, Tensor q, Tensor k, Tensor? v, Tensor? sharedK) => new()
    {
        Q = q.Data,
        QTokenStride = q.Columns,
        QHeadStride = shape.QkDim + shape.SharedDim,
        K = k.Data,
        KTokenStride = k.Columns,
        KHeadStride = v is null ? shape.QkDim + shape.VDim : shape.QkDim,
        SharedK = sharedK is null ? null : sharedK.Data,
        SharedKTokenStride = sharedK?.Columns ?? 0,
        V = v is null ? k.Data + shape.QkDim : v.Data,
        VTokenStride = v is null ? k.Columns : v.Columns,
        VHeadStride = v is null ? shape.QkDim + shape.VDim : shape.VDim,
    };

    sealed class AttendNode : Node
    {
        AttentionShape _shape;
        Tensor _q = null!, _k = null!, _o = null!;
        Tensor? _v, _sharedK;
        int* _starts;
        int _sequenceCount;
        float* _logSumExp;

        public void Set(
            in AttentionShape shape, Tensor q, Tensor k, Tensor? v, Tensor? sharedK, int* starts, int sequenceCount, Tensor o, float* logSumExp)
        {
            _shape = shape;
            (_q, _k, _v, _sharedK, _o) = (q, k, v, sharedK, o);
            _starts = starts;
            _sequenceCount = sequenceCount;
            _logSumExp = logSumExp;
        }

        public override void BackwardInput(Tape tape)
        {
            if (_o.Gradient is not { } dO)
                return;
            Tensor dq = Fresh(tape, _q), dk = Fresh(tape, _k);
            Tensor? dv = _v is null ? null : Fresh(tape, _v);
            Tensor? dShared = _sharedK is null ? null : Fresh(tape, _sharedK);
            CausalAttention.Backward(
                _shape, AttentionInputsOf(_shape, _q, _k, _v, _sharedK), _starts, _sequenceCount, _o.Data, _o.Columns, _logSumExp, dO.Data,
                new AttentionGradients
                {
                    Q = dq.Data,
                    K = dk.Data,
                    SharedK = dShared is null ? null : dShared.Data,
                    V = dv is null ? dk.Data + _shape.QkDim : dv.Data,
                });
        }

        static Tensor Fresh(Tape tape, Tensor tensor)
        {
            Tensor gradient = tape.GradientOf(tensor, out bool accumulate);
            return accumulate ? throw new InvalidOperationException("Queries, keys and values have one consumer.") : gradient;
        }
    }
}
