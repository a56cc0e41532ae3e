// A pipeline schedule: who does what in which order, without times.

namespace Fathom.Planning.Schedules;

/// <summary>A stage of the model: the rank that holds it, and which of the rank's stages it is.</summary>
/// <param name="Rank">The rank, from 0.</param>
/// <param name="Direction">Which of its stages, as in <see cref="MicroBatch.Direction"/>.</param>
public readonly record struct Stage(int Rank, int Direction);

/// <summary>A pipeline schedule.</summary>
/// <param name="Kind">The kind of schedule.</param>
/// <param name="MicroBatches">Micro-batches, those of both directions together.</param>
/// <param name="Routes">
/// The stages that a micro-batch goes through, in the order of the forward pass: one route, or DualPipe's two. All have the same length, and
/// every stage lies on exactly one.
/// </param>
/// <param name="Steps">For every rank its steps in order.</param>
public sealed record PipelineSchedule(
    ScheduleKind Kind, int MicroBatches, IReadOnlyList<IReadOnlyList<Stage>> Routes, IReadOnlyList<IReadOnlyList<ScheduleStep>> Steps)
{
    /// <summary>Ranks, the pipeline size.</summary>
    public int Ranks => Steps.Count;

    /// <summary>Stages that the model is cut into: the length of a route.</summary>
    public int Stages => Routes[0].Count;

    /// <summary>Stages that a rank holds: 1, DualPipe's 2 of two copies of the model, or as many parts of one copy.</summary>
    public int StagesPerRank => Routes.Count * Stages / Ranks;

    /// <summary>Length of a stage in units of 1/ranks of the model: shorter where it is cut into more stages than there are ranks.</summary>
    public double StageShare => (double)Ranks / Stages;

    /// <summary>Micro-batches that take one route.</summary>
    public int MicroBatchesPerRoute => MicroBatches / Routes.Count;

    /// <summary>
    /// The phase under which a rank counts a direction: DualPipe's second half of ranks mirrors the first, so its phase 0 is direction 1.
    /// Elsewhere the direction itself.
    /// </summary>
    public int PhaseOf(int rank, int direction) => Routes.Count == 2 && rank >= Ranks / 2 ? direction ^ 1 : direction;
}
