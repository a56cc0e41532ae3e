// What a model costs, from its description alone: parameters, floating-point operations, cache.
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Counts;

/// <summary>
/// Parameters, operations and cache of a model. A multiplication with addition counts as two operations; norms, softmax, rotation and
/// activation functions are not counted (below one percent). The multi-token-prediction modules are counted apart.
/// </summary>
public sealed class ModelCounts
{
    readonly ModelConfig config;

    /// <summary>Counts the model of this description.</summary>
    public ModelCounts(ModelConfig config)
    {
        this.config = config;
        long routed = 0, norms = 0;
        foreach (var tensor in TensorNames.Of(config).Where(tensor => tensor.Role != TensorRole.BlockScale))
        {
            if (tensor.Layer >= config.LayerCount)
            {
                MtpParameters += tensor.CopyOf is null ? tensor.ElementCount : 0;
                continue;
            }

            Parameters += tensor.ElementCount;
            switch (tensor.Role)
            {
                case TensorRole.Embedding:
                    EmbeddingParameters = tensor.ElementCount;
                    break;
                case TensorRole.Head:
                    HeadParameters = tensor.ElementCount;
                    break;
                case TensorRole.RoutedExpert:
                    routed += tensor.ElementCount;
                    break;
                case TensorRole.Norm or TensorRole.Bias or TensorRole.SelectionBias:
                    norms += tensor.ElementCount;
                    break;
            }
        }

        // All routed experts have the same size, so the division is exact.
        long idle = config.Experts is { } experts ? routed / experts.RoutedExpertCount * (experts.RoutedExpertCount - experts.ExpertsPerToken) : 0;
        ActiveParameters = Parameters - idle;
        // A tied embedding is multiplied with as the head; an untied one is only looked up.
        MatrixParametersPerToken = ActiveParameters - norms - (config.TieWordEmbeddings ? 0 : EmbeddingParameters);
    }

    /// <summary>Parameters of the main model, embedding, head and selection biases included.</summary>
    public long Parameters { get; }

    /// <summary>Parameters that the multi-token-prediction modules add, without their copies of embedding and head.</summary>
    public long MtpParameters { get; }

    /// <summary>Parameters of the embedding table.</summary>
    public long EmbeddingParameters { get; }

    /// <summary>Parameters of the output head; 0 where it is the embedding.</summary>
    public long HeadParameters { get; }

    /// <summary>Parameters that one token uses: all but the routed experts it is not sent to.</summary>
    public long ActiveParameters { get; }

    /// <summary><see cref="ActiveParameters"/> without embedding and head.</summary>
    public long ActiveParametersWithoutEmbeddings => ActiveParameters - EmbeddingParameters - HeadParameters;

    /// <summary>Elements of all matrices that one token is multiplied with, head included.</summary>
    public long MatrixParametersPerToken { get; }

    /// <summary>Elements that one token leaves in the caches of all layers.</summary>
    public long CacheElementsPerToken => (long)config.LayerCount * config.Attention.CacheElementsPerToken;

    /// <summary>The same if every head had its own key and value cached (multi-head attention with the same heads; for latent attention the part without position).</summary>
    public long FullAttentionCacheElementsPerToken => (long)config.LayerCount * config.HeadCount * config.Attention switch
    {
        LatentAttentionConfig latent => latent.QkNopeHeadDim + latent.VHeadDim,
        var other => other.QkHeadDim + other.ValueHeadDim,
    };

    /// <summary>Bytes that one token leaves in the caches of all layers, in the given format.</summary>
    public long CacheBytesPerToken(ElementType type) => CacheElementsPerToken * type.ByteSize();

    /// <summary>Operations of one token's forward pass that attends to <paramref name="context"/> tokens (itself included), keys and values expanded.</summary>
    public double ForwardFlopsPerToken(double context) =>
        2.0 * MatrixParametersPerToken + 2.0 * config.LayerCount * config.HeadCount * (config.Attention.QkHeadDim + config.Attention.ValueHeadDim) * context;

    /// <summary>
    /// The same in decoding: latent attention works on the cached latent (absorbed order: per head and position kv_lora_rank + qk_rope_head_dim for the
    /// score and kv_lora_rank for the value; the up-projection's matrix is applied to query and output instead, at equal cost).
    /// </summary>
    public double DecodeFlopsPerToken(double context) => config.Attention is LatentAttentionConfig latent
        ? 2.0 * MatrixParametersPerToken + 2.0 * config.LayerCount * config.HeadCount * (2 * latent.KvLoraRank + latent.QkRopeHeadDim) * context
        : ForwardFlopsPerToken(context);

    /// <summary>Operations of a forward pass over a causal sequence of <paramref name="length"/> tokens: position i attends to i + 1.</summary>
    public double ForwardFlops(long length) => length * ForwardFlopsPerToken((length + 1) / 2.0);

    /// <summary>Operations of a training step over such a sequence: backward costs twice forward. Recomputed activations are not counted.</summary>
    public double TrainingFlops(long length) => 3 * ForwardFlops(length);
}
