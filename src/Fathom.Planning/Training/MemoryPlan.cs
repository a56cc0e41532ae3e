// Whether a model fits on one device or node, for training or serving, in which formats.

using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Numerics.Formats;
using Fathom.Planning.Hardware;

namespace Fathom.Planning.Training;

/// <summary>A way to hold a model.</summary>
/// <param name="Use">serve or train.</param>
/// <param name="Format">Formats, in words.</param>
/// <param name="Parts">Memory part by part, all devices together.</param>
/// <param name="Room">Memory that the devices have for it.</param>
public sealed record MemoryPlan(string Use, string Format, IReadOnlyList<Figure> Parts, double Room)
{
    /// <summary>All parts, bytes.</summary>
    public double Total => Parts.Sum(part => part.Value);

    /// <summary>Whether it fits.</summary>
    public bool Fits => Total <= Room;

    /// <summary>Every way, from the largest to the smallest for each use.</summary>
    /// <param name="config">The model.</param>
    /// <param name="device">The devices.</param>
    /// <param name="devices">How many share it evenly.</param>
    /// <param name="tokens">Tokens in the caches, or in a training pass.</param>
    public static IReadOnlyList<MemoryPlan> Of(ModelConfig config, Device device, int devices, long tokens)
    {
        ModelWork work = new(config);
        ModelCounts counts = new(config);
        double room = device.MemoryBytes.Value * Efficiencies.UsableMemory.Value * devices;
        List<MemoryPlan> plans = [];
        foreach ((string name, double bytes) in new[] { ("fp32", 4.0), ("bf16", 2.0), ("fp8, scales per 128 x 128", 1 + 4.0 / (128 * 128)), ("q8_0", 34.0 / 32), ("q4_k", 144.0 / 256) })
        {
            foreach ((string cache, ElementType type) in new[] { ("f32", ElementType.F32), ("bf16", ElementType.BF16) })
            {
                plans.Add(new("serve", $"weights {name}, cache {cache}",
                [
                    new("weights", work.Parameters * bytes, "bytes", FormattableString.Invariant($"{work.Parameters} parameters x {bytes:0.####} bytes")),
                    new("cache", (double)tokens * counts.CacheBytesPerToken(type), "bytes", $"{tokens} tokens x {counts.CacheElementsPerToken} elements x {type.ByteSize()} bytes"),
                    new("working memory", Working(config), "bytes", "512 tokens: residual stream, heads, widest feed-forward, and one row of logits, FP32"),
                ], room));
            }
        }
        foreach ((string name, int weights, int master, int moments, bool fp8) in new[] { ("fp32, AdamW", 4, 0, 8, false), ("bf16 with fp32 master and AdamW", 2, 4, 8, false), ("fp8 with fp32 master and bf16 moments, as V3", 1, 4, 4, true) })
        {
            double kept = TrainingMemory.KeptBytesPerToken(config, name[0] == 'b' || fp8 ? Recomputation.Selective : Recomputation.None, fp8) * (weights == 4 ? 2 : 1);
            plans.Add(new("train", name,
            [
                new("weights", (double)work.Parameters * weights, "bytes", $"{work.Parameters} parameters x {weights} bytes"),
                new("gradients", work.Parameters * 4.0, "bytes", $"{work.Parameters} parameters x 4 bytes (FP32)"),
                new("master weights and moments", (double)work.Parameters * (master + moments), "bytes", $"{work.Parameters} parameters x ({master} + {moments}) bytes"),
                new("activations", tokens * kept * work.Layers, "bytes", FormattableString.Invariant($"{tokens} tokens x {kept:0} bytes per layer x {work.Layers} layers")),
                new("logits", Math.Min(tokens, 4096) * 2.0 * 4 * config.VocabularySize, "bytes", "logits and their gradient of up to 4,096 tokens, FP32"),
            ], room));
        }
        return plans;
    }

    static double Working(ModelConfig c)
    {
        double width = c.Experts is { } experts ? Math.Max(c.IntermediateSize, (experts.ExpertsPerToken + experts.SharedExpertCount) * (double)experts.ExpertIntermediateSize) : c.IntermediateSize;
        return 512 * 4.0 * (4.0 * c.HiddenSize + c.HeadCount * (2.0 * c.Attention.QkHeadDim + 2.0 * c.Attention.ValueHeadDim) + 3 * width) + 4.0 * c.VocabularySize;
    }
}
