// ModelConfig to GGUF metadata: the keys that llama.cpp and its relatives read, in their types.
using Fathom.Models.Configs;
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Checkpoints.Gguf;

static class GgufConfigWriter
{
    // Version of the block formats' layout (GGML_QNT_VERSION).
    const uint QuantizationVersion = 2;

    public static List<KeyValuePair<string, object>> Write(ModelConfig config, string name, MlaDialect dialect, uint fileType)
    {
        string architecture = config.Family switch
        {
            ModelFamily.DeepSeekV1 => "deepseek",
            ModelFamily.DeepSeekV2 or ModelFamily.DeepSeekV3 => "deepseek2",
            ModelFamily.Qwen2 => "qwen2",
            _ => "llama",
        };
        List<KeyValuePair<string, object>> values =
        [
            new("general.architecture", architecture),
            new("general.type", "model"),
            new("general.name", name),
            new("general.file_type", fileType),
            new("general.quantization_version", QuantizationVersion),
        ];
        void Add(string key, object value) => values.Add(new($"{architecture}.{key}", value));

        Add("block_count", (uint)(config.LayerCount + config.MtpLayerCount));
        Add("context_length", (uint)config.MaxPositionEmbeddings);
        Add("embedding_length", (uint)config.HiddenSize);
        Add("feed_forward_length", (uint)config.IntermediateSize);
        Add("attention.head_count", (uint)config.HeadCount);
        Add("attention.layer_norm_rms_epsilon", (float)config.RmsNormEpsilon);
        Add("vocab_size", (uint)config.VocabularySize);
        Add("rope.freq_base", (float)config.Rotary.Theta);
        Add("rope.dimension_count", (uint)config.Attention.RotaryDim);
        if (config.MtpLayerCount > 0)
            Add("nextn_predict_layers", (uint)config.MtpLayerCount);
        AddScaling(config.Rotary.Scaling, config.Attention is LatentAttentionConfig, Add);
        AddAttention(config, dialect, Add);
        if (architecture.StartsWith("deepseek", StringComparison.Ordinal))
            AddExperts(config, Add);
        // What the keys above cannot say; a reader that does not know it loses nothing it needs to run the model.
        values.Add(new(GgufConfigReader.SourceKey, (config with { Quantization = null }).ToJson()));
        return values;
    }

    static void AddAttention(ModelConfig config, MlaDialect dialect, Action<string, object> add)
    {
        switch (config.Attention)
        {
            case GroupedQueryAttentionConfig grouped:
                add("attention.head_count_kv", (uint)grouped.KeyValueHeadCount);
                add("attention.key_length", (uint)grouped.HeadDim);
                add("attention.value_length", (uint)grouped.HeadDim);
                break;
            case LatentAttentionConfig latent:
                if (latent.QLoraRank is { } rank)
                    add("attention.q_lora_rank", (uint)rank);
                add("attention.kv_lora_rank", (uint)latent.KvLoraRank);
                bool split = dialect == MlaDialect.Split;
                add("attention.head_count_kv", split ? 1u : (uint)config.HeadCount);
                add("attention.key_length", (uint)(split ? latent.KvLoraRank + latent.QkRopeHeadDim : latent.QkHeadDim));
                add("attention.value_length", (uint)(split ? latent.KvLoraRank : latent.VHeadDim));
                if (split)
                {
                    add("attention.key_length_mla", (uint)latent.QkHeadDim);
                    add("attention.value_length_mla", (uint)latent.VHeadDim);
                }
                break;
        }
    }

    static void AddScaling(RotaryScaling? scaling, bool latent, Action<string, object> add)
    {
        switch (scaling)
        {
            case LinearScaling linear:
                add("rope.scaling.type", "linear");
                add("rope.scaling.factor", (float)linear.Factor);
                break;
            case YarnScaling yarn:
                add("rope.scaling.type", "yarn");
                add("rope.scaling.factor", (float)yarn.Factor);
                add("rope.scaling.original_context_length", (uint)yarn.OriginalMaxPositions);
                add("rope.scaling.yarn_beta_fast", (float)yarn.BetaFast);
                add("rope.scaling.yarn_beta_slow", (float)yarn.BetaSlow);
                if (latent)
                    add("rope.scaling.yarn_log_multiplier", (float)(0.1 * yarn.MScaleAllDim));
                break;
        }
    }

    static void AddExperts(ModelConfig config, Action<string, object> add)
    {
        // Without experts all layers are dense; the sizes must be there all the same.
        ExpertConfig? experts = config.Experts;
        add("leading_dense_block_count", (uint)(experts?.FirstDenseLayerCount ?? config.LayerCount));
        add("expert_feed_forward_length", (uint)(experts?.ExpertIntermediateSize ?? config.IntermediateSize));
        add("expert_shared_count", (uint)(experts?.SharedExpertCount ?? 0));
        if (experts is null)
            return;
        add("expert_count", (uint)experts.RoutedExpertCount);
        add("expert_used_count", (uint)experts.ExpertsPerToken);
        add("expert_weights_scale", (float)experts.RoutedScalingFactor);
        add("expert_weights_norm", experts.NormalizeWeights);
        add("expert_gating_func", experts.ScoringFunction == ScoringFunction.Sigmoid ? 2u : 1u);
        add("expert_group_count", (uint)experts.ExpertGroupCount);
        add("expert_group_used_count", (uint)experts.GroupsPerToken);
    }
}
