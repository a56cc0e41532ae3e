// An independent simulation: the start of every step as the least solution of its inequalities, by repeating all of them until nothing moves.

using Fathom.Planning.Schedules;

namespace Fathom.Planning.Tests.Schedules;

/// <summary>
/// Knows the shape of every schedule by its name, written out again: which rank holds which part of the model. Times only grow from 0, so where
/// the iteration ends it is at the earliest start of every step; where ranks wait for each other it never ends, and gives up.
/// </summary>
static class NaiveSimulation
{
    public static double[][]? Starts(PipelineSchedule schedule, StepTimes times)
    {
        int ranks = schedule.Ranks;
        double[][] starts = [.. schedule.Steps.Select(steps => new double[steps.Count])];
        // Where each forward and each backward of (copy, part of the model, micro-batch) is done.
        Dictionary<(int Copy, int Part, int Chunk), (int Rank, int Step)> forwards = [], backwards = [];
        for (int rank = 0; rank < ranks; rank++)
        {
            for (int i = 0; i < schedule.Steps[rank].Count; i++)
            {
                ScheduleStep step = schedule.Steps[rank][i];
                if (step.Operation is Operation.Forward or Operation.Overlapped)
                    forwards.Add(Place(schedule, rank, step.Work), (rank, i));
                if (step.Operation is Operation.Backward or Operation.InputBackward or Operation.Overlapped)
                    backwards.Add(Place(schedule, rank, step.Paired), (rank, i));
            }
        }
        double Finished((int Rank, int Step) at, int toRank) =>
            starts[at.Rank][at.Step] + times.Of(schedule.Steps[at.Rank][at.Step].Operation) + (at.Rank == toRank ? 0 : times.Communication);

        int steps = schedule.Steps.Sum(all => all.Count);
        for (int round = 0; round <= steps; round++)
        {
            bool moved = false;
            for (int rank = 0; rank < ranks; rank++)
            {
                for (int i = 0; i < starts[rank].Length; i++)
                {
                    ScheduleStep step = schedule.Steps[rank][i];
                    double earliest = i == 0 ? 0 : starts[rank][i - 1] + times.Of(schedule.Steps[rank][i - 1].Operation);
                    if (step.Operation is Operation.Forward or Operation.Overlapped)
                    {
                        (int copy, int part, int chunk) = Place(schedule, rank, step.Work);
                        if (part > 0)
                            earliest = Math.Max(earliest, Finished(forwards[(copy, part - 1, chunk)], rank));
                    }
                    (int Copy, int Part, int Chunk) paired = Place(schedule, rank, step.Paired);
                    if (step.Operation is Operation.Backward or Operation.InputBackward or Operation.Overlapped)
                    {
                        earliest = Math.Max(earliest, Finished(forwards[paired], rank));
                        if (backwards.TryGetValue((paired.Copy, paired.Part + 1, paired.Chunk), out (int, int) after))
                            earliest = Math.Max(earliest, Finished(after, rank));
                    }
                    if (step.Operation == Operation.WeightGradient)
                        earliest = Math.Max(earliest, Finished(backwards[paired], rank));
                    moved |= earliest > starts[rank][i];
                    starts[rank][i] = Math.Max(earliest, starts[rank][i]);
                }
            }
            if (!moved)
                return starts;
        }
        return null;
    }

    public static (int Copy, int Part, int Chunk) Place(PipelineSchedule schedule, int rank, MicroBatch work) => schedule.Kind.Name switch
    {
        "dualpipe" => (work.Direction, work.Direction == 0 ? rank : schedule.Ranks - 1 - rank, work.Chunk),
        "dualpipev" or "zbv" => (0, work.Direction == 0 ? rank : 2 * schedule.Ranks - 1 - rank, work.Chunk),
        _ => (0, work.Direction * schedule.Ranks + rank, work.Chunk),
    };
}
