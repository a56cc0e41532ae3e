// `fathom bench`: how fast this machine runs a model, beside what it could do at most.
using System.CommandLine;
using System.Diagnostics;
using Fathom.Cli.Measurements;
using Fathom.Models.Checkpoints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Threading;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>bench</c>; its relative <c>bench train</c> is in BenchTrainVerb.cs.</summary>
static class BenchVerb
{
    // A count that no machine reaches, and whose sums stay far inside 32 bits.
    const int MostTokens = 1 << 24;

    static readonly Argument<string?> s_model = new("MODEL") { Description = CommonOptions.Model.Description, Arity = ArgumentArity.ZeroOrOne };

    static readonly Option<string?> s_preset = new("--preset") { Description = $"Instead of MODEL: random weights of {string.Join(", ", Presets.All.Keys)}.", HelpName = "PRESET" };

    static readonly Option<string> s_format = CommonOptions.Format("Format of a preset's random weights.");

    static readonly Option<int[]> s_prompt = CommonOptions.Counts("--prompt", "-p", "Prompt tokens to read at once; 0 measures no prompts.", [512], 0, MostTokens);

    static readonly Option<int[]> s_decode = CommonOptions.Counts("--decode", "-n", "Tokens to decode one after the other; 0 measures no decoding.", [128], 0, MostTokens);

    static readonly Option<int[]> s_depth = CommonOptions.Counts("--depth", "-d", "Tokens that stand in the cache before.", [0], 0, MostTokens);

    static readonly Option<int[]> s_batch = CommonOptions.Counts("--batch", "-b", "Sequences that are decoded together.", [1], 1, 1 << 16);

    static readonly Option<int> s_repetitions = new Option<int>("--repetitions", "-r") { Description = "Times each test is run, after once to warm up.", HelpName = "N", DefaultValueFactory = _ => 5 }.Within(1, 1000);

    static readonly Option<long> s_seed = CommonOptions.Seed("of a preset's weights");

    public static Verb Create()
    {
        Verb bench = new Verb(
            "bench", "Measures how fast a model reads prompts and decodes, beside the machine's own limits. 'bench train' measures training.",
            "bench DeepSeek-R1-Distill-Qwen-1.5B -p 512,2048 -d 0,4096",
            "bench --preset deepseek-v2-lite --format q4_k_m -n 128 --batch 1,8,32 --json",
            "bench train nano")
        {
            s_model, s_preset, s_format, s_prompt, s_decode, s_depth, s_batch, s_repetitions, CommonOptions.CacheType, s_seed, CommonOptions.Store, CommonOptions.Threads, CommonOptions.Json,
        }.Does(Run);
        bench.Subcommands.Add(BenchTrainVerb.Create());
        return bench;
    }

    static int Run(ParseResult parsed)
    {
        string? name = parsed.GetValue(s_model), preset = parsed.GetValue(s_preset);
        if (name is null && preset is null)
            return CommandLine.ShowHelp(parsed);
        if (name is not null && preset is not null)
            throw CommandException.Usage($"there is both a model ('{name}') and a preset ('{preset}'); one of them can be measured.");
        if (name is not null && parsed.GetResult(s_format) is { Implicit: false })
            throw CommandException.Usage("--format is for the random weights of a preset; a model has its own.");

        int[] Values(Option<int[]> option) => [.. parsed.GetValue(option)!.Distinct()];
        int[] prompts = [.. Values(s_prompt).Where(count => count > 0)], decodes = [.. Values(s_decode).Where(count => count > 0)], depths = [.. Values(s_depth).Order()], batches = Values(s_batch);
        int repetitions = parsed.GetValue(s_repetitions);
        if (prompts.Length + decodes.Length == 0)
            throw CommandException.Usage("-p and -n are both 0: there is nothing to measure.");

        var clock = Stopwatch.StartNew();
        using DecoderModel model = name is not null ? DecoderModel.Open(ModelLocator.Find(name).Path) : Random(preset!, GgufTarget.Find(parsed.GetValue(s_format)!)!, (ulong)parsed.GetValue(s_seed));
        OpenModel.Prepare(model);
        double load = clock.Elapsed.TotalSeconds;
        int longest = depths[^1] + prompts.Concat(decodes).Max();
        if (longest > model.Config.MaxPositionEmbeddings)
            throw CommandException.Usage($"the longest test has {longest} tokens; the model has positions for {model.Config.MaxPositionEmbeddings}.");
        long cacheTokens = prompts.Select(count => InferenceMeasurement.CacheTokens(count, depths[^1], 1))
            .Concat(decodes.Select(count => InferenceMeasurement.CacheTokens(count, depths[^1], batches.Max()))).Max();
        Memory.Require("the attention cache of the largest test", checked(cacheTokens * new ModelCounts(model.Config).CacheBytesPerToken(CommonOptions.CacheTypeOf(parsed))));

        Console.Error.WriteLine("Measuring the machine's limits...");
        MachineLimits limits = MachineLimits.Measure(ThreadTeam.Shared.ThreadCount);
        int tests = depths.Length * (prompts.Length + decodes.Length * batches.Length);
        List<InferenceResult> results = WorkDisplay.Show("measuring", "runs", report =>
        {
            using var measurement = new InferenceMeasurement(model, limits, cacheTokens, CommonOptions.CacheTypeOf(parsed));
            List<InferenceResult> all = [];
            long done = 0;
            measurement.Report = () => report(++done, (long)tests * repetitions);
            foreach (int depth in depths)
            {
                foreach (int count in prompts)
                    all.Add(measurement.Prompt(count, depth, repetitions));
                foreach (int count in decodes)
                {
                    foreach (int batch in batches)
                        all.Add(measurement.Decode(count, depth, batch, repetitions));
                }
            }
            return all;
        });

        string title = name ?? $"{preset} in {parsed.GetValue(s_format)}, random weights";
        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { Model = title, LoadSeconds = load, PeakMemoryBytes = Memory.Peak(), Limits = limits, Results = results });
        else
            PrintTables(title, load, limits, results);
        return Endings.Fine;
    }

    static DecoderModel Random(string preset, GgufTarget target, ulong seed)
    {
        ModelConfig config = CommonOptions.PresetNamed(preset);
        Memory.Require($"a model of {preset} in {target.Name}", RandomCheckpoint.BytesOf(config, target));
        return new DecoderModel(new StoredWeights(new RandomCheckpoint(config, target, seed)));
    }

    static void PrintTables(string title, double load, MachineLimits limits, List<InferenceResult> results)
    {
        Terminal.Write(LimitsTable([limits]));
        Table table = Terminal.Table("test", ">tokens/s", ">min", ">max", ">MB/token", ">GB/s", ">beside it", ">of bandwidth", ">of peak", "bound by");
        foreach (InferenceResult result in results)
        {
            table.Add(
                result.Test, Number(result.TokensPerSecond), Number(result.Minimum), Number(result.Maximum), Number(result.BytesPerToken / 1e6),
                Number(result.BytesPerToken * result.TokensPerSecond / 1e9), Number(result.Bandwidth),
                Terminal.Invariant($"{result.FractionOfBandwidth:0.0%}"), Terminal.Invariant($"{result.FractionOfPeak:0.0%}"), result.Limit == InferenceLimit.Memory ? "memory" : "arithmetic");
        }
        Terminal.Write(table);
        Console.Out.WriteLine(Terminal.Invariant($"{title}: loaded in {load:0.00} s, {Terminal.Scaled(Memory.Peak())}B of memory at most."));
        Console.Out.WriteLine("Medians. MB/token: matrices multiplied with (of the experts the chosen ones) and cache. Bandwidth: measured right before and after each run.");
    }

    /// <summary>A table of the machine's limits, for every number of threads one row.</summary>
    internal static Table LimitsTable(IEnumerable<MachineLimits> limits)
    {
        Table table = Terminal.Table(">threads", ">FP32 512/256-bit GFLOP/s", ">BF16", ">int8 512/256-bit Gop/s", ">AMX BF16/int8", ">read GB/s", ">triad");
        foreach (MachineLimits limit in limits)
        {
            table.Add(
                $"{limit.Threads}", $"{Number(limit.Fma512)} / {Number(limit.Fma256)}", Number(limit.Bf16), $"{Number(limit.Vnni512)} / {Number(limit.Vnni256)}",
                $"{Number(limit.AmxBf16)} / {Number(limit.AmxInt8)}", Number(limit.Read), Number(limit.Triad));
        }
        return table;
    }

    /// <summary>A number with a separator of thousands and one place behind the point, where there is something.</summary>
    internal static string Number(double value) => Terminal.Invariant($"{value:#,0.#}");
}
