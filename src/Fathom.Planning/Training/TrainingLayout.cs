// How a model and its batch are divided among devices, and whether that can be.

using System.Globalization;
using Fathom.Models.Configs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Schedules;

namespace Fathom.Planning.Training;

/// <summary>What is kept of the forward pass for the backward pass.</summary>
public enum Recomputation
{
    /// <summary>All that the backward pass reads is kept.</summary>
    None,
    /// <summary>Norms, latent attention's up-projections and the gated product are computed again (V3 report, section 3.2.3).</summary>
    Selective,
    /// <summary>Only the layers' inputs are kept; every layer is computed again.</summary>
    Full,
}

/// <summary>A layout.</summary>
public sealed record TrainingLayout
{
    /// <summary>Pipeline stages, in devices.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>Devices that share every matrix.</summary>
    public int Tensor { get; init; } = 1;

    /// <summary>Devices that share every sequence, each with an early and a late piece of it: keys and values go round in a ring.</summary>
    public int Context { get; init; } = 1;

    /// <summary>Devices that share the routed experts of a layer.</summary>
    public int Expert { get; init; } = 1;

    /// <summary>What data-parallel ranks share: 0 nothing, 1 optimizer states, 2 gradients too, 3 weights too.</summary>
    public int ZeroStage { get; init; } = 1;

    /// <summary>Sequences of a micro-batch.</summary>
    public int MicroBatch { get; init; } = 1;

    /// <summary>Name of the pipeline schedule.</summary>
    public string Schedule { get; init; } = "1f1b";

    /// <summary>Stages per rank of the interleaved schedule.</summary>
    public int StagesPerRank { get; init; } = 2;

    /// <summary>What is computed again.</summary>
    public Recomputation Recomputation { get; init; } = Recomputation.Selective;

    /// <summary>The layout in a few words.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"pipeline {Pipeline}, tensor {Tensor}, {(Context > 1 ? $"context {Context}, " : "")}expert {Expert}, ZeRO {ZeroStage}, micro-batch {MicroBatch}, {Schedule}, recompute {Recomputation.ToString().ToLowerInvariant()}");

    /// <summary>Says why the layout is impossible and what would work, or nothing.</summary>
    /// <param name="config">The model.</param>
    /// <param name="device">The devices.</param>
    /// <param name="devices">How many.</param>
    /// <param name="batch">Sequences of a step.</param>
    /// <param name="length">Tokens of a sequence.</param>
    public string? Refuse(ModelConfig config, Device device, int devices, int batch, int length)
    {
        Int128 replica = (Int128)Pipeline * Tensor * Context;
        if (devices % replica != 0)
            return $"{devices} devices cannot be divided into pipelines of {Pipeline} x {Tensor} tensor-parallel{(Context > 1 ? $" x {Context} context-parallel" : "")} devices; {Int128.Max(1, devices / replica) * replica} would do.";
        int data = (int)(devices / replica), stage = data * Tensor * Context;
        if (Tensor > device.DevicesPerNode)
            return $"tensor parallelism over {Tensor} devices would leave the node of {device.DevicesPerNode}; at most {device.DevicesPerNode} works.";
        if (Context > 1 && length % (2 * Context) != 0)
            return $"sequences of {length} tokens cannot be cut into {2 * (long)Context} pieces for {Context} context-parallel devices; {Math.Max(1, length / (2L * Context)) * 2 * Context} tokens would do.";
        if (config.HeadCount % Tensor != 0)
            return $"the model's {config.HeadCount} heads cannot be divided among {Tensor} tensor-parallel devices; a divisor of {config.HeadCount} works.";
        long stages = (long)Pipeline * StageCount;
        // Embedding and head may each take the place of a layer, as in Llama 3's first and last stage.
        if (config.LayerCount + 2 < stages)
            return $"the model's {config.LayerCount} layers, embedding and head are too few for {stages} pipeline stages; at most {config.LayerCount + 2} work.";
        int routed = config.Experts?.RoutedExpertCount ?? 1;
        if (routed % Expert != 0)
            return config.Experts is null ? $"the model has no experts to divide among {Expert} devices; expert parallelism 1 works." : $"the model's {routed} experts cannot be divided among {Expert} devices; a divisor of {routed} works.";
        if (stage % Expert != 0)
            return $"the {stage} devices of a pipeline stage cannot be divided into expert groups of {Expert}; a divisor of {stage} works.";
        long atOnce = (long)data * MicroBatch;
        if (batch % atOnce != 0)
            return $"a batch of {batch} sequences cannot be divided among {data} data-parallel ranks with micro-batches of {MicroBatch}; {Math.Max(1, batch / atOnce) * atOnce} sequences would do.";
        return Kind.Refuse(Pipeline, (int)(batch / atOnce)) is { } refusal ? $"{Kind.Title} {refusal}" : null;
    }

    /// <summary>The schedule.</summary>
    /// <exception cref="ScheduleException">There is none of that name.</exception>
    public ScheduleKind Kind => ScheduleCatalog.Find(Schedule);

    /// <summary>Stages of the model per rank, of one copy.</summary>
    public int StageCount => Kind.ChoosesStages ? StagesPerRank : Kind.StagesPerRank / Kind.Copies;
}
