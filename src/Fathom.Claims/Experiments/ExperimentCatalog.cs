// All experiments, in the order of the claims.

namespace Fathom.Claims.Experiments;

/// <summary>The experiments.</summary>
public static class ExperimentCatalog
{
    /// <summary>Every experiment.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new("A1", "Cache bytes per token: latent against grouped and multi-head attention", 1, CacheBytes.Run),
        new("A4", "A mixture of experts against dense models", 12, MixtureAgainstDense.Run),
        new("A5", "Small and shared experts against few big ones", 12, ExpertGranularity.Run),
        new("A6", "Load of the experts with a bias, with an auxiliary loss, with neither", 12, LoadBalance.Run),
        new("R2", "Rewards by rules alone: nano-r1", 18, RuleRewards.Run),
        new("R4", "Reinforcement learning alone: nano-r1-zero", 18, PureReinforcement.Run),
        new("P4", "A repeated beginning of a prompt: cache hits", 1, CacheHits.Run),
    ];

    /// <summary>The experiment of a claim.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those that there are.</exception>
    public static Experiment Find(string id) => All.FirstOrDefault(experiment => experiment.Id.Equals(id, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no experiment '{id}'; there are {string.Join(", ", All.Select(experiment => experiment.Id))}.", nameof(id));
}
