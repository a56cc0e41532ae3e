// `fathom plan memory`: does this model fit, for training or serving, in which formats.
using System.CommandLine;
using Fathom.Planning;
using Fathom.Planning.Hardware;
using Fathom.Planning.Training;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>plan memory</c>.</summary>
static class PlanMemoryVerb
{
    static readonly Argument<string?> s_model = new("MODEL") { Description = "A folder with config.json, or a name as for --preset.", Arity = ArgumentArity.ZeroOrOne };

    static readonly Option<string?> s_preset = new("--preset") { Description = $"A known model: {string.Join(", ", PlannedModels.All.Keys)}.", HelpName = "NAME" };

    static readonly Option<string> s_gpu = new("--gpu") { Description = $"Device: {string.Join(", ", HardwareCatalog.All.Select(device => device.Name))}, or here, this machine.", HelpName = "GPU", DefaultValueFactory = _ => ThisMachine.Name };

    static readonly Option<int> s_count = new Option<int>("--gpus") { Description = "Devices that share the model evenly.", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(1, 1 << 20);

    static readonly Option<long> s_tokens = new Option<long>("--tokens") { Description = "Tokens in the caches, and in a training pass.", HelpName = "N", DefaultValueFactory = _ => 4096 }.Within(1, 1L << 40);

    static readonly Option<bool> s_explain = new("--explain") { Description = "Say for every number where it comes from." };

    public static Verb Create() => new Verb(
        "memory", "Says in which formats a model fits, for serving and for training, part by part.",
        "plan memory --preset deepseek-v3 --gpu h800 --gpus 16",
        "plan memory my-model --tokens 32768 --explain")
    {
        s_model, s_preset, s_gpu, s_count, s_tokens, s_explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string? name = parsed.GetValue(s_model), preset = parsed.GetValue(s_preset);
        if ((name is null) == (preset is null))
            throw CommandException.Usage("what to hold is either a MODEL or a known one (--preset); give one of them.");
        string gpu = parsed.GetValue(s_gpu)!;
        int count = parsed.GetValue(s_count);
        // Memory alone is asked for: nothing is measured.
        Device device = gpu == ThisMachine.Name ? ThisMachine.Describe(new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes) : Device.Find(gpu);
        IReadOnlyList<MemoryPlan> plans = MemoryPlan.Of(preset is null ? PlanTrainVerb.ConfigOf(name!) : PlannedModels.Find(preset), device, count, parsed.GetValue(s_tokens));
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new { Model = preset ?? name, Device = device.Name, Devices = count, Plans = plans });
            return Endings.Fine;
        }
        Console.Out.WriteLine(Terminal.Invariant($"{preset ?? name} on {count} x {device.Title}, {plans[0].Room / 1e9:0.0} GB for it:"));
        Table table = Terminal.Table("use", "formats", ">GB", "fits", "parts, GB");
        foreach (MemoryPlan plan in plans)
            table.Add(plan.Use, plan.Format, Terminal.Invariant($"{plan.Total / 1e9:0.000}"), plan.Fits ? "yes" : "no", string.Join(", ", plan.Parts.Select(part => Terminal.Invariant($"{part.Name} {part.Value / 1e9:0.000}"))));
        Terminal.Out.Write(table);
        if (parsed.GetValue(s_explain))
        {
            foreach (MemoryPlan plan in plans)
            {
                foreach (Figure part in plan.Parts)
                    Console.Out.WriteLine($"{plan.Use}, {plan.Format}: {part}");
            }
        }
        return Endings.Fine;
    }
}
