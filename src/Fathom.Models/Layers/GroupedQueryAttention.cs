// Grouped-query attention (and multi-head attention, its special case): Llama, Qwen2, the first DeepSeekMoE.
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Attention whose key-value heads are shared by groups of query heads.</summary>
public sealed unsafe class GroupedQueryAttention : AttentionLayer
{
    readonly GroupedQueryAttentionConfig _shape;
    readonly RotaryEmbedding _rotary;
    readonly (Weight Weight, Tensor? Bias) _query; // [heads dim, H]
    readonly (Weight Weight, Tensor? Bias) _key; // [kv heads dim, H]
    readonly (Weight Weight, Tensor? Bias) _value; // [kv heads dim, H]
    readonly Weight _output; // [H, heads dim]
    readonly int _heads;
    readonly int _layer;

    /// <summary>Takes the weights of one layer's attention.</summary>
    public GroupedQueryAttention(
        ModelConfig config, GroupedQueryAttentionConfig shape, IModelWeights weights, RotaryEmbedding rotary, string prefix, int layer)
    {
        (_shape, _rotary, _heads, _layer) = (shape, rotary, config.HeadCount, layer);
        (Weight, Tensor?) Take(string name) => (weights.Matrix($"{prefix}{name}.weight"), weights.FindVector($"{prefix}{name}.bias"));
        _query = Take("q_proj");
        _key = Take("k_proj");
        _value = Take("v_proj");
        _output = weights.Matrix(prefix + "o_proj.weight");
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tape tape, Tensor x, PackedBatch batch)
    {
        RotaryTable table = _rotary.TableFor(batch);
        Tensor q = tape.Linear(x, _query.Weight, _query.Bias); // [T, heads dim]
        Tensor k = tape.Linear(x, _key.Weight, _key.Bias); // [T, kv heads dim]
        Tensor v = tape.Linear(x, _value.Weight, _value.Bias); // [T, kv heads dim]
        tape.Rotate(q, _heads, 0, table, batch.Positions);
        tape.Rotate(k, _shape.KeyValueHeadCount, 0, table, batch.Positions);
        var shape = new AttentionShape
        {
            HeadCount = _heads,
            KeyValueHeadCount = _shape.KeyValueHeadCount,
            QkDim = _shape.HeadDim,
            SharedDim = 0,
            VDim = _shape.HeadDim,
            Scale = _rotary.SoftmaxScale,
        };
        Tensor o = batch.Cache is null
            ? tape.Attend(shape, q, k, v, null, batch.SequenceStarts, batch.SequenceCount)
            : AttendCached(tape, shape, q, k, v, batch);
        return tape.Linear(o, _output);
    }

    // Appends to the cache, then attends over it. o: [T, heads dim]
    Tensor AttendCached(Tape tape, in AttentionShape shape, Tensor q, Tensor k, Tensor v, PackedBatch batch)
    {
        CachedBatch rows = batch.RowsOf(tape.Scope, _layer);
        CacheRows.Write(rows, k.Data, v.Data);
        Tensor o = tape.Scope.Rent(q.Rows, q.Columns);
        CachedAttention.Forward(rows, _heads, shape.Scale, q.Data, q.Columns, _shape.HeadDim, o.Data, o.Columns, _shape.HeadDim);
        return o;
    }
}
