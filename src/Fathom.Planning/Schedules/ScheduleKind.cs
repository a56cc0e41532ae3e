// The kinds of pipeline schedules: what each asks for, how its steps are made, and what was published about its bubble.

namespace Fathom.Planning.Schedules;

/// <summary>What was published about a schedule's bubble, and when it is true.</summary>
/// <param name="Text">The formula; PP is the number of ranks where nothing else is said.</param>
/// <param name="Conditions">When the simulation equals it, in words, where communication takes no time.</param>
/// <param name="Value">Its value for a number of ranks and times.</param>
/// <param name="Holds">Whether the conditions are met, for ranks, micro-batches and times, communication apart.</param>
public sealed record BubbleFormula(string Text, string Conditions, Func<int, StepTimes, double> Value, Func<int, int, StepTimes, bool> Holds);

/// <summary>A kind of schedule.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Title">Name in texts.</param>
/// <param name="Description">How it works, a sentence.</param>
/// <param name="Source">Where it was published.</param>
/// <param name="Copies">Copies of the parameters that the ranks hold together.</param>
/// <param name="Bubble">The published bubble.</param>
public sealed record ScheduleKind(string Name, string Title, string Description, string Source, int Copies, BubbleFormula Bubble)
{
    /// <summary>Stages per rank where the user has no choice.</summary>
    public int StagesPerRank { get; init; } = 1;

    /// <summary>Whether the number of stages per rank can be chosen.</summary>
    public bool ChoosesStages { get; init; }

    /// <summary>Says what is wrong with ranks and micro-batches, or nothing.</summary>
    public required Func<int, int, string?> Refuse { get; init; }

    /// <summary>The ranks' steps, for ranks, micro-batches and stages per rank.</summary>
    public required Func<int, int, int, IEnumerable<IReadOnlyList<ScheduleStep>>> Programs { get; init; }

    /// <summary>
    /// The greatest number of activations that a rank holds, in units of what one stage keeps of one micro-batch, for rank, ranks, micro-batches
    /// and stages per rank.
    /// </summary>
    public required Func<int, int, int, int, int> Peak { get; init; }

    /// <summary>The schedule for some ranks and micro-batches.</summary>
    /// <param name="ranks">Pipeline size in devices, 1 to 4096.</param>
    /// <param name="microBatches">Micro-batches of a step, those of both directions together.</param>
    /// <param name="stagesPerRank">Stages per rank, for the interleaved schedule.</param>
    /// <exception cref="ScheduleException">The schedule does not work with these numbers; the message says which would.</exception>
    public PipelineSchedule Create(int ranks, int microBatches, int stagesPerRank = 2)
    {
        if (ranks is < 1 or > 4096)
            throw new ScheduleException($"there are {ranks} ranks; 1 to 4096 are allowed.");
        if (microBatches < 1)
            throw new ScheduleException($"there are {microBatches} micro-batches; at least 1 is needed.");
        int stages = ChoosesStages ? stagesPerRank : StagesPerRank;
        if (stages is < 1 or > 64)
            throw new ScheduleException($"there are {stages} stages per rank; 1 to 64 are allowed.");
        if ((long)ranks * microBatches * stages > MostPasses)
            throw new ScheduleException($"{ranks} ranks with {microBatches} micro-batches are more than the simulator's {MostPasses} passes through a stage; with so many ranks at most {MostPasses / ((long)ranks * stages)} micro-batches.");
        if (Refuse(ranks, microBatches) is { } refusal)
            throw new ScheduleException($"{Title} {refusal}");
        return new PipelineSchedule(this, microBatches, RoutesOf(ranks, stages), [.. Programs(ranks, microBatches, stages)]);
    }

    /// <summary>The greatest number of activations that a rank holds by the schedule's construction.</summary>
    public int PeakActivations(PipelineSchedule schedule, int rank) => Peak(rank, schedule.Ranks, schedule.MicroBatches, schedule.StagesPerRank);

    // About 200 MB of steps and times.
    const int MostPasses = 1 << 20;

    List<List<Stage>> RoutesOf(int ranks, int stages)
    {
        IEnumerable<int> up = Enumerable.Range(0, ranks), down = up.Reverse();
        List<Stage> Leg(IEnumerable<int> order, int direction) => [.. order.Select(rank => new Stage(rank, direction))];
        if (Copies == 2)
            return [Leg(up, 0), Leg(down, 1)];
        bool folded = StagesPerRank == 2;
        return [[.. Enumerable.Range(0, stages).SelectMany(leg => Leg(folded && leg == 1 ? down : up, leg))]];
    }
}
