// A: what the architecture saves.

using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Planning;
using Fathom.Planning.Hardware;
using Fathom.Planning.Training;
using static Fathom.Claims.Rows.Row;

namespace Fathom.Claims.Rows;

static class Architecture
{
    const string V2 = "DeepSeek-V2 report (arXiv 2405.04434)", V3 = "DeepSeek-V3 report (arXiv 2412.19437)", Moe = "DeepSeekMoE (arXiv 2401.06066)";

    public static IReadOnlyList<Claim> All(IReadOnlyDictionary<string, Measurement> measured)
    {
        ModelCounts v3 = new(Presets.DeepSeekV3);
        return
        [
            Cache(v3).With(measured),
            Corrected(
                "A2", "\"about 34 billion\" of 671B parameters are activated", "S0", Say($"said: 34B; right: {v3.ActiveParameters / 1e9:0.0}B with the embedding table, {(v3.ActiveParameters - v3.EmbeddingParameters) / 1e9:0.0}B without it (published: 37B)"),
                new("active parameters", v3.ActiveParameters, "", "counted from the model's shape"), new("without the embedding table", v3.ActiveParameters - v3.EmbeddingParameters, "", "a token looks up one row of it")),
            Corrected(
                "A3", "R1 has \"over 100 billion\" parameters", "S1", Say($"said: over 100B; right: {v3.Parameters / 1e9:0}B, and {v3.MtpParameters / 1e9:0.0}B of the multi-token-prediction module"),
                new("parameters", v3.Parameters, "", "counted from the model's shape"), new("of multi-token prediction", v3.MtpParameters, "", "without its copies of embedding and head")),
            ComputeOfMoe().With(measured),
            Measured("A5", "Fine-grained and shared experts specialise", "S0 S1 S2", measured, "its experiment"),
            Measured("A6", "Balancing without an auxiliary loss avoids collapse; no token is dropped", "S3", measured, "its experiment"),
            Corrected(
                "A7", "\"Auxiliary-loss-free\" balancing was \"developed by Shazeer 2017\"", "S3",
                "said: Shazeer 2017; right: that paper (arXiv 1701.06538) introduces auxiliary losses; balancing by a bias without one is Wang et al. 2024 (arXiv 2408.15664)"),
            Corrected("A8", "V3's architecture is \"exactly the same\" as V2's", "S3", Differences()),
            Nodes(),
            Fp8().With(measured),
        ];
    }

    static Claim Cache(ModelCounts v3)
    {
        ModelCounts v2 = new(Presets.DeepSeekV2), dense = new(PlannedModels.DeepSeek67B);
        double six = v2.CacheElementsPerToken * 6 / 8.0, two = v2.CacheElementsPerToken * 2.0, grouped = dense.CacheElementsPerToken * 2.0;
        double own = 1 - (double)v3.CacheElementsPerToken / v3.FullAttentionCacheElementsPerToken;
        return new(
            "A1", "MLA cuts the KV cache by 93.3% \"compared to standard attention\"", "S0", ClaimKind.Corrected | ClaimKind.Computed, Verdict.Corrected,
            Say($"said: against standard attention; right: V2 with a 6-bit cache against DeepSeek 67B (grouped-query attention, BF16), {six:N0} B against {grouped:N0} B per token: {1 - six / grouped:0.0%}; at equal precision {1 - two / grouped:0.0%}; V3 against multi-head attention of its own shape {own:0.0%} ({v3.CacheElementsPerToken:N0} against {v3.FullAttentionCacheElementsPerToken:N0} elements)"),
            "fathom claims A1 --explain",
            [
                new("V2, 6 bits", six, "bytes", $"60 layers x (512 + 64) elements x 6 bits; {V2}, section 3.1.4"), new("V2, BF16", two, "bytes", "60 layers x (512 + 64) elements x 2 bytes"),
                new("DeepSeek 67B, BF16", grouped, "bytes", "95 layers x 2 x 8 x 128 elements x 2 bytes; DeepSeek LLM (arXiv 2401.02954), Table 2"),
                new("V3", v3.CacheElementsPerToken, "elements", "61 layers x (512 + 64)"), new("V3 as multi-head attention", v3.FullAttentionCacheElementsPerToken, "elements", "61 layers x 128 heads x (128 + 128)"),
                new("saved by V2 as published", 1 - six / grouped, "", "1 - V2, 6 bits / DeepSeek 67B"), new("saved at equal precision", 1 - two / grouped, "", "1 - V2, BF16 / DeepSeek 67B"), new("saved by V3 against its own shape", own, "", "1 - elements / elements"),
            ]);
    }

    static Claim ComputeOfMoe()
    {
        const double moe = 74.4e12, llama = 187.9e12;
        const long length = 4096;
        double ours = new ModelCounts(DeepSeekMoe16B).TrainingFlops(length), theirs = new ModelCounts(Llama2_7B).TrainingFlops(length);
        return Computed(
            "A4", "DeepSeekMoE reaches LLaMA2-7B with about 40% of the compute", "S1 S2", Math.Round(moe / llama, 3) == 0.396,
            Say($"{moe / 1e12:0.0}T against {llama / 1e12:0.0}T FLOPs per 4K tokens as published: {moe / llama:0.0%}; counted from both shapes (causal attention) {ours / 1e12:0.0}T against {theirs / 1e12:0.0}T: {ours / theirs:0.0%}"),
            new("DeepSeekMoE 16B, published", moe, "FLOP", Moe + ", Table 3"), new("LLaMA2 7B, published", llama, "FLOP", Moe + ", Table 4"),
            new("DeepSeekMoE 16B, counted", ours, "FLOP", "forward and backward of 4,096 tokens, from its shape"), new("LLaMA2 7B, counted", theirs, "FLOP", "forward and backward of 4,096 tokens, from its shape"));
    }

    // 28 layers, width 2048, 16 heads, 2 shared and 64 routed experts of which 6 are used, first layer dense (DeepSeekMoE, section 5.1 and appendix A).
    static ModelConfig DeepSeekMoe16B { get; } = Presets.DeepSeekV2Lite with { LayerCount = 28, Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 16, HeadDim: 128, QkvBias: false) };

    // Llama 2 (arXiv 2307.09288): 32 layers, width 4096, 32 heads, 11008.
    static ModelConfig Llama2_7B { get; } = Presets.DistillLlama8B with { VocabularySize = 32000, IntermediateSize = 11008, Attention = new GroupedQueryAttentionConfig(KeyValueHeadCount: 32, HeadDim: 128, QkvBias: false) };

    static string Differences()
    {
        ModelConfig v2 = Presets.DeepSeekV2, v3 = Presets.DeepSeekV3;
        return Say($"said: the same; right: V3 gates by {v3.Experts!.ScoringFunction.ToString().ToLowerInvariant()} with a selection bias (V2: {v2.Experts!.ScoringFunction.ToString().ToLowerInvariant()} with auxiliary losses), predicts {v3.MtpLayerCount} further token while training (V2: {v2.MtpLayerCount}) and was trained in FP8 (V2: BF16); {V3}, sections 2.1.2, 2.2, 3.3");
    }

    static Claim Nodes()
    {
        ExpertConfig experts = Presets.DeepSeekV3.Experts!;
        const int nodes = 8;
        double limited = Exchanges.Nodes(experts, nodes), free = Exchanges.Nodes(experts with { ExpertGroupCount = 1, GroupsPerToken = 1 }, nodes);
        int moeLayers = Presets.DeepSeekV3.LayerCount - experts.FirstDenseLayerCount;
        double bytes = Presets.DeepSeekV3.HiddenSize * (1.0 + 2.0) * moeLayers;
        return Computed(
            "A9", "Routing is limited to at most M nodes", "S3", experts.GroupsPerToken == 4 && experts.ExpertGroupCount == nodes && limited <= 4,
            Say($"M = {experts.GroupsPerToken} of {experts.ExpertGroupCount}: a token's 8 experts lie on at most {limited:0.0} nodes instead of {free:0.00} by chance, {limited * bytes / 1e6:0.0} MB instead of {free * bytes / 1e6:0.0} MB between nodes per token and forward pass ({1 - limited / free:0%} less)"),
            new("nodes of a token, limited", limited, "nodes", V3 + ", section 2.1.2: at most 4"), new("nodes of a token by chance", free, "nodes", "mean number of different nodes of 8 experts on 8 nodes, drawn independently"),
            new("bytes to a node and back", bytes, "bytes", $"{moeLayers} layers x 7168 x (1 byte dispatched in FP8 + 2 bytes combined in BF16); {V3}, section 3.3.3"))
            .By("fathom plan train --preset deepseek-v3 --explain");
    }

    static Claim Fp8()
    {
        Device h800 = Device.Find("h800");
        double fp8 = 1 + 4.0 / (128 * 128);
        return new(
            "A10", "FP8 trains faster and in less memory than BF16", "S1 S2 S3", ClaimKind.Computed, Verdict.NotMeasured,
            Say($"not measured yet: waits for training in FP8; computed: {fp8:0.0000} bytes per weight with its scales against 2, and {h800.Rate(Precision.Fp8) / h800.Rate(Precision.Bf16):0.0} times the peak rate; published loss within 0.25% of BF16 ({V3}, section 3.3)"),
            "fathom plan memory --preset deepseek-v3 --gpu h800 --gpus 16 --explain",
            [new("bytes of an FP8 weight", fp8, "bytes", "1 + 4 / (128 x 128): one FP32 scale per block"), h800.Rates[Precision.Fp8], h800.Rates[Precision.Bf16]]);
    }
}
