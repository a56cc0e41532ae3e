// `fathom plan experts`: where the experts of a mixture go, so that all GPUs do about as much.
using System.CommandLine;
using System.Text.Json;
using Fathom.Planning.Experts;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>plan experts</c>.</summary>
static class PlanExpertsVerb
{
    static readonly Argument<string> s_file = new("FILE")
    {
        Description = """JSON: {"weight": [[load of every expert] for every layer], "num_replicas": ..., "num_groups": ..., "num_nodes": ..., "num_gpus": ...}; other fields are allowed.""",
    };

    public static Verb Create() => new Verb(
        "experts", "Places experts on GPUs by their measured loads as DeepSeek's EPLB does: loaded experts get replicas, and replicas are packed so that all GPUs do about as much. Where the nodes divide the groups, a group stays on one node.",
        "plan experts loads.json",
        "plan experts loads.json --json")
    {
        s_file, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        ExpertPlacement placement = ExpertPlacement.Balance(Read(parsed.GetValue(s_file)!));
        if (parsed.GetValue(CommonOptions.Json))
            PrintJson(placement);
        else
            PrintTables(placement);
        return Endings.Fine;
    }

    static ExpertLoads Read(string file)
    {
        if (!File.Exists(file))
            throw CommandException.Usage($"there is no file '{file}'.");
        try
        {
            using FileStream stream = File.OpenRead(file);
            using JsonDocument json = JsonDocument.Parse(stream);
            return ExpertLoads.Read(json.RootElement);
        }
        catch (JsonException error)
        {
            throw CommandException.Failure($"{file} is not JSON: {error.Message}");
        }
        catch (ExpertPlacementException error)
        {
            throw CommandException.Failure($"{file}: {error.Message}");
        }
    }

    // The names of the balancer's own results, on one line each: they are long.
    static void PrintJson(ExpertPlacement placement) => Console.Out.WriteLine(JsonSerializer.Serialize(
        new Dictionary<string, object>
        {
            ["policy"] = Policy(placement),
            ["phy2log"] = placement.PhysicalToLogical,
            ["log2phy"] = placement.LogicalToPhysical,
            ["logcnt"] = placement.Counts,
            ["loadsOfGpus"] = Layers(placement).Select(placement.LoadsOfGpus),
            ["loadsOfGpusBefore"] = Layers(placement).Select(placement.LoadsOfGpusBefore),
        }));

    static void PrintTables(ExpertPlacement placement)
    {
        foreach (int layer in Layers(placement))
        {
            double[] before = placement.LoadsOfGpusBefore(layer), after = placement.LoadsOfGpus(layer);
            Table table = Terminal.Table(">GPU", ">load before", ">after", "experts");
            int perGpu = placement.Loads.Replicas / placement.Loads.Gpus;
            for (int gpu = 0; gpu < placement.Loads.Gpus; gpu++)
            {
                IEnumerable<int> experts = placement.PhysicalToLogical[layer].Skip(gpu * perGpu).Take(perGpu);
                table.Add($"{gpu}", BenchVerb.Number(before[gpu]), BenchVerb.Number(after[gpu]), string.Join(' ', experts));
            }
            Console.Out.WriteLine($"Layer {layer}");
            Terminal.Out.Write(table);
            Console.Out.WriteLine(Terminal.Invariant($"Fullest GPU over the mean: {Imbalance(before):0.000} before, {Imbalance(after):0.000} after; most replicas of an expert: {placement.Counts[layer].Max()}."));
            Console.Out.WriteLine();
        }
        Console.Out.WriteLine($"{placement.Loads.Experts} experts in {placement.Loads.Replicas} places, {Policy(placement)} policy. Before: each expert once, in order.");
    }

    static IEnumerable<int> Layers(ExpertPlacement placement) => Enumerable.Range(0, placement.Loads.Weight.Count);

    static string Policy(ExpertPlacement placement) => placement.Loads.IsHierarchical ? "hierarchical" : "global";

    // 1 where there is no load at all: nothing is uneven.
    static double Imbalance(double[] loads) => loads.Max() > 0 ? loads.Max() / loads.Average() : 1;
}
