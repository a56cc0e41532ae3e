// `fathom init`: a model of random weights: a folder to train, or a GGUF file in any format to time.
using System.CommandLine;
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>init</c>.</summary>
static class InitVerb
{
    // What is trained starts from plain numbers.
    static readonly Dictionary<string, ElementType> s_folderTypes = new() { ["f32"] = ElementType.F32, ["bf16"] = ElementType.BF16 };

    static readonly Argument<string> s_preset = new("PRESET") { Description = $"One of {string.Join(", ", Presets.All.Keys)}." };

    static readonly Option<string> s_out = new("--out", "-o") { Description = "A folder for safetensors, which must not exist or be empty, or a file that ends in .gguf.", HelpName = "PATH", Required = true };

    static readonly Option<string?> s_format = new Option<string?>("--format", "--type")
    {
        Description = $"Number format of the weights: {string.Join(" or ", s_folderTypes.Keys)} for a folder; for a file also {string.Join(", ", GgufTarget.All.Select(target => target.Name).Except(s_folderTypes.Keys))}. Default: f32.",
    }.AcceptOnlyFromAmong([.. GgufTarget.All.Select(target => target.Name)]);

    static readonly Option<long> s_seed = CommonOptions.Seed("of the weights");

    public static Verb Create() => new Verb(
        "init", "Writes a model with random weights, and a tokenizer that has one token per byte. A Hugging Face folder gets the weights that training "
            + "starts from; a GGUF file gets weights made for timing, drawn in its format and of standard deviation 1/√columns.",
        "init nano --seed 1 -o models/nano",
        "init micro --format bf16 -o models/micro",
        "init deepseek-v2-lite --format q4_k_m -o v2-lite.gguf")
    {
        s_preset, s_out, s_format, CommonOptions.MlaDialect, CommonOptions.NoMtp, s_seed, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string preset = parsed.GetValue(s_preset)!, path = parsed.GetValue(s_out)!, format = parsed.GetValue(s_format) ?? "f32";
        ModelConfig known = CommonOptions.PresetNamed(preset);
        bool gguf = path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase);
        if (File.Exists(path) || Directory.Exists(path) && (gguf || Directory.EnumerateFileSystemEntries(path).Any()))
            throw CommandException.Usage($"'{path}' exists{(gguf ? "" : " and is not an empty folder")}; choose another with -o.");
        if (!gguf && !s_folderTypes.ContainsKey(format))
            throw CommandException.Usage($"--format is {format}, and '{path}' is a folder, which takes {string.Join(" or ", s_folderTypes.Keys)}; block formats are written to a file that ends in {GgufFile.Extension}.");

        // Without merges: bytes and marks, which every vocabulary has room for.
        Tokenizer tokenizer = BpeTrainer.Train([], Math.Min(known.VocabularySize, 256 + DeepSeekTokens.All.Count), DeepSeekTokens.All);
        ModelConfig config = known with { Quantization = null, BosTokenId = tokenizer.BosId, EosTokenIds = [tokenizer.EosId!.Value] };
        ulong seed = (ulong)parsed.GetValue(s_seed);
        if (gguf)
            WriteFile(parsed, config, preset, GgufTarget.Find(format)!, seed, tokenizer, path);
        else
            WriteFolder(config, preset, s_folderTypes[format], seed, tokenizer, path);

        long parameters = new ModelCounts(known).Parameters, bytes = gguf ? new FileInfo(path).Length : ConvertVerb.Bytes(Directory.GetFiles(path));
        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { Path = path, Preset = preset, Parameters = parameters, Format = format, Bytes = bytes });
        else
            Console.Out.WriteLine(Terminal.Invariant($"Wrote {path}: {preset}, {parameters:N0} random parameters in {format}, {Terminal.Scaled(bytes)}B."));
        return Endings.Fine;
    }

    static void WriteFolder(ModelConfig config, string preset, ElementType type, ulong seed, Tokenizer tokenizer, string folder)
    {
        var counts = new ModelCounts(config);
        Memory.Require($"a model of {preset}", checked((counts.Parameters + counts.MtpParameters) * sizeof(float)));
        using DecoderModel model = DecoderModel.Initialize(config with { WeightType = type }, seed);
        model.Save(folder, type);
        tokenizer.Save(folder);
    }

    static void WriteFile(ParseResult parsed, ModelConfig config, string preset, GgufTarget target, ulong seed, Tokenizer tokenizer, string file) =>
        WorkDisplay.Show("writing", "tensors", report => ModelConversion.RandomToGguf(config with { WeightType = target.Base.IsBlock() ? ElementType.BF16 : target.Base }, seed, file, new GgufOptions
        {
            Target = target,
            Name = $"{preset} (random)",
            Dialect = parsed.GetValue(CommonOptions.MlaDialect),
            KeepPrediction = !parsed.GetValue(CommonOptions.NoMtp),
            Metadata = tokenizer.ToGguf(config.VocabularySize),
            Report = (_, done, count) => report(done, count),
        }));
}
