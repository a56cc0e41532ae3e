// `fathom inspect`: what a model is, from its folder or from a preset alone.
using System.CommandLine;
using System.Text.Json.Nodes;
using Fathom.Inference;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Numerics.Formats;
using Fathom.Text.Tokenizers;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>inspect</c>.</summary>
static class InspectVerb
{
    static readonly Argument<string> s_model = new("MODEL|PRESET") { Description = $"A model or run folder, a GGUF file, a name in the store, or a preset: {string.Join(", ", Presets.All.Keys)}." };

    static readonly Option<bool> s_tensors = new("--tensors") { Description = "List every tensor with its type and shape." };

    /// <summary>A tensor as it is stored.</summary>
    sealed record Stored(string Name, string Type, IReadOnlyList<long> Shape, long Bytes);

    public static Verb Create() => new Verb(
        "inspect", "Shows a model's architecture, shapes, parameters, size, cache per token, tokenizer and tensors.",
        "inspect deepseek-v3",
        "inspect runs/nano-r1 --tensors",
        "inspect runs/nano-r1 --json")
    {
        s_model, s_tensors, CommonOptions.Store, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(s_model)!;
        // A folder called like a preset is the nearer thing.
        bool isPreset = !Directory.Exists(name) && Presets.All.ContainsKey(name);
        string? path = isPreset ? null : ModelLocator.Find(name).Path;
        using ICheckpoint? checkpoint = path is null ? null : Checkpoint.Open(path);
        ModelConfig config = checkpoint?.Config ?? Presets.Get(name);
        Stored[] tensors = checkpoint is null ? FromConfig(config) : FromFile(checkpoint);
        Tokenizer? tokenizer = path is null ? null : ChatModel.FindTokenizer(path);
        if (parsed.GetValue(CommonOptions.Json))
            PrintJson(path ?? name, config, tensors, tokenizer);
        else
            PrintTables(path ?? name, config, tensors, tokenizer, path is not null, parsed.GetValue(s_tensors));
        return Endings.Fine;
    }

    static Stored[] FromFile(ICheckpoint checkpoint) =>
        [.. checkpoint.Tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Select(tensor => new Stored(tensor.Name, $"{tensor.Type}", tensor.Shape, tensor.ByteLength))];

    static Stored[] FromConfig(ModelConfig config)
    {
        TensorSpec[] specs = [.. TensorNames.Of(config)];
        // FP8 matrices are those that have block scales.
        HashSet<string> blocked = [.. specs.Where(spec => spec.Role == TensorRole.BlockScale).Select(spec => spec.Name[..^TensorNames.ScaleSuffix.Length])];
        return [.. specs.Select(spec =>
        {
            ElementType type = spec.Role is TensorRole.BlockScale or TensorRole.SelectionBias ? ElementType.F32 : blocked.Contains(spec.Name) ? ElementType.F8E4M3 : config.WeightType;
            return new Stored(spec.Name, $"{type}", [.. spec.Shape.Select(size => (long)size)], spec.ElementCount * type.ByteSize());
        })];
    }

    static JsonNode Architecture(ModelConfig config, out JsonNode description)
    {
        description = JsonNode.Parse(config.ToJson())!;
        return description["architectures"]![0]!.DeepClone();
    }

    static void PrintJson(string name, ModelConfig config, Stored[] tensors, Tokenizer? tokenizer)
    {
        var counts = new ModelCounts(config);
        JsonNode architecture = Architecture(config, out JsonNode description);
        Terminal.PrintJson(new
        {
            Name = name,
            Architecture = architecture,
            counts.Parameters,
            counts.ActiveParameters,
            counts.MtpParameters,
            Bytes = tensors.Sum(tensor => tensor.Bytes),
            CacheType = $"{config.WeightType}",
            CacheBytesPerToken = counts.CacheBytesPerToken(config.WeightType),
            FullAttentionCacheBytesPerToken = counts.FullAttentionCacheElementsPerToken * config.WeightType.ByteSize(),
            ForwardFlopsPerToken = counts.ForwardFlopsPerToken(1),
            Tokenizer = tokenizer is null ? null : new { tokenizer.VocabularySize, tokenizer.BosId, tokenizer.EosId, ChatTemplate = tokenizer.ChatTemplate is not null },
            Config = description,
            Tensors = tensors,
        });
    }

    static void PrintTables(string name, ModelConfig config, Stored[] tensors, Tokenizer? tokenizer, bool isStored, bool list)
    {
        var counts = new ModelCounts(config);
        string type = $"{config.WeightType}";
        Table table = Terminal.Table(name, "").HideHeaders();
        table.Add("model", name);
        table.Add("architecture", Architecture(config, out _).ToString());
        table.Add("layers", $"{config.LayerCount} of width {config.HiddenSize}, {config.HeadCount} heads");
        table.Add("attention", Describe(config.Attention));
        table.Add("feed-forward", config.Experts is { } experts ? Describe(experts, config.IntermediateSize) : $"{config.IntermediateSize} wide");
        if (config.MtpLayerCount > 0)
            table.Add("multi-token prediction", Terminal.Invariant($"{config.MtpLayerCount} module, {Terminal.Scaled(counts.MtpParameters)} parameters more"));
        table.Add("context", Terminal.Invariant($"{config.MaxPositionEmbeddings:N0} tokens"));
        table.Add("parameters", Terminal.Invariant($"{counts.Parameters:N0} ({Terminal.Scaled(counts.Parameters)}), {counts.ActiveParameters:N0} ({Terminal.Scaled(counts.ActiveParameters)}) active per token"));
        table.Add("stored", Terminal.Invariant($"{tensors.Length:N0} tensors, {tensors.Sum(t => t.Bytes):N0} bytes ({Terminal.Scaled(tensors.Sum(t => t.Bytes))}B)"));
        table.Add("cache per token", Terminal.Invariant(
            $"{counts.CacheBytesPerToken(config.WeightType):N0} bytes in {type}; with every head's keys and values: {counts.FullAttentionCacheElementsPerToken * config.WeightType.ByteSize():N0}"));
        table.Add("vocabulary", Terminal.Invariant($"{config.VocabularySize:N0}"));
        if (isStored)
        {
            table.Add("tokenizer", tokenizer is null ? "none" : Terminal.Invariant($"{tokenizer.VocabularySize:N0} tokens, begin {tokenizer.BosId}, end {tokenizer.EosId}"));
            table.Add("chat template", tokenizer?.ChatTemplate is null ? "none" : "yes");
        }
        Terminal.Write(table);
        if (!list)
            return;
        Table rows = Terminal.Table("tensor", "type", ">shape", ">bytes");
        foreach (Stored tensor in tensors)
            rows.Add(tensor.Name, tensor.Type, string.Join(" x ", tensor.Shape), Terminal.Invariant($"{tensor.Bytes:N0}"));
        Terminal.Write(rows);
    }

    static string Describe(AttentionConfig attention) => attention switch
    {
        LatentAttentionConfig latent =>
            $"latent: {latent.KvLoraRank} for keys and values, {(latent.QLoraRank is { } rank ? $"{rank} for queries" : "queries direct")}, heads of {latent.QkNopeHeadDim} + {latent.QkRopeHeadDim} rotated, values of {latent.VHeadDim}",
        GroupedQueryAttentionConfig grouped => $"grouped-query: {grouped.KeyValueHeadCount} key-value heads of {grouped.HeadDim}{(grouped.QkvBias ? ", with bias" : "")}",
        _ => attention.GetType().Name,
    };

    static string Describe(ExpertConfig experts, int dense) =>
        $"{experts.RoutedExpertCount} experts of {experts.ExpertIntermediateSize}, {experts.ExpertsPerToken} per token, {experts.SharedExpertCount} shared; the first {experts.FirstDenseLayerCount} dense and {dense} wide";
}
