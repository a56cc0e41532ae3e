// What one device holds in training, part by part.

using Fathom.Models.Configs;

namespace Fathom.Planning.Training;

/// <summary>Memory of the fullest device.</summary>
public sealed record TrainingMemory(IReadOnlyList<Figure> Parts)
{
    /// <summary>All parts, bytes.</summary>
    public double Total => Parts.Sum(part => part.Value);

    /// <summary>Plans the memory of a run.</summary>
    public static TrainingMemory Of(TrainingRun run)
    {
        TrainingLayout layout = run.Layout;
        ModelWork work = run.Work;
        double routed = work.RoutedParameters / (double)(layout.Pipeline * layout.Expert);
        // At one end of a pipeline there is the embedding, at the other the head; DualPipe's ends are on one rank.
        double ends = work.EndParameters / (layout.Pipeline > 1 && layout.Kind.Copies == 1 && !work.Config.TieWordEmbeddings ? 2.0 : 1) / layout.Tensor;
        double others = work.LayerParameters / (double)(layout.Pipeline * layout.Tensor) + ends;
        int expertReplicas = run.Data * layout.Tensor / layout.Expert;
        double Shared(int stage, double bytes) => bytes * (layout.ZeroStage >= stage ? routed / expertReplicas + others / run.Data : routed + others);
        int copies = layout.Kind.Copies;
        string count = FormattableString.Invariant($"parameters on the device: {routed:0} of routed experts (1/{layout.Pipeline * layout.Expert} of {work.RoutedParameters}) + {others:0} others");
        string zero = $"; shared by {run.Data} data-parallel ranks (experts: {expertReplicas})";
        // FP8: experts and projections as codes; what is small stays in BF16 and is counted with them.
        double weightBytes = run.IsFp8 ? 1 : run.Precision == Hardware.Precision.Bf16 ? 2 : 4;
        bool hasMaster = weightBytes < 4;

        double kept = KeptBytesPerToken(work.Config, layout.Recomputation, run.IsFp8) * work.Layers / layout.Tensor;
        int stages = layout.StageCount, peak = Enumerable.Range(0, layout.Pipeline).Max(rank => layout.Kind.Peak(rank, layout.Pipeline, run.MicroBatches, stages * copies));
        double tokens = (double)layout.MicroBatch * run.SequenceLength;
        double activations = peak * tokens * kept / (layout.Pipeline * stages);
        double buffers = BufferBytes(run, tokens);
        return new([
            new("weights", Shared(3, weightBytes * copies), "bytes", $"{weightBytes} bytes x {copies} {(copies == 1 ? "copy" : "copies")} ({layout.Schedule}); {count}"),
            new("gradients", Shared(2, 4), "bytes", $"4 bytes (FP32); {count}{(layout.ZeroStage >= 2 ? zero : "")}"),
            new("master weights", hasMaster ? Shared(1, 4) : 0, "bytes", hasMaster ? $"4 bytes (FP32); {count}{(layout.ZeroStage >= 1 ? zero : "")}" : "the weights are FP32 themselves"),
            new("optimizer moments", Shared(1, 2 * run.MomentBytes), "bytes", $"2 x {run.MomentBytes} bytes (AdamW); {count}{(layout.ZeroStage >= 1 ? zero : "")}"),
            new("activations", activations, "bytes", FormattableString.Invariant($"{peak} micro-batches of a stage in flight ({layout.Schedule}) x {tokens} tokens x {kept / work.Layers:0} bytes per token and layer (recompute {layout.Recomputation}) x {work.Layers} layers / {layout.Pipeline * stages} stages")),
            new("buffers", buffers, "bytes", "the head's logits and their gradient in BF16 in chunks of 4,096 tokens, and one layer's exchanged tokens or recomputed activations"),
        ]);
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

    static double BufferBytes(TrainingRun run, double tokens)
    {
        ModelConfig c = run.Work.Config;
        double logits = Math.Min(tokens, 4096) * c.VocabularySize / run.Layout.Tensor * 2.0 * 2;
        double layer = tokens * (c.Experts is { } experts ? experts.ExpertsPerToken * c.HiddenSize * 4.0 : 0) / run.Layout.Tensor;
        double again = run.Layout.Recomputation == Recomputation.Full ? tokens * KeptBytesPerToken(c, Recomputation.None, run.IsFp8) / run.Layout.Tensor : 0;
        return logits + Math.Max(layer, again);
    }
}
