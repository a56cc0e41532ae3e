// Reinforcement learning: rollouts, costed as generation, and training on them. A batch of rollouts ends with its longest answer, so the time is
// that of decoding steps, each bound by memory traffic and exchanges, and not of operations.

using Fathom.Models.Counts;
using Fathom.Numerics.Formats;
using Fathom.Planning.Hardware;

namespace Fathom.Planning.Training;

/// <summary>Steps with one limit on the answers' length.</summary>
/// <param name="Steps">Policy updates.</param>
/// <param name="LongestTokens">Tokens of a batch's longest answer: the limit.</param>
/// <param name="MeanTokens">Mean length of an answer.</param>
/// <param name="Source">Where the numbers are from.</param>
public sealed record RolloutPhase(int Steps, int LongestTokens, int MeanTokens, string Source);

/// <summary>A run of RL.</summary>
/// <param name="Name">Name of the stage.</param>
/// <param name="Training">How the policy is trained; its tokens are set from the rollouts.</param>
/// <param name="Phases">The run's phases.</param>
/// <param name="RolloutsPerStep">Answers per policy update.</param>
/// <param name="RolloutsAtOnce">Answers that are generated together.</param>
public sealed record ReinforcementRun(string Name, TrainingRun Training, IReadOnlyList<RolloutPhase> Phases, int RolloutsPerStep, int RolloutsAtOnce)
{
    /// <summary>Where the numbers of answers are from.</summary>
    public string Source { get; init; } = "given";

    /// <summary>Published device hours to compare with, or null.</summary>
    public Figure? Published { get; init; }

    /// <summary>All tokens that are generated.</summary>
    public long Tokens => Phases.Sum(phase => checked((long)phase.Steps * RolloutsPerStep * phase.MeanTokens));

    /// <summary>Mean length of an answer.</summary>
    public int MeanTokens => (int)(Tokens / Phases.Sum(phase => (long)phase.Steps * RolloutsPerStep));

    /// <summary>Plans the run.</summary>
    /// <exception cref="PlanException">The run cannot be.</exception>
    public StagePlan Plan()
    {
        int devices = Training.Devices;
        int replica = ReplicaDevices(Phases.Max(phase => phase.MeanTokens));
        List<Figure> parts = [];
        foreach (RolloutPhase phase in Phases)
        {
            double batches = (double)phase.Steps * RolloutsPerStep / RolloutsAtOnce;
            double step = DecodeSeconds(replica, phase), tokensPerStep = Training.Work.Config.MtpLayerCount > 0 ? Efficiencies.Speculation.Value : 1;
            double seconds = phase.LongestTokens / tokensPerStep * step;
            parts.Add(new($"rollouts of up to {phase.LongestTokens} tokens", batches * seconds * devices / 3600, "h", FormattableString.Invariant(
                $"{batches:0.#} batches of {RolloutsAtOnce} answers x {phase.LongestTokens} tokens of the longest / {tokensPerStep} tokens per step x {step * 1000:0.0} ms per step on replicas of {replica} devices; {phase.Source}")));
        }
        StagePlan training = StagePlan.Of(Training with { Name = Name, Tokens = Tokens, AttentionLength = MeanTokens }, "rl");
        double ran = parts.Sum(part => part.Value);
        foreach (Figure part in training.Parts)
            parts.Add(part with { Name = part.Name == "interruptions" ? part.Name : $"training: {part.Name}", Value = part.Name == "interruptions" ? part.Value + ran * (1 / Efficiencies.Availability.Value - 1) : part.Value });
        List<Figure> inputs = [.. training.Inputs, new("answers per update", RolloutsPerStep, "", Source), new("answers generated at once", RolloutsAtOnce, "", Source)];
        foreach (RolloutPhase phase in Phases)
        {
            inputs.Add(new($"updates with a limit of {phase.LongestTokens} tokens", phase.Steps, "", phase.Source));
            inputs.Add(new($"mean tokens of an answer with a limit of {phase.LongestTokens}", phase.MeanTokens, "", phase.Source));
        }
        return training with { Parts = parts, Inputs = inputs, Published = Published, Layout = $"{training.Layout}; rollouts on replicas of {replica}" };
    }

    /// <summary>Devices of a replica: the fewest whole nodes, doubled as often as needed, that hold weights and caches.</summary>
    /// <exception cref="PlanException">All devices together do not.</exception>
    public int ReplicaDevices(int meanTokens)
    {
        double room = Training.Device.MemoryBytes.Value * Efficiencies.UsableMemory.Value;
        for (int devices = Math.Min(Training.Device.DevicesPerNode, Training.Devices); devices <= Training.Devices; devices *= 2)
        {
            if (Weights / devices + CacheBytes(meanTokens) <= room)
                return devices;
        }
        throw new PlanException($"{Name}: {Training.Devices} x {Training.Device.Title} do not hold the model with the caches of {RolloutsAtOnce} answers; more devices or fewer answers at once would.");
    }

    /// <summary>Seconds of a decoding step of the average batch in flight.</summary>
    public double DecodeSeconds(int replica, RolloutPhase phase)
    {
        // Answers end one after the other: on average this share of them is still being written.
        double inFlight = (double)RolloutsAtOnce / Training.Devices * Math.Min(1, (double)phase.MeanTokens / phase.LongestTokens);
        ModelWork work = Training.Work;
        double element = Training.IsFp8 ? 1 : 2, routed = work.RoutedParameters * element / replica;
        double others = (work.LayerParameters + work.EndParameters / 2) * element;
        double cache = inFlight * phase.LongestTokens / 2.0 * new ModelCounts(work.Config).CacheBytesPerToken(ElementType.BF16);
        if (work.Config.Experts is { } experts)
            routed *= 1 - Math.Pow(1 - (double)experts.ExpertsPerToken / experts.RoutedExpertCount, inFlight * replica);
        // Attention is cut in four (V3 report, section 3.4.2); a dense model among all.
        others /= work.Config.Experts is null ? replica : Math.Min(4, replica);
        double read = (routed + others + cache) / (Training.Device.MemoryBandwidth.Value * Efficiencies.Memory.Value);
        double exchange = work.ExpertLayers * Efficiencies.DecodeExchange.Value;
        return (read + exchange) / Efficiencies.Sustained.Value;
    }

    double Weights => Training.Work.Parameters * (Training.IsFp8 ? 1.0 : 2.0);

    double CacheBytes(int tokens) => (double)RolloutsAtOnce / Training.Devices * tokens * new ModelCounts(Training.Work.Config).CacheBytesPerToken(ElementType.BF16);
}
