// Pipeline schedules as JSON; the steps have the field names of the published schedule's recordings, so that they can be compared as they are.
using System.Globalization;
using Fathom.Planning;
using Fathom.Planning.Schedules;

namespace Fathom.Cli;

/// <summary>What <c>plan schedule --json</c> prints.</summary>
static class ScheduleJson
{
    /// <summary>The numbers of a schedule without its steps.</summary>
    public static Dictionary<string, object> Summary(ScheduleTimeline timeline)
    {
        PipelineSchedule schedule = timeline.Schedule;
        return new()
        {
            ["schedule"] = schedule.Kind.Name,
            ["pp"] = schedule.Ranks,
            ["num_chunks"] = schedule.MicroBatches,
            ["stages"] = schedule.Stages,
            ["stagesPerRank"] = schedule.StagesPerRank,
            ["parameterCopies"] = schedule.Kind.Copies,
            ["times"] = timeline.Times,
            ["makespan"] = Round(timeline.Makespan),
            ["bubble"] = Round(timeline.Bubble),
            ["published"] = new
            {
                Bubble = Round(timeline.PublishedBubble),
                Formula = schedule.Kind.Bubble.Text,
                Holds = timeline.PublishedBubbleHolds,
                schedule.Kind.Bubble.Conditions,
                schedule.Kind.Source,
            },
            ["peakActivations"] = timeline.PeakActivations,
            ["utilisation"] = timeline.Utilisation,
        };
    }

    /// <summary>The numbers, and for every rank its steps with their times.</summary>
    /// <param name="timeline">The schedule with its times.</param>
    /// <param name="explained">Every number with its source, or null where nobody asked.</param>
    public static Dictionary<string, object> Whole(ScheduleTimeline timeline, IEnumerable<Figure>? explained)
    {
        Dictionary<string, object> json = Summary(timeline);
        if (explained is not null)
            json["explain"] = explained;
        json["ranks"] = timeline.Ranks.Select((rank, number) => new
        {
            Rank = number,
            Busy = Round(rank.Busy),
            Bubble = Round(rank.Bubble),
            rank.PeakActivations,
            Steps = rank.Steps.Select(timed => Step(timeline.Schedule, number, timed.Step)),
            Times = rank.Steps.Select(timed => new[] { Round(timed.Start), Round(timed.End) }),
        });
        return json;
    }

    // Without the noise of adding decimal fractions: twelve digits.
    static double Round(double time) => double.Parse(time.ToString("G12", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    static Dictionary<string, object> Step(PipelineSchedule schedule, int rank, ScheduleStep step)
    {
        Dictionary<string, object> json = new() { ["op"] = ScheduleStep.NameOf(step.Operation) };
        if (step.Operation == Operation.Overlapped)
        {
            json["f"] = Work(step.Work);
            json["b"] = Work(step.Paired);
        }
        else
        {
            foreach ((string name, object value) in Work(step.Work))
            {
                if (step.Operation != Operation.WeightGradient || name != "phase")
                    json[name] = value;
            }
        }
        json["step"] = step.Number;
        return json;

        Dictionary<string, object> Work(MicroBatch work) => new() { ["phase"] = schedule.PhaseOf(rank, work.Direction), ["dir"] = work.Direction, ["chunk"] = work.Chunk };
    }
}
