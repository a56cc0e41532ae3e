// The operators of a training pass, read off the configuration: what the layers in Fathom.Models.Layers record on the tape. Tests hold the list's bytes
// against the tape of real passes. Letters: T tokens, B sequences.
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;

namespace Fathom.Planning.Here;

/// <summary>A pass over sequences of equal length, forward and backward.</summary>
/// <param name="Config">The model.</param>
/// <param name="Sequences">Sequences of the pass.</param>
/// <param name="Length">Tokens of each.</param>
public sealed record TrainingPass(ModelConfig Config, int Sequences, int Length)
{
    /// <summary>Tokens of the pass.</summary>
    public int Tokens => checked(Sequences * Length);

    /// <summary>Every operator, those of equal sizes once.</summary>
    public IReadOnlyList<PassOperator> Operators { get; } = [.. All(Config, Sequences, Length)];

    /// <summary>Bytes that the tape's scope has rented when the pass ends.</summary>
    public long TapeBytes => Operators.Sum(op => op.Uses * op.Bytes);

    static IEnumerable<PassOperator> All(ModelConfig c, int sequences, int length)
    {
        int tokens = checked(sequences * length), hidden = c.HiddenSize;
        yield return new EmbedOperator(1, tokens, hidden, c.VocabularySize);
        foreach (PassOperator op in Blocks(c, c.LayerCount, sequences, length, mtp: false))
            yield return op;
        yield return new NormOperator(1, tokens, hidden, Adds: false);
        yield return new HeadOperator(1, tokens, hidden, c.VocabularySize);
        if (c.MtpLayerCount == 0 || length < 2)
            yield break;
        // The module sees each sequence without its last token.
        int shifted = sequences * (length - 1);
        yield return new SelectOperator(1, shifted, hidden, tokens);
        yield return new EmbedOperator(1, shifted, hidden, c.VocabularySize);
        yield return new NormOperator(3, shifted, hidden, Adds: false);
        yield return new ConcatOperator(1, shifted, hidden);
        yield return new LinearOperator("joined inputs", PassPart.MatrixProducts, 1, shifted, 2 * hidden, hidden);
        foreach (PassOperator op in Blocks(c, 1, sequences, length - 1, mtp: true))
            yield return op;
        yield return new HeadOperator(1, shifted, hidden, c.VocabularySize);
    }

    // Decoder blocks: attention and feed-forward between norms and sums.
    static IEnumerable<PassOperator> Blocks(ModelConfig c, int layers, int sequences, int length, bool mtp)
    {
        int tokens = checked(sequences * length), hidden = c.HiddenSize;
        // Both norms read the residual stream, whose gradient the sum behind them has begun.
        yield return new NormOperator(2 * layers, tokens, hidden, Adds: true);
        yield return new AddOperator(2 * layers, tokens, hidden);
        foreach (PassOperator op in Attention(c, layers, tokens, length))
            yield return op;
        int expertLayers = c.Experts is not { } experts ? 0 : mtp ? layers : layers - Math.Min(layers, experts.FirstDenseLayerCount);
        if (layers > expertLayers)
        {
            foreach (PassOperator op in GatedUnit("feed-forward", layers - expertLayers, tokens, hidden, c.IntermediateSize))
                yield return op;
        }
        if (expertLayers > 0)
        {
            foreach (PassOperator op in Experts(c, c.Experts!, expertLayers, tokens, length))
                yield return op;
        }
    }

    static IEnumerable<PassOperator> Attention(ModelConfig c, int layers, int tokens, int length)
    {
        int hidden = c.HiddenSize, heads = c.HeadCount;
        LinearOperator Linear(string name, int inputs, int outputs, bool adds = false, bool bias = false) => new(name, PassPart.MatrixProducts, layers, tokens, inputs, outputs, adds, bias);
        AttentionShape shape;
        if (c.Attention is LatentAttentionConfig latent)
        {
            int query = heads * latent.QkHeadDim, row = latent.KvLoraRank + latent.QkRopeHeadDim;
            shape = new() { HeadCount = heads, KeyValueHeadCount = heads, QkDim = latent.QkNopeHeadDim, SharedDim = latent.QkRopeHeadDim, VDim = latent.VHeadDim, Scale = RotaryFrequencies.SoftmaxScale(c) };
            if (latent.QLoraRank is { } rank)
            {
                yield return Linear("query down", hidden, rank, adds: true);
                yield return new NormOperator(layers, tokens, rank, Adds: false);
                yield return Linear("query up", rank, query);
            }
            else
            {
                yield return Linear("query", hidden, query, adds: true);
            }
            yield return new RotateOperator("rotation of queries", layers, tokens, query, heads, latent.QkNopeHeadDim, c, length);
            yield return Linear("key-value down", hidden, row);
            yield return new SplitOperator(layers, tokens, latent.KvLoraRank, latent.QkRopeHeadDim);
            yield return new RotateOperator("rotation of keys", layers, tokens, latent.QkRopeHeadDim, 1, 0, c, length);
            yield return new NormOperator(layers, tokens, latent.KvLoraRank, Adds: false);
            yield return Linear("key-value up", latent.KvLoraRank, heads * (latent.QkNopeHeadDim + latent.VHeadDim));
        }
        else
        {
            var grouped = (GroupedQueryAttentionConfig)c.Attention;
            int size = grouped.HeadDim, keys = grouped.KeyValueHeadCount;
            shape = new() { HeadCount = heads, KeyValueHeadCount = keys, QkDim = size, VDim = size, Scale = RotaryFrequencies.SoftmaxScale(c) };
            yield return Linear("query", hidden, heads * size, adds: true, grouped.QkvBias);
            yield return Linear("key", hidden, keys * size, adds: true, grouped.QkvBias);
            yield return Linear("value", hidden, keys * size, bias: grouped.QkvBias);
            yield return new RotateOperator("rotation of queries", layers, tokens, heads * size, heads, 0, c, length);
            yield return new RotateOperator("rotation of keys", layers, tokens, keys * size, keys, 0, c, length);
        }
        yield return new AttentionOperator(layers, tokens, length, shape, Joined: shape.SharedDim > 0);
        yield return Linear("attention output", heads * shape.VDim, hidden);
    }

    static IEnumerable<PassOperator> GatedUnit(string name, int layers, int tokens, int hidden, int width)
    {
        yield return new LinearPairOperator(name + ", gate and up", PassPart.MatrixProducts, layers, tokens, hidden, width);
        yield return new GateOperator(layers, tokens, width);
        yield return new LinearOperator(name + ", down", PassPart.MatrixProducts, layers, tokens, width, hidden);
    }

    static IEnumerable<PassOperator> Experts(ModelConfig c, ExpertConfig experts, int layers, int tokens, int length)
    {
        int hidden = c.HiddenSize, width = experts.ExpertIntermediateSize, count = experts.RoutedExpertCount, slots = checked(tokens * experts.ExpertsPerToken);
        bool shared = experts.SharedExpertCount > 0;
        RouterRule rule = new(experts.ScoringFunction, experts.SelectionMethod, experts.ExpertsPerToken, experts.ExpertGroupCount, experts.GroupsPerToken, experts.NormalizeWeights, (float)experts.RoutedScalingFactor);
        yield return new LinearOperator("router", PassPart.Experts, layers, tokens, hidden, count, Adds: true);
        yield return new RouteOperator(layers, tokens, count, rule, experts.SequenceBalance ? length : tokens, experts.BalanceLossWeight > 0, experts.SelectionMethod == SelectionMethod.BiasCorrected);
        yield return new DispatchOperator(layers, tokens, hidden, count, rule, Adds: shared);
        yield return new GroupedOperator("experts, gate and up", layers, tokens, hidden, width, count, rule, Pair: true);
        yield return new GateOperator(layers, slots, width);
        yield return new GroupedOperator("experts, down", layers, tokens, width, hidden, count, rule, Pair: false);
        yield return new CombineOperator(layers, tokens, hidden, count, rule);
        if (!shared)
            yield break;
        foreach (PassOperator op in GatedUnit("shared experts", layers, tokens, hidden, experts.SharedExpertCount * width))
            yield return op;
        // The routed experts' sum is an input like any other: its gradient is a copy.
        yield return new AddOperator(layers, tokens, hidden);
    }
}
