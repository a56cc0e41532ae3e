// The model part of a recipe: a preset, and what differs from it.

using Fathom.Models.Configs;

namespace Fathom.Training.Recipes;

/// <summary>A preset's name and the sizes that differ from it; null keeps the preset's. Names are those of the model's config.</summary>
public sealed record ModelOptions : IShorthand, IChecked
{
    /// <summary>Name of the preset.</summary>
    [Option(Required = true)]
    public string Preset { get; init; } = "";

    /// <summary>Decoder layers (num_hidden_layers).</summary>
    [Option(Minimum = 1)]
    public int? LayerCount { get; init; }

    /// <summary>Width of the residual stream (hidden_size).</summary>
    [Option(Minimum = 1)]
    public int? HiddenSize { get; init; }

    /// <summary>Attention heads (num_attention_heads).</summary>
    [Option(Minimum = 1)]
    public int? HeadCount { get; init; }

    /// <summary>Inner width of dense feed-forward layers (intermediate_size).</summary>
    [Option(Minimum = 1)]
    public int? IntermediateSize { get; init; }

    /// <summary>Inner width of one expert (moe_intermediate_size).</summary>
    [Option(Minimum = 1)]
    public int? ExpertIntermediateSize { get; init; }

    /// <summary>Routed experts (n_routed_experts).</summary>
    [Option(Minimum = 1)]
    public int? RoutedExpertCount { get; init; }

    /// <summary>Shared experts (n_shared_experts).</summary>
    [Option(Minimum = 0)]
    public int? SharedExpertCount { get; init; }

    /// <summary>Routed experts that each token uses (num_experts_per_tok).</summary>
    [Option(Minimum = 1)]
    public int? ExpertsPerToken { get; init; }

    /// <summary>Leading layers without experts (first_k_dense_replace).</summary>
    [Option(Minimum = 0)]
    public int? FirstDenseLayerCount { get; init; }

    /// <summary>Standard deviation of the random initial weights (initializer_range).</summary>
    [Option(Minimum = 0, ExclusiveMinimum = true, Maximum = 1)]
    public double? InitializerRange { get; init; }

    /// <summary>Multi-token prediction layers (num_nextn_predict_layers).</summary>
    [Option(Minimum = 0)]
    public int? MtpLayerCount { get; init; }

    /// <summary>The model's config.</summary>
    /// <param name="vocabularySize">Size of the tokenizer's vocabulary, or null for the preset's.</param>
    /// <exception cref="ConfigException">The sizes do not fit together; the message names the key of config.json.</exception>
    public ModelConfig ToConfig(int? vocabularySize = null)
    {
        ModelConfig preset = Presets.All[Preset];
        ModelConfig config = preset with
        {
            LayerCount = LayerCount ?? preset.LayerCount,
            HiddenSize = HiddenSize ?? preset.HiddenSize,
            HeadCount = HeadCount ?? preset.HeadCount,
            IntermediateSize = IntermediateSize ?? preset.IntermediateSize,
            MtpLayerCount = MtpLayerCount ?? preset.MtpLayerCount,
            InitializerRange = InitializerRange ?? preset.InitializerRange,
            VocabularySize = vocabularySize ?? preset.VocabularySize,
            Experts = preset.Experts is not { } experts ? null : experts with
            {
                ExpertIntermediateSize = ExpertIntermediateSize ?? experts.ExpertIntermediateSize,
                RoutedExpertCount = RoutedExpertCount ?? experts.RoutedExpertCount,
                SharedExpertCount = SharedExpertCount ?? experts.SharedExpertCount,
                ExpertsPerToken = ExpertsPerToken ?? experts.ExpertsPerToken,
                FirstDenseLayerCount = FirstDenseLayerCount ?? experts.FirstDenseLayerCount,
            },
        };
        // Reading it back applies the checks that every config.json passes.
        return ModelConfig.Parse(config.ToJson(), "model");
    }

    string? IChecked.Problem()
    {
        if (!Presets.All.TryGetValue(Preset, out ModelConfig? preset))
            return $"there is no preset '{Preset}'{RecipeException.Hint(Preset, [.. Presets.All.Keys])}";
        if (preset.Experts is null && (ExpertIntermediateSize ?? RoutedExpertCount ?? SharedExpertCount ?? ExpertsPerToken ?? FirstDenseLayerCount) is not null)
            return $"the preset '{Preset}' has no experts, so nothing about experts can be set";
        try
        {
            ToConfig();
            return null;
        }
        catch (ConfigException e)
        {
            return e.Message;
        }
    }
}
