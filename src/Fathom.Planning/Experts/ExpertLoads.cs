// How loaded the experts of a model are, and what they are to be placed on: the input of the placement, and its JSON form.

using System.Text.Json;

namespace Fathom.Planning.Experts;

/// <summary>Loads of experts and the machines to place them on.</summary>
/// <param name="Weight">For every layer the load of every expert, e.g. tokens routed to it: finite, at least 0; as many experts in every layer.</param>
/// <param name="Replicas">Places for experts in all, a multiple of the GPUs and at least as many as experts (<c>num_replicas</c>).</param>
/// <param name="Groups">Groups of experts that routing chooses among, a divisor of the experts (<c>num_groups</c>).</param>
/// <param name="Nodes">Machines with a fast network inside (<c>num_nodes</c>).</param>
/// <param name="Gpus">GPUs in all, a multiple of the nodes (<c>num_gpus</c>).</param>
public sealed record ExpertLoads(IReadOnlyList<float[]> Weight, int Replicas, int Groups, int Nodes, int Gpus)
{
    // Beyond any cluster; what is allocated is bounded by these and by the size of the file.
    const int MostReplicas = 1 << 20, MostCells = 1 << 24;

    /// <summary>Experts per layer.</summary>
    public int Experts => Weight[0].Length;

    /// <summary>Whether groups can be kept together on nodes: the hierarchical policy; else experts are placed without regard to groups and nodes.</summary>
    public bool IsHierarchical => Groups % Nodes == 0;

    /// <summary>Reads loads from JSON: <c>weight</c>, <c>num_replicas</c>, <c>num_groups</c>, <c>num_nodes</c>, <c>num_gpus</c>; other fields are allowed.</summary>
    /// <param name="json">The object.</param>
    /// <exception cref="ExpertPlacementException">A field is missing or not of its kind, or the numbers do not fit together.</exception>
    public static ExpertLoads Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
            throw new ExpertPlacementException($"an object with weight, num_replicas, num_groups, num_nodes and num_gpus is needed; here is a JSON {json.ValueKind.ToString().ToLowerInvariant()}.");
        if (!json.TryGetProperty("weight", out JsonElement layers) || layers.ValueKind != JsonValueKind.Array)
            throw new ExpertPlacementException($"'weight' is {(layers.ValueKind == JsonValueKind.Undefined ? "missing" : "a JSON " + layers.ValueKind.ToString().ToLowerInvariant())}; for every layer a list of the experts' loads is needed.");
        List<float[]> weight = [];
        foreach (JsonElement layer in layers.EnumerateArray())
        {
            if (layer.ValueKind != JsonValueKind.Array)
                throw new ExpertPlacementException($"weight[{weight.Count}] is no list; for every layer a list of the experts' loads is needed.");
            weight.Add([.. layer.EnumerateArray().Select((load, expert) => load.ValueKind == JsonValueKind.Number
                ? load.GetSingle()
                : throw new ExpertPlacementException($"weight[{weight.Count}][{expert}] is {load.GetRawText()}; a number is needed."))]);
        }
        int Number(string name) => json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? number
            : throw new ExpertPlacementException($"'{name}' is {(value.ValueKind == JsonValueKind.Undefined ? "missing" : value.GetRawText())}; a whole number is needed.");
        ExpertLoads loads = new(weight, Number("num_replicas"), Number("num_groups"), Number("num_nodes"), Number("num_gpus"));
        loads.Validate();
        return loads;
    }

    /// <summary>Refuses loads that cannot be placed.</summary>
    /// <exception cref="ExpertPlacementException">The numbers do not fit together; the message says which would.</exception>
    public void Validate()
    {
        if (Weight.Count == 0 || Weight[0].Length == 0)
            throw new ExpertPlacementException("there are no loads; at least one layer with one expert is needed.");
        for (int layer = 0; layer < Weight.Count; layer++)
        {
            if (Weight[layer].Length != Experts)
                throw new ExpertPlacementException($"weight[{layer}] has {Weight[layer].Length} experts, weight[0] has {Experts}; all layers need as many.");
            int bad = Array.FindIndex(Weight[layer], load => !(load >= 0 && float.IsFinite(load)));
            if (bad >= 0)
                throw new ExpertPlacementException(FormattableString.Invariant($"weight[{layer}][{bad}] is {Weight[layer][bad]}; finite loads of at least 0 are allowed."));
        }
        foreach ((string name, int value) in new[] { ("num_groups", Groups), ("num_nodes", Nodes), ("num_gpus", Gpus) })
        {
            if (value is < 1 or > MostReplicas)
                throw new ExpertPlacementException($"{name} is {value}; 1 to {MostReplicas} is allowed.");
        }
        if (Gpus % Nodes != 0)
            throw new ExpertPlacementException($"num_gpus is {Gpus}, no multiple of num_nodes {Nodes}; {Nearest(Gpus, Nodes)} would do.");
        if (Experts % Groups != 0)
            throw new ExpertPlacementException($"{Experts} experts do not divide into num_groups {Groups}; {string.Join(", ", Enumerable.Range(1, Experts).Where(count => Experts % count == 0))} would do.");
        if (Replicas < Experts || Replicas > MostReplicas || Replicas % Gpus != 0)
            throw new ExpertPlacementException($"num_replicas is {Replicas}; a multiple of num_gpus {Gpus} is needed, from {Nearest(Experts, Gpus)}, which gives each of the {Experts} experts a place, to {MostReplicas}.");
        if ((long)Replicas * Weight.Count > MostCells)
            throw new ExpertPlacementException($"{Weight.Count} layers with {Replicas} replicas are more than {MostCells} places.");
    }

    // The smallest multiple that is not less.
    static long Nearest(int least, int of) => ((long)least + of - 1) / of * of;
}

/// <summary>Loads that cannot be placed; the message says why and what could be.</summary>
public sealed class ExpertPlacementException(string message) : ArgumentException(message);
