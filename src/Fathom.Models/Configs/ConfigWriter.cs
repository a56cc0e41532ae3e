// ModelConfig to config.json: the official keys of its family, in ordinal order, so that other programs load the model.
using System.Text.Json;
using System.Text.Json.Nodes;
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Configs;

static class ConfigWriter
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n" };

    public static string Write(ModelConfig config)
    {
        var keys = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal)
        {
            ["architectures"] = new JsonArray(ConfigNames.Architectures[config.Family]),
            ["attention_dropout"] = 0.0,
            ["bos_token_id"] = config.BosTokenId,
            ["eos_token_id"] = config.EosTokenIds.Count switch
            {
                0 => null,
                1 => config.EosTokenIds[0],
                _ => new JsonArray([.. config.EosTokenIds.Select(id => (JsonNode)id)]),
            },
            ["hidden_act"] = "silu",
            ["hidden_size"] = config.HiddenSize,
            ["initializer_range"] = config.InitializerRange,
            ["intermediate_size"] = config.IntermediateSize,
            ["max_position_embeddings"] = config.MaxPositionEmbeddings,
            ["model_type"] = ConfigNames.Families.NameOf(config.Family),
            ["num_attention_heads"] = config.HeadCount,
            ["num_hidden_layers"] = config.LayerCount,
            ["rms_norm_eps"] = config.RmsNormEpsilon,
            ["rope_scaling"] = Scaling(config.Rotary.Scaling),
            ["rope_theta"] = config.Rotary.Theta,
            ["tie_word_embeddings"] = config.TieWordEmbeddings,
            ["torch_dtype"] = ConfigNames.WeightTypes.NameOf(config.WeightType),
            ["use_cache"] = true,
            ["vocab_size"] = config.VocabularySize,
        };
        if (config.Family != ModelFamily.Qwen2)
        {
            keys["attention_bias"] = false;
        }

        switch (config.Attention)
        {
            case LatentAttentionConfig latent:
                keys["q_lora_rank"] = latent.QLoraRank;
                keys["kv_lora_rank"] = latent.KvLoraRank;
                keys["qk_nope_head_dim"] = latent.QkNopeHeadDim;
                keys["qk_rope_head_dim"] = latent.QkRopeHeadDim;
                keys["v_head_dim"] = latent.VHeadDim;
                keys["num_key_value_heads"] = config.HeadCount;
                break;
            case GroupedQueryAttentionConfig grouped:
                keys["num_key_value_heads"] = grouped.KeyValueHeadCount;
                keys["head_dim"] = grouped.HeadDim;
                break;
        }

        if (config.Experts is { } experts)
        {
            AddExperts(keys, experts);
        }

        if (config.Family == ModelFamily.DeepSeekV3)
        {
            keys["num_nextn_predict_layers"] = config.MtpLayerCount;
        }

        if (config.Quantization is { } fp8)
        {
            keys["quantization_config"] = new JsonObject
            {
                ["activation_scheme"] = "dynamic",
                ["fmt"] = "e4m3",
                ["quant_method"] = "fp8",
                ["weight_block_size"] = new JsonArray(fp8.BlockRows, fp8.BlockColumns),
            };
        }

        return new JsonObject(keys).ToJsonString(Indented) + "\n";
    }

    static void AddExperts(SortedDictionary<string, JsonNode?> keys, ExpertConfig experts)
    {
        keys["n_routed_experts"] = experts.RoutedExpertCount;
        keys["n_shared_experts"] = experts.SharedExpertCount;
        keys["num_experts_per_tok"] = experts.ExpertsPerToken;
        keys["moe_intermediate_size"] = experts.ExpertIntermediateSize;
        keys["first_k_dense_replace"] = experts.FirstDenseLayerCount;
        keys["moe_layer_freq"] = 1;
        keys["n_group"] = experts.ExpertGroupCount;
        keys["topk_group"] = experts.GroupsPerToken;
        keys["scoring_func"] = ConfigNames.ScoringFunctions.NameOf(experts.ScoringFunction);
        keys["topk_method"] = ConfigNames.SelectionMethods.NameOf(experts.SelectionMethod);
        keys["norm_topk_prob"] = experts.NormalizeWeights;
        keys["routed_scaling_factor"] = experts.RoutedScalingFactor;
        keys["aux_loss_alpha"] = experts.BalanceLossWeight;
        keys["seq_aux"] = experts.SequenceBalance;
    }

    // Each with the key for its type that the published files use.
    static JsonObject? Scaling(RotaryScaling? scaling) => scaling switch
    {
        null => null,
        LinearScaling linear => new JsonObject { ["type"] = "linear", ["factor"] = linear.Factor },
        YarnScaling yarn => new JsonObject
        {
            ["type"] = "yarn",
            ["factor"] = yarn.Factor,
            ["original_max_position_embeddings"] = yarn.OriginalMaxPositions,
            ["beta_fast"] = yarn.BetaFast,
            ["beta_slow"] = yarn.BetaSlow,
            ["mscale"] = yarn.MScale,
            ["mscale_all_dim"] = yarn.MScaleAllDim,
        },
        Llama3Scaling llama => new JsonObject
        {
            ["rope_type"] = "llama3",
            ["factor"] = llama.Factor,
            ["low_freq_factor"] = llama.LowFrequencyFactor,
            ["high_freq_factor"] = llama.HighFrequencyFactor,
            ["original_max_position_embeddings"] = llama.OriginalMaxPositions,
        },
        _ => throw new ArgumentException($"no key for {scaling.GetType().Name}", nameof(scaling)),
    };
}
