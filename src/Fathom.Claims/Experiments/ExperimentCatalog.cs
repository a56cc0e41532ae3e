// All experiments, in the order of the claims.

namespace Fathom.Claims.Experiments;

/// <summary>The experiments.</summary>
public static class ExperimentCatalog
{
    /// <summary>Every experiment.</summary>
    public static IReadOnlyList<Experiment> All { get; } =
    [
        new("A1", "Cache bytes per token: latent against grouped and multi-head attention", 1, CacheBytes.Run),
    ];

    /// <summary>The experiment of a claim.</summary>
    /// <exception cref="ArgumentException">There is none; the message names those that there are.</exception>
    public static Experiment Find(string id) => All.FirstOrDefault(experiment => experiment.Id.Equals(id, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException($"There is no experiment '{id}'; there are {string.Join(", ", All.Select(experiment => experiment.Id))}.", nameof(id));
}
