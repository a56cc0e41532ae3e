// GGUF metadata to ModelConfig: the keys are read here, put into the words of config.json, and checked against each other where those are.
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Checkpoints.Gguf;

static class GgufConfigReader
{
    /// <summary>Key of the config.json that a file was made from, for the few values that GGUF has no key for.</summary>
    public const string SourceKey = "fathom.config";

    const string Architecture = "general.architecture";

    // What a config.json says beyond GGUF's keys; none of it changes what the model computes.
    static readonly string[] s_beyond = ["aux_loss_alpha", "seq_aux", "initializer_range"];

    static readonly Dictionary<string, string> s_modelTypes = new() { ["llama"] = "llama", ["qwen2"] = "qwen2", ["deepseek"] = "deepseek", ["deepseek2"] = "deepseek_v2" };

    public static ModelConfig Read(GgufFile file)
    {
        string? architecture = new GgufKeys(file.Path, file.Metadata, "").Text(Architecture);
        if (architecture is null || !s_modelTypes.TryGetValue(architecture, out string? modelType))
            throw new ConfigException(file.Path, Architecture, architecture ?? "nothing", $"one of {string.Join(", ", s_modelTypes.Keys)}");
        var keys = new GgufKeys(file.Path, file.Metadata, architecture + ".");
        keys.Neutral("attention.scale", "attention.temperature_scale", "logit_scale", "embedding_scale", "residual_scale", "attn_logit_softcapping", "final_logit_softcapping",
            "rope.scaling.attn_factor", "rope.scaling.yarn_attn_factor", "rope.scaling.yarn_ext_factor", "expert_group_scale");
        JsonObject? source = Source(file);
        bool latent = architecture == "deepseek2", mixture = latent || architecture == "deepseek";
        bool sigmoid = latent && keys.Int("expert_gating_func", 0, 2, absent: 0) == 2;
        // Every block has tensors: a number from the file must not decide how long a loop runs.
        int blocks = keys.Int("block_count", 1, Math.Max(1, file.Entries.Count)), predictions = Predictions(file, keys, blocks);
        int vocabulary = file.Entries.TryGetValue(GgufNames.Embedding, out TensorEntry? embedding) && embedding.Shape.Length == 2 ? checked((int)Math.Min(embedding.Shape[0], int.MaxValue)) : keys.Int("vocab_size");

        var config = new JsonObject
        {
            ["model_type"] = sigmoid ? "deepseek_v3" : modelType,
            ["hidden_size"] = keys.Int("embedding_length"),
            ["num_hidden_layers"] = blocks - predictions,
            ["num_nextn_predict_layers"] = predictions,
            ["num_attention_heads"] = keys.Int("attention.head_count"),
            ["vocab_size"] = vocabulary,
            ["max_position_embeddings"] = keys.Int("context_length"),
            ["intermediate_size"] = keys.Int("feed_forward_length"),
            ["rms_norm_eps"] = keys.Number("attention.layer_norm_rms_epsilon") ?? throw keys.Error("attention.layer_norm_rms_epsilon", "a number above 0"),
            ["tie_word_embeddings"] = !file.Entries.ContainsKey(GgufNames.Head),
            ["rope_theta"] = keys.Number("rope.freq_base"),
            ["rope_scaling"] = Scaling(file, keys, latent, source),
            ["dtype"] = TypeName(embedding?.Type),
        };
        AddTokenIds(file, config, vocabulary, source);
        foreach (string key in s_beyond)
        {
            if (source?[key] is { } value)
                config[key] = value.DeepClone();
        }
        if (latent)
            AddLatent(keys, config);
        else
            AddGroupedQuery(keys, config);
        if (mixture && keys.OptionalInt("expert_count", 0) is > 0)
            AddExperts(file, keys, config, latent, sigmoid);
        else if (!mixture && keys.OptionalInt("expert_count", 0) is > 0)
            throw keys.Error("expert_count", $"none (experts of {architecture} are not supported)");

        ModelConfig read = ModelConfig.Parse(config.ToJsonString(), file.Path);
        return GgufLayout.PairsNeighbours(read.Family) ? read with { Rotary = read.Rotary with { Interleaved = true } } : read;
    }

    static JsonObject? Source(GgufFile file)
    {
        if (new GgufKeys(file.Path, file.Metadata, "").Text(SourceKey) is not { } text)
            return null;
        try
        {
            return JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject ?? throw new ConfigException(file.Path, SourceKey, "no JSON object", "the text of a config.json");
        }
        catch (JsonException error)
        {
            throw new ConfigException($"{file.Path}: key '{SourceKey}': not JSON ({error.Message})", error);
        }
    }

    // Some files announce a prediction module that they do not contain; then the blocks are all the model's own.
    static int Predictions(GgufFile file, GgufKeys keys, int blocks) =>
        keys.OptionalInt("nextn_predict_layers", 0, blocks - 1) is { } count && file.Entries.ContainsKey(GgufNames.Block(blocks - 1) + GgufNames.NextProjection) ? count : 0;

    static string TypeName(ElementType? type) => type switch
    {
        ElementType.F32 or null => "float32",
        ElementType.F16 => "float16",
        _ => "bfloat16",
    };

    // The tokenizer's ids; those of the config.json where there is no tokenizer, or more of them (several tokens can end a text).
    static void AddTokenIds(GgufFile file, JsonObject config, int vocabulary, JsonObject? source)
    {
        var keys = new GgufKeys(file.Path, file.Metadata, "tokenizer.ggml.");
        foreach (string token in new[] { "bos_token_id", "eos_token_id" })
        {
            // Writers that have none put the largest number.
            int? id = file.Metadata.GetValueOrDefault($"tokenizer.ggml.{token}") is uint.MaxValue or -1 ? null : keys.OptionalInt(token, 0, vocabulary - 1);
            JsonNode? known = source?[token];
            bool fits = id is null || known is JsonArray list && list.Any(item => item?.GetValueKind() == JsonValueKind.Number && item.AsValue().TryGetValue(out int one) && one == id);
            config[token] = fits && known is not null ? known.DeepClone() : id;
        }
    }

    static void AddGroupedQuery(GgufKeys keys, JsonObject config)
    {
        int hidden = keys.Int("embedding_length"), heads = keys.Int("attention.head_count");
        int head = keys.OptionalInt("attention.key_length") ?? (hidden % heads == 0 ? hidden / heads : throw keys.Error("attention.head_count", $"a divisor of embedding_length {hidden}, as there is no attention.key_length"));
        Same(keys, "attention.value_length", head);
        Same(keys, "rope.dimension_count", head);
        config["head_dim"] = head;
        config["num_key_value_heads"] = keys.Int("attention.head_count_kv", absent: heads);
    }

    static void AddLatent(GgufKeys keys, JsonObject config)
    {
        int rope = keys.Int("rope.dimension_count"), latent = keys.Int("attention.kv_lora_rank");
        bool split = keys.OptionalInt("attention.key_length_mla") is not null;
        string keyName = split ? "attention.key_length_mla" : "attention.key_length", valueName = split ? "attention.value_length_mla" : "attention.value_length";
        if (split)
        {
            // The attention runs on latents: one key-value head of latent and rotary key.
            Same(keys, "attention.head_count_kv", 1);
            Same(keys, "attention.key_length", latent + rope);
            Same(keys, "attention.value_length", latent);
        }
        config["q_lora_rank"] = keys.OptionalInt("attention.q_lora_rank", 0);
        config["kv_lora_rank"] = latent;
        config["qk_rope_head_dim"] = rope;
        config["qk_nope_head_dim"] = keys.Int(keyName, rope + 1) - rope;
        config["v_head_dim"] = keys.Int(valueName);
    }

    static void Same(GgufKeys keys, string key, int value)
    {
        if (keys.OptionalInt(key, 0) is { } other && other != value)
            throw keys.Error(key, $"{value}, as the other sizes say");
    }

    static void AddExperts(GgufFile file, GgufKeys keys, JsonObject config, bool latent, bool sigmoid)
    {
        int dense = keys.Int("leading_dense_block_count", 0, absent: 0), count = keys.Int("expert_count");
        if (dense < keys.Int("block_count") && file.Entry(GgufNames.Block(dense) + GgufNames.DownExperts) is var experts && (experts.Shape.Length != 3 || experts.Shape[0] != count || experts.ByteLength < count))
            throw new CheckpointException(file.PartOf(experts.Name), experts.Name, $"shape [{string.Join(", ", experts.Shape)}]", $"{count} experts, as expert_count says");
        config["n_routed_experts"] = count;
        config["num_experts_per_tok"] = keys.Int("expert_used_count");
        config["n_shared_experts"] = keys.Int("expert_shared_count", 0, absent: 0);
        config["moe_intermediate_size"] = keys.Int("expert_feed_forward_length");
        config["first_k_dense_replace"] = dense;
        config["norm_topk_prob"] = keys.Flag("expert_weights_norm") ?? false;
        // 0 stands for no factor.
        config["routed_scaling_factor"] = keys.Number("expert_weights_scale") is { } scale and not 0 ? scale : 1;
        config["scoring_func"] = ConfigNames.ScoringFunctions.NameOf(sigmoid ? ScoringFunction.Sigmoid : ScoringFunction.Softmax);
        (int groups, int perToken) = latent ? Groups(keys) : (1, 1);
        config["n_group"] = groups;
        config["topk_group"] = perToken;
        bool biased = file.Entries.Keys.Any(name => name.EndsWith("exp_probs_b.bias", StringComparison.Ordinal));
        config["topk_method"] = ConfigNames.SelectionMethods.NameOf(biased ? SelectionMethod.BiasCorrected : groups > 1 ? SelectionMethod.GroupLimited : SelectionMethod.Greedy);
    }

    // Converters before late 2025 left the groups out; which published model a file holds, its shape says.
    static (int Groups, int PerToken) Groups(GgufKeys keys)
    {
        if (keys.OptionalInt("expert_group_count", 0) is { } groups)
            return (Math.Max(groups, 1), Math.Max(keys.Int("expert_group_used_count", 0, absent: 1), 1));
        ModelConfig? published = new[] { Presets.DeepSeekV3, Presets.DeepSeekV2 }.FirstOrDefault(preset =>
            preset.HiddenSize == keys.Int("embedding_length") && preset.LayerCount == keys.Int("block_count") && preset.Experts!.RoutedExpertCount == keys.Int("expert_count"));
        return published?.Experts is { } experts ? (experts.ExpertGroupCount, experts.GroupsPerToken) : (1, 1);
    }

    static JsonObject? Scaling(GgufFile file, GgufKeys keys, bool latent, JsonObject? source)
    {
        decimal? factor = keys.Number("rope.scaling.factor") ?? keys.Number("rope.scale_linear");
        JsonObject? known = source?["rope_scaling"] as JsonObject;
        switch (keys.Text("rope.scaling.type") ?? (factor is null ? "none" : "linear"))
        {
            case "none":
                return file.Entries.ContainsKey(GgufNames.RotaryFactors) ? Llama3(file, keys, known) : null;
            case "linear":
                return factor is null or 0 or 1 ? null : new JsonObject { ["type"] = "linear", ["factor"] = factor };
            case "yarn":
                // Ten times the multiplier is mscale_all_dim; mscale, which has no key, is the same in all published models of latent attention.
                decimal all = (keys.Number("rope.scaling.yarn_log_multiplier") ?? 0) * 10;
                return new JsonObject
                {
                    ["type"] = "yarn",
                    ["factor"] = factor ?? throw keys.Error("rope.scaling.factor", "a number of at least 1"),
                    ["original_max_position_embeddings"] = keys.OptionalInt("rope.scaling.original_context_length"),
                    ["beta_fast"] = keys.Number("rope.scaling.yarn_beta_fast") ?? 32,
                    ["beta_slow"] = keys.Number("rope.scaling.yarn_beta_slow") ?? 1,
                    ["mscale"] = known?["mscale"]?.DeepClone() ?? JsonValue.Create(all == 0 || !latent ? 1 : all),
                    ["mscale_all_dim"] = latent ? all : known?["mscale_all_dim"]?.DeepClone() ?? 0,
                };
            default:
                throw keys.Error("rope.scaling.type", "one of none, linear, yarn");
        }
    }

    static unsafe JsonObject? Llama3(GgufFile file, GgufKeys keys, JsonObject? known)
    {
        TensorEntry entry = file.Entry(GgufNames.RotaryFactors);
        if (entry.Type != ElementType.F32 || entry.Shape.Length != 1 || entry.Shape[0] is < 1 or > 4096)
            throw new CheckpointException(file.PartOf(entry.Name), entry.Name, $"{entry.Type} [{string.Join(", ", entry.Shape)}]", "F32 [half the head size]");
        var factors = new float[entry.Shape[0]];
        new ReadOnlySpan<byte>(file.Pointer(entry.Name), (int)entry.ByteLength).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(factors.AsSpan()));
        if (factors.All(factor => factor == 1))
            return null;
        double theta = (double)(keys.Number("rope.freq_base") ?? 10000);
        Llama3Scaling? recorded = Number("factor") is { } factor && Number("low_freq_factor") is { } low && Number("high_freq_factor") is { } high && Number("original_max_position_embeddings") is > 0 and < int.MaxValue and var original
            ? new Llama3Scaling(factor, low, high, (int)original)
            : null;
        Llama3Scaling scaling = RotaryFactors.Find(theta, factors, recorded)
            ?? throw new CheckpointException(file.PartOf(entry.Name), entry.Name, $"divisors {string.Join(", ", factors.Take(4).Select(f => f.ToString(CultureInfo.InvariantCulture)))}, ...", "those of Llama 3's rule");
        return new JsonObject
        {
            ["rope_type"] = "llama3",
            ["factor"] = scaling.Factor,
            ["low_freq_factor"] = scaling.LowFrequencyFactor,
            ["high_freq_factor"] = scaling.HighFrequencyFactor,
            ["original_max_position_embeddings"] = scaling.OriginalMaxPositions,
        };

        double? Number(string key) => known?[key] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out double number) ? number : null;
    }
}
