// A model as the planner sees it: its matrices by shape, and its parameters by who shares them. Read off the configuration once.

using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;

namespace Fathom.Planning.Training;

/// <summary>A matrix product that every token takes part in.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Outputs">Columns of the output.</param>
/// <param name="Inputs">Columns of the input.</param>
/// <param name="Layers">Times it occurs in the model.</param>
/// <param name="RowsPerToken">Rows of the input per token: 1, or the experts per token.</param>
/// <param name="Matrices">Matrices that share those rows: 1, or the routed experts.</param>
/// <param name="IsFp8">Whether FP8 training multiplies it in FP8 (V3 report, section 3.3.1: not the head, the router and the embedding).</param>
/// <param name="IsLatentUp">Whether it is an up-projection of latent attention, which V3 recomputes.</param>
/// <param name="IsOfKeys">Whether it makes keys and values of latents, which every context-parallel device does for the whole sequence.</param>
public sealed record MatrixWork(
    string Name, long Outputs, long Inputs, int Layers, int RowsPerToken = 1, int Matrices = 1, bool IsFp8 = true, bool IsLatentUp = false, bool IsOfKeys = false)
{
    /// <summary>Operations of one token's forward pass, in all layers.</summary>
    public double FlopsPerToken => 2.0 * Outputs * Inputs * RowsPerToken * Layers;
}

/// <summary>A model's work.</summary>
public sealed class ModelWork
{
    /// <summary>Reads a model.</summary>
    public ModelWork(ModelConfig config)
    {
        Config = config;
        foreach (TensorSpec tensor in TensorNames.Own(config))
        {
            switch (tensor.Role)
            {
                case TensorRole.RoutedExpert:
                    RoutedParameters += tensor.ElementCount;
                    break;
                case TensorRole.Embedding or TensorRole.Head:
                    EndParameters += tensor.ElementCount;
                    break;
                default:
                    LayerParameters += tensor.ElementCount;
                    break;
            }
        }
        Products = [.. ProductsOf(config)];
        double head = Products[^1].FlopsPerToken;
        HeadLayers = head / (Products.Sum(product => product.FlopsPerToken) - head) * Layers;
    }

    /// <summary>The model.</summary>
    public ModelConfig Config { get; }

    /// <summary>Parameters of all routed experts.</summary>
    public long RoutedParameters { get; }

    /// <summary>Parameters of the layers without routed experts.</summary>
    public long LayerParameters { get; }

    /// <summary>Parameters of embedding and head.</summary>
    public long EndParameters { get; }

    /// <summary>All parameters, multi-token prediction included.</summary>
    public long Parameters => RoutedParameters + LayerParameters + EndParameters;

    /// <summary>The matrix products.</summary>
    public IReadOnlyList<MatrixWork> Products { get; }

    /// <summary>Layers, those of multi-token prediction included.</summary>
    public int Layers => Config.LayerCount + Config.MtpLayerCount;

    /// <summary>Layers that take as many operations as the head.</summary>
    public double HeadLayers { get; }

    /// <summary>Layers with routed experts.</summary>
    public int ExpertLayers => Config.Experts is { } experts ? Layers - experts.FirstDenseLayerCount : 0;

    /// <summary>Operations of the forward attention of one token in all layers, over half of the sequence (causal).</summary>
    public double AttentionFlopsPerToken(double length) => 2.0 * Layers * Config.HeadCount * (Config.Attention.QkHeadDim + Config.Attention.ValueHeadDim) * length / 2;

    /// <summary>
    /// Operations of attention's backward pass over those of its forward pass: scores are computed again, queries and keys get a gradient each, values
    /// and probabilities too (FlashAttention-2, arXiv 2307.08691, algorithm 2). 2.5 where keys and values are as wide.
    /// </summary>
    public double AttentionBackward => (3.0 * Config.Attention.QkHeadDim + 2.0 * Config.Attention.ValueHeadDim) / (Config.Attention.QkHeadDim + Config.Attention.ValueHeadDim);

    /// <summary>Operations of one token's forward pass.</summary>
    public double ForwardFlopsPerToken(double length) => Products.Sum(product => product.FlopsPerToken) + AttentionFlopsPerToken(length);

    /// <summary>Bytes that element-wise kernels move for one token's forward pass in all layers: norms, residuals, rotation, gates, permutations, casts.</summary>
    public double ElementwiseBytesPerToken(bool fp8)
    {
        ModelConfig c = Config;
        // Two norms (read, write) and two residual sums (read, read, write), in BF16; queries and keys of all heads rotated and joined.
        double bytes = Layers * (10.0 * c.HiddenSize * 2 + 2.0 * 2 * c.HeadCount * c.Attention.QkHeadDim * 2);
        int dense = Layers - ExpertLayers;
        bytes += dense * 3.0 * c.IntermediateSize * 2; // gate and up read, product written
        if (c.Experts is { } experts)
        {
            bytes += ExpertLayers * 3.0 * 2 * experts.ExpertIntermediateSize * (experts.ExpertsPerToken + experts.SharedExpertCount);
            bytes += ExpertLayers * 4.0 * 2 * experts.ExpertsPerToken * c.HiddenSize; // put in the experts' order and back, each read and written
        }
        if (fp8) // every input is read in BF16 and written in FP8
            bytes += Products.Where(product => product.IsFp8).Sum(product => 3.0 * product.Inputs * product.RowsPerToken * product.Layers);
        return bytes;
    }

    static IEnumerable<MatrixWork> ProductsOf(ModelConfig c)
    {
        int layers = c.LayerCount + c.MtpLayerCount, heads = c.HeadCount;
        if (c.Attention is LatentAttentionConfig latent)
        {
            if (latent.QLoraRank is { } rank)
            {
                yield return new("query down", rank, c.HiddenSize, layers);
                yield return new("query up", (long)heads * latent.QkHeadDim, rank, layers, IsLatentUp: true);
            }
            else
            {
                yield return new("query", (long)heads * latent.QkHeadDim, c.HiddenSize, layers);
            }
            yield return new("key-value down", latent.KvLoraRank + latent.QkRopeHeadDim, c.HiddenSize, layers);
            yield return new("key-value up", (long)heads * (latent.QkNopeHeadDim + latent.VHeadDim), latent.KvLoraRank, layers, IsLatentUp: true, IsOfKeys: true);
        }
        else
        {
            yield return new("query, key, value", (long)heads * c.Attention.QkHeadDim + c.Attention.CacheElementsPerToken, c.HiddenSize, layers);
        }
        yield return new("attention output", c.HiddenSize, (long)heads * c.Attention.ValueHeadDim, layers);

        int expertLayers = c.Experts is null ? 0 : layers - c.Experts.FirstDenseLayerCount, denseLayers = layers - expertLayers;
        if (denseLayers > 0)
        {
            yield return new("dense gate and up", 2L * c.IntermediateSize, c.HiddenSize, denseLayers);
            yield return new("dense down", c.HiddenSize, c.IntermediateSize, denseLayers);
        }
        if (c.Experts is { } experts)
        {
            yield return new("router", experts.RoutedExpertCount, c.HiddenSize, expertLayers, IsFp8: false);
            if (experts.SharedExpertCount > 0)
            {
                yield return new("shared gate and up", 2L * experts.SharedExpertCount * experts.ExpertIntermediateSize, c.HiddenSize, expertLayers);
                yield return new("shared down", c.HiddenSize, (long)experts.SharedExpertCount * experts.ExpertIntermediateSize, expertLayers);
            }
            yield return new("experts gate and up", 2L * experts.ExpertIntermediateSize, c.HiddenSize, expertLayers, experts.ExpertsPerToken, experts.RoutedExpertCount);
            yield return new("experts down", c.HiddenSize, experts.ExpertIntermediateSize, expertLayers, experts.ExpertsPerToken, experts.RoutedExpertCount);
        }
        if (c.MtpLayerCount > 0)
            yield return new("multi-token prediction, joined inputs", c.HiddenSize, 2L * c.HiddenSize, c.MtpLayerCount);
        yield return new("head", c.VocabularySize, c.HiddenSize, 1 + c.MtpLayerCount, IsFp8: false);
    }
}
