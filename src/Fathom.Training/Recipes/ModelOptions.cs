// The model part of a recipe: a preset, and what differs from it.

using Fathom.Models.Configs;

namespace Fathom.Training.Recipes;

/// <summary>A preset's name and the sizes that differ from it; null keeps the preset's. Names are those of the model's config.</summary>
public sealed record ModelOptions : IShorthand
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

    /// <summary>Multi-token prediction layers (num_nextn_predict_layers).</summary>
    [Option(Minimum = 0)]
    public int? MtpLayerCount { get; init; }

    /// <summary>The preset's config with these sizes in place of its own.</summary>
    /// <exception cref="RecipeException">An expert's size is set for a model without experts.</exception>
    public ModelConfig ToConfig()
    {
        ModelConfig preset = Presets.Get(Preset);
        ExpertConfig? experts = preset.Experts is { } e
            ? e with
            {
                ExpertIntermediateSize = ExpertIntermediateSize ?? e.ExpertIntermediateSize,
                RoutedExpertCount = RoutedExpertCount ?? e.RoutedExpertCount,
                SharedExpertCount = SharedExpertCount ?? e.SharedExpertCount,
                ExpertsPerToken = ExpertsPerToken ?? e.ExpertsPerToken,
                FirstDenseLayerCount = FirstDenseLayerCount ?? e.FirstDenseLayerCount,
            }
            : ExpertIntermediateSize is null && RoutedExpertCount is null && SharedExpertCount is null && ExpertsPerToken is null && FirstDenseLayerCount is null
                ? null
                : throw new RecipeException($"model: the preset '{Preset}' has no experts, so sizes of experts cannot be set.");
        return preset with
        {
            LayerCount = LayerCount ?? preset.LayerCount,
            HiddenSize = HiddenSize ?? preset.HiddenSize,
            HeadCount = HeadCount ?? preset.HeadCount,
            IntermediateSize = IntermediateSize ?? preset.IntermediateSize,
            MtpLayerCount = MtpLayerCount ?? preset.MtpLayerCount,
            Experts = experts,
        };
    }
}
