// The mixture of experts of a DeepSeek model: how many, how wide, how they are scored and chosen.
using Fathom.Numerics.Kernels;

namespace Fathom.Models.Configs;

/// <summary>Routed and shared experts of the layers from <see cref="FirstDenseLayerCount"/> on.</summary>
public sealed record ExpertConfig
{
    /// <summary>Routed experts per layer (<c>n_routed_experts</c>).</summary>
    public required int RoutedExpertCount { get; init; }

    /// <summary>Experts that every token passes, stored as one feed-forward of this many times the width (<c>n_shared_experts</c>; 0: none).</summary>
    public required int SharedExpertCount { get; init; }

    /// <summary>Routed experts per token (<c>num_experts_per_tok</c>).</summary>
    public required int ExpertsPerToken { get; init; }

    /// <summary>Width of one expert (<c>moe_intermediate_size</c>).</summary>
    public required int ExpertIntermediateSize { get; init; }

    /// <summary>Leading layers with a dense feed-forward (<c>first_k_dense_replace</c>).</summary>
    public required int FirstDenseLayerCount { get; init; }

    /// <summary>Groups the experts are divided into (<c>n_group</c>).</summary>
    public int ExpertGroupCount { get; init; } = 1;

    /// <summary>Groups a token may use (<c>topk_group</c>).</summary>
    public int GroupsPerToken { get; init; } = 1;

    /// <summary>Softmax or sigmoid (<c>scoring_func</c>).</summary>
    public required ScoringFunction ScoringFunction { get; init; }

    /// <summary>Rule of choice (<c>topk_method</c>).</summary>
    public required SelectionMethod SelectionMethod { get; init; }

    /// <summary>Whether the chosen scores are divided by their sum (<c>norm_topk_prob</c>).</summary>
    public required bool NormalizeWeights { get; init; }

    /// <summary>Factor on the routed experts' weights (<c>routed_scaling_factor</c>).</summary>
    public double RoutedScalingFactor { get; init; } = 1;

    /// <summary>Weight of the balance loss in training (<c>aux_loss_alpha</c>).</summary>
    public double BalanceLossWeight { get; init; }

    /// <summary>Whether the balance loss is taken per sequence rather than over the batch (<c>seq_aux</c>).</summary>
    public bool SequenceBalance { get; init; } = true;
}
