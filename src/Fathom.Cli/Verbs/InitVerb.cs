// `fathom init`: a model folder with random weights.
using System.CommandLine;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>init</c>.</summary>
static class InitVerb
{
    static readonly Argument<string> s_preset = new("PRESET") { Description = $"One of {string.Join(", ", Presets.All.Keys)}." };

    static readonly Option<string> s_out = new("--out", "-o") { Description = "The folder to write; it must not exist or be empty.", HelpName = "DIR", Required = true };

    static readonly Option<string> s_type = new Option<string>("--type") { Description = "Number format of the stored weights.", DefaultValueFactory = _ => "f32" }.AcceptOnlyFromAmong("f32", "bf16");

    static readonly Option<long> s_seed = CommonOptions.Seed("of the weights");

    public static Verb Create() => new Verb(
        "init", "Writes a model with random weights, and a tokenizer that has one token per byte, as a Hugging Face folder.",
        "init nano --seed 1 -o models/nano",
        "init micro --type bf16 -o models/micro")
    {
        s_preset, s_out, s_type, s_seed, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string preset = parsed.GetValue(s_preset)!, folder = parsed.GetValue(s_out)!;
        if (!Presets.All.TryGetValue(preset, out ModelConfig? known))
            throw CommandException.Usage($"there is no preset '{preset}'; did you mean '{NearestName.Of(preset, Presets.All.Keys)}'? Presets: {string.Join(", ", Presets.All.Keys)}.");
        if (File.Exists(folder) || Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw CommandException.Usage($"'{folder}' exists and is not an empty folder; choose another with -o.");
        var counts = new ModelCounts(known);
        Memory.Require($"a model of {preset}", checked((counts.Parameters + counts.MtpParameters) * sizeof(float)));

        // Without merges: bytes and marks, which every vocabulary has room for.
        Tokenizer tokenizer = BpeTrainer.Train([], Math.Min(known.VocabularySize, 256 + DeepSeekTokens.All.Count), DeepSeekTokens.All);
        ElementType type = parsed.GetValue(s_type) == "bf16" ? ElementType.BF16 : ElementType.F32;
        ModelConfig config = known with { WeightType = type, Quantization = null, BosTokenId = tokenizer.BosId, EosTokenIds = [tokenizer.EosId!.Value] };
        using DecoderModel model = DecoderModel.Initialize(config, (ulong)parsed.GetValue(s_seed));
        model.Save(folder, type);
        tokenizer.Save(folder);

        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { Folder = folder, Preset = preset, counts.Parameters, Type = $"{type}" });
        else
            Console.Out.WriteLine(Terminal.Invariant($"Wrote {folder}: {preset}, {counts.Parameters:N0} random parameters in {type}."));
        return Endings.Fine;
    }
}
