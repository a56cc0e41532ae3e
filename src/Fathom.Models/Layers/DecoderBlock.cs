// One decoder block: x + attention(norm(x)), then + feed-forward(norm(.)).
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Attention and feed-forward around the residual stream.</summary>
public sealed class DecoderBlock : IDisposable
{
    readonly Tensor _inputNorm; // [H]
    readonly Tensor _postAttentionNorm; // [H]
    readonly AttentionLayer _attention;
    readonly float _epsilon;

    /// <summary>Takes the weights of layer <paramref name="index"/>.</summary>
    public DecoderBlock(ModelConfig config, IModelWeights weights, RotaryEmbedding rotary, int index)
    {
        string prefix = $"model.layers.{index}.";
        Index = index;
        _epsilon = (float)config.RmsNormEpsilon;
        _inputNorm = weights.Vector(prefix + "input_layernorm.weight");
        _postAttentionNorm = weights.Vector(prefix + "post_attention_layernorm.weight");
        _attention = config.Attention is LatentAttentionConfig latent
            ? new LatentAttention(config, latent, weights, rotary, prefix + "self_attn.", index)
            : new GroupedQueryAttention(config, (GroupedQueryAttentionConfig)config.Attention, weights, rotary, prefix + "self_attn.", index);
        FeedForward = config.Experts is { } experts && index >= experts.FirstDenseLayerCount
            ? new MixtureOfExperts(config, weights, prefix + "mlp.")
            : new SwiGlu(weights, prefix + "mlp.");
    }

    /// <summary>The layer's index, as in checkpoint names.</summary>
    public int Index { get; }

    /// <summary>The second half of the block.</summary>
    public FeedForward FeedForward { get; }

    /// <summary>Maps the residual stream [T, H] to the next.</summary>
    public Tensor Forward(Tape tape, Tensor x, PackedBatch batch, ForwardTrace? trace)
    {
        Tensor attended = _attention.Forward(tape, tape.RmsNorm(x, _inputNorm, _epsilon), batch); // [T, H]
        Tensor middle = tape.Add(x, attended);
        Tensor mapped = FeedForward.Forward(tape, tape.RmsNorm(middle, _postAttentionNorm, _epsilon), batch); // [T, H]
        if (trace is not null && FeedForward is MixtureOfExperts experts)
            trace.Routing[Index] = experts.Routing;
        return tape.Add(middle, mapped);
    }

    /// <summary>Frees what the layers derived from their weights.</summary>
    public void Dispose() => _attention.Dispose();
}

/// <summary>Causal self-attention over a packed batch, with or without a cache.</summary>
public abstract class AttentionLayer : IDisposable
{
    /// <summary>Maps the normed residual stream [T, H] to [T, H].</summary>
    public abstract Tensor Forward(Tape tape, Tensor x, PackedBatch batch);

    /// <summary>Frees what was derived from the weights; the weights themselves belong to the model.</summary>
    public virtual void Dispose()
    {
    }
}
