// config.json to ModelConfig: types, ranges and how the keys fit together. Keys that this code would misread are refused, unknown ones ignored.
using System.Text.Json;
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Configs;

static class ConfigReader
{
    // Far above every published model, and low enough that no size or count computed from a config overflows: a matrix has at most 2^46 elements,
    // all of them together fewer than 2^63.
    const int MaxHidden = 1 << 18, MaxLayers = 1 << 14, MaxHeads = 1 << 12, MaxHeadDim = 1 << 14, MaxVocabulary = 1 << 24;
    const int MaxIntermediate = 1 << 22, MaxExperts = 1 << 14, MaxExpertIntermediate = 1 << 20, MaxSharedExperts = 1 << 8, MaxExpertsInAllLayers = 1 << 20;

    // The same for the numbers of a computation in float32.
    const double MaxTheta = 1e15, MaxFactor = 1e6, SmallestEpsilon = 1e-20;

    static readonly Dictionary<string, string> ScalingTypes = new[] { "yarn", "llama3", "linear", "default" }.ToDictionary(name => name);

    public static ModelConfig Read(string json, string origin)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        }
        catch (JsonException error)
        {
            throw new ConfigException($"{origin}: not JSON ({error.Message.ReplaceLineEndings(" ")})", error);
        }

        using (document)
        {
            try
            {
                return document.RootElement.ValueKind == JsonValueKind.Object
                    ? Read(new ConfigObject(document.RootElement, origin))
                    : throw new ConfigException($"{origin}: found JSON {document.RootElement.ValueKind}, expected an object");
            }
            catch (InvalidOperationException error)
            {
                throw new ConfigException($"{origin}: found a text that is no valid Unicode ({error.Message})", error);
            }
        }
    }

    static ModelConfig Read(ConfigObject source)
    {
        var family = source.Choice("model_type", ConfigNames.Families);
        bool latent = family is ModelFamily.DeepSeekV2 or ModelFamily.DeepSeekV3;
        bool mixture = latent || family == ModelFamily.DeepSeekV1;
        source.Only("hidden_act", "\"silu\"");
        source.Only("attention_bias", "false");
        source.Only("mlp_bias", "false");
        source.Only("use_sliding_window", "false");
        source.Only("moe_layer_freq", "1");
        source.Only("rope_interleave", latent ? "true" : "false");

        int hidden = source.Int("hidden_size", 1, MaxHidden), layers = source.Int("num_hidden_layers", 1, MaxLayers), heads = source.Int("num_attention_heads", 1, MaxHeads);
        int vocabulary = source.Int("vocab_size", 1, MaxVocabulary), positions = source.Int("max_position_embeddings");
        return new ModelConfig
        {
            Family = family,
            HiddenSize = hidden,
            LayerCount = layers,
            HeadCount = heads,
            VocabularySize = vocabulary,
            IntermediateSize = source.Int("intermediate_size", 1, MaxIntermediate),
            Attention = latent ? Latent(source) : GroupedQuery(source, hidden, heads, family == ModelFamily.Qwen2),
            Experts = mixture && source.Find("n_routed_experts") is not null ? Experts(source, family, layers) : null,
            Rotary = Rotary(source, latent, positions),
            RmsNormEpsilon = source.Number("rms_norm_eps", SmallestEpsilon, 1),
            TieWordEmbeddings = source.Bool("tie_word_embeddings", false),
            MaxPositionEmbeddings = positions,
            BosTokenId = source.OptionalInt("bos_token_id", 0, vocabulary - 1),
            EosTokenIds = EosTokenIds(source, vocabulary),
            InitializerRange = source.Number("initializer_range", 0, MaxFactor, absent: 0.02),
            MtpLayerCount = source.Int("num_nextn_predict_layers", 0, family == ModelFamily.DeepSeekV3 ? 16 : 0, absent: 0),
            WeightType = source.Choice(source.Find("dtype") is null ? "torch_dtype" : "dtype", ConfigNames.WeightTypes, absent: "float32"),
            Quantization = Quantization(source),
        };
    }

    static LatentAttentionConfig Latent(ConfigObject source) => new(
        // The files of inference/configs in the V3 repository write 0 where the official config.json writes null.
        source.OptionalInt("q_lora_rank", 0, MaxHidden) is > 0 and int rank ? rank : null,
        source.Int("kv_lora_rank", 1, MaxHidden),
        source.Int("qk_nope_head_dim", 1, MaxHeadDim),
        Even(source, "qk_rope_head_dim", source.Int("qk_rope_head_dim", 1, MaxHeadDim)),
        source.Int("v_head_dim", 1, MaxHeadDim));

    static GroupedQueryAttentionConfig GroupedQuery(ConfigObject source, int hidden, int heads, bool bias)
    {
        int keyValueHeads = source.Int("num_key_value_heads", 1, heads, absent: heads);
        if (heads % keyValueHeads != 0)
        {
            throw source.Error("num_key_value_heads", $"a divisor of num_attention_heads {heads}");
        }

        if (source.Find("head_dim") is null && hidden % heads != 0)
        {
            throw source.Error("num_attention_heads", $"a divisor of hidden_size {hidden}, as there is no head_dim");
        }

        return new GroupedQueryAttentionConfig(keyValueHeads, Even(source, "head_dim", source.Int("head_dim", 1, MaxHeadDim, absent: hidden / heads)), bias);
    }

    static int Even(ConfigObject source, string key, int value) =>
        value % 2 == 0 ? value : throw source.Error(key, $"an even size (rotation works on pairs), not {value}");

    static ExpertConfig Experts(ConfigObject source, ModelFamily family, int layers)
    {
        bool v3 = family == ModelFamily.DeepSeekV3;
        int routed = source.Int("n_routed_experts", 1, Math.Min(MaxExperts, MaxExpertsInAllLayers / layers));
        int perToken = source.Int("num_experts_per_tok", 1, routed);
        int groups = source.Int("n_group", 1, routed, absent: 1), groupsPerToken = source.Int("topk_group", 1, groups, absent: 1);
        var selection = source.Choice("topk_method", ConfigNames.SelectionMethods, absent: v3 ? "noaux_tc" : "greedy");
        if (routed % groups != 0)
        {
            throw source.Error("n_group", $"a divisor of n_routed_experts {routed}");
        }

        if (selection != SelectionMethod.Greedy && groupsPerToken * (routed / groups) < perToken)
        {
            throw source.Error("topk_group", $"enough groups of {routed / groups} experts for num_experts_per_tok {perToken}");
        }

        if (selection == SelectionMethod.BiasCorrected && routed / groups < 2)
        {
            throw source.Error("n_group", $"groups of at least 2 of the {routed} experts: noaux_tc scores a group by its two best");
        }

        return new ExpertConfig
        {
            RoutedExpertCount = routed,
            SharedExpertCount = source.Int("n_shared_experts", 0, MaxSharedExperts, absent: 0),
            ExpertsPerToken = perToken,
            ExpertIntermediateSize = source.Int("moe_intermediate_size", 1, MaxExpertIntermediate),
            FirstDenseLayerCount = source.Int("first_k_dense_replace", 0, layers, absent: 0),
            ExpertGroupCount = groups,
            GroupsPerToken = groupsPerToken,
            ScoringFunction = source.Choice("scoring_func", ConfigNames.ScoringFunctions, absent: v3 ? "sigmoid" : "softmax"),
            SelectionMethod = selection,
            NormalizeWeights = source.Bool("norm_topk_prob", v3),
            RoutedScalingFactor = source.Number("routed_scaling_factor", 0, MaxFactor, above: true, absent: 1),
            BalanceLossWeight = source.Number("aux_loss_alpha", 0, MaxFactor, absent: 0),
            SequenceBalance = source.Bool("seq_aux", true),
        };
    }

    // transformers 5 writes one object rope_parameters instead of rope_theta and rope_scaling.
    static RotaryConfig Rotary(ConfigObject source, bool interleaved, int positions)
    {
        var parameters = source.Object("rope_parameters");
        double theta = (parameters ?? source).Number("rope_theta", 1, MaxTheta, above: true, absent: 10000);
        if ((source.Object("rope_scaling") ?? parameters) is not { } scaling)
        {
            return new RotaryConfig(theta, interleaved);
        }

        string type = scaling.Choice(scaling.Find("rope_type") is null ? "type" : "rope_type", ScalingTypes);
        return new RotaryConfig(theta, interleaved, type switch
        {
            "yarn" => Yarn(scaling, positions),
            "llama3" => Llama3(scaling),
            "linear" => new LinearScaling(scaling.Number("factor", 1, MaxFactor)),
            _ => null,
        });
    }

    static YarnScaling Yarn(ConfigObject scaling, int positions)
    {
        // Not one of DeepSeek's keys; it would replace the factor that mscale gives.
        scaling.Only("attention_factor", "null");
        double slow = scaling.Number("beta_slow", 0, MaxFactor, above: true, absent: 1);
        return new YarnScaling(
            scaling.Number("factor", 1, MaxFactor),
            scaling.Int("original_max_position_embeddings", absent: positions),
            scaling.Number("beta_fast", slow, MaxFactor, above: true, absent: 32),
            slow,
            scaling.Number("mscale", 0, MaxFactor, absent: 1),
            scaling.Number("mscale_all_dim", 0, MaxFactor, absent: 0));
    }

    static Llama3Scaling Llama3(ConfigObject scaling)
    {
        double low = scaling.Number("low_freq_factor", 0, MaxFactor, above: true);
        return new Llama3Scaling(scaling.Number("factor", 1, MaxFactor), low, scaling.Number("high_freq_factor", low, MaxFactor, above: true), scaling.Int("original_max_position_embeddings"));
    }

    static TokenIds EosTokenIds(ConfigObject source, int vocabulary)
    {
        const string Key = "eos_token_id";
        if (source.Find(Key) is not { ValueKind: JsonValueKind.Array } list)
        {
            return source.OptionalInt(Key, 0, vocabulary - 1) is { } id ? [id] : [];
        }

        return [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int id) && id >= 0 && id < vocabulary
            ? id
            : throw source.Error(Key, $"ids from 0 to {vocabulary - 1}"))];
    }

    static Fp8Config? Quantization(ConfigObject source)
    {
        if (source.Object("quantization_config") is not { } quantization)
        {
            return null;
        }

        quantization.Choice("quant_method", new Dictionary<string, bool> { ["fp8"] = true });
        quantization.Choice("fmt", new Dictionary<string, bool> { ["e4m3"] = true }, absent: "e4m3");
        return quantization.Find("weight_block_size") is { ValueKind: JsonValueKind.Array } size
            && size.GetArrayLength() == 2
            && size[0].ValueKind == JsonValueKind.Number && size[0].TryGetInt32(out int rows) && rows > 0
            && size[1].ValueKind == JsonValueKind.Number && size[1].TryGetInt32(out int columns) && columns > 0
            ? new Fp8Config(rows, columns)
            : throw quantization.Error("weight_block_size", "[rows, columns], both at least 1");
    }
}
