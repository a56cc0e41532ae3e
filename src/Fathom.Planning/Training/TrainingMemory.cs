// What one device holds in training, part by part.

using Fathom.Models.Configs;

namespace Fathom.Planning.Training;

/// <summary>Memory of the fullest device.</summary>
public sealed class TrainingMemory
{
    readonly TrainingRun _run;
    readonly double _routed, _others, _kept, _weights, _gradients, _master, _moments, _activations, _buffers;
    readonly int _peak;

    TrainingMemory(TrainingRun run)
    {
        _run = run;
        TrainingLayout layout = run.Layout;
        ModelWork work = run.Work;
        _routed = work.RoutedParameters / (double)(layout.Pipeline * layout.Expert);
        // At one end of a pipeline there is the embedding, at the other the head; DualPipe's ends are on one rank.
        double ends = work.EndParameters / (layout.Pipeline > 1 && layout.Kind.Copies == 1 && !work.Config.TieWordEmbeddings ? 2.0 : 1) / layout.Tensor;
        _others = work.LayerParameters / (double)(layout.Pipeline * layout.Tensor) + ends;
        double Shared(int stage, double bytes) => bytes * (layout.ZeroStage >= stage ? _routed / run.ExpertSharing + _others / run.Sharing : _routed + _others);
        int stages = layout.StageCount, copies = layout.Kind.Copies;
        _weights = Shared(3, WeightBytes * copies);
        _gradients = Shared(2, 4);
        _master = HasMaster ? Shared(1, 4) : 0;
        _moments = Shared(1, 2 * run.MomentBytes);
        _kept = KeptBytesPerToken(work.Config, layout.Recomputation, run.IsFp8) * work.Layers / layout.Tensor;
        for (int rank = 0; rank < layout.Pipeline; rank++)
            _peak = Math.Max(_peak, layout.Kind.Peak(rank, layout.Pipeline, run.MicroBatches, stages * copies));
        _activations = _peak * run.TokensAtOnce * _kept / (layout.Pipeline * stages);
        // ZeRO-3 holds one layer's weights and the next one's, and the layer's gradients.
        _buffers = BufferBytes(run) + (layout.ZeroStage == 3 ? (_routed + _others) * layout.Pipeline / work.Layers * (2 * WeightBytes + 4) : 0);
    }

    /// <summary>Plans the memory of a run.</summary>
    public static TrainingMemory Of(TrainingRun run) => new(run);

    // FP8: experts and projections as codes; what is small stays in BF16 and is counted with them.
    double WeightBytes => _run.IsFp8 ? 1 : _run.Precision == Hardware.Precision.Bf16 ? 2 : 4;

    bool HasMaster => WeightBytes < 4;

    /// <summary>All parts, bytes.</summary>
    public double Total => _weights + _gradients + _master + _moments + _activations + _buffers;

    /// <summary>Parts in bytes with their sources.</summary>
    public IReadOnlyList<Figure> Parts
    {
        get
        {
            TrainingLayout layout = _run.Layout;
            int copies = layout.Kind.Copies, stages = layout.StageCount;
            string count = FormattableString.Invariant($"parameters on the device: {_routed:0} of routed experts (1/{layout.Pipeline * layout.Expert} of {_run.Work.RoutedParameters}) + {_others:0} others");
            string Zero(int stage) => layout.ZeroStage >= stage ? $"; shared by {_run.Sharing} devices with the same weights (experts: {_run.ExpertSharing})" : "";
            return [
                new("weights", _weights, "bytes", $"{WeightBytes} bytes x {copies} {(copies == 1 ? "copy" : "copies")} ({layout.Schedule}); {count}{Zero(3)}"),
                new("gradients", _gradients, "bytes", $"4 bytes (FP32); {count}{Zero(2)}"),
                new("master weights", _master, "bytes", HasMaster ? $"4 bytes (FP32); {count}{Zero(1)}" : "the weights are FP32 themselves"),
                new("optimizer moments", _moments, "bytes", $"2 x {_run.MomentBytes} bytes (AdamW); {count}{Zero(1)}"),
                new("activations", _activations, "bytes", FormattableString.Invariant($"{_peak} micro-batches of a stage in flight ({layout.Schedule}) x {_run.TokensAtOnce} tokens x {_kept / _run.Work.Layers:0} bytes per token and layer (recompute {layout.Recomputation}) x {_run.Work.Layers} layers / {layout.Pipeline * stages} stages")),
                new("buffers", _buffers, "bytes", $"the head's logits and their gradient in BF16 in chunks of 4,096 tokens, and one layer's exchanged tokens or recomputed activations{(layout.Context > 1 ? ", and the keys and values of the device whose turn in the ring it is, with their gradients" : "")}{(layout.ZeroStage == 3 ? ", and the gathered weights of two layers with the gradients of one" : "")}"),
            ];
        }
    }

    /// <summary>Bytes that one layer keeps of one token for the backward pass.</summary>
    public static double KeptBytesPerToken(ModelConfig c, Recomputation recomputation, bool fp8)
    {
        double d = c.HiddenSize, input = fp8 ? 1 : 2, attention = c.HeadCount * c.Attention.ValueHeadDim;
        // The two residual sums, whose norms can be computed again.
        double residual = 2 * d * 2;
        if (recomputation == Recomputation.Full)
            return d * 2;
        bool selective = recomputation == Recomputation.Selective;
        double norms = selective ? 0 : 2 * d * input;
        double heads = c.HeadCount * (2.0 * c.Attention.QkHeadDim + c.Attention.ValueHeadDim) * 2;
        if (c.Attention is LatentAttentionConfig latent)
            heads = (selective ? 0 : heads) + 2.0 * ((latent.QLoraRank ?? 0) + latent.CacheElementsPerToken);
        else if (c.Attention is GroupedQueryAttentionConfig grouped)
            heads = 2.0 * (c.HeadCount * grouped.HeadDim + grouped.CacheElementsPerToken);
        double output = attention * (fp8 ? 1.5 : 2); // V3 keeps it in 12 bits (E5M6), section 3.3.3
        double width = c.Experts is { } experts ? (experts.ExpertsPerToken + experts.SharedExpertCount) * (double)experts.ExpertIntermediateSize : c.IntermediateSize;
        double gates = width * (2 * input + (selective ? 0 : input));
        double dispatched = c.Experts is { } routed ? routed.ExpertsPerToken * d * input : 0;
        return residual + norms + heads + output + gates + dispatched;
    }

    static double BufferBytes(TrainingRun run)
    {
        double tokens = run.TokensAtOnce;
        ModelConfig c = run.Work.Config;
        double logits = Math.Min(tokens, 4096) * c.VocabularySize / run.Layout.Tensor * 2.0 * 2;
        double layer = tokens * (c.Experts is { } experts ? experts.ExpertsPerToken * c.HiddenSize * 4.0 : 0) / run.Layout.Tensor;
        double again = run.Layout.Recomputation == Recomputation.Full ? tokens * KeptBytesPerToken(c, Recomputation.None, run.IsFp8) / run.Layout.Tensor : 0;
        // Keys and values of all heads in BF16, their gradients in FP32.
        double ring = run.Layout.Context > 1 ? tokens * c.HeadCount * (c.Attention.QkHeadDim + c.Attention.ValueHeadDim) * 6.0 / run.Layout.Tensor : 0;
        return logits + Math.Max(layer, again) + ring;
    }
}
