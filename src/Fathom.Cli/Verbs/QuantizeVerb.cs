// `fathom quantize`: a model in a block format, with what that costs in accuracy.
using System.CommandLine;
using System.Diagnostics;
using Fathom.Evaluation.Benchmarks;
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Quantization;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>quantize</c>.</summary>
static class QuantizeVerb
{
    const int Window = 512;
    const int WorstShown = 8;

    static readonly Option<string> s_out = new("--out", "-o") { Description = "The .gguf file to write; it must not exist.", HelpName = "FILE", Required = true };

    static readonly Option<string> s_type = new Option<string>("--type")
    {
        Description = "Format of the matrices: one of all, or q4_k_m, which is q4_k with q6_k where errors cost most. Norms, biases and routers stay FP32.",
        DefaultValueFactory = _ => "q4_k_m",
    }.AcceptOnlyFromAmong([.. GgufTarget.All.Select(target => target.Name)]);

    static readonly Option<string?> s_importance = new("--importance")
    {
        Description = "A text that the model should still do well on: squared errors are weighted by how large each column's input is there.",
        HelpName = "FILE",
    };

    static readonly Option<string?> s_text = new("--text") { Description = "Measure perplexity on this text before and after.", HelpName = "FILE" };

    static readonly Option<int> s_windows = new Option<int>("--windows") { Description = $"Windows of {Window} tokens read of the importance text at most.", HelpName = "N", DefaultValueFactory = _ => 64 }.Within(1, 1_000_000);

    static readonly Option<double> s_shard = new Option<double>("--shard-size") { Description = "Gigabytes after which the next file is begun; 0 writes one file.", HelpName = "GB", DefaultValueFactory = _ => 0 }.AtLeast(0);

    public static Verb Create() => new Verb(
        "quantize", "Writes a model as a GGUF file in a block format, and reports the error of every tensor and, on a text, the change of perplexity.",
        "quantize DeepSeek-R1-Distill-Qwen-1.5B -o distill.gguf",
        "quantize runs/nano-r1 -o nano-r1.gguf --type q8_0 --text text.txt --json",
        "quantize model -o model.gguf --importance calibration.txt")
    {
        CommonOptions.Model, s_out, s_type, s_importance, s_windows, s_text, CommonOptions.MlaDialect, CommonOptions.NoMtp, s_shard, CommonOptions.Store, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(CommonOptions.Model)!, path = parsed.GetValue(s_out)!;
        ModelLocation location = ModelLocator.Find(name);
        if (!path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase))
            throw CommandException.Usage($"-o is '{path}'; block formats are written to a file that ends in {GgufFile.Extension}.");
        if (File.Exists(path) || Directory.Exists(path))
            throw CommandException.Usage($"'{path}' exists; choose another with -o.");
        GgufTarget target = GgufTarget.Find(parsed.GetValue(s_type)!)!;
        byte[]? text = Read(parsed.GetValue(s_text)), calibration = Read(parsed.GetValue(s_importance));
        Perplexity? before = text is null ? null : Measure(name, text, "perplexity before");
        Dictionary<string, float[]>? importance = calibration is null ? null : Importance(name, calibration, parsed.GetValue(s_windows));

        var tensors = new List<EncodingError>();
        var clock = Stopwatch.StartNew();
        IReadOnlyList<string> files;
        using (ICheckpoint source = Checkpoint.Open(location.Path))
        {
            files = WorkDisplay.Show("quantising", "tensors", report => ModelConversion.ToGguf(source, path, new GgufOptions
            {
                Target = target,
                Name = Path.GetFileName(Path.GetFullPath(location.Path)),
                Importance = importance,
                Dialect = parsed.GetValue(CommonOptions.MlaDialect),
                KeepPrediction = !parsed.GetValue(CommonOptions.NoMtp),
                Metadata = StoredTokenizer.Metadata(location.Path, source.Config.VocabularySize),
                PartBytes = CommonOptions.ShardBytes(parsed.GetValue(s_shard)),
                Report = (tensor, done, count) =>
                {
                    tensors.Add(tensor);
                    report(done, count);
                },
            }));
        }
        double seconds = clock.Elapsed.TotalSeconds;
        Perplexity? after = text is null ? null : Measure(path, text, "perplexity after");
        if (parsed.GetValue(CommonOptions.Json))
            PrintJson(path, ConvertVerb.Bytes(files), target, tensors, seconds, before, after);
        else
            PrintTables(path, ConvertVerb.Bytes(files), target, tensors, seconds, before, after);
        return Endings.Fine;
    }

    static byte[]? Read(string? file) => file is null ? null
        : File.Exists(file) ? File.ReadAllBytes(file)
        : throw CommandException.Usage($"there is no file '{file}'.");

    static Perplexity Measure(string model, byte[] text, string what)
    {
        using OpenModel open = OpenModel.Load(model);
        return WorkDisplay.Show(what, "tokens", report => Perplexity.Measure(open.Model, open.Tokenizer, text, Math.Min(Window, open.Model.Config.MaxPositionEmbeddings), report));
    }

    static Dictionary<string, float[]> Importance(string model, byte[] text, int windows)
    {
        using OpenModel open = OpenModel.Load(model);
        int[] begin = open.Tokenizer.BosId is { } bos ? [bos] : [], ids = open.Tokenizer.Encode(text);
        int[][] chunks = [.. ids.Chunk(Math.Min(Window, open.Model.Config.MaxPositionEmbeddings) - begin.Length).Take(windows).Select(chunk => (int[])[.. begin, .. chunk])];
        return chunks.Length == 0
            ? throw CommandException.Failure("the importance text has no tokens.")
            : WorkDisplay.Show("importance", "windows", report => ImportanceMatrix.Measure(open.Model, chunks, done => report(done, chunks.Length)));
    }

    // Root of the squared error's share in the squares.
    static double Relative(double error, double squares) => squares == 0 ? 0 : Math.Sqrt(error / squares);

    // Megabytes of what the weights would be in FP16, per second.
    static double Speed(List<EncodingError> tensors, double seconds) => tensors.Sum(t => t.Elements) * 2 / 1e6 / seconds;

    static void PrintJson(string path, long bytes, GgufTarget target, List<EncodingError> tensors, double seconds, Perplexity? before, Perplexity? after) => Terminal.PrintJson(new
    {
        Path = path,
        Type = target.Name,
        Bytes = bytes,
        BitsPerWeight = 8.0 * tensors.Sum(t => t.Bytes) / tensors.Sum(t => t.Elements),
        Seconds = seconds,
        Fp16MegabytesPerSecond = Speed(tensors, seconds),
        RelativeError = Relative(tensors.Sum(t => t.SquaredError), tensors.Sum(t => t.SquaredSum)),
        PerplexityBefore = before?.Value,
        PerplexityAfter = after?.Value,
        Tensors = tensors.Select(t => new { t.Name, Type = $"{t.Type}", t.Elements, t.Bytes, RelativeError = Relative(t.SquaredError, t.SquaredSum) }),
    });

    static void PrintTables(string path, long bytes, GgufTarget target, List<EncodingError> tensors, double seconds, Perplexity? before, Perplexity? after)
    {
        Table types = Terminal.Table("type", ">tensors", ">bytes", ">relative error");
        foreach (IGrouping<string, EncodingError> group in tensors.GroupBy(t => $"{t.Type}"))
        {
            types.Add(group.Key, $"{group.Count()}", Terminal.Invariant($"{group.Sum(t => t.Bytes):N0}"),
                Terminal.Invariant($"{Relative(group.Sum(t => t.SquaredError), group.Sum(t => t.SquaredSum)):0.0000}"));
        }
        Terminal.Write(types);
        Table worst = Terminal.Table("largest errors", "type", ">relative error");
        foreach (EncodingError tensor in tensors.OrderByDescending(t => Relative(t.SquaredError, t.SquaredSum)).Take(WorstShown))
            worst.Add(tensor.Name, $"{tensor.Type}", Terminal.Invariant($"{Relative(tensor.SquaredError, tensor.SquaredSum):0.0000}"));
        Terminal.Write(worst);
        if (before is not null && after is not null)
        {
            Console.Out.WriteLine(Terminal.Invariant(
                $"Perplexity {before.Value:0.0000} before, {after.Value:0.0000} after ({after.Value / before.Value - 1:+0.00%;-0.00%}), over {after.Tokens:N0} tokens."));
        }
        Console.Out.WriteLine(Terminal.Invariant($"Wrote {path}: {Terminal.Scaled(bytes)}B in {target.Name}, {seconds:0.0} s at {Speed(tensors, seconds):0} MB of FP16 per second."));
    }
}
