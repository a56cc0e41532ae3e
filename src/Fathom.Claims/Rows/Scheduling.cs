// D: pipeline schedules.

using Fathom.Planning;
using Fathom.Planning.Schedules;
using static Fathom.Claims.Rows.Row;

namespace Fathom.Claims.Rows;

static class Scheduling
{
    const int Ranks = 8, MicroBatches = 20;

    static readonly string[] s_names = ["1f1b", "zb1p", "dualpipe", "dualpipev"];

    public static IReadOnlyList<Claim> All() => [Overlap(), Split()];

    // The times are those of a stage that holds 1/ranks of the model.
    static ScheduleTimeline Run(string name, StepTimes times)
    {
        PipelineSchedule schedule = ScheduleCatalog.Find(name).Create(Ranks, MicroBatches);
        return ScheduleSimulator.Run(schedule, times.Scaled(schedule.StageShare));
    }

    static Claim Overlap()
    {
        // F&B of 2 instead of 3: a third of a pair's time was communication that is hidden now.
        StepTimes none = StepTimes.Units, hidden = none with { Overlapped = 2 };
        ScheduleTimeline[] plain = [.. s_names.Select(name => Run(name, none))], overlapped = [.. s_names.Select(name => Run(name, hidden))];
        double zb = plain[1].Makespan, dual = plain[2].Makespan;
        return Computed(
            "D1", "DualPipe overlaps forward and backward and reduces idle time", "S3", plain.All(timeline => timeline.Bubble == timeline.PublishedBubble) && overlapped[2].Makespan < dual,
            Say($"bubbles with F = 1, B = 2, W = 1, F&B = 3, {Ranks} ranks, simulated and by formula: {string.Join(", ", plain.Select(Bubble))}. Without a gain from overlap DualPipe takes {dual:0} where ZB1P takes {zb:0}: a tie but for {zb - dual:0}. With F&B = 2 it takes {overlapped[2].Makespan:0}: the gain is hidden communication"),
            [
                .. plain.Select(timeline => new Figure($"bubble of {timeline.Schedule.Kind.Title}, F&B = 3", timeline.Bubble, "F", $"simulated; formula {timeline.Schedule.Kind.Bubble.Text} = {Say($"{timeline.PublishedBubble}")}; {timeline.Schedule.Kind.Source}")),
                .. overlapped.Select(timeline => new Figure($"duration of {timeline.Schedule.Kind.Title}, F&B = 2", timeline.Makespan, "F", $"simulated, {MicroBatches} micro-batches")),
            ])
            .By(Say($"fathom plan schedule --ranks {Ranks} --micro-batches {MicroBatches}"));

        static string Bubble(ScheduleTimeline timeline) => Say($"{timeline.Schedule.Kind.Title} {timeline.Bubble:0.##}");
    }

    static Claim Split()
    {
        ScheduleTimeline one = Run("1f1b", StepTimes.Units), split = Run("zb1p", StepTimes.Units);
        bool splits = split.Schedule.Steps.All(rank => rank.Any(step => step.Operation == Operation.WeightGradient));
        return Computed(
            "D2", "ZeroBubble splits the backward pass into input and weight parts", "S3", splits && split.Bubble < one.Bubble,
            Say($"with the weight part split off the bubble falls from {one.Bubble:0} to {split.Bubble:0} at the same memory ({split.PeakActivations} micro-batches); \"zero\" only without the synchronisation at the step's end"),
            new("bubble of 1F1B", one.Bubble, "F", one.Schedule.Kind.Source), new("bubble of ZB1P", split.Bubble, "F", split.Schedule.Kind.Source))
            .By(Say($"fathom plan schedule --schedule zb1p --ranks {Ranks} --micro-batches {MicroBatches}"));
    }
}
