using System.Text.Json.Nodes;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Testing;

namespace Fathom.Models.Tests.Configs;

public class ModelConfigTests
{
    public static readonly TheoryData<string> Folders =
        ["vectors/deepseek_v1", "vectors/deepseek_v2_lite", "vectors/deepseek_v2_group", "vectors/deepseek_v3", "vectors/deepseek_v3_fp8", "vectors/llama3", "vectors/qwen2_tied", "vectors/qwen2_untied", "real/stories260k"];

    public static readonly TheoryData<string> PresetNames = [.. Presets.All.Keys];

    // A valid deepseek_v3 description with some keys replaced (a JSON value, or null to leave the key out).
    static string With(params (string Key, string? Json)[] changes)
    {
        var json = JsonNode.Parse((Presets.DeepSeekV3 with { Quantization = new Fp8Config(128, 128) }).ToJson())!.AsObject();
        foreach (var (key, value) in changes)
        {
            json.Remove(key);
            if (value is not null)
            {
                json[key] = JsonNode.Parse(value);
            }
        }

        return json.ToJsonString();
    }

    [SharedDataTheory]
    [MemberData(nameof(Folders))]
    public void Read_OfficialFile_SurvivesWriting(string folder)
    {
        var config = ModelConfig.Read(SharedData.Path(folder));
        Assert.Equal(config, ModelConfig.Parse(config.ToJson(), "written"));
    }

    [SharedDataFact]
    public void Read_DeepSeekV3_GivesEveryValue() => Assert.Equal(
        new ModelConfig
        {
            Family = ModelFamily.DeepSeekV3,
            HiddenSize = 64,
            LayerCount = 4,
            HeadCount = 4,
            VocabularySize = 256,
            IntermediateSize = 128,
            Attention = new LatentAttentionConfig(48, 32, 16, 8, 16),
            Experts = new ExpertConfig
            {
                RoutedExpertCount = 16,
                SharedExpertCount = 1,
                ExpertsPerToken = 4,
                ExpertIntermediateSize = 32,
                FirstDenseLayerCount = 1,
                ExpertGroupCount = 4,
                GroupsPerToken = 2,
                ScoringFunction = ScoringFunction.Sigmoid,
                SelectionMethod = SelectionMethod.BiasCorrected,
                NormalizeWeights = true,
                RoutedScalingFactor = 2.5,
                BalanceLossWeight = 0.001,
                SequenceBalance = true,
            },
            Rotary = new RotaryConfig(10000, true, new YarnScaling(4, 64, 32, 1, 1, 1)),
            RmsNormEpsilon = 1e-6,
            TieWordEmbeddings = false,
            MaxPositionEmbeddings = 256,
            BosTokenId = 0,
            EosTokenIds = [1],
            InitializerRange = 0.02,
            MtpLayerCount = 1,
            WeightType = ElementType.BF16,
        },
        ModelConfig.Read(SharedData.Path("vectors", "deepseek_v3")));

    [SharedDataFact]
    public void Read_Llama3_GivesEveryValue() => Assert.Equal(
        new ModelConfig
        {
            Family = ModelFamily.Llama,
            HiddenSize = 64,
            LayerCount = 3,
            HeadCount = 4,
            VocabularySize = 192,
            IntermediateSize = 160,
            Attention = new GroupedQueryAttentionConfig(2, 16, false),
            Rotary = new RotaryConfig(500000, false, new Llama3Scaling(8, 1, 4, 64)),
            RmsNormEpsilon = 1e-5,
            MaxPositionEmbeddings = 512,
            BosTokenId = 0,
            EosTokenIds = [1],
        },
        ModelConfig.Read(SharedData.Path("vectors", "llama3", "config.json")));

    [Theory]
    [MemberData(nameof(PresetNames))]
    public void Preset_Written_ReadsBackEqual(string name)
    {
        var config = Presets.Get(name);
        Assert.Equal(config, ModelConfig.Parse(config.ToJson(), name));
    }

    [Fact]
    public void Parse_VariantsOfTheOfficialKeys_AreUnderstood()
    {
        Assert.Equal([3, 5], ModelConfig.Parse(With(("eos_token_id", "[3, 5]")), "x").EosTokenIds);
        Assert.Equal([3, 5], ModelConfig.Parse(ModelConfig.Parse(With(("eos_token_id", "[3, 5]")), "x").ToJson(), "x").EosTokenIds);
        Assert.Empty(ModelConfig.Parse(With(("eos_token_id", null)), "x").EosTokenIds);
        Assert.Null(((LatentAttentionConfig)ModelConfig.Parse(With(("q_lora_rank", "0")), "x").Attention).QLoraRank);
        Assert.Equal(ElementType.F32, ModelConfig.Parse(With(("torch_dtype", null), ("dtype", "\"float32\"")), "x").WeightType);
        var linear = ModelConfig.Parse(With(("rope_theta", null), ("rope_scaling", null), ("rope_parameters", """{"rope_theta": 5e5, "rope_type": "linear", "factor": 2}""")), "x");
        Assert.Equal(new RotaryConfig(5e5, true, new LinearScaling(2)), linear.Rotary);
        Assert.Equal(linear.Rotary, ModelConfig.Parse(linear.ToJson(), "x").Rotary);
        Assert.Null(ModelConfig.Parse(With(("rope_scaling", """{"type": "default"}""")), "x").Rotary.Scaling);
        Assert.Equal(new Fp8Config(128, 128), ModelConfig.Parse(With(("some_new_key", "{}")), "x").Quantization);
    }

    [Theory]
    [InlineData("hidden_size", null, "'hidden_size': found nothing, expected a whole number from 1 to 262144")]
    [InlineData("hidden_size", "-3", "'hidden_size': found -3, expected a whole number from 1 to 262144")]
    [InlineData("hidden_size", "\"64\"", "'hidden_size': found \"64\", expected a whole number")]
    [InlineData("hidden_size", "64.5", "found 64.5, expected a whole number")]
    [InlineData("model_type", "\"mistral\"", "'model_type': found \"mistral\", expected one of deepseek, deepseek_v2, deepseek_v3, llama, qwen2")]
    [InlineData("model_type", null, "'model_type': found nothing")]
    [InlineData("rms_norm_eps", "0", "'rms_norm_eps': found 0, expected a number of at least 1E-20 and at most 1")]
    [InlineData("rms_norm_eps", null, "'rms_norm_eps': found nothing")]
    [InlineData("tie_word_embeddings", "1", "'tie_word_embeddings': found 1, expected true or false")]
    [InlineData("hidden_act", "\"gelu\"", "'hidden_act': found \"gelu\", expected \"silu\"")]
    [InlineData("attention_bias", "true", "'attention_bias': found true, expected false")]
    [InlineData("qk_rope_head_dim", "7", "'qk_rope_head_dim': found 7, expected an even size")]
    [InlineData("num_experts_per_tok", "257", "'num_experts_per_tok': found 257, expected a whole number from 1 to 256")]
    [InlineData("n_group", "7", "'n_group': found 7, expected a divisor of n_routed_experts 256")]
    [InlineData("n_group", "256", "'topk_group': found 4, expected enough groups of 1 experts for num_experts_per_tok 8")]
    [InlineData("topk_group", "9", "'topk_group': found 9, expected a whole number from 1 to 8")]
    [InlineData("first_k_dense_replace", "62", "found 62, expected a whole number from 0 to 61")]
    [InlineData("scoring_func", "\"relu\"", "'scoring_func': found \"relu\", expected one of softmax, sigmoid")]
    [InlineData("topk_method", "3", "'topk_method': found 3, expected one of greedy, group_limited_greedy, noaux_tc")]
    [InlineData("torch_dtype", "\"int4\"", "'torch_dtype': found \"int4\", expected one of float32, float16, bfloat16")]
    [InlineData("eos_token_id", "[1, 129280]", "'eos_token_id': found [1,129280], expected ids from 0 to 129279")]
    [InlineData("bos_token_id", "-1", "'bos_token_id': found -1")]
    [InlineData("rope_scaling", "3", "'rope_scaling': found 3, expected an object or null")]
    [InlineData("rope_scaling", """{"type":"dynamic"}""", "'rope_scaling.type': found \"dynamic\", expected one of yarn, llama3, linear, default")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":0.5}""", "'rope_scaling.factor': found 0.5, expected a number of at least 1")]
    [InlineData("rope_scaling", """{"type":"yarn","factor":4,"beta_fast":1,"beta_slow":2}""", "'rope_scaling.beta_fast': found 1, expected a number above 2")]
    [InlineData("rope_scaling", """{"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4}""", "'rope_scaling.high_freq_factor': found 4, expected a number above 4")]
    [InlineData("quantization_config", """{"quant_method":"gptq"}""", "'quantization_config.quant_method': found \"gptq\", expected one of fp8")]
    [InlineData("quantization_config", """{"quant_method":"fp8","weight_block_size":[128]}""", "'quantization_config.weight_block_size': found [128]")]
    public void Parse_WrongKey_NamesFileKeyValueAndAllowed(string key, string? json, string message)
    {
        var error = Assert.Throws<ConfigException>(() => ModelConfig.Parse(With((key, json)), "m/config.json"));
        Assert.StartsWith("m/config.json: key ", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void Parse_GroupedQueryHeadsThatDoNotFit_Throws()
    {
        string json = Presets.DistillQwen7B.ToJson();
        Assert.Contains("expected a divisor of num_attention_heads 28", Assert.Throws<ConfigException>(() => ModelConfig.Parse(json.Replace("\"num_key_value_heads\": 4", "\"num_key_value_heads\": 5"), "x")).Message);
    }

    [Theory]
    [InlineData("[]", "x: found JSON Array, expected an object")]
    [InlineData("{", "x: not JSON")]
    public void Parse_NotAnObject_Throws(string json, string message) =>
        Assert.Contains(message, Assert.Throws<ConfigException>(() => ModelConfig.Parse(json, "x")).Message);

    [Fact]
    public void Read_NoFile_Throws() => Assert.Contains("nowhere.json: cannot be read", Assert.Throws<ConfigException>(() => ModelConfig.Read("nowhere.json")).Message);

    [Theory]
    [InlineData("nanno", "nano")]
    [InlineData("deepseek-v3-lite", "deepseek-v2-lite")]
    [InlineData("Bench_MoE", "bench-moe")]
    public void GetPreset_Unknown_NamesTheNearest(string name, string nearest) =>
        Assert.StartsWith($"unknown preset '{name}', did you mean '{nearest}'?", Assert.Throws<ConfigException>(() => Presets.Get(name)).Message);
}
