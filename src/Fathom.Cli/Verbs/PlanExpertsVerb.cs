// `fathom plan experts`: where the experts of a mixture go, so that all GPUs do about as much.
using System.CommandLine;
using System.Text.Json;
using Fathom.Planning;
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
        s_file, PlanFlags.Explain, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string file = parsed.GetValue(s_file)!;
        ExpertPlacement placement = ExpertPlacement.Balance(Read(file));
        bool explain = parsed.GetValue(PlanFlags.Explain);
        if (parsed.GetValue(CommonOptions.Json))
            PrintJson(placement, explain ? placement.Figures(file) : null);
        else
            PrintTables(placement);
        if (explain && !parsed.GetValue(CommonOptions.Json))
            PlanFlags.Print(placement.Figures(file));
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
    static void PrintJson(ExpertPlacement placement, IEnumerable<Figure>? explained)
    {
        Dictionary<string, object> json = new()
        {
            ["policy"] = placement.Policy,
            ["phy2log"] = placement.PhysicalToLogical,
            ["log2phy"] = placement.LogicalToPhysical,
            ["logcnt"] = placement.Counts,
            ["loadsOfGpus"] = Layers(placement).Select(placement.LoadsOfGpus),
            ["loadsOfGpusBefore"] = Layers(placement).Select(placement.LoadsOfGpusBefore),
        };
        if (explained is not null)
            json["explain"] = explained;
        Console.Out.WriteLine(JsonSerializer.Serialize(json, s_oneLine));
    }

    static readonly JsonSerializerOptions s_oneLine = new(Terminal.Json) { WriteIndented = false };

    // A person reads no more rows; of larger placements every layer has one line.
    const int MostRows = 2000;

    static void PrintTables(ExpertPlacement placement)
    {
        bool whole = (long)placement.Loads.Weight.Count * placement.Loads.Gpus <= MostRows;
        foreach (int layer in Layers(placement))
        {
            double[] before = placement.LoadsOfGpusBefore(layer), after = placement.LoadsOfGpus(layer);
            string summary = Terminal.Invariant($"fullest GPU over the mean {ExpertPlacement.Imbalance(before):0.000} before, {ExpertPlacement.Imbalance(after):0.000} after; most replicas of an expert: {placement.Counts[layer].Max()}.");
            if (whole)
                Print(placement, layer, before, after);
            Console.Out.WriteLine($"Layer {layer}: {summary}");
        }
        Console.Out.WriteLine($"{placement.Loads.Experts} experts in {placement.Loads.Replicas} places, {placement.Policy} policy. Before: each expert once, in order.");
    }

    static void Print(ExpertPlacement placement, int layer, double[] before, double[] after)
    {
        Table table = Terminal.Table(">GPU", ">load before", ">after", "experts");
        int perGpu = placement.Loads.Replicas / placement.Loads.Gpus;
        for (int gpu = 0; gpu < placement.Loads.Gpus; gpu++)
        {
            IEnumerable<int> experts = placement.PhysicalToLogical[layer].Skip(gpu * perGpu).Take(perGpu);
            table.Add($"{gpu}", BenchVerb.Number(before[gpu]), BenchVerb.Number(after[gpu]), string.Join(' ', experts));
        }
        Terminal.Write(table);
    }

    static IEnumerable<int> Layers(ExpertPlacement placement) => Enumerable.Range(0, placement.Loads.Weight.Count);
}
