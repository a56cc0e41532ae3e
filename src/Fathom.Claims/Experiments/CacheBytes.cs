// Claim A1: what the attention cache of a token takes, by what the engine allocates for it.
// The same model with latent, grouped and multi-head attention serves one prompt; then caches alone in the published models' shapes.

using Fathom.Inference;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Planning.Training;

namespace Fathom.Claims.Experiments;

static class CacheBytes
{
    const int PromptTokens = 512;

    static readonly (string Name, ElementType Type)[] s_formats = [("FP32", ElementType.F32), ("BF16", ElementType.BF16), ("8 bits", ElementType.I8)];

    public static Measurement Run(ExperimentSettings settings)
    {
        ModelConfig latent = Presets.Nano;
        (string Name, ModelConfig Config)[] models =
        [
            ("latent", latent),
            ("multi-head", With(latent, latent.HeadCount)),
            ("grouped, 2 heads", With(latent, 2)),
            ("grouped, 1 head", With(latent, 1)),
        ];
        var values = new List<MeasuredValue>();
        var bytes = new Dictionary<(string Model, string Format), double>();
        int done = 0;
        foreach ((string name, ModelConfig config) in models)
        {
            foreach ((string format, ElementType type) in s_formats)
            {
                settings.Cancellation.ThrowIfCancellationRequested();
                settings.Progress($"nano, {name}, {format}", (double)done++ / (models.Length * s_formats.Length));
                double perToken = bytes[(name, format)] = (double)Serve(config, type) / PromptTokens;
                values.Add(new($"nano, {name}, {format}", perToken, null, 1, "bytes per token"));
            }
        }
        bool exact = models.All(model => s_formats.Where(format => format.Type != ElementType.I8)
            .All(format => bytes[(model.Name, format.Name)] == new ModelCounts(model.Config).CacheBytesPerToken(format.Type)));
        foreach ((string name, _) in models[1..])
            values.Add(new($"nano, latent against {name}", Saved(bytes[("latent", "FP32")], bytes[(name, "FP32")]), null, 1, "saved share"));

        // The published shapes: only their caches are made, no weights.
        ModelConfig v3 = Presets.DeepSeekV3, v2 = Presets.DeepSeekV2;
        long v3Latent = Allocate(v3), v3Full = Allocate(v3 with { Attention = new GroupedQueryAttentionConfig(v3.HeadCount, 128, QkvBias: false) });
        long v2Latent = Allocate(v2), grouped67 = Allocate(PlannedModels.DeepSeek67B);
        values.AddRange(
        [
            new("V3, latent, BF16", v3Latent, null, 1, "bytes per token"),
            new("V3's heads, multi-head, BF16", v3Full, null, 1, "bytes per token"),
            new("V3, latent against multi-head", Saved(v3Latent, v3Full), null, 1, "saved share"),
            new("V2, latent, BF16", v2Latent, null, 1, "bytes per token"),
            new("DeepSeek 67B, grouped, BF16", grouped67, null, 1, "bytes per token"),
            new("V2, latent against DeepSeek 67B", Saved(v2Latent, grouped67), null, 1, "saved share"),
        ]);
        settings.Progress("done", 1);
        double full = bytes[("multi-head", "FP32")], least = bytes[("latent", "FP32")];
        return (settings with { Seeds = [] }).Result(
            "A1", IsReproduced(exact, least, [full, bytes[("grouped, 2 heads", "FP32")], bytes[("grouped, 1 head", "FP32")]]),
            $"The engine serves a prompt of {PromptTokens} tokens with nano, whose attention is latent, and with the same model with 4, 2 and 1 key-value heads of 32; "
            + "its allocated cache blocks are counted in FP32, BF16 and 8 bits. Caches in the shapes of V3, V2 and DeepSeek 67B are allocated without the models.",
            FormattableString.Invariant($"Allocated bytes {(exact ? "equal" : "do not equal")} the counts. nano: {least:0} against {full:0} bytes per token in FP32, {Saved(least, full):0.0%} less than multi-head attention; ")
            + FormattableString.Invariant($"in V3's shape {Saved(v3Latent, v3Full):0.0%} less; V2 against DeepSeek 67B at equal precision {Saved(v2Latent, grouped67):0.0%} less (93.3% needs a 6-bit cache as well)."),
            values);
    }

    /// <summary>The rule: what was allocated is what the counts say, and the latent cache is the smallest.</summary>
    internal static bool IsReproduced(bool exact, double latent, IEnumerable<double> others) => exact && others.All(other => latent < other);

    static double Saved(double part, double whole) => 1 - part / whole;

    // Grouped-query attention belongs to the first DeepSeekMoE's family; the experts, and all sizes but the attention's, stay.
    static ModelConfig With(ModelConfig config, int keyValueHeads) => config with
    {
        Family = ModelFamily.DeepSeekV1,
        Attention = new GroupedQueryAttentionConfig(keyValueHeads, ((LatentAttentionConfig)config.Attention).VHeadDim, QkvBias: false),
        Rotary = config.Rotary with { Interleaved = false },
        Experts = config.Experts! with { ScoringFunction = Numerics.Kernels.ScoringFunction.Softmax, SelectionMethod = Numerics.Kernels.SelectionMethod.Greedy },
    };

    // Whole blocks of an ended sequence stay allocated as a kept beginning.
    static long Serve(ModelConfig config, ElementType type)
    {
        using var model = DecoderModel.Initialize(config, 1);
        using var engine = new InferenceEngine(model, options: new EngineOptions { CacheType = type });
        int[] prompt = [.. Enumerable.Range(0, PromptTokens).Select(i => 2 + i % (config.VocabularySize - 2))];
        engine.Generate(new GenerationRequest(prompt, new SamplingOptions { Temperature = 0, MaxNewTokens = 1 }, 1));
        EngineStatistics statistics = engine.Statistics;
        return statistics.CacheBytesInUse + statistics.CacheBytesKept;
    }

    static long Allocate(ModelConfig config)
    {
        using var cache = new KvCache(config, KvCache.BlockLength, ElementType.BF16);
        var sequence = new CachedSequence();
        cache.Reserve(sequence, KvCache.BlockLength);
        return cache.BytesInUse / KvCache.BlockLength;
    }
}
