// Literal shapes that only plans need: models that are compared with, but not run here.

using Fathom.Models.Configs;

namespace Fathom.Planning.Training;

/// <summary>Models by name: all presets, and those that are only planned.</summary>
public static class PlannedModels
{
    /// <summary>DeepSeek 67B: dense, 95 layers, 8 key-value heads (DeepSeek LLM, arXiv 2401.02954, Table 2).</summary>
    public static ModelConfig DeepSeek67B { get; } = Presets.DistillLlama70B with
    {
        LayerCount = 95,
        IntermediateSize = 22016,
        VocabularySize = 102400,
        Rotary = new RotaryConfig(10000, Interleaved: false),
        MaxPositionEmbeddings = 4096,
        BosTokenId = 100000,
        EosTokenIds = [100001],
    };

    /// <summary>Llama 3.1 405B (arXiv 2407.21783, Table 3).</summary>
    public static ModelConfig Llama405B { get; } = Presets.DistillLlama70B with { HiddenSize = 16384, LayerCount = 126, HeadCount = 128, IntermediateSize = 53248 };

    /// <summary>All models that can be planned.</summary>
    public static IReadOnlyDictionary<string, ModelConfig> All { get; } = new Dictionary<string, ModelConfig>(Presets.All)
    {
        ["deepseek-67b"] = DeepSeek67B,
        ["llama-3.1-405b"] = Llama405B,
    };

    /// <summary>The model of that name.</summary>
    /// <exception cref="PlanException">There is none; the message has the nearest name and all of them.</exception>
    public static ModelConfig Find(string name) => All.TryGetValue(name, out ModelConfig? config)
        ? config
        : throw new PlanException($"there is no model '{name}' to plan; did you mean '{NearestName.Of(name, All.Keys)}'? Models: {string.Join(", ", All.Keys)}.");
}
