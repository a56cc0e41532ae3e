// Multi-head latent attention (V2 section 2.1 and appendix C, V3 section 2.1.1): keys and values are up-projections of one small
// latent per token; positions enter through a rotary key that all heads share. Two orders of the same arithmetic: expanded
// (up-project the latents, attend over heads; cheap per query when there are many) and absorbed (move the queries into latent space
// and attend over the cache itself; cheap when there are few).
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Latent attention with or without a query latent.</summary>
public sealed unsafe class LatentAttention : AttentionLayer
{
    /// <summary>A piece (the new tokens of one sequence in one batch) with fewer tokens is attended absorbed, any other expanded.</summary>
    public const int AbsorbedTokenLimit = 128;

    /// <summary>Cached tokens up-projected at a time behind a deep cache: bounds the memory. Whole splits, so that no bit depends on it.</summary>
    public const int ExpandedTokens = 4 * CachedAttention.SplitLength;

    readonly LatentAttentionConfig _shape;
    readonly RotaryEmbedding _rotary;
    readonly Weight? _queryDown; // [Q rank, H]
    readonly Tensor? _queryNorm; // [Q rank]
    readonly Weight _queryUp; // [heads (nope + rope), Q rank or H]
    readonly Weight _keyValueDown; // [rank + rope, H]
    readonly Tensor _latentNorm; // [rank]
    readonly Weight _keyValueUp; // [heads (nope + value), rank]
    readonly AbsorbedProjections _absorbed;
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
        _absorbed = new AbsorbedProjections(_keyValueUp, _heads, shape.KvLoraRank, shape.QkNopeHeadDim, shape.VHeadDim);
        _output = weights.Matrix(prefix + "o_proj.weight");
    }

    /// <inheritdoc/>
    public override void Dispose() => _absorbed.Dispose();

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
        CachedBatch rows = batch.RowsOf(tape.Scope, _layer);
        CacheRows.WriteLatents(rows, latent.Data, key.Data);
        Tensor o = tape.Scope.Rent(q.Rows, _heads * _shape.VHeadDim);
        for (int first = 0; first < batch.SequenceCount;)
        {
            int end = first;
            while (end < batch.SequenceCount && TokensOf(batch, end) < AbsorbedTokenLimit)
                end++;
            if (end > first)
                AttendAbsorbed(tape, q, rows.Slice(first, end), o);
            for (; end < batch.SequenceCount && TokensOf(batch, end) >= AbsorbedTokenLimit; end++)
                AttendExpandedCached(tape, q, rows, end, o);
            first = end;
        }
        return o;
    }

    static int TokensOf(PackedBatch batch, int sequence) => batch.SequenceStarts[sequence + 1] - batch.SequenceStarts[sequence];

    // The absorbed order: q' = q W_UK, attend over the cached latents, o = context W_UVᵀ.
    void AttendAbsorbed(Tape tape, Tensor q, in CachedBatch rows, Tensor o)
    {
        int start = rows.Starts[0], t = rows.Starts[rows.SequenceCount] - start;
        int rank = _shape.KvLoraRank, rope = _shape.QkRopeHeadDim, nope = _shape.QkNopeHeadDim, value = _shape.VHeadDim;
        int queryWidth = nope + rope, width = rank + rope;
        Tensor absorbed = tape.Scope.Rent(t, _heads * width); // per head [latent query; rotary query]
        Tensor context = tape.Scope.Rent(t, _heads * rank);
        _absorbed.Absorb(tape, t, q.Row(start), q.Columns, queryWidth, absorbed.Data, absorbed.Columns, width);
        for (int h = 0; h < _heads; h++)
            Elementwise.Copy(q.Row(start) + h * queryWidth + nope, q.Columns, absorbed.Data + h * width + rank, absorbed.Columns, t, rope);
        // Kernels count tokens from the batch's beginning.
        CachedAttention.Forward(
            rows, _heads, _rotary.SoftmaxScale, absorbed.Data - (long)start * absorbed.Columns, absorbed.Columns, width,
            context.Data - (long)start * context.Columns, context.Columns, rank);
        _absorbed.Release(tape, t, context.Data, context.Columns, rank, o.Row(start), o.Columns, value);
    }

    // The expanded order behind a cache: latents of past and new tokens are up-projected for this pass only, a run at a time.
    void AttendExpandedCached(Tape tape, Tensor q, in CachedBatch rows, int sequence, Tensor o)
    {
        int start = rows.Starts[sequence], count = rows.Starts[sequence + 1] - start, past = rows.PastLengths[sequence];
        float* state = tape.Scope.Rent<float>(CachedAttention.StateFloats(HeadShape, count));
        for (int first = 0; first < past + count; first += ExpandedTokens)
        {
            ScopeMark mark = tape.Scope.Mark();
            int keys = Math.Min(ExpandedTokens, past + count - first);
            Tensor latents = tape.Scope.Rent(keys, _shape.KvLoraRank), rotary = tape.Scope.Rent(keys, _shape.QkRopeHeadDim);
            CacheRows.ReadLatents(rows, sequence, first, keys, latents.Data, rotary.Data);
            Tensor keysAndValues = tape.Linear(latents, _keyValueUp); // [keys, heads (nope + value)]
            CachedAttention.ForwardExpanded(
                HeadShape, q.Row(start), q.Columns, count, past, keysAndValues.Data, rotary.Data, first, keys, state, o.Row(start), o.Columns);
            tape.Scope.Release(mark);
        }
    }
}
