// Tiny model descriptions, one for each way through the architecture: instant to run in the naive model, odd sizes on purpose.

using Fathom.Models.Configs;
using Fathom.Numerics.Kernels;

namespace Fathom.Testing;

public static class ToyPresets
{
    /// <summary>DeepSeek-V3: query latent, sigmoid, groups and selection bias, YaRN, a dense layer first, one multi-token-prediction module.</summary>
    public static ModelConfig DeepSeekV3 { get; } = new()
    {
        Family = ModelFamily.DeepSeekV3,
        HiddenSize = 24,
        LayerCount = 2,
        HeadCount = 3,
        VocabularySize = 37,
        IntermediateSize = 40,
        Attention = new LatentAttentionConfig(QLoraRank: 20, KvLoraRank: 12, QkNopeHeadDim: 10, QkRopeHeadDim: 6, VHeadDim: 7),
        Experts = new ExpertConfig
        {
            RoutedExpertCount = 8,
            SharedExpertCount = 1,
            ExpertsPerToken = 3,
            ExpertIntermediateSize = 9,
            FirstDenseLayerCount = 1,
            ExpertGroupCount = 4,
            GroupsPerToken = 2,
            ScoringFunction = ScoringFunction.Sigmoid,
            SelectionMethod = SelectionMethod.BiasCorrected,
            NormalizeWeights = true,
            RoutedScalingFactor = 2.5,
            BalanceLossWeight = 0.01,
        },
        Rotary = new RotaryConfig(10000, Interleaved: true, new YarnScaling(4, 16, MScale: 1, MScaleAllDim: 1)),
        MaxPositionEmbeddings = 64,
        BosTokenId = 0,
        EosTokenIds = [1],
        MtpLayerCount = 1,
    };

    /// <summary>DeepSeek-V2: no query latent, softmax, group-limited choice, weights not normalised, two shared experts.</summary>
    public static ModelConfig DeepSeekV2 { get; } = DeepSeekV3 with
    {
        Family = ModelFamily.DeepSeekV2,
        MtpLayerCount = 0,
        Attention = new LatentAttentionConfig(QLoraRank: null, KvLoraRank: 12, QkNopeHeadDim: 10, QkRopeHeadDim: 6, VHeadDim: 7),
        Experts = DeepSeekV3.Experts! with
        {
            SharedExpertCount = 2,
            ScoringFunction = ScoringFunction.Softmax,
            SelectionMethod = SelectionMethod.GroupLimited,
            NormalizeWeights = false,
            RoutedScalingFactor = 4,
        },
    };

    /// <summary>DeepSeekMoE: multi-head attention, softmax, greedy choice, experts in every layer.</summary>
    public static ModelConfig DeepSeekV1 { get; } = new()
    {
        Family = ModelFamily.DeepSeekV1,
        HiddenSize = 24,
        LayerCount = 2,
        HeadCount = 3,
        VocabularySize = 37,
        IntermediateSize = 40,
        Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 3, HeadDim: 8, QkvBias: false),
        Experts = new ExpertConfig
        {
            RoutedExpertCount = 6,
            SharedExpertCount = 0,
            ExpertsPerToken = 2,
            ExpertIntermediateSize = 9,
            FirstDenseLayerCount = 0,
            ScoringFunction = ScoringFunction.Softmax,
            SelectionMethod = SelectionMethod.Greedy,
            NormalizeWeights = true,
            BalanceLossWeight = 0.01,
            SequenceBalance = false,
        },
        Rotary = new RotaryConfig(10000, Interleaved: false),
        MaxPositionEmbeddings = 64,
        BosTokenId = 0,
        EosTokenIds = [1],
    };

    /// <summary>Llama: grouped-query attention with a head size that is not hidden / heads, llama-3 scaling.</summary>
    public static ModelConfig Llama { get; } = new()
    {
        Family = ModelFamily.Llama,
        HiddenSize = 24,
        LayerCount = 2,
        HeadCount = 4,
        VocabularySize = 37,
        IntermediateSize = 40,
        Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 2, HeadDim: 10, QkvBias: false),
        Rotary = new RotaryConfig(500000, Interleaved: false, new Llama3Scaling(8, 1, 4, 16)),
        RmsNormEpsilon = 1e-5,
        MaxPositionEmbeddings = 64,
        BosTokenId = 0,
        EosTokenIds = [1],
    };

    /// <summary>Qwen2: bias on query, key and value, the embedding as head.</summary>
    public static ModelConfig Qwen2 { get; } = Llama with
    {
        Family = ModelFamily.Qwen2,
        TieWordEmbeddings = true,
        Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 2, HeadDim: 6, QkvBias: true),
        Rotary = new RotaryConfig(1000000, Interleaved: false),
    };

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, ModelConfig> All { get; } = new Dictionary<string, ModelConfig>
    {
        ["deepseek-v3"] = DeepSeekV3,
        ["deepseek-v2"] = DeepSeekV2,
        ["deepseek-v1"] = DeepSeekV1,
        ["llama"] = Llama,
        ["qwen2"] = Qwen2,
    };
}
