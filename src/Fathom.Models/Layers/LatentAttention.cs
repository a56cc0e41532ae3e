// Multi-head latent attention (V2 section 2.1 and appendix C, V3 section 2.1.1): keys and values are up-projections of one small
// latent per token; positions enter through a rotary key that all heads share. Two orders of the same arithmetic: expanded
// (up-project the latents, attend over heads; cheap per query when there are many) and absorbed (move the queries into latent space
// and attend over the cache itself; cheap when there are few).
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
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
    readonly Weight? _queryDown; // [Q rank, H]
    readonly Tensor? _queryNorm; // [Q rank]
    readonly Weight _queryUp; // [heads (nope + rope), Q rank or H]
    readonly Weight _keyValueDown; // [rank + rope, H]
    readonly Tensor _latentNorm; // [rank]
    readonly Weight _keyValueUp; // [heads (nope + value), rank]
    readonly Weight _output; // [H, heads value]
    readonly int _heads;
    readonly int _layer;

    /// <summary>Takes the weights of one layer's attention.</summary>
    public LatentAttention(
        ModelConfig config, LatentAttentionConfig shape, IModelWeights weights, RotaryEmbedding rotary, string prefix, int layer)
    {
        (_shape, _rotary, _heads, _layer) = (shape, rotary, config.HeadCount, layer);
        if (shape.QLoraRank is not null)
        {
            _queryDown = weights.Matrix(prefix + "q_a_proj.weight");
            _queryNorm = weights.Vector(prefix + "q_a_layernorm.weight");
        }
        _queryUp = weights.Matrix(prefix + (shape.QLoraRank is null ? "q_proj.weight" : "q_b_proj.weight"));
        _keyValueDown = weights.Matrix(prefix + "kv_a_proj_with_mqa.weight");
        _latentNorm = weights.Vector(prefix + "kv_a_layernorm.weight");
        _keyValueUp = weights.Matrix(prefix + "kv_b_proj.weight");
        _output = weights.Matrix(prefix + "o_proj.weight");
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

    // Inference: append to the cache, then attend runs of sequences with few new tokens absorbed and the others expanded. Which
    // order a sequence takes depends on its own new tokens alone, so not on the batch. o: [T, heads value]
    Tensor AttendCached(Tape tape, Tensor q, Tensor latent, Tensor key, PackedBatch batch)
    {
        int rank = _shape.KvLoraRank, width = rank + _shape.QkRopeHeadDim;
        float** table = batch.BlockTable(tape.Scope, _layer, out int stride);
        batch.WriteToCache(table, stride, latent, width, 0);
        batch.WriteToCache(table, stride, key, width, rank);
        Tensor o = tape.Scope.Rent(q.Rows, _heads * _shape.VHeadDim);
        for (int first = 0; first < batch.SequenceCount;)
        {
            bool few = IsAbsorbed(batch, first);
            int end = first + 1;
            while (end < batch.SequenceCount && IsAbsorbed(batch, end) == few)
                end++;
            if (few)
                AttendAbsorbed(tape, q, batch, first, end, table, stride, o);
            else
                AttendExpandedCached(tape, q, batch, first, end, table, stride, o);
            first = end;
        }
        return o;
    }

    static bool IsAbsorbed(PackedBatch batch, int sequence)
        => batch.SequenceStarts[sequence + 1] - batch.SequenceStarts[sequence] <= AbsorbedTokenLimit;

    // The absorbed order: q' = q W_UK, attend over the cached latents, o = context W_UVᵀ.
    void AttendAbsorbed(Tape tape, Tensor q, PackedBatch batch, int first, int end, float** table, int stride, Tensor o)
    {
        int start = batch.SequenceStarts[first], t = batch.SequenceStarts[end] - start;
        int rank = _shape.KvLoraRank, rope = _shape.QkRopeHeadDim, nope = _shape.QkNopeHeadDim, value = _shape.VHeadDim;
        int queryWidth = nope + rope, absorbedWidth = rank + rope, upRows = nope + value;
        Tensor keyValueUp = tape.Decoded(_keyValueUp); // [heads (nope + value), rank]
        Tensor absorbed = tape.Scope.Rent(t, _heads * absorbedWidth);
        Tensor context = tape.Scope.Rent(t, _heads * rank);
        for (int h = 0; h < _heads; h++)
        {
            // W_UK of head h: [nope, rank]
            float* up = keyValueUp.Row(h * upRows);
            MatMul.NN(q.Row(start) + h * queryWidth, q.Columns, up, rank, absorbed.Data + h * absorbedWidth, absorbed.Columns, t, rank, nope, accumulate: false);
            Elementwise.Copy(q.Row(start) + h * queryWidth + nope, q.Columns, absorbed.Data + h * absorbedWidth + rank, absorbed.Columns, t, rope);
        }
        int* starts = RelativeStarts(tape, batch, first, end);
        Numerics.Kernels.LatentAttention.Forward(
            _heads, rank, rope, _rotary.SoftmaxScale, absorbed.Data, absorbed.Columns, starts, batch.PastLengths + first, end - first,
            table + first * stride, stride, context.Data, context.Columns);
        for (int h = 0; h < _heads; h++)
        {
            // W_UV of head h: [value, rank]
            float* up = keyValueUp.Row(h * upRows + nope);
            MatMul.NT(context.Data + h * rank, context.Columns, up, rank, o.Row(start) + h * value, o.Columns, t, value, rank, accumulate: false);
        }
    }

    // The expanded order behind a cache: latents of past and new tokens are gathered and up-projected for this pass only.
    void AttendExpandedCached(Tape tape, Tensor q, PackedBatch batch, int first, int end, float** table, int stride, Tensor o)
    {
        int rank = _shape.KvLoraRank, rope = _shape.QkRopeHeadDim, width = rank + rope, start = batch.SequenceStarts[first];
        int* keyStarts = tape.Scope.Rent<int>(end - first + 1);
        keyStarts[0] = 0;
        for (int s = first; s < end; s++)
            keyStarts[s - first + 1] = keyStarts[s - first] + batch.PastLengths[s] + batch.SequenceStarts[s + 1] - batch.SequenceStarts[s];
        int keys = keyStarts[end - first];
        Tensor latents = tape.Scope.Rent(keys, rank), rotary = tape.Scope.Rent(keys, rope);
        for (int s = first; s < end; s++)
        {
            int from = keyStarts[s - first], count = keyStarts[s - first + 1] - from;
            for (int p = 0; p < count; p += KvCache.BlockLength)
            {
                float* block = table[s * stride + p / KvCache.BlockLength];
                int rows = Math.Min(KvCache.BlockLength, count - p);
                Elementwise.Copy(block, width, latents.Row(from + p), rank, rows, rank);
                Elementwise.Copy(block + rank, width, rotary.Row(from + p), rope, rows, rope);
            }
        }
        Tensor keysAndValues = tape.Linear(latents, _keyValueUp); // [S, heads (nope + value)]
        AttentionInputs inputs = Operators.AttentionInputsOf(HeadShape, q, keysAndValues, null, rotary) with { Q = q.Row(start) };
        CausalAttention.Forward(HeadShape, inputs, RelativeStarts(tape, batch, first, end), keyStarts, end - first, o.Row(start), o.Columns, null);
    }

    static int* RelativeStarts(Tape tape, PackedBatch batch, int first, int end)
    {
        int* starts = tape.Scope.Rent<int>(end - first + 1);
        for (int s = first; s <= end; s++)
            starts[s - first] = batch.SequenceStarts[s] - batch.SequenceStarts[first];
        return starts;
    }
}
