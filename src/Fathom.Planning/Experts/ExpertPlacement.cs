// EPLB, the expert-parallel load balancer of DeepSeek-V3's serving (report section 3.4; deepseek-ai/EPLB): heavily loaded experts get replicas,
// and the replicas are packed onto GPUs so that all do about as much. Arithmetic is in float32, as in the published balancer, so that ties and
// near ties fall the same way.

namespace Fathom.Planning.Experts;

/// <summary>Where every replica of every expert goes.</summary>
/// <param name="Loads">What was placed.</param>
/// <param name="PhysicalToLogical">For every layer and place the expert there; place p is on GPU p / (places per GPU) (<c>phy2log</c>).</param>
/// <param name="LogicalToPhysical">For every layer and expert its places, filled up with -1 to the greatest number of any expert of any layer (<c>log2phy</c>).</param>
/// <param name="Counts">For every layer and expert the number of its places (<c>logcnt</c>).</param>
public sealed record ExpertPlacement(ExpertLoads Loads, int[][] PhysicalToLogical, int[][][] LogicalToPhysical, int[][] Counts)
{
    /// <summary>
    /// Places experts. The hierarchical policy keeps groups together: groups are packed onto nodes, experts replicated within a node, and replicas packed
    /// onto its GPUs. Where the nodes do not divide the groups all GPUs are treated as one node (the global policy).
    /// </summary>
    /// <param name="loads">Loads and machines.</param>
    /// <exception cref="ExpertPlacementException">The numbers do not fit together.</exception>
    public static ExpertPlacement Balance(ExpertLoads loads)
    {
        loads.Validate();
        (int groups, int nodes) = loads.IsHierarchical ? (loads.Groups, loads.Nodes) : (1, 1);
        var layers = loads.Weight.Select(weight => Layer(weight, groups, nodes, loads.Gpus / nodes, loads.Replicas / nodes)).ToArray();

        int[][] counts = new int[layers.Length][];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            counts[layer] = new int[loads.Experts];
            foreach ((int expert, _) in layers[layer])
                counts[layer][expert]++;
        }
        int most = counts.Max(layer => layer.Max());
        int[][][] places = new int[layers.Length][][];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            places[layer] = [.. Enumerable.Range(0, loads.Experts).Select(_ => { int[] none = new int[most]; Array.Fill(none, -1); return none; })];
            for (int place = 0; place < layers[layer].Length; place++)
                places[layer][layers[layer][place].Expert][layers[layer][place].Replica] = place;
        }
        return new ExpertPlacement(loads, [.. layers.Select(layer => layer.Select(place => place.Expert).ToArray())], places, counts);
    }

    /// <summary>Load of every GPU in a layer, where an expert's load is shared equally by its replicas.</summary>
    public double[] LoadsOfGpus(int layer)
    {
        double[] gpus = new double[Loads.Gpus];
        int perGpu = Loads.Replicas / Loads.Gpus;
        for (int place = 0; place < Loads.Replicas; place++)
        {
            int expert = PhysicalToLogical[layer][place];
            gpus[place / perGpu] += (double)Loads.Weight[layer][expert] / Counts[layer][expert];
        }
        return gpus;
    }

    /// <summary>
    /// Load of every GPU in a layer without replicas: the experts in their order, as many on each GPU, or one less where they do not divide.
    /// </summary>
    public double[] LoadsOfGpusBefore(int layer)
    {
        double[] gpus = new double[Loads.Gpus];
        for (int expert = 0; expert < Loads.Experts; expert++)
            gpus[(int)((long)expert * Loads.Gpus / Loads.Experts)] += Loads.Weight[layer][expert];
        return gpus;
    }

    /// <summary>hierarchical, where groups stay on nodes, or global.</summary>
    public string Policy => Loads.IsHierarchical ? "hierarchical" : "global";

    /// <summary>Load of the fullest GPU over the mean; 1 where there is no load at all, for nothing is uneven.</summary>
    public static double Imbalance(double[] loads) => loads.Max() > 0 ? loads.Max() / loads.Average() : 1;

    /// <summary>What was placed and what came of it, with sources.</summary>
    /// <param name="origin">Where the loads are from.</param>
    public IEnumerable<Figure> Figures(string origin)
    {
        const string Balancer = "EPLB (deepseek-ai/EPLB; DeepSeek-V3 report, arXiv 2412.19437, section 3.4)";
        yield return new("layers", Loads.Weight.Count, "", $"weight in {origin}");
        yield return new("experts per layer", Loads.Experts, "", $"weight in {origin}");
        yield return new("places per layer", Loads.Replicas, "", $"num_replicas in {origin}");
        yield return new("groups", Loads.Groups, "", $"num_groups in {origin}");
        yield return new("nodes", Loads.Nodes, "", $"num_nodes in {origin}");
        yield return new("GPUs", Loads.Gpus, "", $"num_gpus in {origin}");
        for (int layer = 0; layer < Loads.Weight.Count; layer++)
        {
            yield return new($"layer {layer}: fullest GPU over the mean, before", Imbalance(LoadsOfGpusBefore(layer)), "", "each expert once, in order");
            yield return new($"layer {layer}: fullest GPU over the mean, after", Imbalance(LoadsOfGpus(layer)), "", $"placed by {Balancer}, {Policy} policy; an expert's load shared equally by its replicas");
            yield return new($"layer {layer}: most replicas of an expert", Counts[layer].Max(), "", $"replicas by {Balancer}");
        }
    }

    // One layer: for every place the expert and which of its replicas it is.
    static (int Expert, int Replica)[] Layer(float[] weight, int groups, int nodes, int gpusPerNode, int placesPerNode)
    {
        int groupSize = weight.Length / groups, expertsPerNode = weight.Length / nodes, placesPerGpu = placesPerNode / gpusPerNode;
        float[] groupWeight = new float[groups];
        for (int expert = 0; expert < weight.Length; expert++)
            groupWeight[expert / groupSize] += weight[expert];

        var places = new (int, int)[placesPerNode * nodes];
        int[][] groupsOfNodes = Pack(groupWeight, nodes);
        for (int node = 0; node < nodes; node++)
        {
            int[] experts = [.. groupsOfNodes[node].SelectMany(group => Enumerable.Range(group * groupSize, groupSize))];
            (int Expert, int Replica)[] replicas = Replicate([.. experts.Select(expert => weight[expert])], placesPerNode, out int[] counts);
            float[] replicaWeight = [.. replicas.Select(replica => weight[experts[replica.Expert]] / counts[replica.Expert])];
            int[][] replicasOfGpus = Pack(replicaWeight, gpusPerNode);
            for (int gpu = 0; gpu < gpusPerNode; gpu++)
            {
                for (int i = 0; i < placesPerGpu; i++)
                {
                    (int expert, int replica) = replicas[replicasOfGpus[gpu][i]];
                    places[node * placesPerNode + gpu * placesPerGpu + i] = (experts[expert], replica);
                }
            }
        }
        return places;
    }

    // Items into packs of equal size: the heaviest first, each to the lightest pack that has room, the first of equals. One item per pack stays where it is.
    static int[][] Pack(float[] weight, int packs)
    {
        int size = weight.Length / packs;
        if (size == 1)
            return [.. Enumerable.Range(0, packs).Select(item => new[] { item })];
        List<int>[] packed = [.. Enumerable.Range(0, packs).Select(_ => new List<int>(size))];
        float[] filled = new float[packs];
        foreach (int item in Enumerable.Range(0, weight.Length).OrderByDescending(item => weight[item]))
        {
            int lightest = -1;
            for (int pack = 0; pack < packs; pack++)
            {
                if (packed[pack].Count < size && (lightest < 0 || filled[pack] < filled[lightest]))
                    lightest = pack;
            }
            packed[lightest].Add(item);
            filled[lightest] += weight[item];
        }
        return [.. packed.Select(pack => pack.ToArray())];
    }

    // One place per expert; every further place to the expert whose replicas carry most, the first of equals.
    static (int Expert, int Replica)[] Replicate(float[] weight, int places, out int[] counts)
    {
        int[] count = new int[weight.Length];
        var replicas = new (int, int)[places];
        // Heaviest first, then by index; an expert's key changes only when it gets a replica.
        PriorityQueue<int, (float, int)> heaviest = new();
        for (int expert = 0; expert < weight.Length; expert++)
        {
            replicas[expert] = (expert, 0);
            count[expert] = 1;
            heaviest.Enqueue(expert, (-weight[expert], expert));
        }
        for (int place = weight.Length; place < places; place++)
        {
            int expert = heaviest.Dequeue();
            replicas[place] = (expert, count[expert]++);
            heaviest.Enqueue(expert, (-(weight[expert] / count[expert]), expert));
        }
        counts = count;
        return replicas;
    }
}
