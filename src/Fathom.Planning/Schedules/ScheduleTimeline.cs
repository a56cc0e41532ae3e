// What came of a schedule: when every step ran, and how long every rank waited.

namespace Fathom.Planning.Schedules;

/// <summary>A step with its times.</summary>
/// <param name="Step">The step.</param>
/// <param name="Start">Its start, in the unit of <see cref="StepTimes"/>, from the start of the schedule.</param>
/// <param name="End">Its end.</param>
public readonly record struct TimedStep(ScheduleStep Step, double Start, double End);

/// <summary>What one rank did.</summary>
/// <param name="Steps">Its steps, in order of time.</param>
/// <param name="Busy">Time that it computed.</param>
/// <param name="Bubble">Time that it waited, from the schedule's start to its end.</param>
/// <param name="PeakActivations">
/// The greatest number of micro-batches whose activations it held at once, in units of what one stage keeps of one micro-batch: from the start
/// of the forward to the end of the backward, or of the weight gradient where that is split off.
/// </param>
public sealed record RankTimeline(IReadOnlyList<TimedStep> Steps, double Busy, double Bubble, int PeakActivations)
{
    /// <summary>The part of the bubble that lies between the rank's first and last step.</summary>
    public double InnerBubble => Steps[^1].End - Steps[0].Start - Busy;
}

/// <summary>A schedule that was run.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Times">Times of the operations.</param>
/// <param name="Makespan">From the first step's start to the last one's end.</param>
/// <param name="Ranks">Every rank.</param>
public sealed record ScheduleTimeline(PipelineSchedule Schedule, StepTimes Times, double Makespan, IReadOnlyList<RankTimeline> Ranks)
{
    /// <summary>The bubble of the rank that waits longest.</summary>
    public double Bubble => Ranks.Max(rank => rank.Bubble);

    /// <summary>The most activations that a rank holds, in units of what one stage keeps of one micro-batch.</summary>
    public int PeakActivations => Ranks.Max(rank => rank.PeakActivations);

    /// <summary>Share of the ranks' time that they computed, 0 to 1.</summary>
    public double Utilisation => Ranks.Sum(rank => rank.Busy) / (Makespan * Ranks.Count);

    /// <summary>The published bubble for these ranks and times.</summary>
    public double PublishedBubble => Schedule.Kind.Bubble.Value(Schedule.Ranks, Times);

    /// <summary>Every number of the schedule with its source.</summary>
    public IReadOnlyList<Figure> Figures
    {
        get
        {
            ScheduleKind kind = Schedule.Kind;
            string times = FormattableString.Invariant($"F {Times.Forward:0.######}, B {Times.Backward:0.######}, W {Times.Weight:0.######}, F&B {Times.Overlapped:0.######}, communication {Times.Communication:0.######}");
            string run = FormattableString.Invariant($"simulated step by step: {kind.Title} ({kind.Source}), {Schedule.Ranks} ranks, {Schedule.MicroBatches} micro-batches, {times}");
            return [
                new($"{kind.Name}: bubble", Bubble, "", $"of the rank that waits longest; {run}"),
                new($"{kind.Name}: published bubble", PublishedBubble, "", FormattableString.Invariant($"{kind.Bubble.Text} with {times}; {kind.Source}; equal to the simulation: {kind.Bubble.Conditions}")),
                new($"{kind.Name}: whole step", Makespan, "", $"from the first step's start to the last one's end; {run}"),
                new($"{kind.Name}: utilisation", Utilisation, "", $"time that ranks compute / whole step / ranks; {run}"),
                new($"{kind.Name}: peak activations", PeakActivations, "", $"of the rank that holds most, in what one stage keeps of one micro-batch; {run}"),
                new($"{kind.Name}: copies of the parameters", kind.Copies, "", kind.Source),
            ];
        }
    }

    /// <summary>Whether the published formula's conditions are met.</summary>
    public bool PublishedBubbleHolds => Times.Communication == 0 && Schedule.Kind.Bubble.Holds(Schedule.Ranks, Schedule.MicroBatches, Times);
}
