// Literal descriptions of known models, by name. The published ones hold the values of their config.json.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Configs;

/// <summary>Model descriptions by name: small ones to train here, benchmark shapes, and the published DeepSeek models.</summary>
public static class Presets
{
    /// <summary>Trains from scratch in minutes on two cores: DeepSeek-V3's architecture at about a million parameters.</summary>
    public static ModelConfig Nano { get; } = new()
    {
        Family = ModelFamily.DeepSeekV3,
        HiddenSize = 128,
        LayerCount = 4,
        HeadCount = 4,
        VocabularySize = 512,
        IntermediateSize = 384,
        Attention = new LatentAttentionConfig(QLoraRank: null, KvLoraRank: 48, QkNopeHeadDim: 24, QkRopeHeadDim: 8, VHeadDim: 32),
        Experts = new ExpertConfig
        {
            RoutedExpertCount = 8,
            SharedExpertCount = 1,
            ExpertsPerToken = 2,
            ExpertIntermediateSize = 64,
            FirstDenseLayerCount = 1,
            ScoringFunction = ScoringFunction.Sigmoid,
            SelectionMethod = SelectionMethod.BiasCorrected,
            NormalizeWeights = true,
            BalanceLossWeight = 1e-4,
        },
        Rotary = new RotaryConfig(10000, Interleaved: true),
        MaxPositionEmbeddings = 1024,
        BosTokenId = 0,
        EosTokenIds = [1],
    };

    /// <summary>The next size up: about six million parameters.</summary>
    public static ModelConfig Micro { get; } = Nano with
    {
        HiddenSize = 256,
        LayerCount = 6,
        HeadCount = 8,
        VocabularySize = 2048,
        IntermediateSize = 768,
        Attention = new LatentAttentionConfig(QLoraRank: null, KvLoraRank: 64, QkNopeHeadDim: 24, QkRopeHeadDim: 8, VHeadDim: 32),
        Experts = Nano.Experts! with { RoutedExpertCount = 16, ExpertsPerToken = 4, ExpertIntermediateSize = 64 },
        MaxPositionEmbeddings = 2048,
    };

    /// <summary>Benchmark: a Llama with the layers, width and parameters of a 6 x 256 GPT-2 with 4096 tokens (688 gated = 1032 plain columns).</summary>
    public static ModelConfig BenchDense { get; } = new()
    {
        Family = ModelFamily.Llama,
        HiddenSize = 256,
        LayerCount = 6,
        HeadCount = 8,
        VocabularySize = 4096,
        IntermediateSize = 688,
        Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 8, HeadDim: 32, QkvBias: false),
        Rotary = new RotaryConfig(10000, Interleaved: false),
        MaxPositionEmbeddings = 256,
        BosTokenId = 0,
        EosTokenIds = [1],
    };

    /// <summary>Benchmark: latent attention and 16 experts of which 4 are used, at 6 x 256.</summary>
    public static ModelConfig BenchMoe { get; } = new()
    {
        Family = ModelFamily.DeepSeekV3,
        HiddenSize = 256,
        LayerCount = 6,
        HeadCount = 8,
        VocabularySize = 4096,
        IntermediateSize = 1024,
        Attention = new LatentAttentionConfig(QLoraRank: null, KvLoraRank: 64, QkNopeHeadDim: 32, QkRopeHeadDim: 16, VHeadDim: 32),
        Experts = new ExpertConfig
        {
            RoutedExpertCount = 16,
            SharedExpertCount = 1,
            ExpertsPerToken = 4,
            ExpertIntermediateSize = 128,
            FirstDenseLayerCount = 1,
            ScoringFunction = ScoringFunction.Sigmoid,
            SelectionMethod = SelectionMethod.BiasCorrected,
            NormalizeWeights = true,
        },
        Rotary = new RotaryConfig(10000, Interleaved: true),
        MaxPositionEmbeddings = 256,
        BosTokenId = 0,
        EosTokenIds = [1],
    };

    /// <summary>Benchmark: DeepSeek-V3's architecture at 216 million parameters, 76 million active, with the heads and latent of the released models.</summary>
    public static ModelConfig BenchV3 { get; } = new()
    {
        Family = ModelFamily.DeepSeekV3,
        HiddenSize = 768,
        LayerCount = 8,
        HeadCount = 8,
        VocabularySize = 32000,
        IntermediateSize = 2048,
        Attention = new LatentAttentionConfig(QLoraRank: 384, KvLoraRank: 512, QkNopeHeadDim: 128, QkRopeHeadDim: 64, VHeadDim: 128),
        Experts = new ExpertConfig
        {
            RoutedExpertCount = 32,
            SharedExpertCount = 1,
            ExpertsPerToken = 4,
            ExpertIntermediateSize = 256,
            FirstDenseLayerCount = 1,
            ScoringFunction = ScoringFunction.Sigmoid,
            SelectionMethod = SelectionMethod.BiasCorrected,
            NormalizeWeights = true,
            RoutedScalingFactor = 2.5,
        },
        Rotary = new RotaryConfig(10000, Interleaved: true),
        MaxPositionEmbeddings = 163840,
        BosTokenId = 0,
        EosTokenIds = [1],
        WeightType = ElementType.BF16,
    };

    /// <summary>DeepSeek-V2-Lite: 15.7B parameters, 2.4B active.</summary>
    public static ModelConfig DeepSeekV2Lite { get; } = new()
    {
        Family = ModelFamily.DeepSeekV2,
        HiddenSize = 2048,
        LayerCount = 27,
        HeadCount = 16,
        VocabularySize = 102400,
        IntermediateSize = 10944,
        Attention = new LatentAttentionConfig(QLoraRank: null, KvLoraRank: 512, QkNopeHeadDim: 128, QkRopeHeadDim: 64, VHeadDim: 128),
        Experts = new ExpertConfig
        {
            RoutedExpertCount = 64,
            SharedExpertCount = 2,
            ExpertsPerToken = 6,
            ExpertIntermediateSize = 1408,
            FirstDenseLayerCount = 1,
            ScoringFunction = ScoringFunction.Softmax,
            SelectionMethod = SelectionMethod.Greedy,
            NormalizeWeights = false,
            BalanceLossWeight = 0.001,
        },
        Rotary = new RotaryConfig(10000, Interleaved: true, new YarnScaling(40, 4096, MScale: 0.707, MScaleAllDim: 0.707)),
        MaxPositionEmbeddings = 163840,
        BosTokenId = 100000,
        EosTokenIds = [100001],
        WeightType = ElementType.BF16,
    };

    /// <summary>DeepSeek-V2: 236B parameters, 21B active.</summary>
    public static ModelConfig DeepSeekV2 { get; } = DeepSeekV2Lite with
    {
        HiddenSize = 5120,
        LayerCount = 60,
        HeadCount = 128,
        IntermediateSize = 12288,
        Attention = new LatentAttentionConfig(QLoraRank: 1536, KvLoraRank: 512, QkNopeHeadDim: 128, QkRopeHeadDim: 64, VHeadDim: 128),
        Experts = DeepSeekV2Lite.Experts! with
        {
            RoutedExpertCount = 160,
            ExpertIntermediateSize = 1536,
            ExpertGroupCount = 8,
            GroupsPerToken = 3,
            SelectionMethod = SelectionMethod.GroupLimited,
            RoutedScalingFactor = 16,
        },
        Rotary = new RotaryConfig(10000, Interleaved: true, new YarnScaling(40, 4096, MScale: 1, MScaleAllDim: 1)),
    };

    /// <summary>DeepSeek-V3 and DeepSeek-R1: 671B parameters, 37B active (and a multi-token-prediction module). The release stores them in FP8.</summary>
    public static ModelConfig DeepSeekV3 { get; } = new()
    {
        Family = ModelFamily.DeepSeekV3,
        HiddenSize = 7168,
        LayerCount = 61,
        HeadCount = 128,
        VocabularySize = 129280,
        IntermediateSize = 18432,
        Attention = new LatentAttentionConfig(QLoraRank: 1536, KvLoraRank: 512, QkNopeHeadDim: 128, QkRopeHeadDim: 64, VHeadDim: 128),
        Experts = new ExpertConfig
        {
            RoutedExpertCount = 256,
            SharedExpertCount = 1,
            ExpertsPerToken = 8,
            ExpertIntermediateSize = 2048,
            FirstDenseLayerCount = 3,
            ExpertGroupCount = 8,
            GroupsPerToken = 4,
            ScoringFunction = ScoringFunction.Sigmoid,
            SelectionMethod = SelectionMethod.BiasCorrected,
            NormalizeWeights = true,
            RoutedScalingFactor = 2.5,
            BalanceLossWeight = 0.001,
        },
        Rotary = new RotaryConfig(10000, Interleaved: true, new YarnScaling(40, 4096, MScale: 1, MScaleAllDim: 1)),
        MaxPositionEmbeddings = 163840,
        BosTokenId = 0,
        EosTokenIds = [1],
        MtpLayerCount = 1,
        WeightType = ElementType.BF16,
    };

    /// <summary>DeepSeek-R1-Distill-Qwen-1.5B.</summary>
    public static ModelConfig DistillQwen1_5B { get; } = new()
    {
        Family = ModelFamily.Qwen2,
        HiddenSize = 1536,
        LayerCount = 28,
        HeadCount = 12,
        VocabularySize = 151936,
        IntermediateSize = 8960,
        Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 2, HeadDim: 128, QkvBias: true),
        Rotary = new RotaryConfig(10000, Interleaved: false),
        MaxPositionEmbeddings = 131072,
        BosTokenId = 151643,
        EosTokenIds = [151643],
        WeightType = ElementType.BF16,
    };

    /// <summary>DeepSeek-R1-Distill-Qwen-7B.</summary>
    public static ModelConfig DistillQwen7B { get; } = DistillQwen1_5B with
    {
        HiddenSize = 3584,
        HeadCount = 28,
        VocabularySize = 152064,
        IntermediateSize = 18944,
        Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 4, HeadDim: 128, QkvBias: true),
    };

    /// <summary>DeepSeek-R1-Distill-Qwen-14B.</summary>
    public static ModelConfig DistillQwen14B { get; } = DistillQwen7B with
    {
        HiddenSize = 5120,
        LayerCount = 48,
        HeadCount = 40,
        IntermediateSize = 13824,
        RmsNormEpsilon = 1e-5,
        Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 8, HeadDim: 128, QkvBias: true),
        Rotary = new RotaryConfig(1000000, Interleaved: false),
    };

    /// <summary>DeepSeek-R1-Distill-Qwen-32B.</summary>
    public static ModelConfig DistillQwen32B { get; } = DistillQwen14B with { LayerCount = 64, IntermediateSize = 27648 };

    /// <summary>DeepSeek-R1-Distill-Llama-8B.</summary>
    public static ModelConfig DistillLlama8B { get; } = new()
    {
        Family = ModelFamily.Llama,
        HiddenSize = 4096,
        LayerCount = 32,
        HeadCount = 32,
        VocabularySize = 128256,
        IntermediateSize = 14336,
        Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 8, HeadDim: 128, QkvBias: false),
        Rotary = new RotaryConfig(500000, Interleaved: false, new Llama3Scaling(8, 1, 4, 8192)),
        RmsNormEpsilon = 1e-5,
        MaxPositionEmbeddings = 131072,
        BosTokenId = 128000,
        EosTokenIds = [128001],
        WeightType = ElementType.BF16,
    };

    /// <summary>DeepSeek-R1-Distill-Llama-70B.</summary>
    public static ModelConfig DistillLlama70B { get; } = DistillLlama8B with { HiddenSize = 8192, LayerCount = 80, HeadCount = 64, IntermediateSize = 28672 };

    /// <summary>All presets by name.</summary>
    public static IReadOnlyDictionary<string, ModelConfig> All { get; } = new Dictionary<string, ModelConfig>
    {
        ["nano"] = Nano,
        ["micro"] = Micro,
        ["bench-dense"] = BenchDense,
        ["bench-moe"] = BenchMoe,
        ["bench-v3"] = BenchV3,
        ["deepseek-v2-lite"] = DeepSeekV2Lite,
        ["deepseek-v2"] = DeepSeekV2,
        ["deepseek-v3"] = DeepSeekV3,
        ["deepseek-r1-distill-qwen-1.5b"] = DistillQwen1_5B,
        ["deepseek-r1-distill-qwen-7b"] = DistillQwen7B,
        ["deepseek-r1-distill-qwen-14b"] = DistillQwen14B,
        ["deepseek-r1-distill-qwen-32b"] = DistillQwen32B,
        ["deepseek-r1-distill-llama-8b"] = DistillLlama8B,
        ["deepseek-r1-distill-llama-70b"] = DistillLlama70B,
    };

    /// <summary>The preset of that name.</summary>
    /// <exception cref="ConfigException">There is none; the message has the nearest name and all of them.</exception>
    public static ModelConfig Get(string name) => All.TryGetValue(name, out var config)
        ? config
        : throw new ConfigException($"unknown preset '{name}', did you mean '{NearestName.Of(name, All.Keys)}'? Presets: {string.Join(", ", All.Keys)}");
}
