// What pictures of schedules are made of: rectangles in time.

namespace Fathom.Planning.Schedules;

/// <summary>A rectangle of a picture.</summary>
/// <param name="Operation">What is computed: <see cref="Operation.Forward"/>, <see cref="Operation.Backward"/>, <see cref="Operation.InputBackward"/> or <see cref="Operation.WeightGradient"/>.</param>
/// <param name="Work">The micro-batch.</param>
/// <param name="Start">Left edge in time.</param>
/// <param name="End">Right edge in time.</param>
/// <param name="IsOverlapped">Whether it is half of an overlapped pair.</param>
public readonly record struct ScheduleCell(Operation Operation, MicroBatch Work, double Start, double End, bool IsOverlapped)
{
    /// <summary>
    /// The cells of a rank in order of time. An overlapped pair becomes two neighbours, as wide as their own times are to each other: both run all
    /// the time, and are drawn side by side as in the published picture.
    /// </summary>
    public static IEnumerable<ScheduleCell> Of(ScheduleTimeline timeline, int rank)
    {
        double share = timeline.Times.Forward / (timeline.Times.Forward + timeline.Times.Backward);
        foreach (TimedStep timed in timeline.Ranks[rank].Steps)
        {
            ScheduleStep step = timed.Step;
            if (step.Operation == Operation.Overlapped)
            {
                double border = timed.Start + (timed.End - timed.Start) * share;
                yield return new(Operation.Forward, step.Work, timed.Start, border, true);
                yield return new(Operation.Backward, step.Paired, border, timed.End, true);
            }
            else
            {
                yield return new(step.Operation, step.Work, timed.Start, timed.End, false);
            }
        }
    }
}
