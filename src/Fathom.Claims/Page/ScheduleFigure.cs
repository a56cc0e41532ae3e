// Pipeline schedules drawn from their simulation, with their bubbles as simulated and as published.

using Fathom.Planning.Schedules;

namespace Fathom.Claims.Page;

/// <summary>Draws the pipeline schedules.</summary>
static class ScheduleFigure
{
    const int Ranks = 8, MicroBatches = 20;

    static readonly string[] s_names = ["1f1b", "zb1p", "dualpipe", "dualpipev"];

    /// <summary>The figure.</summary>
    public static Markup Draw()
    {
        // A third of a pair's time hidden: what F&B = 2 instead of 3 stands for.
        StepTimes hidden = StepTimes.Units with { Overlapped = 2 };
        ScheduleTimeline[] timelines = [.. s_names.Select(name => Run(name, StepTimes.Units))];
        Markup table = Plate.Table(
            "F = 1, B = 2, W = 1; bubble of the rank that waits longest", ["schedule", ">bubble, simulated", ">by formula", "formula", ">whole step", ">utilisation", ">activations held", ">copies of the parameters", ">whole step if F&B = 2"],
            s_names.Zip(timelines, (name, timeline) => (object[])
            [
                timeline.Schedule.Kind.Title, Quantity.Number(timeline.Bubble), timeline.PublishedBubbleHolds ? Quantity.Number(timeline.PublishedBubble) : $"({Quantity.Number(timeline.PublishedBubble)})",
                timeline.Schedule.Kind.Bubble.Text, Quantity.Number(timeline.Makespan), Quantity.Percent(timeline.Utilisation), Quantity.Number(timeline.PeakActivations * timeline.Schedule.StageShare),
                timeline.Schedule.Kind.Copies, Quantity.Number(Run(name, hidden).Makespan),
            ]));
        return Plate.Of(
            $"Pipeline schedules: {Ranks} ranks, {MicroBatches} micro-batches",
            $"Simulated step by step; grey is waiting. Without a gain from overlap (F&B = F + B = 3) DualPipe does little better than ZB1P: what it gains is communication hidden behind computation, in the last column a third of a pair's time. DualPipeV cuts the model into twice as many stages, half as long each: its bubble of {Quantity.Number(timelines[^1].Bubble)} is {Quantity.Number(timelines[^1].Bubble / timelines[^1].Schedule.StageShare)} in its own stages' times.",
            Markup.Made(SchedulePicture.Svg(timelines)), Markup.Empty)
            .Add($"<div class=\"card below\">{Plate.Scrolling("bubbles", table)}<p class=\"note\">Activations in what a stage of 1/{Ranks} of the model keeps of one micro-batch. <code>fathom plan schedule --ranks {Ranks} --micro-batches {MicroBatches}</code></p></div>\n");
    }

    // Stages of a schedule that cuts the model finer are shorter.
    static ScheduleTimeline Run(string name, StepTimes times)
    {
        PipelineSchedule schedule = ScheduleCatalog.Find(name).Create(Ranks, MicroBatches);
        return ScheduleSimulator.Run(schedule, times.Scaled(schedule.StageShare));
    }
}
