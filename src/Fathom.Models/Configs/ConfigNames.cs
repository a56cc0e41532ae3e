// The strings of config.json and what they stand for; the reader and the writer share these tables.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Configs;

static class ConfigNames
{
    public static readonly Dictionary<string, ModelFamily> Families = new()
    {
        ["deepseek"] = ModelFamily.DeepSeekV1,
        ["deepseek_v2"] = ModelFamily.DeepSeekV2,
        ["deepseek_v3"] = ModelFamily.DeepSeekV3,
        ["llama"] = ModelFamily.Llama,
        ["qwen2"] = ModelFamily.Qwen2,
    };

    public static readonly Dictionary<ModelFamily, string> Architectures = new()
    {
        [ModelFamily.DeepSeekV1] = "DeepseekForCausalLM",
        [ModelFamily.DeepSeekV2] = "DeepseekV2ForCausalLM",
        [ModelFamily.DeepSeekV3] = "DeepseekV3ForCausalLM",
        [ModelFamily.Llama] = "LlamaForCausalLM",
        [ModelFamily.Qwen2] = "Qwen2ForCausalLM",
    };

    public static readonly Dictionary<string, ScoringFunction> ScoringFunctions = new()
    {
        ["softmax"] = ScoringFunction.Softmax,
        ["sigmoid"] = ScoringFunction.Sigmoid,
    };

    public static readonly Dictionary<string, SelectionMethod> SelectionMethods = new()
    {
        ["greedy"] = SelectionMethod.Greedy,
        ["group_limited_greedy"] = SelectionMethod.GroupLimited,
        ["noaux_tc"] = SelectionMethod.BiasCorrected,
    };

    public static readonly Dictionary<string, ElementType> WeightTypes = new()
    {
        ["float32"] = ElementType.F32,
        ["float16"] = ElementType.F16,
        ["bfloat16"] = ElementType.BF16,
    };

    /// <summary>The string that stands for a value.</summary>
    public static string NameOf<T>(this Dictionary<string, T> names, T value) where T : struct, Enum =>
        names.First(pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Key;
}
