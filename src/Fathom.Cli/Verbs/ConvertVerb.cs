// `fathom convert`: a model in another file format or another plain number format.
using System.CommandLine;
using System.Diagnostics;
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Numerics.Formats;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>convert</c>.</summary>
static class ConvertVerb
{
    static readonly Option<string> s_out = new("--out", "-o") { Description = "A file that ends in .gguf, or a folder for safetensors, which must not exist or be empty.", HelpName = "PATH", Required = true };

    static readonly Option<string?> s_type = new Option<string?>("--type")
    {
        Description = "Number format of the weights; fp8 (E4M3 with a factor per 128 x 128 block) for a folder only. Default: the model's own; bf16 for what is quantised.",
    }.AcceptOnlyFromAmong("f32", "bf16", "f16", "fp8");

    static readonly Option<double?> s_shard = new Option<double?>("--shard-size")
    {
        Description = "Gigabytes after which the next file is begun; 0 writes one file. Default: 5 for a folder, one file for GGUF.",
        HelpName = "GB",
    }.AtLeast(0);

    public static Verb Create() => new Verb(
        "convert", "Writes a model as a safetensors folder or as a GGUF file, in a plain number format; tokenizer and chat template go with it. "
            + "'fathom quantize' writes block formats.",
        "convert runs/nano-r1 -o nano-r1.gguf",
        "convert model.gguf -o model --type bf16",
        "convert DeepSeek-V3 -o v3-bf16 --type bf16 --shard-size 10")
    {
        CommonOptions.Model, s_out, s_type, CommonOptions.MlaDialect, CommonOptions.NoMtp, s_shard, CommonOptions.Store, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        ModelLocation location = ModelLocator.Find(parsed.GetValue(CommonOptions.Model)!);
        string path = parsed.GetValue(s_out)!;
        bool gguf = path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase);
        if (File.Exists(path) || Directory.Exists(path) && (gguf || Directory.EnumerateFileSystemEntries(path).Any()))
            throw CommandException.Usage($"'{path}' exists{(gguf ? "" : " and is not an empty folder")}; choose another with -o.");
        using ICheckpoint source = Checkpoint.Open(location.Path);
        string type = parsed.GetValue(s_type) ?? Own(source, gguf);
        if (gguf && type == "fp8")
            throw CommandException.Usage("--type is fp8; GGUF has no such format. Allowed are f32, bf16 and f16; 'fathom quantize' writes smaller ones.");
        long shard = CommonOptions.ShardBytes(parsed.GetValue(s_shard) ?? (gguf ? 0 : 5));
        var clock = Stopwatch.StartNew();
        IReadOnlyList<string> files = WorkDisplay.Show("converting", "tensors", report =>
        {
            if (gguf)
            {
                return ModelConversion.ToGguf(source, path, new GgufOptions
                {
                    Target = GgufTarget.Find(type)!,
                    Name = Path.GetFileName(Path.GetFullPath(location.Path)),
                    Dialect = parsed.GetValue(CommonOptions.MlaDialect),
                    KeepPrediction = !parsed.GetValue(CommonOptions.NoMtp),
                    Metadata = StoredTokenizer.Metadata(location.Path, source.Config.VocabularySize),
                    PartBytes = shard,
                    Report = (_, done, count) => report(done, count),
                });
            }
            Directory.CreateDirectory(path);
            ModelConversion.ToFolder(source, path, TypeOf(type), shard, (done, count) => report(done, count));
            StoredTokenizer.CopyTo(location.Path, path);
            return Directory.GetFiles(path);
        });
        long bytes = Bytes(files);
        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { Path = path, Type = type, Bytes = bytes, Seconds = clock.Elapsed.TotalSeconds });
        else
            Console.Out.WriteLine(Terminal.Invariant($"Wrote {path}: {Terminal.Scaled(bytes)}B in {type}, {clock.Elapsed.TotalSeconds:0.0} s."));
        return Endings.Fine;
    }

    /// <summary>Bytes of the files that were written.</summary>
    public static long Bytes(IEnumerable<string> files) => files.Sum(file => new FileInfo(file).Length);

    // FP8 stays FP8 where the result holds it.
    static string Own(ICheckpoint source, bool gguf) => source.Config.Quantization is not null ? gguf ? "bf16" : "fp8" : source.Config.WeightType switch
    {
        ElementType.F32 => "f32",
        ElementType.F16 => "f16",
        _ => "bf16",
    };

    static ElementType TypeOf(string type) => type switch
    {
        "f32" => ElementType.F32,
        "f16" => ElementType.F16,
        "fp8" => ElementType.F8E4M3,
        _ => ElementType.BF16,
    };
}
