// What devices send one another in training, and how long it takes. Devices that share matrices lie beside each other, then those that share
// sequences, then those that share weights, then the stages of the pipeline: a group that fits into a node stays in it.

using Fathom.Models.Configs;
using Fathom.Planning.Hardware;

namespace Fathom.Planning.Training;

/// <summary>Times of the exchanges of a step.</summary>
public static class Exchanges
{
    /// <summary>The ring's bytes backward over those forward: keys and values again (BF16), and their gradients (FP32).</summary>
    public const double RingBackward = 3;

    /// <summary>Seconds that dispatch and combine of a device's tokens take in all layers, in one direction of the pass.</summary>
    public static double ExpertSeconds(TrainingRun run, double tokens)
    {
        if (run.Work.Config.Experts is not { } experts || run.Layout.Expert == 1)
            return 0;
        double bytes = run.Work.Config.HiddenSize * ((run.IsFp8 ? 1 : 2) + 2.0); // dispatch, and combine in BF16
        int perNode = Math.Min(run.Device.DevicesPerNode, run.Layout.Expert), nodes = run.Layout.Expert / perNode;
        // A token goes once to each node it needs, and there to each device with one of its experts.
        double reached = Nodes(experts, nodes), devices = Distinct(experts.ExpertsPerToken / reached, perNode) * reached;
        double between = reached * (nodes - 1) / nodes * bytes / run.Device.NetworkBandwidth.Value;
        double inside = devices * (perNode - 1) / perNode * bytes / run.Device.NodeBandwidth.Value;
        return Math.Max(between, inside) * tokens * run.Waiting * run.Work.ExpertLayers / Efficiencies.Links.Value;
    }

    /// <summary>Nodes that a token's experts lie on: the mean number of different ones by chance, or as many as routing allows.</summary>
    public static double Nodes(ExpertConfig experts, int nodes) => Math.Min(
        Distinct(experts.ExpertsPerToken, nodes), experts.ExpertGroupCount > 1 ? experts.GroupsPerToken : double.MaxValue);

    // Mean number of different boxes that some balls hit.
    static double Distinct(double balls, int boxes) => boxes * (1 - Math.Pow(1 - 1.0 / boxes, balls));

    /// <summary>Seconds that tensor-parallel devices take to gather and scatter a micro-batch's tokens in all layers, forward.</summary>
    public static double TensorSeconds(TrainingRun run, double tokens)
    {
        int t = run.Layout.Tensor;
        double each = tokens * run.Work.Config.HiddenSize * 2 * (t - 1) / t;
        return t == 1 ? 0 : 4 * each * run.Work.Layers / (run.Device.NodeBandwidth.Value * Efficiencies.Links.Value);
    }

    /// <summary>
    /// Seconds that context-parallel devices take to pass what the cache would hold of the whole micro-batch round their ring, in all layers, forward. Of
    /// latent attention that is the latent and the rotary key: every device projects it up by itself, which takes less time than sending all heads.
    /// </summary>
    public static double RingSeconds(TrainingRun run)
    {
        int context = run.Layout.Context;
        if (context == 1)
            return 0;
        AttentionConfig attention = run.Work.Config.Attention;
        double elements = attention.CacheElementsPerToken / (attention is LatentAttentionConfig ? 1.0 : run.Layout.Tensor);
        double bytes = (run.KeysAtOnce - run.TokensAtOnce) * elements * 2;
        // The slowest link of the ring counts.
        double link = context * run.Layout.Tensor <= run.Device.DevicesPerNode ? run.Device.NodeBandwidth.Value : run.Device.NetworkBandwidth.Value;
        return bytes * run.Work.Layers / (link * Efficiencies.Links.Value);
    }

    /// <summary>Seconds of a step in which gradients and weights are exchanged and nothing is computed.</summary>
    /// <param name="run">The run.</param>
    /// <param name="free">Seconds of a micro-batch's forward and backward pass in which the links are idle: ZeRO-3 gathers weights in them.</param>
    public static double UpdateSeconds(TrainingRun run, double free)
    {
        TrainingLayout layout = run.Layout;
        double routed = run.Work.RoutedParameters / (double)(layout.Pipeline * layout.Expert), others = (run.Work.LayerParameters + run.Work.EndParameters) / (double)(layout.Pipeline * layout.Tensor);
        // Seconds per byte and parameter.
        double sent = others / Link(run, run.Sharing, layout.Tensor) * (run.Sharing - 1) / run.Sharing
            + routed / Link(run, run.ExpertSharing, layout.Expert) * (run.ExpertSharing - 1) / run.ExpertSharing;
        const double Gradient = 4, Weight = 2;
        if (layout.ZeroStage < 3)
            return sent * (Gradient + Weight);
        double gathers = 2 * Weight * sent;
        return (run.MicroBatches - 1) * Math.Max(0, gathers - free) + Math.Max(0, gathers + Gradient * sent - free);
    }

    // Bandwidth of one of a group's devices that lie some devices apart, in a ring. Those in one node share what the group sends out of it: rings begin
    // at each of them, so that each of their links carries one share (NCCL: one ring per network card).
    static double Link(TrainingRun run, int group, int apart)
    {
        Device device = run.Device;
        double inNode = Math.Clamp(device.DevicesPerNode / apart, 1, group);
        return (inNode == group ? device.NodeBandwidth.Value : Math.Min(device.NodeBandwidth.Value, inNode * device.NetworkBandwidth.Value)) * Efficiencies.Links.Value;
    }
}
