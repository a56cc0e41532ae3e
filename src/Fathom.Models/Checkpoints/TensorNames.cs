// The official names and shapes of a model's tensors in its safetensors files, in the order of the computation.
// Counts, initial weights, loading and saving all walk this one list.
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Checkpoints;

/// <summary>What a tensor is for; it decides how it starts, whether it decays and how often a token uses it.</summary>
public enum TensorRole
{
    /// <summary>Embedding table [vocabulary, hidden].</summary>
    Embedding,
    /// <summary>Output head [vocabulary, hidden].</summary>
    Head,
    /// <summary>Matrix [out, in] that every token is multiplied with.</summary>
    Projection,
    /// <summary>Matrix of one routed expert; a token uses <c>ExpertsPerToken</c> of them.</summary>
    RoutedExpert,
    /// <summary>Router matrix [experts, hidden].</summary>
    Router,
    /// <summary>RMSNorm weight [size]; starts at 1.</summary>
    Norm,
    /// <summary>Bias of a projection [out]; starts at 0.</summary>
    Bias,
    /// <summary>Selection bias of the router [experts]; starts at 0, moved by the load and not by gradients; always FP32.</summary>
    SelectionBias,
    /// <summary>FP32 factors of an FP8 matrix, one per block; not a parameter of its own.</summary>
    BlockScale,
}

/// <summary>A tensor of a model.</summary>
/// <param name="Name">Official name.</param>
/// <param name="Shape">Sizes, outermost first; matrices are [out, in].</param>
/// <param name="Role">What it is for.</param>
/// <param name="Layer">Layer from 0 (multi-token-prediction layers follow the decoder's), or -1 outside the layers.</param>
/// <param name="CopyOf">The main model's tensor that this one repeats (the embedding and head stored with multi-token prediction), or null.</param>
public sealed record TensorSpec(string Name, int[] Shape, TensorRole Role, int Layer, string? CopyOf = null)
{
    /// <summary>Number of elements.</summary>
    public long ElementCount => Shape.Aggregate(1L, (product, size) => checked(product * size));
}

/// <summary>Official tensor names by part of the model.</summary>
public static class TensorNames
{
    /// <summary>Name of the embedding table.</summary>
    public const string Embedding = "model.embed_tokens.weight";

    /// <summary>Name of the norm before the head.</summary>
    public const string FinalNorm = "model.norm.weight";

    /// <summary>Name of the output head; absent where the embedding is the head.</summary>
    public const string Head = "lm_head.weight";

    /// <summary>What the name of an FP8 matrix's factors has behind that of the matrix.</summary>
    public const string ScaleSuffix = "_scale_inv";

    /// <summary>What the names of a layer's tensors begin with.</summary>
    public static string Layer(int layer) => $"model.layers.{layer}.";

    /// <summary>All tensors of a model: embedding, layers, final norm, head, multi-token-prediction layers.</summary>
    public static IEnumerable<TensorSpec> Of(ModelConfig config)
    {
        var main = Matrix(Embedding, config.VocabularySize, config.HiddenSize, TensorRole.Embedding, -1)
            .Concat(Enumerable.Range(0, config.LayerCount).SelectMany(layer => DecoderLayer(config, layer)))
            .Append(Norm(FinalNorm, config.HiddenSize, -1));
        if (!config.TieWordEmbeddings)
        {
            main = main.Concat(Matrix(Head, config.VocabularySize, config.HiddenSize, TensorRole.Head, -1));
        }

        return main.Concat(Enumerable.Range(config.LayerCount, config.MtpLayerCount).SelectMany(layer => MultiTokenPrediction(config, layer)));
    }

    /// <summary>The tensors that hold weights of their own: neither copies of another nor factors of a matrix.</summary>
    public static IEnumerable<TensorSpec> Own(ModelConfig config) => Of(config).Where(spec => spec.CopyOf is null && spec.Role != TensorRole.BlockScale);

    static IEnumerable<TensorSpec> DecoderLayer(ModelConfig config, int layer)
    {
        string prefix = Layer(layer);
        return Attention(config, layer, prefix + "self_attn.")
            .Prepend(Norm(prefix + "input_layernorm.weight", config.HiddenSize, layer))
            .Append(Norm(prefix + "post_attention_layernorm.weight", config.HiddenSize, layer))
            .Concat(config.HasExperts(layer) ? Experts(config, config.Experts!, layer, prefix + "mlp.") : FeedForward(config, prefix + "mlp.", config.IntermediateSize, TensorRole.Projection, layer));
    }

    // DeepSeek-V3 report, section 2.2; names from the weights document of its release.
    static IEnumerable<TensorSpec> MultiTokenPrediction(ModelConfig config, int layer)
    {
        string prefix = Layer(layer);
        int hidden = config.HiddenSize;
        return new[]
            {
                new TensorSpec(prefix + "embed_tokens.weight", [config.VocabularySize, hidden], TensorRole.Embedding, layer, Embedding),
                Norm(prefix + "enorm.weight", hidden, layer),
                Norm(prefix + "hnorm.weight", hidden, layer),
                // Stays unquantised in FP8 models.
                new TensorSpec(prefix + "eh_proj.weight", [hidden, 2 * hidden], TensorRole.Projection, layer),
            }
            .Concat(DecoderLayer(config, layer))
            .Append(Norm(prefix + "shared_head.norm.weight", hidden, layer))
            .Append(new TensorSpec(prefix + "shared_head.head.weight", [config.VocabularySize, hidden], TensorRole.Head, layer, config.TieWordEmbeddings ? Embedding : Head));
    }

    static IEnumerable<TensorSpec> Attention(ModelConfig config, int layer, string prefix)
    {
        int hidden = config.HiddenSize, heads = config.HeadCount;
        return config.Attention switch
        {
            LatentAttentionConfig { QLoraRank: { } rank } latent => Projection(config, prefix + "q_a_proj", rank, hidden, layer)
                .Append(Norm(prefix + "q_a_layernorm.weight", rank, layer))
                .Concat(Projection(config, prefix + "q_b_proj", heads * latent.QkHeadDim, rank, layer))
                .Concat(KeyValueAndOutput(latent)),
            LatentAttentionConfig latent => Projection(config, prefix + "q_proj", heads * latent.QkHeadDim, hidden, layer).Concat(KeyValueAndOutput(latent)),
            GroupedQueryAttentionConfig grouped => Biased("q_proj", heads * grouped.HeadDim, grouped)
                .Concat(Biased("k_proj", grouped.KeyValueHeadCount * grouped.HeadDim, grouped))
                .Concat(Biased("v_proj", grouped.KeyValueHeadCount * grouped.HeadDim, grouped))
                .Concat(Projection(config, prefix + "o_proj", hidden, heads * grouped.HeadDim, layer)),
            _ => throw new ArgumentException($"no tensors for {config.Attention.GetType().Name}", nameof(config)),
        };

        IEnumerable<TensorSpec> KeyValueAndOutput(LatentAttentionConfig latent) =>
            Projection(config, prefix + "kv_a_proj_with_mqa", latent.KvLoraRank + latent.QkRopeHeadDim, hidden, layer)
                .Append(Norm(prefix + "kv_a_layernorm.weight", latent.KvLoraRank, layer))
                .Concat(Projection(config, prefix + "kv_b_proj", heads * (latent.QkNopeHeadDim + latent.VHeadDim), latent.KvLoraRank, layer))
                .Concat(Projection(config, prefix + "o_proj", hidden, heads * latent.VHeadDim, layer));

        IEnumerable<TensorSpec> Biased(string name, int rows, GroupedQueryAttentionConfig grouped)
        {
            var weight = Projection(config, prefix + name, rows, hidden, layer);
            return grouped.QkvBias ? weight.Append(new TensorSpec(prefix + name + ".bias", [rows], TensorRole.Bias, layer)) : weight;
        }
    }

    static IEnumerable<TensorSpec> Experts(ModelConfig config, ExpertConfig experts, int layer, string prefix)
    {
        yield return new TensorSpec(prefix + "gate.weight", [experts.RoutedExpertCount, config.HiddenSize], TensorRole.Router, layer);
        if (experts.SelectionMethod == SelectionMethod.BiasCorrected)
        {
            yield return new TensorSpec(prefix + "gate.e_score_correction_bias", [experts.RoutedExpertCount], TensorRole.SelectionBias, layer);
        }

        for (int expert = 0; expert < experts.RoutedExpertCount; expert++)
        {
            foreach (var tensor in FeedForward(config, $"{prefix}experts.{expert}.", experts.ExpertIntermediateSize, TensorRole.RoutedExpert, layer))
            {
                yield return tensor;
            }
        }

        if (experts.SharedExpertCount > 0)
        {
            foreach (var tensor in FeedForward(config, prefix + "shared_experts.", experts.SharedExpertCount * experts.ExpertIntermediateSize, TensorRole.Projection, layer))
            {
                yield return tensor;
            }
        }
    }

    static IEnumerable<TensorSpec> FeedForward(ModelConfig config, string prefix, int width, TensorRole role, int layer) =>
        Projection(config, prefix + "gate_proj", width, config.HiddenSize, layer, role)
            .Concat(Projection(config, prefix + "up_proj", width, config.HiddenSize, layer, role))
            .Concat(Projection(config, prefix + "down_proj", config.HiddenSize, width, layer, role));

    // The matrices that an FP8 model quantises, each with its factors behind it.
    static IEnumerable<TensorSpec> Projection(ModelConfig config, string name, int rows, int columns, int layer, TensorRole role = TensorRole.Projection)
    {
        var weight = Matrix(name + ".weight", rows, columns, role, layer);
        return config.Quantization is { } fp8
            ? weight.Append(new TensorSpec(name + ".weight" + ScaleSuffix, [Float8Blocks.Count(rows, fp8.BlockRows), Float8Blocks.Count(columns, fp8.BlockColumns)], TensorRole.BlockScale, layer))
            : weight;
    }

    static IEnumerable<TensorSpec> Matrix(string name, int rows, int columns, TensorRole role, int layer) =>
        [new TensorSpec(name, [rows, columns], role, layer)];

    static TensorSpec Norm(string name, int size, int layer) => new(name, [size], TensorRole.Norm, layer);
}
