// What a process of Fathom holds on this machine, part by part: the peak of its resident set (on Linux VmHWM), which is what `bench` and `bench train`
// report. Sizes are counted from the configuration; the runtime's share is measured by the caller.
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Tensors;

namespace Fathom.Planning.Here;

/// <summary>Memory of a process of Fathom, in bytes.</summary>
public static class HereMemory
{
    /// <summary>Floats of a model's parameters as training holds them: each begins on a cache line.</summary>
    public static long ParameterFloats(ModelConfig config) => TensorNames.Own(config).Sum(spec => (spec.ElementCount + 15) & -16);

    /// <summary>What `train` and `bench train` hold: FP32 and AdamW.</summary>
    /// <param name="config">The model.</param>
    /// <param name="pass">Its largest pass.</param>
    /// <param name="runtime">The process without model.</param>
    public static IReadOnlyList<Figure> OfTraining(ModelConfig config, TrainingPass pass, Figure runtime)
    {
        long floats = ParameterFloats(config), rows = Math.Min(LanguageModelHead.ChunkTokens, pass.Tokens);
        // A tied head, and embedding and head of multi-token prediction, collect gradients of their own until the step ends.
        int furtherUses = (config.TieWordEmbeddings ? 1 : 0) + (config.MtpLayerCount > 0 ? 2 : 0);
        long further = (long)furtherUses * config.VocabularySize * config.HiddenSize;
        string count = FormattableString.Invariant($"{floats} parameters, each tensor rounded up to cache lines");
        return
        [
            new("weights", 4.0 * floats, "bytes", $"FP32; {count}"),
            new("gradients", 4.0 * (floats + further), "bytes", $"FP32; {count}{(furtherUses > 0 ? $"; and {furtherUses} further uses of embedding or head" : "")}"),
            new("moments", 8.0 * floats, "bytes", $"two, FP32; {count}"),
            new("activations", pass.TapeBytes, "bytes", FormattableString.Invariant($"what the tape holds when a pass of {pass.Tokens} tokens ends: results, saved values and gradients of {pass.Operators.Sum(op => op.Uses)} operators, FP32, every layer's")),
            new("logits", 4.0 * rows * (config.VocabularySize + 2L * config.HiddenSize + 4), "bytes", $"of {rows} tokens at a time, with their hidden states and gradients, FP32"),
            runtime,
        ];
    }

    /// <summary>What `generate` holds for one sequence of a GGUF file as `quantize` and `init` write it, or `bench` for a test of it.</summary>
    /// <param name="config">The model.</param>
    /// <param name="target">Formats of its file.</param>
    /// <param name="cacheType">Format of the cache.</param>
    /// <param name="tokens">Tokens of the sequence.</param>
    /// <param name="bench">Whether it is `bench --preset`, which makes the weights itself and measures the memory's bandwidth beside the model.</param>
    /// <param name="runtime">The process without model.</param>
    public static IReadOnlyList<Figure> OfRunning(ModelConfig config, GgufTarget target, ElementType cacheType, long tokens, bool bench, Figure runtime)
    {
        long stored = 0, mapped = 0, interleaved = 0, joined = 0;
        foreach ((TensorSpec spec, ElementType type) in RandomCheckpoint.TypesOf(config, target))
        {
            long bytes = type.ByteLength(spec.ElementCount), strips = StoredWeights.Interleaves(spec, config) ? Weight.InterleavedBytes(type, spec.Shape[0], spec.Shape[1]) : 0;
            (stored, interleaved) = (stored + bytes, interleaved + strips);
            // Pages that interleaving gave back are left out.
            mapped += strips > 0 || IsUpProjection(spec) ? 0 : bytes;
            if (!bench && IsUpProjection(spec))
            {
                // The file has two parts, which are joined when the model is opened: their pages have been read, and the whole is a copy.
                joined += (type.IsBlock() ? ElementType.F16 : type).ByteLength(spec.ElementCount);
                mapped += (target.Base.IsBlock() ? ElementType.Q8_0 : type).ByteLength(spec.ElementCount);
            }
        }
        int piece = (int)Math.Min(tokens, KvCache.PromptGrid);
        PromptPass pass = new(config, piece, (int)Math.Min(tokens - piece, int.MaxValue / 2));
        using KvCache cache = new(config, 0, cacheType);
        long blocks = (tokens + KvCache.BlockLength - 1) / KvCache.BlockLength;
        List<Figure> parts =
        [
            new("interleaved weights", interleaved, "bytes", $"{target.Name}: 32 rows side by side, every matrix but embedding and routers where the format has such a form"),
            bench
                ? new("weights as made", stored, "bytes", $"{target.Name}: `bench --preset` makes random weights in memory and keeps them; a file's would be given back once interleaved")
                : new("mapped weights", mapped, "bytes", $"{target.Name}: what is read as the file has it, at most: of the embedding and of experts only what tokens ask for, though with a row the system maps up to 2 MB around it"),
            new("joined up-projections", joined, "bytes", "latent attention's up-projection of keys and values, put together from the file's two parts"),
            new("absorbed projections", AbsorbedBytes(config, target), "bytes", "latent attention's up-projections of keys and values in BF16, made at the first decoded token; none of FP32 weights"),
            new("cache", (double)blocks * KvCache.BlockLength * cache.BytesPerToken, "bytes", FormattableString.Invariant($"{blocks} blocks of {KvCache.BlockLength} tokens x {cache.BytesPerToken} bytes ({cacheType})")),
            new("working memory", pass.Bytes, "bytes", $"a layer's tensors for a piece of {piece} tokens, FP32; the next layer takes the same memory"),
            new("converted inputs", interleaved > 0 ? ConvertedBytes(config, target, piece) : 0, "bytes", "inputs of the widest product in the form of interleaved weights: BF16, or 8 bits with scales"),
        ];
        if (bench)
            parts.Add(new("bandwidth probe", MemoryProbe.Bytes, "bytes", "`bench` walks it right before and after every run"));
        parts.Add(runtime);
        return parts;
    }

    static bool IsUpProjection(TensorSpec spec) => spec.Name.EndsWith(".kv_b_proj.weight", StringComparison.Ordinal);

    static double AbsorbedBytes(ModelConfig config, GgufTarget target)
    {
        if (config.Attention is not LatentAttentionConfig latent || target.Base == ElementType.F32)
            return 0;
        static long Padded(int length) => (length + 15) & -16;
        return 2.0 * config.LayerCount * config.HeadCount * (latent.QkNopeHeadDim * Padded(latent.KvLoraRank) + latent.KvLoraRank * Padded(latent.VHeadDim));
    }

    static double ConvertedBytes(ModelConfig c, GgufTarget target, int tokens)
    {
        double widest = Math.Max(c.HiddenSize, c.HeadCount * (double)c.Attention.ValueHeadDim);
        if (c.Experts is not { } experts || experts.FirstDenseLayerCount > 0)
            widest = Math.Max(widest, c.IntermediateSize);
        if (c.Experts is { } routed)
            widest = Math.Max(widest, (double)routed.ExpertsPerToken * Math.Max(c.HiddenSize, routed.ExpertIntermediateSize));
        return tokens * widest * (target.Base == ElementType.BF16 ? 2 : 1 + 1.0 / 8);
    }
}
