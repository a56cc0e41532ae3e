// `fathom plan schedule`: pipeline schedules, simulated: where ranks wait, what they hold, and what was published about it.
using System.CommandLine;
using Fathom.Planning;
using Fathom.Planning.Schedules;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>plan schedule</c>.</summary>
static class PlanScheduleVerb
{
    const string AllSchedules = "all";

    static readonly Option<string> s_schedule = new("--schedule")
    {
        Description = $"The schedule: {string.Join(", ", ScheduleCatalog.All.Select(kind => kind.Name))}; or {AllSchedules}, a table that compares them.",
        HelpName = "NAME",
        DefaultValueFactory = _ => AllSchedules,
    };

    static readonly Option<int> s_ranks = Count("--ranks", "Pipeline size: devices in the pipeline.", 8);

    static readonly Option<int> s_microBatches = Count("--micro-batches", "Micro-batches of a step; for DualPipe those of both directions together.", 20);

    static readonly Option<int> s_stages = Count("--stages-per-rank", "Stages that a rank of the interleaved schedule holds.", 2);

    static readonly Option<double> s_forward = Time("--forward", "F: time of one micro-batch's forward pass through one stage, in any unit.", 1);

    static readonly Option<double> s_backward = Time("--backward", "B: time of its whole backward pass, input and weight gradients.", 2);

    static readonly Option<double> s_weight = Time("--weight", "W: the part of B that computes weight gradients; schedules that split the backward pass can put it off.", 1);

    static readonly Option<double?> s_overlapped = new("--overlapped")
    {
        Description = "F&B: time of a forward and a backward that run overlapped, the communication of one behind the computation of the other. Default: F + B, no gain.",
        HelpName = "TIME",
    };

    static readonly Option<double> s_communication = Time("--communication", "Time of a transfer between neighbouring ranks.", 0);

    static readonly Option<string?> s_svg = new("--svg") { Description = "Write a picture to this file.", HelpName = "FILE" };

    public static Verb Create() => new Verb(
        "schedule", "Simulates pipeline schedules step by step: how long ranks wait (the bubble), how many activations they hold, and the published formulas beside it. Times are those of one stage; in the table of all schedules those of a stage that holds 1/ranks of the model.",
        "plan schedule --ranks 16 --micro-batches 64",
        "plan schedule --schedule dualpipe --ranks 8 --micro-batches 20 --overlapped 2.4 --svg dualpipe.svg",
        "plan schedule --schedule zb1p --ranks 8 --micro-batches 16 --communication 0.1 --json")
    {
        s_schedule, s_ranks, s_microBatches, s_stages, s_forward, s_backward, s_weight, s_overlapped, s_communication, s_svg, PlanFlags.Explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(s_schedule)!;
        int ranks = parsed.GetValue(s_ranks), microBatches = parsed.GetValue(s_microBatches), stages = parsed.GetValue(s_stages);
        double forward = parsed.GetValue(s_forward), backward = parsed.GetValue(s_backward);
        StepTimes times = new(forward, backward, parsed.GetValue(s_weight), parsed.GetValue(s_overlapped) ?? forward + backward, parsed.GetValue(s_communication));
        times.Validate();
        bool compare = name == AllSchedules, json = parsed.GetValue(CommonOptions.Json);
        if (!compare && parsed.GetResult(s_stages) is { Implicit: false } && !ScheduleCatalog.Find(name).ChoosesStages)
            throw CommandException.Usage($"--stages-per-rank is for the interleaved schedule; {name} has its own number.");

        List<ScheduleTimeline> timelines = [];
        List<string> refused = [];
        foreach (ScheduleKind kind in compare ? ScheduleCatalog.All : [ScheduleCatalog.Find(name)])
        {
            try
            {
                PipelineSchedule schedule = kind.Create(ranks, microBatches, stages);
                timelines.Add(ScheduleSimulator.Run(schedule, compare ? times.Scaled(schedule.StageShare) : times));
            }
            catch (ScheduleException error) when (compare)
            {
                refused.Add(error.Message);
            }
        }
        if (timelines.Count == 0)
            throw CommandException.Usage(refused[0]);

        if (parsed.GetValue(s_svg) is { } file)
            File.WriteAllText(file, SchedulePicture.Svg(timelines));
        bool explain = parsed.GetValue(PlanFlags.Explain);
        IEnumerable<Figure>? figures = explain ? timelines.SelectMany(timeline => timeline.Figures) : null;
        if (!json)
            Print(timelines, refused, compare, explain);
        else if (compare)
            Terminal.PrintJson(new { Schedules = timelines.Select(ScheduleJson.Summary), Refused = refused, Explain = figures });
        else
            Terminal.PrintJson(ScheduleJson.Whole(timelines[0], figures));
        return Endings.Fine;
    }

    static void Print(List<ScheduleTimeline> timelines, List<string> refused, bool compare, bool explain)
    {
        if (!compare)
            ScheduleDisplay.Show(timelines[0]);
        Table table = Terminal.Table("schedule", ">bubble", ">published", "formula", ">whole step", ">utilisation", ">peak activations", ">parameters");
        foreach (ScheduleTimeline timeline in timelines)
        {
            ScheduleKind kind = timeline.Schedule.Kind;
            double activations = timeline.PeakActivations * (compare ? timeline.Schedule.StageShare : 1);
            table.Add(
                kind.Title, Number(timeline.Bubble), timeline.PublishedBubbleHolds ? Number(timeline.PublishedBubble) : $"({Number(timeline.PublishedBubble)})", kind.Bubble.Text, Number(timeline.Makespan),
                Terminal.Invariant($"{timeline.Utilisation:0.0%}"), Number(activations), $"{kind.Copies}x");
        }
        Terminal.Write(table);
        Console.Out.WriteLine(compare
            ? "Times in those of a stage that holds 1/ranks of the model; activations in what such a stage keeps of one micro-batch. The formulas' F, B and W are those of a schedule's own stages."
            : "Bubble: of the rank that waits longest. Activations: in what one stage keeps of one micro-batch.");
        foreach (ScheduleTimeline timeline in timelines.Where(timeline => !timeline.PublishedBubbleHolds))
            Console.Out.WriteLine($"The formula in brackets, {timeline.Schedule.Kind.Title}'s, needs: {timeline.Schedule.Kind.Bubble.Conditions}; no communication time.");
        foreach (string refusal in refused)
            Console.Out.WriteLine($"Left out: {refusal}");
        if (!explain)
            return;
        Console.Out.WriteLine();
        foreach (ScheduleKind kind in timelines.Select(timeline => timeline.Schedule.Kind))
        {
            Console.Out.WriteLine($"{kind.Title}: {kind.Description}");
            Console.Out.WriteLine($"  published bubble {kind.Bubble.Text}, equal to the simulation: {kind.Bubble.Conditions}.");
            Console.Out.WriteLine($"  source: {kind.Source}");
        }
        PlanFlags.Print(timelines.SelectMany(timeline => timeline.Figures));
    }

    static string Number(double value) => Terminal.Invariant($"{value:#,0.###}");

    static Option<int> Count(string name, string description, int otherwise) => new(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise };

    static Option<double> Time(string name, string description, double otherwise) => new(name) { Description = description, HelpName = "TIME", DefaultValueFactory = _ => otherwise };
}
