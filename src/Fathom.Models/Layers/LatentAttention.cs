// Multi-head latent attention (V2 section 2.1 and appendix C, V3 section 2.1.1): keys and values are up-projections of one small
// latent per token; positions enter through a rotary key that all heads share. Two orders of the same arithmetic: expanded
// (up-project the latents, attend over heads; cheap per query when there are many) and absorbed (move the queries into latent space
// and attend over the cache itself; cheap when there are few).
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels.Attention;
using Fathom.Numerics.Kernels.Elementwise;
using Fathom.Numerics.Kernels.LatentAttention;
using Fathom.Numerics.Kernels.MatMul;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Latent attention with or without a query latent.</summary>
public sealed unsafe class LatentAttention : AttentionLayer
{
    /// <summary>A sequence with at most this many new tokens is attended absorbed, one with more expanded.</summary>
    public const int AbsorbedTokenLimit = 4;

    readonly LatentAttentionConfig _shape;
    readonly RotaryEmbedding _rotary;
    readonly Tensor? _queryDown; // [Q rank, H]
    readonly Tensor? _queryNorm; // [Q rank]
    readonly Tensor _queryUp; // [heads (nope + rope), Q rank or H]
    readonly Tensor _keyValueDown; // [rank + rope, H]
    readonly Tensor _latentNorm; // [rank]
    readonly Tensor _keyValueUp; // [heads (nope + value), rank]
    readonly Tensor _output; // [H, heads value]
    readonly int _heads;
    readonly int _layer;

    /// <summary>Takes the parameters of one layer's attention.</summary>
    public LatentAttention(
        ModelConfig config, LatentAttentionConfig shape, ModelParameters parameters, RotaryEmbedding rotary, string prefix, int layer)
    {
        (_shape, _rotary, _heads, _layer) = (shape, rotary, config.HeadCount, layer);
        if (shape.QLoraRank is not null)
        {
            _queryDown = parameters[prefix + "q_a_proj.weight"];
            _queryNorm = parameters[prefix + "q_a_layernorm.weight"];
        }
        _queryUp = parameters[prefix + (shape.QLoraRank is null ? "q_proj.weight" : "q_b_proj.weight")];
        _keyValueDown = parameters[prefix + "kv_a_proj_with_mqa.weight"];
        _latentNorm = parameters[prefix + "kv_a_layernorm.weight"];
        _keyValueUp = parameters[prefix + "kv_b_proj.weight"];
        _output = parameters[prefix + "o_proj.weight"];
    }

    /// <summary>Sizes of one head, as the expanded kernel takes them.</summary>
    AttentionShape HeadShape => new()
    {
        HeadCount = _heads,
        KeyValueHeadCount = _heads,
        QkDim = _shape.QkNopeHeadDim,
        SharedDim = _shape.QkRopeHeadDim,
        VDim = _shape.VHeadDim,
        Scale = _rotary.SoftmaxScale,
    };

    /// <inheritdoc/>
    public override Tensor Forward(Tape tape, Tensor x, PackedBatch batch)
    {
        const float epsilon = (float)ModelConfig.LatentNormEpsilon;
        RotaryTable table = _rotary.TableFor(batch);
        Tensor q = _queryDown is null
            ? tape.Linear(x, _queryUp)
            : tape.Linear(tape.RmsNorm(tape.Linear(x, _queryDown), _queryNorm!, epsilon), _queryUp); // [T, heads (nope + rope)]
        tape.Rotate(q, _heads, _shape.QkNopeHeadDim, table, batch.Positions);
        (Tensor latent, Tensor key) = tape.Split(tape.Linear(x, _keyValueDown), _shape.KvLoraRank); // [T, rank], [T, rope]
        tape.Rotate(key, 1, 0, table, batch.Positions);
        latent = tape.RmsNorm(latent, _latentNorm, epsilon);
        Tensor o = batch.Cache is null ? AttendExpanded(tape, q, latent, key, batch) : AttendCached(tape, q, latent, key, batch);
        return tape.Linear(o, _output);
    }

    // The expanded order: up-project, attend. Training and uncached passes. o: [T, heads value]
    Tensor AttendExpanded(Tape tape, Tensor q, Tensor latent, Tensor key, PackedBatch batch)
    {
        Tensor keysAndValues = tape.Linear(latent, _keyValueUp); // [T, heads (nope + value)]
        return tape.Attend(HeadShape, q, keysAndValues, null, key, batch.SequenceStarts, batch.SequenceCount);
    }
}
