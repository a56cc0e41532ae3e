// How long a step takes, part by part: kernels by shape, exchanges, pipeline bubble, optimizer. What is sent, and how fast: Exchanges.cs.

using Fathom.Planning.Hardware;
using Fathom.Planning.Schedules;

namespace Fathom.Planning.Training;

/// <summary>Time of one step.</summary>
public sealed class TrainingTime
{
    readonly TrainingRun _run;

    // Seconds per step.
    readonly double _products, _attention, _elementwise, _recomputed, _extra, _gaps, _lent, _exposed, _exposedRing, _tensor, _bubble, _sync, _optimizer;

    // Seconds per micro-batch and stage, for the sources.
    readonly double _exchange, _ring;

    TrainingTime(TrainingRun run)
    {
        _run = run;
        TrainingLayout layout = run.Layout;
        ModelWork work = run.Work;
        double tokens = run.TokensAtOnce, bandwidth = run.Device.MemoryBandwidth.Value * Efficiencies.Memory.Value;
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
        bool repeats = layout.Recomputation == Recomputation.Full;
        if (repeats)
            again += attention + elementwise;
        double extra = run.ExtraForwards * (forward + attention + elementwise);

        // The slowest stage: whole layers, or the mean where embedding, head and multi-token prediction fill the shorter stages.
        int slots = layout.Pipeline * layout.StageCount;
        double uneven = Math.Max(1, Math.Ceiling((double)work.Config.LayerCount / slots) * slots / (work.Layers + work.HeadLayers));
        double share = uneven / layout.Pipeline, perStage = share / Efficiencies.Sustained.Value;
        double f1 = (forward + attention + elementwise) * perStage, w1 = wgrad * perStage;
        double b1 = (dgrad + attention * work.AttentionBackward + 2 * elementwise + again) * perStage;

        double exchange = Exchanges.ExpertSeconds(run, tokens) * share, tensor = Exchanges.TensorSeconds(run, tokens) * share, ring = Exchanges.RingSeconds(run) * share;
        // The ring brings the next keys and values while attention works on those at hand.
        double ringBack = Exchanges.RingBackward * ring + (repeats ? ring : 0), attends = attention * perStage;
        double exposedRing = Math.Max(0, ring - attends) + Math.Max(0, ringBack - (work.AttentionBackward + (repeats ? 1 : 0)) * attends);
        bool hides = layout.Schedule is "dualpipe" or "dualpipev" && work.ExpertLayers > 0;
        // Elsewhere only the shared experts' products run beside the exchange (V2 report, section 3.1.3).
        double beside = sharedForward * perStage, exposedForward = Math.Max(0, exchange - beside), exposedBackward = Math.Max(0, exchange - 2 * beside);
        double ringForward = Math.Max(0, ring - attends);
        double fTime = f1 + tensor + exposedForward + ringForward, bTime = b1 + w1 + 2 * tensor + exposedBackward + exposedRing - ringForward;
        double computed = hides && exchange > 0 ? (f1 + b1 + w1) / Efficiencies.OverlappedCompute.Value : f1 + b1 + w1;
        // Both exchanges may use the same links: together they have to be hidden.
        double hidden = hides ? Math.Max(computed + exposedRing, 2 * exchange + ring + ringBack) : 0;
        double pair = hides ? hidden + 3 * tensor : fTime + bTime;
        Stage = new(fTime, bTime, w1, Math.Max(pair, Math.Max(fTime, bTime)));
        StepTimes scaled = layout.StageCount > 1 ? Stage.Scaled(1.0 / layout.StageCount) : Stage;
        _bubble = layout.Pipeline == 1 ? 0 : Math.Max(0, layout.Kind.Bubble.Value(layout.Pipeline, scaled));

        int m = run.MicroBatches;
        double all = m * share;
        (_products, _attention, _elementwise, _recomputed, _extra) =
            ((forward + dgrad + wgrad) * all, attention * (1 + work.AttentionBackward) * all, 3 * elementwise * all, again * all, extra * all);
        _gaps = (_products + _attention + _elementwise + _recomputed + _extra) * (1 / Efficiencies.Sustained.Value - 1);
        _lent = hides ? m * (computed - (f1 + b1 + w1)) : 0;
        _exposedRing = m * exposedRing;
        _exposed = m * (hides ? hidden - exposedRing - computed : exposedForward + exposedBackward);
        _tensor = 3 * m * tensor;
        (_exchange, _ring) = (exchange, ring);
        HiddenExchange = m * (2 * exchange + ring + ringBack) - _exposed - _exposedRing;
        (_sync, _optimizer) = (Exchanges.UpdateSeconds(run, Math.Max(0, pair - 2 * exchange - ring - ringBack)), OptimizerSeconds(run));
    }

    /// <summary>Plans the time of a run's step.</summary>
    public static TrainingTime Of(TrainingRun run) => new(run);

    /// <summary>Seconds of a step.</summary>
    public double Step => _products + _attention + _elementwise + _recomputed + _extra + _gaps + _lent + _exposed + _exposedRing + _tensor + _bubble + _sync + _optimizer;

    /// <summary>Times of one pipeline stage on one micro-batch, in seconds.</summary>
    public StepTimes Stage { get; }

    /// <summary>Exchange that computation hides, seconds per step.</summary>
    public double HiddenExchange { get; }

    /// <summary>Parts in seconds with their sources; together the step.</summary>
    public IReadOnlyList<Figure> Parts
    {
        get
        {
            TrainingLayout layout = _run.Layout;
            bool hides = layout.Schedule is "dualpipe" or "dualpipev";
            string source = FormattableString.Invariant($"{_run.MicroBatches} micro-batches of {_run.TokensAtOnce} tokens on a stage of {layout.Pipeline}; matrix products at {Efficiencies.MatrixProduct.Value} of the peak plus their memory traffic at {Efficiencies.Memory.Value} of {_run.Device.MemoryBandwidth.Value / 1e12} TB/s");
            return [
                new("matrix products", _products, "s", FormattableString.Invariant($"{source}; forward, input and weight gradients of {_run.Work.Products.Count} shapes in {Device.NameOf(_run.Precision)} (router and head in BF16){(_run.Waiting > 1 ? $"; routed experts' products x {_run.Waiting}: {_run.Imbalance}" : "")}{(layout.Context > 1 ? $"; keys and values of {_run.KeysAtOnce:0} tokens projected on each of {layout.Context} context-parallel devices" : "")}")),
                new("attention", _attention, "s", FormattableString.Invariant($"causal, {_run.Work.AttentionFlopsPerToken(_run.AttentionLength):G4} FLOP per token forward, {_run.Work.AttentionBackward:0.##} times that backward (scores again, then four products for the gradients), at {Efficiencies.Attention.Value} of the BF16 peak")),
                new("element-wise kernels", _elementwise, "s", FormattableString.Invariant($"{_run.Work.ElementwiseBytesPerToken(_run.IsFp8):G4} bytes per token forward, twice that backward, at {Efficiencies.Memory.Value} of the memory bandwidth")),
                new("recomputation", _recomputed, "s", $"recompute {layout.Recomputation}"),
                new("other models' forward passes", _extra, "s", $"{_run.ExtraForwards} per trained token"),
                new("gaps, clocks, stragglers", _gaps, "s", Efficiencies.Sustained.ToString()),
                new("multiprocessors lent to exchanges", _lent, "s", Efficiencies.OverlappedCompute.ToString()),
                new("exposed all-to-all", _exposed, "s", FormattableString.Invariant($"2 x {_exchange:G4} s per micro-batch and stage; {(hides ? "hidden behind computation where that is longer" : "all that the shared experts do not hide")}")),
                new("exposed context-parallel exchange", _exposedRing, "s", FormattableString.Invariant($"{_ring:G4} s per micro-batch and stage forward, {Exchanges.RingBackward} times that backward; hidden behind attention where that is longer")),
                new("tensor-parallel exchange", _tensor, "s", "gather and scatter around attention and feed-forward, forward once and backward twice, not hidden"),
                new("pipeline bubble", _bubble, "s", $"{layout.Kind.Bubble.Text} with these times ({layout.Schedule}, {layout.Kind.Source})"),
                new("gradient exchange", _sync, "s", layout.ZeroStage == 3
                    ? "weights gathered for every forward and backward pass and gradients scattered, where that takes longer than the computation beside it (PyTorch FSDP, arXiv 2304.11277, section 3.3: prefetching)"
                    : "FP32 gradients scattered and BF16 weights gathered once per step, not hidden"),
                new("optimizer", _optimizer, "s", "states of the device's share read and written once"),
            ];
        }
    }

    // Devices without a BF16 rate attend in FP32.
    static double AttentionRate(TrainingRun run) => run.Precision == Precision.Fp32 ? run.Device.Rate(Precision.Fp32) : run.Device.Rate(Precision.Bf16);

    /// <summary>Seconds of a product's forward, input-gradient and weight-gradient passes over a device's tokens of a micro-batch, in all layers.</summary>
    public static (double Forward, double Input, double Weight) ProductSeconds(MatrixWork product, TrainingRun run, double tokens)
    {
        bool fp8 = run.IsFp8 && product.IsFp8, routed = product.Matrices > 1;
        double rate = run.Device.Rate(run.IsFp8 && !product.IsFp8 ? Precision.Bf16 : run.Precision) * Efficiencies.MatrixProduct.Value;
        double bandwidth = run.Device.MemoryBandwidth.Value * Efficiencies.Memory.Value;
        double rows = tokens * product.RowsPerToken * (routed ? run.Waiting : product.IsOfKeys ? run.KeysAtOnce / run.TokensAtOnce : 1);
        double element = fp8 ? 1 : run.Precision is Precision.Fp32 or Precision.Tf32 ? 4 : 2, output = Math.Max(2, element);
        double matrix = (double)product.Outputs * product.Inputs * (routed ? product.Matrices / (double)run.Layout.Expert : 1);
        double scale = product.Layers / (double)run.Layout.Tensor, flops = 2 * rows * product.Outputs * product.Inputs / rate;
        double Seconds(double bytes) => (flops + bytes / bandwidth) * scale;
        return (
            Seconds(rows * product.Inputs * element + matrix * element + rows * product.Outputs * output),
            Seconds(rows * product.Outputs * element + matrix * element + rows * product.Inputs * output),
            // FP32 gradients are added to: read and written.
            Seconds(rows * (product.Inputs + product.Outputs) * element + matrix * 8));
    }

    static double OptimizerSeconds(TrainingRun run)
    {
        TrainingLayout layout = run.Layout;
        double routed = run.Work.RoutedParameters / (double)(layout.Pipeline * layout.Expert), others = (run.Work.LayerParameters + run.Work.EndParameters) / (double)(layout.Pipeline * layout.Tensor);
        double owned = layout.ZeroStage >= 1 ? others / run.Sharing + routed / run.ExpertSharing : others + routed;
        return owned * (4 + 2 * (4 + 2 * run.MomentBytes) + 2) / (run.Device.MemoryBandwidth.Value * Efficiencies.Memory.Value);
    }
}
