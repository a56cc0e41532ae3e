// Placements against those of deepseek-ai/EPLB, against a naive balancer, and against what every placement must keep.

using System.Text.Json;
using Fathom.Planning.Experts;
using Fathom.Testing;

namespace Fathom.Planning.Tests.Experts;

public class ExpertPlacementTests
{
    [SharedDataFact]
    public void Balance_ReferenceCases_AreEqual()
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "eplb", "eplb.json")));
        JsonElement[] cases = [file.RootElement.GetProperty("documented"), .. file.RootElement.GetProperty("random").EnumerateArray()];
        Assert.Equal(6, cases.Length);
        foreach (JsonElement @case in cases)
        {
            ExpertPlacement placement = ExpertPlacement.Balance(ExpertLoads.Read(@case));
            Assert.Equal(@case.GetProperty("phy2log").Deserialize<int[][]>(), placement.PhysicalToLogical);
            Assert.Equal(@case.GetProperty("log2phy").Deserialize<int[][][]>(), placement.LogicalToPhysical);
            Assert.Equal(@case.GetProperty("logcnt").Deserialize<int[][]>(), placement.Counts);
        }
    }

    public static TheoryData<int, int, int, int, int> Shapes => new()
    {
        // experts, replicas, groups, nodes, GPUs
        { 12, 16, 4, 2, 8 }, { 16, 16, 4, 4, 4 }, { 64, 96, 8, 2, 16 }, { 24, 32, 3, 2, 8 }, { 30, 40, 5, 2, 4 }, { 256, 288, 8, 4, 32 }, { 7, 21, 7, 1, 3 }, { 4, 64, 2, 2, 4 }, { 1, 4, 1, 1, 2 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Balance_RandomLoads_EqualsTheNaiveBalancer(int experts, int replicas, int groups, int nodes, int gpus)
    {
        Random random = new(experts * 31 + replicas);
        for (int round = 0; round < (experts > 100 ? 2 : 20); round++)
        {
            // Few distinct loads, so that ties are the rule, or many.
            int distinct = round % 2 == 0 ? 4 : 5000;
            ExpertLoads loads = new([.. Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, experts).Select(_ => (float)random.Next(distinct)).ToArray())], replicas, groups, nodes, gpus);
            ExpertPlacement placement = ExpertPlacement.Balance(loads);
            for (int layer = 0; layer < 3; layer++)
            {
                Assert.Equal(Naive(loads.Weight[layer], replicas, groups, nodes, gpus), placement.PhysicalToLogical[layer]);
                CheckLayer(placement, layer);
            }
        }
    }

    // The rules, word by word, without any care for speed.
    static int[] Naive(float[] load, int replicas, int groups, int nodes, int gpus)
    {
        if (groups % nodes != 0)
            groups = nodes = 1;
        int size = load.Length / groups;
        List<int> result = [];
        foreach (List<int> node in Packed([.. Enumerable.Range(0, groups).Select(group => load.Skip(group * size).Take(size).Sum())], nodes))
        {
            List<int> experts = [.. node.SelectMany(group => Enumerable.Range(group * size, size))];
            List<int> copies = [.. experts];
            while (copies.Count < replicas / nodes)
            {
                float heaviest = experts.Max(expert => load[expert] / copies.Count(copy => copy == expert));
                copies.Add(experts.First(expert => load[expert] / copies.Count(copy => copy == expert) == heaviest));
            }
            float[] shares = [.. copies.Select(expert => load[expert] / copies.Count(copy => copy == expert))];
            foreach (List<int> gpu in Packed(shares, gpus / nodes))
                result.AddRange(gpu.Select(copy => copies[copy]));
        }
        return [.. result];
    }

    static List<int>[] Packed(float[] weight, int packs)
    {
        List<int>[] result = [.. Enumerable.Range(0, packs).Select(_ => new List<int>())];
        int size = weight.Length / packs;
        if (size == 1)
        {
            for (int i = 0; i < packs; i++)
                result[i].Add(i);
            return result;
        }
        List<int> left = [.. Enumerable.Range(0, weight.Length)];
        while (left.Count > 0)
        {
            int item = left.First(candidate => weight[candidate] == left.Max(other => weight[other]));
            left.Remove(item);
            // The order of summation is that of packing, as float32 demands.
            result.Where(pack => pack.Count < size).MinBy(pack => pack.Aggregate(0f, (sum, at) => sum + weight[at]))!.Add(item);
        }
        return result;
    }

    static void CheckLayer(ExpertPlacement placement, int layer)
    {
        ExpertLoads loads = placement.Loads;
        Assert.Equal(loads.Replicas, placement.Counts[layer].Sum());
        for (int expert = 0; expert < loads.Experts; expert++)
        {
            int[] places = [.. placement.LogicalToPhysical[layer][expert].TakeWhile(place => place >= 0)];
            Assert.All(placement.LogicalToPhysical[layer][expert].Skip(places.Length), place => Assert.Equal(-1, place));
            Assert.InRange(places.Length, 1, int.MaxValue);
            Assert.Equal(places.Length, placement.Counts[layer][expert]);
            Assert.All(places, place => Assert.Equal(expert, placement.PhysicalToLogical[layer][place]));
        }
        Assert.Equal(loads.Weight[layer].Sum(load => (double)load), placement.LoadsOfGpus(layer).Sum(), 1e-6 * loads.Experts * 5000);
        Assert.Equal(loads.Weight[layer].Sum(load => (double)load), placement.LoadsOfGpusBefore(layer).Sum(), 1e-6);
        if (!loads.IsHierarchical)
            return;
        // A group stays on one node.
        int groupSize = loads.Experts / loads.Groups, placesPerNode = loads.Replicas / loads.Nodes;
        IEnumerable<(int Group, int Node)> homes = placement.PhysicalToLogical[layer].Select((expert, place) => (expert / groupSize, place / placesPerNode)).Distinct();
        Assert.Equal(loads.Groups, homes.Count());
    }

    [Fact]
    public void LoadsOfGpus_OneHotExpert_IsSharedByItsReplicas()
    {
        // 4 experts, 8 places, 4 GPUs: expert 0 carries 90 of 96; the four further places all go to it, 18 each against 2 of the others.
        ExpertPlacement placement = ExpertPlacement.Balance(new([[90, 2, 2, 2]], 8, 1, 1, 4));
        Assert.Equal([5, 1, 1, 1], placement.Counts[0]);
        Assert.Equal([90, 2, 2, 2], placement.LoadsOfGpusBefore(0));
        Assert.Equal([36, 20, 20, 20], placement.LoadsOfGpus(0));
    }

    [Theory]
    [InlineData("""{"weight": [[1, 2]], "num_replicas": 2, "num_groups": 1, "num_nodes": 1}""", "'num_gpus' is missing")]
    [InlineData("""{"num_replicas": 2}""", "'weight' is missing")]
    [InlineData("""[1]""", "here is a JSON array")]
    [InlineData("""{"weight": [1], "num_replicas": 2, "num_groups": 1, "num_nodes": 1, "num_gpus": 1}""", "weight[0] is no list")]
    [InlineData("""{"weight": [[1, "x"]], "num_replicas": 2, "num_groups": 1, "num_nodes": 1, "num_gpus": 1}""", "weight[0][1] is \"x\"")]
    [InlineData("""{"weight": [[1, -2]], "num_replicas": 2, "num_groups": 1, "num_nodes": 1, "num_gpus": 1}""", "weight[0][1] is -2")]
    [InlineData("""{"weight": [[1, 1e99]], "num_replicas": 2, "num_groups": 1, "num_nodes": 1, "num_gpus": 1}""", "weight[0][1] is Infinity")]
    [InlineData("""{"weight": [[1, 2], [1]], "num_replicas": 2, "num_groups": 1, "num_nodes": 1, "num_gpus": 1}""", "weight[1] has 1 experts, weight[0] has 2")]
    [InlineData("""{"weight": [], "num_replicas": 2, "num_groups": 1, "num_nodes": 1, "num_gpus": 1}""", "there are no loads")]
    [InlineData("""{"weight": [[1, 2]], "num_replicas": 2.5, "num_groups": 1, "num_nodes": 1, "num_gpus": 1}""", "'num_replicas' is 2.5")]
    [InlineData("""{"weight": [[1, 2]], "num_replicas": 2, "num_groups": 1, "num_nodes": 0, "num_gpus": 1}""", "num_nodes is 0")]
    [InlineData("""{"weight": [[1, 2]], "num_replicas": 6, "num_groups": 1, "num_nodes": 2, "num_gpus": 3}""", "no multiple of num_nodes 2; 4 would do")]
    [InlineData("""{"weight": [[1, 2, 3, 4, 5, 6]], "num_replicas": 6, "num_groups": 4, "num_nodes": 1, "num_gpus": 1}""", "1, 2, 3, 6 would do")]
    [InlineData("""{"weight": [[1, 2, 3]], "num_replicas": 2, "num_groups": 1, "num_nodes": 1, "num_gpus": 2}""", "from 4,")]
    [InlineData("""{"weight": [[1, 2, 3]], "num_replicas": 5, "num_groups": 1, "num_nodes": 1, "num_gpus": 2}""", "num_replicas is 5; a multiple of num_gpus 2")]
    [InlineData("""{"weight": [[1, 2]], "num_replicas": 1073741824, "num_groups": 1, "num_nodes": 1, "num_gpus": 1}""", "to 1048576")]
    public void Read_BadInput_SaysWhatIsNeeded(string json, string part)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Contains(part, Assert.Throws<ExpertPlacementException>(() => ExpertLoads.Read(document.RootElement)).Message);
    }
}
