// `fathom plan memory`: does this model fit, for training or serving, in which formats.
using System.CommandLine;
using Fathom.Cli.Measurements;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Planning;
using Fathom.Planning.Hardware;
using Fathom.Planning.Here;
using Fathom.Planning.Training;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>plan memory</c>.</summary>
static class PlanMemoryVerb
{
    static readonly Argument<string?> s_model = new("MODEL") { Description = "A folder with config.json, or a name as for --preset.", Arity = ArgumentArity.ZeroOrOne };

    static readonly Option<string?> s_preset = new("--preset") { Description = $"A known model: {string.Join(", ", PlannedModels.All.Keys)}.", HelpName = "NAME" };

    static readonly Option<string> s_gpu = new("--gpu", "--cluster", "--device") { Description = $"Device: {string.Join(", ", HardwareCatalog.All.Select(device => device.Name))}, or here, this machine.", HelpName = "GPU", DefaultValueFactory = _ => ThisMachine.Name };

    static readonly Option<int> s_count = new Option<int>("--gpus") { Description = "Devices that share the model evenly.", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(1, 1 << 20);

    static readonly Option<long> s_tokens = new Option<long>("--tokens") { Description = "Tokens in the caches, and in a training pass.", HelpName = "N", DefaultValueFactory = _ => 4096 }.Within(1, 1L << 40);

    // From the largest to the smallest that are asked for most.
    static readonly string[] s_formats = ["f32", "bf16", "q8_0", "q4_k_m"];

    public static Verb Create() => new Verb(
        "memory", "Says in which formats a model fits, for serving and for training, part by part.",
        "plan memory --preset deepseek-v3 --gpu h800 --gpus 16",
        "plan memory my-model --tokens 32768 --explain")
    {
        s_model, s_preset, s_gpu, s_count, s_tokens, PlanFlags.Explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string? name = parsed.GetValue(s_model), preset = parsed.GetValue(s_preset);
        if ((name is null) == (preset is null))
            throw CommandException.Usage("what to hold is either a MODEL or a known one (--preset); give one of them.");
        string gpu = parsed.GetValue(s_gpu)!, title = preset ?? name!;
        int count = parsed.GetValue(s_count);
        long tokens = parsed.GetValue(s_tokens);
        ModelConfig config = preset is null ? PlanTrainVerb.ConfigOf(name!) : PlannedModels.Find(preset);
        bool here = gpu == ThisMachine.Name;
        if (here && count > 1)
            throw CommandException.Usage($"--gpus is {count}; this machine is one, so only 1 is allowed with --gpu {ThisMachine.Name}.");
        string device = here ? "this machine" : Device.Find(gpu).Title;
        IReadOnlyList<MemoryPlan> plans = here ? Here(config, tokens) : MemoryPlan.Of(config, Device.Find(gpu), count, tokens);
        string what = here
            ? "Peaks of the resident set of `bench train`, `generate` and `bench`, as they and the system (VmHWM) report it."
            : "Estimates for any framework on such a device; --gpu here counts what Fathom itself holds on this machine.";
        bool explain = parsed.GetValue(PlanFlags.Explain);
        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new { Model = title, Device = here ? ThisMachine.Name : gpu, Devices = count, Tokens = tokens, Meaning = what, Plans = plans, Explain = explain ? Explained(plans) : null });
            return Endings.Fine;
        }
        Console.Out.WriteLine(Terminal.Invariant($"{title} on {count} x {device}, {plans[0].Room / 1e9:0.0} GB for it, {tokens} tokens:"));
        (string unit, double bytes) = PlanFlags.MemoryUnit(plans.Max(plan => plan.Total));
        string Amount(double value) => Terminal.Invariant($"{value / bytes:0.00}");
        Table table = Terminal.Table("use", "formats", ">" + unit, "fits", "parts, " + unit);
        foreach (MemoryPlan plan in plans)
            table.Add(plan.Use, plan.Format, Amount(plan.Total), plan.Fits ? "yes" : "no", string.Join(", ", plan.Parts.Where(part => part.Value > 0).Select(part => $"{part.Name} {Amount(part.Value)}")));
        Terminal.Write(table);
        Console.Out.WriteLine(what);
        if (explain)
            PlanFlags.Print(Explained(plans));
        return Endings.Fine;
    }

    static IEnumerable<Figure> Explained(IEnumerable<MemoryPlan> plans) =>
        from plan in plans
        from figure in plan.Parts.Append(new("all", plan.Total, "bytes", "the sum of the parts")).Append(new("room", plan.Room, "bytes", "memory of the devices that is usable"))
        select figure with { Name = $"{plan.Use}, {plan.Format}: {figure.Name}" };

    // As Fathom trains and runs the model on this machine.
    static List<MemoryPlan> Here(ModelConfig config, long tokens)
    {
        double room = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        Figure running = RuntimeMemory.OfRunning(config), training = RuntimeMemory.OfTraining(config), generating = RuntimeMemory.OfGenerating(config);
        List<MemoryPlan> plans = [];
        foreach ((string use, bool bench) in new[] { ("generate", false), ("bench", true) })
        {
            foreach (GgufTarget target in s_formats.Select(format => GgufTarget.Find(format)!))
            {
                foreach (ElementType cache in new[] { ElementType.F32, ElementType.BF16 })
                    plans.Add(new(use, $"weights {target.Name}, cache {cache.ToString().ToLowerInvariant()}", HereMemory.OfRunning(config, target, cache, tokens, bench, bench ? running : generating), room));
            }
        }
        int pass = (int)Math.Min(tokens, HereTraining.PassTokens);
        plans.Add(new("train", $"fp32, AdamW, passes of {pass} tokens", HereMemory.OfTraining(config, new TrainingPass(config, 1, pass), training), room));
        return plans;
    }
}
