// `fathom bench train`: how fast this machine trains, beside what it could do at most.
using System.CommandLine;
using Fathom.Cli.Measurements;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Threading;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>bench train</c>.</summary>
static class BenchTrainVerb
{
    const string MatMulPart = "matmul", TrainingPart = "training", RlPart = "rl";

    // Weights, gradients and AdamW's two moments.
    const int TrainingFloatsPerParameter = 4;

    static readonly Argument<string> s_preset = new("PRESET")
    {
        Description = $"What to train: {string.Join(", ", Presets.All.Keys)}.",
    };

    static readonly Option<int> s_sequences = new Option<int>("--sequences") { Description = "Sequences per step.", HelpName = "N", DefaultValueFactory = _ => 16 }.Within(1, 1 << 20);

    static readonly Option<int> s_length = new Option<int>("--length") { Description = "Tokens per sequence.", HelpName = "N", DefaultValueFactory = _ => 256 }.Within(2, 1 << 20);

    static readonly Option<int> s_steps = new Option<int>("--steps") { Description = "Steps to measure, after two to warm up.", HelpName = "N", DefaultValueFactory = _ => 9 }.Within(1, 1_000_000);

    static readonly Option<string[]> s_only = new Option<string[]>("--only")
    {
        Description = "Measure this part alone. May be given several times. Default: all.",
        AllowMultipleArgumentsPerToken = true,
    }.AcceptOnlyFromAmong(MatMulPart, TrainingPart, RlPart);

    public static Verb Create() => new Verb(
        "train", "Measures the machine's limits, matrix products, training of a preset on random tokens, and GRPO on nano; each beside the limit measured in the same run.",
        "bench train bench-moe",
        "bench train nano --sequences 32 --only training --json")
    {
        s_preset, s_sequences, s_length, s_steps, s_only, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string preset = parsed.GetValue(s_preset)!;
        ModelConfig config = CommonOptions.PresetNamed(preset);
        int length = parsed.GetValue(s_length), threads = ThreadTeam.Shared.ThreadCount;
        if (length > config.MaxPositionEmbeddings)
            throw CommandException.Usage($"--length is {length}; {preset} has positions for {config.MaxPositionEmbeddings} tokens.");
        Memory.Require($"training {preset}", checked(new ModelCounts(config).Parameters * sizeof(float) * TrainingFloatsPerParameter));
        string[] parts = parsed.GetValue(s_only) is { Length: > 0 } only ? only : [MatMulPart, TrainingPart, RlPart];

        Console.Error.WriteLine("Measuring the machine's limits...");
        MachineLimits[] limits = [.. new[] { 1, threads }.Distinct().Select(MachineLimits.Measure)];
        List<BenchResult> results = [];
        if (parts.Contains(MatMulPart))
        {
            for (int i = 0; i < limits.Length; i++)
            {
                Console.Error.WriteLine($"Measuring matrix products with {limits[i].Threads} thread{(limits[i].Threads == 1 ? "" : "s")}...");
                ThreadTeam.SetSharedThreadCount(limits[i].Threads);
                results.AddRange(MatMulMeasurement.Run(ref limits[i]));
            }
        }
        ThreadTeam.SetSharedThreadCount(threads);
        if (parts.Contains(TrainingPart))
        {
            Console.Error.WriteLine($"Training {preset}...");
            results.Add(TrainingMeasurement.Run(preset, config, parsed.GetValue(s_sequences), length, parsed.GetValue(s_steps), limits[^1].Single));
        }
        if (parts.Contains(RlPart))
        {
            Console.Error.WriteLine("Reinforcing nano...");
            results.AddRange(ReinforcementMeasurement.Run());
        }
        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { PeakMemoryBytes = Memory.Peak(), Limits = limits, Results = results });
        else
            PrintTables(limits, results);
        return Endings.Fine;
    }

    static void PrintTables(MachineLimits[] limits, List<BenchResult> results)
    {
        Terminal.Write(BenchVerb.LimitsTable(limits));
        Table table = Terminal.Table("test", ">threads", ">median", ">min", ">max", "unit", ">of the limit");
        foreach (BenchResult result in results)
        {
            table.Add(
                result.Test, $"{result.Threads}", BenchVerb.Number(result.TokensPerSecond ?? result.Gflops!.Value), BenchVerb.Number(result.Minimum), BenchVerb.Number(result.Maximum),
                result.Gflops is null ? "tokens/s" : "GFLOP/s", result.FractionOfLimit is { } fraction ? Terminal.Invariant($"{fraction:0.0%}") : "");
        }
        Terminal.Write(table);
        foreach (BenchResult result in results.Where(result => result.Shares is not null))
            Console.Out.WriteLine(Terminal.Invariant($"{result.Test}: {result.Seconds:0.00} s, of which {string.Join(", ", result.Shares!.Select(part => Terminal.Invariant($"{part.Key} {part.Value:0%}")))}."));
        Console.Out.WriteLine(Terminal.Invariant($"{Terminal.Scaled(Memory.Peak())}B of memory at most."));
        Console.Out.WriteLine("Matrix products: best sample over the best multiply-add loop of this run. Training: model FLOPs of the median step over the FP32 limit.");
    }
}
