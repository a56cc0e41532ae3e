// Multi-token prediction with one further depth (V3 section 2.2, eq. 21 to 25): a block that sees the main model's state at position i
// and token i + 1, and predicts token i + 2 through the shared head.
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>The multi-token-prediction module; embedding and head are the main model's.</summary>
public sealed unsafe class MultiTokenPrediction : IDisposable
{
    readonly Weight _embedding; // [V, H]
    readonly Tensor _embeddingNorm; // [H]
    readonly Tensor _hiddenNorm; // [H]
    readonly Weight _projection; // [H, 2H]
    readonly Tensor _headNorm; // [H]
    readonly DecoderBlock _block;
    readonly float _epsilon;

    /// <summary>Takes the module's weights, layer index <see cref="ModelConfig.LayerCount"/>.</summary>
    public MultiTokenPrediction(ModelConfig config, IModelWeights weights, RotaryEmbedding rotary)
    {
        string prefix = $"model.layers.{config.LayerCount}.";
        _embedding = weights.FurtherUse(TensorNames.Embedding);
        Head = weights.FurtherUse(config.TieWordEmbeddings ? TensorNames.Embedding : TensorNames.Head);
        _embeddingNorm = weights.Vector(prefix + "enorm.weight");
        _hiddenNorm = weights.Vector(prefix + "hnorm.weight");
        _projection = weights.Matrix(prefix + "eh_proj.weight");
        _headNorm = weights.Vector(prefix + "shared_head.norm.weight");
        _epsilon = (float)config.RmsNormEpsilon;
        _block = new DecoderBlock(config, weights, rotary, config.LayerCount);
    }

    /// <summary>[V, H] the main model's head, used once more.</summary>
    public Weight Head { get; }

    /// <summary>The block's feed-forward layer.</summary>
    public FeedForward FeedForward => _block.FeedForward;

    /// <summary>States from which the head predicts the token after the next: [T', H], T' = T minus one per sequence.</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="hidden">[T, H] of the main model, after its final norm.</param>
    /// <param name="batch">The main model's batch.</param>
    /// <param name="shifted">Receives the module's batch: of each sequence tokens 1, 2, ... at positions 0, 1, ...</param>
    /// <param name="trace">Receives the routing, or null.</param>
    public Tensor Forward(Tape tape, Tensor hidden, PackedBatch batch, PackedBatch shifted, ForwardTrace? trace = null)
        => Forward(tape, hidden, batch, shifted, trace, out _);

    /// <summary>As the other overload, giving the state before the last norm too.</summary>
    public Tensor Forward(Tape tape, Tensor hidden, PackedBatch batch, PackedBatch shifted, ForwardTrace? trace, out Tensor beforeNorm)
    {
        shifted.Clear();
        shifted.StepSequenceCount = batch.StepSequenceCount;
        int* rows = tape.Scope.Rent<int>(batch.TokenCount);
        int count = 0;
        for (int s = 0; s < batch.SequenceCount; s++)
        {
            int start = batch.SequenceStarts[s], end = batch.SequenceStarts[s + 1];
            if (end - start < 2)
                continue;
            shifted.Add(new ReadOnlySpan<int>(batch.Tokens + start + 1, end - start - 1));
            for (int i = start; i < end - 1; i++)
                rows[count++] = i;
        }
        return Forward(tape, tape.SelectRows(hidden, rows, count), shifted, trace, out beforeNorm);
    }

    /// <summary>The module over a batch of its own, with or without a cache (which then has its layer too).</summary>
    /// <param name="tape">Where to run.</param>
    /// <param name="previous">[T', H] of the main model at the batch's positions, after its final norm.</param>
    /// <param name="shifted">For each of the positions the token that follows it.</param>
    /// <param name="trace">Receives the routing, or null.</param>
    /// <param name="beforeNorm">Receives the state before the last norm.</param>
    public Tensor Forward(Tape tape, Tensor previous, PackedBatch shifted, ForwardTrace? trace, out Tensor beforeNorm)
    {
        Tensor embedded = tape.Embed(shifted.Tokens, shifted.TokenCount, _embedding); // [T', H]
        Tensor joined = tape.Concat(
            tape.RmsNorm(embedded, _embeddingNorm, _epsilon), tape.RmsNorm(previous, _hiddenNorm, _epsilon)); // [T', 2H]
        beforeNorm = _block.Forward(tape, tape.Linear(joined, _projection), shifted, trace);
        return tape.RmsNorm(beforeNorm, _headNorm, _epsilon);
    }

    /// <summary>Frees what the block's layers derived from their weights.</summary>
    public void Dispose() => _block.Dispose();
}
