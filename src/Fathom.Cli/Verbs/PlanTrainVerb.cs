// `fathom plan train`: what a training would take: memory and time part by part, hours, days, energy, money.
using System.CommandLine;
using Fathom.Cli.Measurements;
using Fathom.Models.Configs;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Threading;
using Fathom.Planning;
using Fathom.Planning.Hardware;
using Fathom.Planning.Here;
using Fathom.Planning.Schedules;
using Fathom.Planning.Training;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>plan train</c>.</summary>
static class PlanTrainVerb
{
    static readonly Argument<string?> s_model = new("MODEL")
    {
        Description = $"A folder with config.json, or one of {string.Join(", ", PlannedModels.All.Keys)}.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    static readonly Option<string?> s_preset = new("--preset") { Description = $"A published training instead of MODEL: {string.Join(", ", TrainingPresets.Names)}; or nano, as 'bench train nano' measures it.", HelpName = "NAME" };

    static readonly Option<double> s_tokens = new Option<double>("--tokens") { Description = "Tokens to train on, as in 14.8e12.", HelpName = "N", DefaultValueFactory = _ => 1e12 }.Within(1, 1e18);

    static readonly Option<int> s_length = Count("--length", "Tokens per sequence.", 4096);

    static readonly Option<int> s_batch = Count("--batch", "Sequences per step.", 8192);

    static readonly Option<string> s_cluster = new("--cluster") { Description = $"Devices: {string.Join(", ", HardwareCatalog.All.Select(device => device.Name))}, or here, this machine as it is measured now.", HelpName = "GPU", DefaultValueFactory = _ => "h800" };

    static readonly Option<int> s_devices = Count("--gpus", "How many devices.", 2048);

    static readonly Option<int> s_pipeline = Count("--pipeline", "Pipeline stages, in devices.", 1);

    static readonly Option<int> s_tensor = Count("--tensor", "Devices that share every matrix.", 1);

    static readonly Option<int> s_context = Count("--context-parallel", "Devices that share every sequence; keys and values go round in a ring.", 1);

    static readonly Option<int> s_expert = Count("--expert", "Devices that share the experts of a layer.", 1);

    static readonly Option<int> s_zero = new Option<int>("--zero") { Description = "What data-parallel ranks share: 1 optimizer states, 2 gradients too, 3 weights too.", HelpName = "STAGE", DefaultValueFactory = _ => 1 }.Within(0, 3);

    static readonly Option<int> s_microBatch = Count("--micro-batch", "Sequences of a micro-batch.", 1);

    static readonly Option<string> s_schedule = new("--schedule") { Description = $"Pipeline schedule: {string.Join(", ", ScheduleCatalog.All.Select(kind => kind.Name))}.", HelpName = "NAME", DefaultValueFactory = _ => "1f1b" };

    static readonly Option<int> s_stages = Count("--stages-per-rank", "Stages per rank of the interleaved schedule.", 2);

    static readonly Option<Precision> s_precision = new("--precision") { Description = "What matrices are multiplied in.", DefaultValueFactory = _ => Precision.Bf16 };

    static readonly Option<Recomputation> s_recompute = new("--recompute") { Description = "What the backward pass computes again.", DefaultValueFactory = _ => Recomputation.Selective };

    static readonly Option<bool> s_search = new("--search") { Description = "Find the fastest layout that fits; the layout's options are not looked at." };

    static readonly Option<decimal?> s_rent = new("--rent") { Description = "Price of a device hour in USD, instead of the catalogue's.", HelpName = "USD" };

    static readonly Option<bool> s_explain = new("--explain") { Description = "Say for every number where it comes from." };

    public static Verb Create() => new Verb(
        "train", "Plans a training: memory of a device and time, part by part; device hours, days, energy and money. Nothing is run.",
        "plan train --preset deepseek-v3",
        "plan train --preset r1-zero --explain",
        "plan train deepseek-v3 --tokens 14.8e12 --batch 15360 --precision fp8 --gpus 2048 --search",
        "plan train deepseek-67b --tokens 2e12 --cluster h100 --gpus 512 --batch 4608 --pipeline 8 --tensor 2 --json")
    {
        s_model, s_preset, s_tokens, s_length, s_batch, s_cluster, s_devices, s_pipeline, s_tensor, s_context, s_expert, s_zero, s_microBatch, s_schedule, s_stages, s_precision,
        s_recompute, s_search, s_rent, s_explain, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        TrainingPlan plan = Planned(parsed);
        if (parsed.GetValue(s_rent) is { } rent)
            plan = rent >= 0 ? plan with { Rent = new("given", "now", rent, "USD", "--rent") } : throw CommandException.Usage($"--rent is {rent}; a price of 0 or more is allowed.");
        if (parsed.GetValue(CommonOptions.Json))
            PrintJson(plan);
        else
            Print(plan, parsed.GetValue(s_explain));
        return Endings.Fine;
    }

    static TrainingPlan Planned(ParseResult parsed)
    {
        string? name = parsed.GetValue(s_model), preset = parsed.GetValue(s_preset);
        bool search = parsed.GetValue(s_search);
        if ((name is null) == (preset is null))
            throw CommandException.Usage("what to plan is either a MODEL or a published training (--preset); give one of them.");
        if (preset is not null && !Presets.All.ContainsKey(preset) || preset is "deepseek-v3" or "deepseek-v2")
            return search ? Searched(preset, TrainingPresets.PreTraining(preset)) : TrainingPresets.Plan(preset);
        if (parsed.GetValue(s_cluster) == ThisMachine.Name)
            return Here(parsed, preset ?? name!);
        Device device = Device.Find(parsed.GetValue(s_cluster)!);
        TrainingLayout layout = new()
        {
            Pipeline = parsed.GetValue(s_pipeline),
            Tensor = parsed.GetValue(s_tensor),
            Context = parsed.GetValue(s_context),
            Expert = parsed.GetValue(s_expert),
            ZeroStage = parsed.GetValue(s_zero),
            MicroBatch = parsed.GetValue(s_microBatch),
            Schedule = parsed.GetValue(s_schedule)!,
            StagesPerRank = parsed.GetValue(s_stages),
            Recomputation = parsed.GetValue(s_recompute),
        };
        TrainingRun run = new(
            "pre-training", new(ConfigOf(preset ?? name!)), (long)parsed.GetValue(s_tokens), parsed.GetValue(s_length), parsed.GetValue(s_batch), device,
            parsed.GetValue(s_devices), layout, parsed.GetValue(s_precision));
        string title = preset ?? name!;
        if (search)
            return Searched(title, run);
        StagePlan stage = StagePlan.Of(run);
        if (!stage.Fits)
        {
            throw CommandException.Failure(Terminal.Invariant(
                $"{title} does not fit: each device would hold {stage.MemoryBytes / 1e9:0.0} GB of the {device.MemoryBytes.Value * Efficiencies.UsableMemory.Value / 1e9:0.0} GB that {device.Title} has for it; the greatest part is {stage.Memory.MaxBy(part => part.Value)!.Name}. --search finds a layout that fits, if there is one."));
        }
        return new(title, [stage], device.Rents[0]);
    }

    // As `bench train` does it unless said otherwise: 16 sequences of 256 tokens.
    static TrainingPlan Here(ParseResult parsed, string title)
    {
        int Given(Option<int> option, int otherwise) => parsed.GetResult(option) is { Implicit: true } ? otherwise : parsed.GetValue(option);
        int threads = ThreadTeam.Shared.ThreadCount;
        ModelConfig config = ConfigOf(title);
        Figure runtime = RuntimeMemory.OfTraining(config);
        Device device = ThisMachine.Describe(MachineLimits.Measure(threads), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        StagePlan stage = HereTraining.Plan(title, config, (long)parsed.GetValue(s_tokens), Given(s_batch, 16), Given(s_length, 256), device, threads, runtime);
        return new(title, [stage], device.Rents[0]);
    }

    static TrainingPlan Searched(string title, TrainingRun run)
    {
        var found = LayoutSearch.Best(run);
        return new(title, [found.Plan with { Layout = $"{found.Plan.Layout} (the fastest of {found.Fitting} layouts that fit, of {found.Tried} that divide)" }], run.Device.Rents[0]);
    }

    /// <summary>The configuration of a model's folder, or of a known model.</summary>
    internal static ModelConfig ConfigOf(string model) => File.Exists(Path.Combine(model, "config.json")) ? ModelConfig.Read(Path.Combine(model, "config.json")) : PlannedModels.Find(model);

    static void PrintJson(TrainingPlan plan) => Terminal.PrintJson(new
    {
        plan.Name,
        GpuHours = plan.Hours,
        Usd = plan.Cost,
        plan.Days,
        plan.EnergyKwh,
        Totals = plan.Totals,
        Stages = plan.Stages.Select(stage => new
        {
            stage.Name,
            stage.Kind,
            Device = stage.Device.Name,
            stage.Devices,
            stage.Layout,
            GpuHours = stage.Hours,
            Usd = plan.CostOf(stage.Hours),
            stage.Days,
            stage.StepSeconds,
            stage.Utilisation,
            stage.MemoryBytes,
            stage.Fits,
            Published = stage.Published,
            stage.Deviation,
            stage.Memory,
            stage.Parts,
        }),
        Parts = plan.Stages.SelectMany(stage => stage.Parts.Select(part => new { Stage = stage.Name, part.Name, part.Value, part.Unit, part.Source })),
        Constants = Efficiencies.All,
        Device = plan.Stages[0].Device.Figures,
    });

    static void Print(TrainingPlan plan, bool explain)
    {
        foreach (StagePlan stage in plan.Stages)
        {
            Console.Out.WriteLine($"{plan.Name}, {stage.Name}: {stage.Devices} x {stage.Device.Title}; {stage.Layout}");
            Table time = Terminal.Table("part", ">device hours", ">share", explain ? "source" : "");
            foreach (Figure part in stage.Parts)
                time.Add(part.Name, Terminal.Invariant($"{part.Value:N1}"), Terminal.Invariant($"{part.Value / stage.Hours:0.0%}"), explain ? part.Source : "");
            time.Add("all", Terminal.Invariant($"{stage.Hours:N1}"), "", "");
            Terminal.Out.Write(time);
            Table memory = Terminal.Table("memory of a device", ">GB", explain ? "source" : "");
            foreach (Figure part in stage.Memory)
                memory.Add(part.Name, Terminal.Invariant($"{part.Value / 1e9:0.00}"), explain ? part.Source : "");
            memory.Add("all", Terminal.Invariant($"{stage.MemoryBytes / 1e9:0.00}"), Terminal.Invariant($"{(stage.Fits ? "fits into" : "does not fit into")} {stage.Device.MemoryBytes.Value / 1e9:0.#} GB"));
            Terminal.Out.Write(memory);
            if (stage.Published is { } published)
                Console.Out.WriteLine(Terminal.Invariant($"Published: {published.Value:N0} h, planned {stage.Deviation:+0.0%;-0.0%} ({published.Source})."));
            if (stage.StepSeconds > 0)
                Console.Out.WriteLine(Terminal.Invariant($"A step takes {stage.StepSeconds:G4} s; {stage.Utilisation:0.0%} of the BF16 peak by model FLOPs."));
        }
        foreach (Figure total in plan.Totals)
            Console.Out.WriteLine(explain ? total.ToString() : Terminal.Invariant($"{total.Name}: {total.Value:N1} {total.Unit}"));
        if (explain)
        {
            foreach (Figure figure in Efficiencies.All.Concat(plan.Stages[0].Device.Figures))
                Console.Out.WriteLine(figure);
        }
    }

    static Option<int> Count(string name, string description, int otherwise) =>
        new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise }.Within(1, 1 << 24);
}
