// Runs a schedule: every rank does its steps in order, each as soon as the rank is free and what it needs has arrived. Links are not modelled
// further: transfers take a fixed time and do not disturb one another or the computation.

namespace Fathom.Planning.Schedules;

/// <summary>An event simulator of pipeline schedules.</summary>
public sealed class ScheduleSimulator
{
    readonly PipelineSchedule _schedule;
    readonly StepTimes _times;
    readonly Stage?[] _before, _after; // [rank, direction]: the neighbours on the route
    readonly double[] _forwardEnds, _backwardEnds; // [rank, direction, chunk], NaN while it has not been

    ScheduleSimulator(PipelineSchedule schedule, StepTimes times)
    {
        (_schedule, _times) = (schedule, times);
        int places = schedule.Ranks * schedule.StagesPerRank, passes = places * schedule.MicroBatchesPerRoute;
        (_before, _after) = (new Stage?[places], new Stage?[places]);
        foreach (IReadOnlyList<Stage> route in schedule.Routes)
        {
            for (int i = 1; i < route.Count; i++)
            {
                _before[IndexOf(route[i])] = route[i - 1];
                _after[IndexOf(route[i - 1])] = route[i];
            }
        }
        _forwardEnds = new double[passes];
        _backwardEnds = new double[passes];
        Array.Fill(_forwardEnds, double.NaN);
        Array.Fill(_backwardEnds, double.NaN);
    }

    /// <summary>Runs a schedule.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="times">Times of one stage's operations on one micro-batch.</param>
    /// <exception cref="ScheduleException">The times cannot be, or the schedule's ranks wait for each other.</exception>
    public static ScheduleTimeline Run(PipelineSchedule schedule, StepTimes times)
    {
        times.Validate();
        return new ScheduleSimulator(schedule, times).Run();
    }

    ScheduleTimeline Run()
    {
        var done = new List<TimedStep>[_schedule.Ranks];
        for (int rank = 0; rank < done.Length; rank++)
            done[rank] = new(_schedule.Steps[rank].Count);

        // A rank goes on until it has to wait for another; what it did may be what others wait for.
        Queue<int> awake = new(Enumerable.Range(0, _schedule.Ranks));
        bool[] isAwake = new bool[_schedule.Ranks];
        Array.Fill(isAwake, true);
        while (awake.TryDequeue(out int rank))
        {
            isAwake[rank] = false;
            while (done[rank].Count < _schedule.Steps[rank].Count)
            {
                ScheduleStep step = _schedule.Steps[rank][done[rank].Count];
                double ready = ReadyAt(rank, step);
                if (double.IsNaN(ready))
                    break;
                double start = Math.Max(ready, done[rank].Count == 0 ? 0 : done[rank][^1].End), end = start + _times.Of(step.Operation);
                done[rank].Add(new(step, start, end));
                if (step.IsForward)
                    Finish(_forwardEnds, _after, new(rank, step.Work.Direction), step.Work, end);
                if (step.IsBackward)
                    Finish(_backwardEnds, _before, new(rank, step.Paired.Direction), step.Paired, end);
            }
        }
        for (int rank = 0; rank < done.Length; rank++)
        {
            if (done[rank].Count < _schedule.Steps[rank].Count)
                throw new ScheduleException($"{_schedule.Kind.Title} does not end: rank {rank} waits for ever at its step {done[rank].Count}.");
        }
        double makespan = done.Max(steps => steps[^1].End);
        return new ScheduleTimeline(_schedule, _times, makespan, [.. done.Select(steps => Summary(steps, makespan))]);

        void Finish(double[] ends, Stage?[] neighbours, Stage stage, MicroBatch work, double end)
        {
            ends[IndexOf(stage, work)] = end;
            if (neighbours[IndexOf(stage)] is { } next && !isAwake[next.Rank])
            {
                isAwake[next.Rank] = true;
                awake.Enqueue(next.Rank);
            }
        }
    }

    // When all that a step needs has arrived, or NaN while something is missing.
    double ReadyAt(int rank, ScheduleStep step)
    {
        Stage forward = new(rank, step.Work.Direction), backward = new(rank, step.Paired.Direction);
        if (step.Operation == Operation.WeightGradient)
            return _backwardEnds[IndexOf(backward, step.Paired)];
        double ready = 0;
        if (step.IsForward && _before[IndexOf(forward)] is { } before)
            ready = Arrival(_forwardEnds, before, step.Work, rank);
        if (step.IsBackward)
        {
            // Math.Max gives NaN where one of the two is.
            ready = Math.Max(ready, _forwardEnds[IndexOf(backward, step.Paired)]);
            if (_after[IndexOf(backward)] is { } after)
                ready = Math.Max(ready, Arrival(_backwardEnds, after, step.Paired, rank));
        }
        return ready;
    }

    double Arrival(double[] ends, Stage from, MicroBatch work, int rank) => ends[IndexOf(from, work)] + (from.Rank == rank ? 0 : _times.Communication);

    int IndexOf(Stage stage) => stage.Rank * _schedule.StagesPerRank + stage.Direction;

    int IndexOf(Stage stage, MicroBatch work) => IndexOf(stage) * _schedule.MicroBatchesPerRoute + work.Chunk;

    static RankTimeline Summary(List<TimedStep> steps, double makespan)
    {
        int held = 0, peak = 0;
        double busy = 0;
        foreach (TimedStep timed in steps)
        {
            busy += timed.End - timed.Start;
            if (timed.Step.IsForward)
                peak = Math.Max(peak, ++held);
            if (timed.Step.FreesActivations)
                held--;
        }
        return new RankTimeline(steps, busy, makespan - busy, peak);
    }
}
