// `fathom plan train`: what a training would take: memory and time part by part, hours, days, energy, money.
using System.CommandLine;
using Fathom.Cli.Measurements;
using Fathom.Models.Configs;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Threading;
using Fathom.Planning;
using Fathom.Planning.Costs;
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

    // Where nobody says how many.
    const long ClusterTokens = 1_000_000_000_000;

    static readonly Option<long?> s_tokens = PlanFlags.Tokens("--tokens", $"Tokens to train on. Default: {ClusterTokens / 1_000_000_000_000}T; on this machine {HereTraining.TokensPerParameter} for each parameter.");

    static readonly Option<int> s_length = Count("--length", "Tokens per sequence.", 4096);

    static readonly Option<int> s_batch = Count("--batch", "Sequences per step.", 8192);

    static readonly Option<string> s_cluster = new("--cluster", "--gpu", "--device") { Description = $"Devices: {string.Join(", ", HardwareCatalog.All.Select(device => device.Name))}, or here, this machine as it is measured now.", HelpName = "GPU", DefaultValueFactory = _ => "h800" };

    static readonly Option<int> s_devices = Count("--gpus", "How many devices.", 2048);

    static readonly Option<int> s_pipeline = Count("--pipeline", "Pipeline stages, in devices.", 1);

    static readonly Option<int> s_tensor = Count("--tensor", "Devices that share every matrix.", 1);

    static readonly Option<int> s_context = Count("--context-parallel", "Devices that share every sequence; keys and values go round in a ring.", 1);

    static readonly Option<int> s_expert = Count("--expert", "Devices that share the experts of a layer.", 1);

    static readonly Option<int> s_zero = new Option<int>("--zero") { Description = "What data-parallel ranks share: 1 optimizer states, 2 gradients too, 3 weights too.", HelpName = "STAGE", DefaultValueFactory = _ => 1 }.Within(0, 3);

    static readonly Option<int> s_microBatch = Count("--micro-batch", "Sequences of a micro-batch.", 1);

    static readonly Option<string> s_schedule = new("--schedule") { Description = $"Pipeline schedule: {string.Join(", ", ScheduleCatalog.All.Select(kind => kind.Name))}.", HelpName = "NAME", DefaultValueFactory = _ => "1f1b" };

    static readonly Option<int> s_stages = Count("--stages-per-rank", "Stages per rank of the interleaved schedule.", 2);

    static readonly Option<Precision> s_precision = PlanFlags.OneOf("--precision", "What matrices are multiplied in", Precision.Bf16);

    static readonly Option<Recomputation> s_recompute = PlanFlags.OneOf("--recompute", "What the backward pass computes again", Recomputation.Selective);

    static readonly Option<bool> s_search = new("--search") { Description = "Find the fastest layout that fits; the layout's options are not looked at." };

    static readonly Option<decimal?> s_rent = PlanFlags.Money("--rent", "Price of a device hour in USD, instead of the catalogue's.");

    static readonly Option<double?> s_pue = new Option<double?>("--pue") { Description = $"Power of the data centre over that of its devices. Default: {Terminal.Invariant($"{Efficiencies.PowerUsage.Value}")}, an assumption.", HelpName = "N" }.Within(1, 10);

    static readonly Option<double?> s_imbalance = new Option<double?>("--imbalance") { Description = "Routed tokens of the fullest device over those of the mean one. Default: as published for the model's kind of balancing.", HelpName = "N" }.Within(1, 1000);

    static readonly Option<decimal?> s_failed = PlanFlags.Money("--failed-runs", "Runs that failed, in USD; 0 where there were none.");

    static readonly Option<decimal?> s_ablations = PlanFlags.Money("--ablations", "Small runs that chose the recipe, in USD.");

    static readonly Option<decimal?> s_people = PlanFlags.Money("--people", "People, in USD.");

    static readonly Option<decimal?> s_data = PlanFlags.Money("--data", "Licences, labels, generated data, in USD.");

    // How devices share the work.
    static readonly Option[] s_cut = [s_devices, s_pipeline, s_tensor, s_context, s_expert, s_zero, s_microBatch, s_schedule, s_stages, s_precision, s_recompute, s_imbalance];

    public static Verb Create() => new Verb(
        "train", "Plans a training: memory of a device and time, part by part; device hours, days, energy and money. Nothing is run.",
        "plan train --preset deepseek-v3",
        "plan train --preset r1-zero --explain",
        "plan train deepseek-v3 --tokens 14.8T --batch 15360 --precision fp8 --gpus 2048 --search",
        "plan train deepseek-67b --tokens 2T --cluster h100 --gpus 512 --batch 4608 --pipeline 8 --tensor 2 --json")
    {
        s_model, s_preset, s_tokens, s_length, s_batch, s_cluster, s_devices, s_pipeline, s_tensor, s_context, s_expert, s_zero, s_microBatch, s_schedule, s_stages, s_precision,
        s_recompute, s_imbalance, s_search, s_rent, s_pue, s_failed, s_ablations, s_people, s_data, PlanFlags.Explain, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        TrainingPlan plan = Planned(parsed);
        if (parsed.GetValue(s_rent) is { } rent)
            plan = plan with { Rent = new("given", "now", rent, "USD", "--rent") };
        if (parsed.GetValue(s_pue) is { } pue)
            plan = plan with { PowerUsage = plan.PowerUsage with { Value = pue, Source = "--pue" } };
        plan = plan with { Beside = CostLine.BesideTheRun(parsed.GetValue(s_failed), parsed.GetValue(s_ablations), parsed.GetValue(s_people), parsed.GetValue(s_data)) };
        bool explain = parsed.GetValue(PlanFlags.Explain);
        if (parsed.GetValue(CommonOptions.Json))
            PrintJson(plan, explain);
        else
            Print(plan, explain);
        return Endings.Fine;
    }

    static TrainingPlan Planned(ParseResult parsed)
    {
        string? name = parsed.GetValue(s_model), preset = parsed.GetValue(s_preset);
        bool search = parsed.GetValue(s_search);
        if ((name is null) == (preset is null))
            throw CommandException.Usage("what to plan is either a MODEL or a published training (--preset); give one of them.");
        if (preset is not null && !Presets.All.ContainsKey(preset) || preset is "deepseek-v3" or "deepseek-v2")
        {
            if (Given(parsed, [s_tokens, s_length, s_batch, s_cluster, .. s_cut]) is { } other)
                throw CommandException.Usage($"--preset {preset} has its own {other.Name}; leave one of them out, or give a MODEL with {other.Name}.");
            return search ? Searched(preset, TrainingPresets.PreTraining(preset)) : TrainingPresets.Plan(preset);
        }
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
            "pre-training", new(ConfigOf(preset ?? name!)), parsed.GetValue(s_tokens) ?? ClusterTokens, parsed.GetValue(s_length), parsed.GetValue(s_batch), device,
            parsed.GetValue(s_devices), layout, parsed.GetValue(s_precision));
        if (parsed.GetValue(s_imbalance) is { } imbalance)
            run = run with { Imbalance = run.Imbalance with { Value = imbalance, Source = "--imbalance" } };
        string title = preset ?? name!;
        if (search)
            return Searched(title, run);
        return new(title, [StagePlan.Of(run).Fitting()], device.Rents[0]);
    }

    // As `bench train` does it unless said otherwise: 16 sequences of 256 tokens.
    static TrainingPlan Here(ParseResult parsed, string title)
    {
        if (Given(parsed, [s_search, .. s_cut]) is { } other)
            throw CommandException.Usage($"{other.Name} is for clusters; --cluster {ThisMachine.Name} is one machine that trains as Fathom does: leave it out.");
        int Or(Option<int> option, int otherwise) => parsed.GetResult(option) is { Implicit: true } ? otherwise : parsed.GetValue(option);
        int threads = ThreadTeam.Shared.ThreadCount;
        ModelConfig config = ConfigOf(title);
        Figure runtime = RuntimeMemory.OfTraining(config);
        Device device = ThisMachine.Describe(MachineLimits.Measure(threads), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        StagePlan stage = HereTraining.Plan(title, config, parsed.GetValue(s_tokens), Or(s_batch, 16), Or(s_length, 256), device, threads, runtime);
        return new(title, [stage], device.Rents[0]);
    }

    static Option? Given(ParseResult parsed, Option[] options) => options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });

    static TrainingPlan Searched(string title, TrainingRun run)
    {
        var found = LayoutSearch.Best(run);
        return new(title, [found.Plan with { Layout = $"{found.Plan.Layout} (the fastest of {found.Fitting} layouts that fit, of {found.Tried} that divide)" }], run.Device.Rents[0]);
    }

    /// <summary>The configuration of a model's folder, or of a known model.</summary>
    internal static ModelConfig ConfigOf(string model) => File.Exists(Path.Combine(model, "config.json")) ? ModelConfig.Read(Path.Combine(model, "config.json"))
        : Directory.Exists(model) || model.Contains('/') ? throw CommandException.Usage($"'{model}' is no folder with a config.json.") : PlannedModels.Find(model);

    // Every number that is printed, and what went into it.
    static IEnumerable<Figure> Explained(TrainingPlan plan)
    {
        foreach (StagePlan stage in plan.Stages)
        {
            foreach (Figure figure in stage.Figures)
                yield return figure with { Name = $"{stage.Name}: {figure.Name}" };
        }
        foreach (Figure figure in plan.Totals.Append(plan.PowerUsage).Concat(Efficiencies.All.Where(constant => constant.Name != plan.PowerUsage.Name)).Concat(plan.Stages[0].Device.Figures))
            yield return figure;
    }

    static void PrintJson(TrainingPlan plan, bool explain) => Terminal.PrintJson(new
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
            stage.Inputs,
            stage.Memory,
            stage.Parts,
        }),
        plan.Beside,
        plan.TotalCost,
        Parts = plan.Stages.SelectMany(stage => stage.Parts.Select(part => new { Stage = stage.Name, part.Name, part.Value, part.Unit, part.Source })),
        Constants = Efficiencies.All,
        Device = plan.Stages[0].Device.Figures,
        Explain = explain ? Explained(plan) : null,
    });

    static void Print(TrainingPlan plan, bool explain)
    {
        foreach (StagePlan stage in plan.Stages)
        {
            string data = stage.Inputs.FirstOrDefault(input => input.Name == "tokens") is { } tokens ? $" on {Terminal.Scaled(tokens.Value)} tokens" : "";
            Console.Out.WriteLine($"{plan.Name}, {stage.Name}{data}: {stage.Devices} x {stage.Device.Title}; {stage.Layout}");
            Table time = Terminal.Table("part", ">device hours", ">share");
            foreach (Figure part in stage.Parts)
                time.Add(part.Name, Hours(part.Value), Terminal.Invariant($"{part.Value / stage.Hours:0.0%}"));
            time.Add("all", Hours(stage.Hours), "");
            Terminal.Write(time);
            (string unit, double bytes) = PlanFlags.MemoryUnit(stage.MemoryBytes);
            Table memory = Terminal.Table("memory of a device", ">" + unit, "");
            foreach (Figure part in stage.Memory)
                memory.Add(part.Name, Terminal.Invariant($"{part.Value / bytes:0.00}"), "");
            memory.Add("all", Terminal.Invariant($"{stage.MemoryBytes / bytes:0.00}"), Terminal.Invariant($"{(stage.Fits ? "fits into" : "does not fit into")} {stage.Device.MemoryBytes.Value / 1e9:0.#} GB"));
            Terminal.Write(memory);
            if (stage.Published is { } published)
                Console.Out.WriteLine(Terminal.Invariant($"Published: {published.Value:N0} h, planned {stage.Deviation:+0.0%;-0.0%} ({published.Source})."));
            if (stage.StepSeconds > 0)
                Console.Out.WriteLine(Terminal.Invariant($"A step takes {stage.StepSeconds:G4} s; {stage.Utilisation:0.0%} of the BF16 peak by model FLOPs."));
        }
        foreach (Figure total in plan.Totals)
            Console.Out.WriteLine($"{total.Name}: {(total.Unit == "USD" ? Terminal.Invariant($"{total.Value:N2}") : Hours(total.Value))} {total.Unit}");
        if (CostLine.MissingOf(plan.Beside) is { Count: > 0 } missing)
            Console.Out.WriteLine($"Not stated, so the total is a lower bound: {string.Join(", ", missing)}. Give 0 where there was none.");
        if (explain)
            PlanFlags.Print(Explained(plan));
    }

    // A small model trains for minutes, a large one for millions of hours.
    static string Hours(double value) => value < 100 ? Terminal.Invariant($"{value:0.####}") : Terminal.Invariant($"{value:N1}");

    static Option<int> Count(string name, string description, int otherwise) =>
        new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => otherwise }.Within(1, 1 << 24);
}
