// How long a step takes, part by part: kernels by shape, exchanges, pipeline bubble, optimizer.

using Fathom.Models.Configs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Schedules;

namespace Fathom.Planning.Training;

/// <summary>Time of one step.</summary>
/// <param name="Parts">Parts in seconds; together the step.</param>
/// <param name="Stage">Times of one pipeline stage on one micro-batch, in seconds.</param>
/// <param name="HiddenExchange">Exchange that computation hides, seconds per step.</param>
public sealed record TrainingTime(IReadOnlyList<Figure> Parts, StepTimes Stage, double HiddenExchange)
{
    /// <summary>Seconds of a step.</summary>
    public double Step => Parts.Sum(part => part.Value);

    /// <summary>Plans the time of a run's step.</summary>
    public static TrainingTime Of(TrainingRun run)
    {
        TrainingLayout layout = run.Layout;
        ModelWork work = run.Work;
        Device device = run.Device;
        double tokens = (double)layout.MicroBatch * run.SequenceLength, bandwidth = device.MemoryBandwidth.Value * Efficiencies.Memory.Value;
        double forward = 0, dgrad = 0, wgrad = 0, again = 0, sharedForward = 0;
        foreach (MatrixWork product in work.Products)
        {
            (double f, double d, double w) = ProductSeconds(product, run, tokens);
            (forward, dgrad, wgrad) = (forward + f, dgrad + d, wgrad + w);
            if (layout.Recomputation == Recomputation.Full && product.Name != "head" || layout.Recomputation == Recomputation.Selective && product.IsLatentUp)
                again += f;
            if (product.Name.StartsWith("shared", StringComparison.Ordinal))
                sharedForward += f;
        }
        double attention = tokens * work.AttentionFlopsPerToken(run.AttentionLength) / layout.Tensor / (AttentionRate(run) * Efficiencies.Attention.Value);
        double elementwise = tokens * work.ElementwiseBytesPerToken(run.IsFp8) / layout.Tensor / bandwidth;
        if (layout.Recomputation == Recomputation.Full)
            again += attention + elementwise;
        double extra = run.ExtraForwards * (forward + attention + elementwise);

        // The slowest stage: whole layers, or the mean where embedding, head and multi-token prediction fill the shorter stages.
        int slots = layout.Pipeline * layout.StageCount;
        double uneven = Math.Max(1, Math.Ceiling((double)work.Config.LayerCount / slots) * slots / (work.Layers + HeadLayers(work)));
        double perStage = uneven / layout.Pipeline / Efficiencies.Sustained.Value;
        double f1 = (forward + attention + elementwise) * perStage, w1 = wgrad * perStage;
        double b1 = (dgrad + attention * Efficiencies.AttentionBackward.Value + 2 * elementwise + again) * perStage;

        double exchange = ExchangeSeconds(run, tokens) / layout.Pipeline * uneven, tensor = TensorSeconds(run, tokens) / layout.Pipeline * uneven;
        bool hides = layout.Schedule is "dualpipe" or "dualpipev" && work.ExpertLayers > 0;
        // Elsewhere only the shared experts' products run beside the exchange (V2 report, section 3.1.3).
        double beside = sharedForward * perStage, exposedForward = Math.Max(0, exchange - beside), exposedBackward = Math.Max(0, exchange - 2 * beside);
        double fTime = f1 + tensor + exposedForward, bTime = b1 + w1 + 2 * tensor + exposedBackward;
        double computed = hides && exchange > 0 ? (f1 + b1 + w1) / Efficiencies.OverlappedCompute.Value : f1 + b1 + w1;
        double pair = hides ? Math.Max(computed, 2 * exchange) + 3 * tensor : fTime + bTime;
        StepTimes times = new(fTime, bTime, w1, Math.Max(pair, Math.Max(fTime, bTime)));
        StepTimes scaled = layout.StageCount > 1 ? times.Scaled(1.0 / layout.StageCount) : times;
        double bubble = layout.Pipeline == 1 ? 0 : Math.Max(0, layout.Kind.Bubble.Value(layout.Pipeline, scaled));
        int m = run.MicroBatches;

        double share = m / (double)layout.Pipeline * uneven;
        double linear = (forward + dgrad + wgrad) * share, attends = attention * (1 + Efficiencies.AttentionBackward.Value) * share, moves = 3 * elementwise * share;
        double recomputed = again * share, extras = extra * share;
        double kernels = linear + attends + moves + recomputed, gaps = (kernels + extras) * (1 / Efficiencies.Sustained.Value - 1);
        double lent = hides ? m * (computed - (f1 + b1 + w1)) : 0;
        double exposed = m * (hides ? pair - 3 * tensor - computed : exposedForward + exposedBackward), hidden = m * 2 * exchange - exposed;

        (double sync, double optimizer) = UpdateSeconds(run);
        string source = FormattableString.Invariant($"{m} micro-batches of {tokens} tokens on a stage of {layout.Pipeline}; matrix products at {Efficiencies.MatrixProduct.Value} of the peak plus their memory traffic at {Efficiencies.Memory.Value} of {device.MemoryBandwidth.Value / 1e12} TB/s");
        return new([
            new("matrix products", linear, "s", $"{source}; forward, input and weight gradients of {work.Products.Count} shapes in {Device.NameOf(run.Precision)} (router and head in BF16)"),
            new("attention", attends, "s", FormattableString.Invariant($"causal, {work.AttentionFlopsPerToken(run.AttentionLength):G4} FLOP per token forward, {Efficiencies.AttentionBackward.Value} times that backward, at {Efficiencies.Attention.Value} of the BF16 peak")),
            new("element-wise kernels", moves, "s", FormattableString.Invariant($"{work.ElementwiseBytesPerToken(run.IsFp8):G4} bytes per token forward, twice that backward, at {Efficiencies.Memory.Value} of the memory bandwidth")),
            new("recomputation", recomputed, "s", $"recompute {layout.Recomputation}"),
            new("other models' forward passes", extras, "s", $"{run.ExtraForwards} per trained token"),
            new("gaps, clocks, stragglers", gaps, "s", Efficiencies.Sustained.ToString()),
            new("multiprocessors lent to exchanges", lent, "s", Efficiencies.OverlappedCompute.ToString()),
            new("exposed all-to-all", exposed, "s", FormattableString.Invariant($"2 x {exchange:G4} s per micro-batch and stage; {(hides ? "hidden behind computation where that is longer" : "all that the shared experts do not hide")}")),
            new("tensor-parallel exchange", 3 * m * tensor, "s", "gather and scatter around attention and feed-forward, forward once and backward twice, not hidden"),
            new("pipeline bubble", bubble, "s", $"{layout.Kind.Bubble.Text} with these times ({layout.Schedule}, {layout.Kind.Source})"),
            new("gradient exchange", sync, "s", "FP32 gradients scattered and BF16 weights gathered once per step between nodes, not hidden"),
            new("optimizer", optimizer, "s", "states of the device's share read and written once"),
        ], times, hidden);
    }

    static double HeadLayers(ModelWork work)
    {
        double head = work.Products[^1].FlopsPerToken, all = work.Products.Sum(product => product.FlopsPerToken);
        return head / (all - head) * work.Layers;
    }

    // Devices without a BF16 rate attend in FP32.
    static double AttentionRate(TrainingRun run) => run.Precision == Precision.Fp32 ? run.Device.Rate(Precision.Fp32) : run.Device.Rate(Precision.Bf16);

    /// <summary>Seconds of a product's forward, input-gradient and weight-gradient passes over a micro-batch, in all layers.</summary>
    public static (double Forward, double Input, double Weight) ProductSeconds(MatrixWork product, TrainingRun run, double tokens)
    {
        bool fp8 = run.IsFp8 && product.IsFp8;
        double rate = run.Device.Rate(run.IsFp8 && !product.IsFp8 ? Precision.Bf16 : run.Precision) * Efficiencies.MatrixProduct.Value;
        double bandwidth = run.Device.MemoryBandwidth.Value * Efficiencies.Memory.Value;
        double rows = tokens * product.RowsPerToken, element = fp8 ? 1 : run.Precision is Precision.Fp32 or Precision.Tf32 ? 4 : 2, output = Math.Max(2, element);
        double matrix = (double)product.Outputs * product.Inputs * (product.Matrices > 1 ? product.Matrices / (double)run.Layout.Expert : 1);
        double scale = product.Layers / (double)run.Layout.Tensor, flops = 2 * rows * product.Outputs * product.Inputs / rate;
        double Seconds(double bytes) => (flops + bytes / bandwidth) * scale;
        return (
            Seconds(rows * product.Inputs * element + matrix * element + rows * product.Outputs * output),
            Seconds(rows * product.Outputs * element + matrix * element + rows * product.Inputs * output),
            // FP32 gradients are added to: read and written.
            Seconds(rows * (product.Inputs + product.Outputs) * element + matrix * 8));
    }

    /// <summary>Seconds that dispatch and combine of a micro-batch's tokens take in all layers, in one direction of the pass.</summary>
    public static double ExchangeSeconds(TrainingRun run, double tokens)
    {
        if (run.Work.Config.Experts is not { } experts || run.Layout.Expert == 1)
            return 0;
        double bytes = run.Work.Config.HiddenSize * ((run.IsFp8 ? 1 : 2) + 2.0); // dispatch, and combine in BF16
        int perNode = Math.Min(run.Device.DevicesPerNode, run.Layout.Expert), nodes = run.Layout.Expert / perNode;
        // A token goes once to each node it needs, and there to each device with one of its experts.
        double reached = Nodes(experts, nodes), devices = Distinct(experts.ExpertsPerToken / reached, perNode) * reached;
        double between = reached * (nodes - 1) / nodes * bytes / run.Device.NetworkBandwidth.Value;
        double inside = devices * (perNode - 1) / perNode * bytes / run.Device.NodeBandwidth.Value;
        return Math.Max(between, inside) * tokens * run.Work.ExpertLayers / Efficiencies.Links.Value;
    }

    /// <summary>Nodes that a token's experts lie on: the mean number of different ones by chance, or as many as routing allows.</summary>
    public static double Nodes(ExpertConfig experts, int nodes) => Math.Min(
        Distinct(experts.ExpertsPerToken, nodes), experts.ExpertGroupCount > 1 ? experts.GroupsPerToken : double.MaxValue);

    // Mean number of different boxes that some balls hit.
    static double Distinct(double balls, int boxes) => boxes * (1 - Math.Pow(1 - 1.0 / boxes, balls));

    static double TensorSeconds(TrainingRun run, double tokens)
    {
        int t = run.Layout.Tensor;
        double each = tokens * run.Work.Config.HiddenSize * 2 * (t - 1) / t;
        return t == 1 ? 0 : 4 * each * run.Work.Layers / (run.Device.NodeBandwidth.Value * Efficiencies.Links.Value);
    }

    static (double Exchange, double Optimizer) UpdateSeconds(TrainingRun run)
    {
        TrainingLayout layout = run.Layout;
        double routed = run.Work.RoutedParameters / (double)(layout.Pipeline * layout.Expert), others = (run.Work.LayerParameters + run.Work.EndParameters) / (double)(layout.Pipeline * layout.Tensor);
        int replicas = run.Data * layout.Tensor / layout.Expert;
        double sent = others * (run.Data - 1) / run.Data + routed * (replicas - 1) / replicas;
        double link = run.Devices <= run.Device.DevicesPerNode ? run.Device.NodeBandwidth.Value : run.Device.NetworkBandwidth.Value;
        // ZeRO-3 gathers the weights for every forward and backward pass instead of once.
        double bytes = 4 + (layout.ZeroStage == 3 ? 2.0 * 2 * run.MicroBatches : 2);
        double owned = layout.ZeroStage >= 1 ? others / run.Data + routed / replicas : others + routed;
        return (sent * bytes / (link * Efficiencies.Links.Value), owned * (4 + 2 * (4 + 2 * run.MomentBytes) + 2) / (run.Device.MemoryBandwidth.Value * Efficiencies.Memory.Value));
    }
}
