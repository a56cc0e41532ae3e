// The tables that DeepSeek published with R1: 21 benchmarks of six models, the distilled models beside four others, and three scores of
// R1-Zero. Values stand as the primer and the paper's first version have them. Where another publication of the same makers has another
// value, both are kept.
namespace Fathom.Evaluation.Benchmarks;

/// <summary>One published number.</summary>
/// <param name="Model">The model's published name.</param>
/// <param name="Benchmark">The benchmark, by the name of its reader where there is one (<see cref="BenchmarkFormat.Name"/>).</param>
/// <param name="Metric">What was measured: <c>passAt1</c>, <c>consAt64</c>, <c>f1</c>, <c>promptStrict</c>, <c>rating</c>, <c>percentile</c>, ...</param>
/// <param name="Title">Benchmark and metric as published; it names the edition, such as AIME 2024.</param>
/// <param name="Value">In percent, except ratings.</param>
/// <param name="Source">Where it stands.</param>
public sealed record PublishedScore(string Model, string Benchmark, string Metric, string Title, double Value, string Source)
{
    /// <summary>What another publication says instead; null where none differs.</summary>
    public Disagreement? Other { get; init; }
}

/// <summary>A second value of the same score.</summary>
/// <param name="Value">The value; null where that publication leaves it out.</param>
/// <param name="Source">Where it stands.</param>
public sealed record Disagreement(double? Value, string Source);

/// <summary>The published tables.</summary>
public static class PublishedScores
{
    const string Paper = "DeepSeek-R1 (arXiv 2501.12948v1)";
    const string Readme = "README of deepseek-ai/DeepSeek-R1";

    // Nothing published.
    const double None = double.NaN;

    static readonly string[] s_models = ["Claude-3.5-Sonnet-1022", "GPT-4o-0513", "DeepSeek-V3", "OpenAI-o1-mini", "OpenAI-o1-1217", "DeepSeek-R1"];

    static readonly Row[] s_evaluation =
    [
        new("mmlu", "passAt1", "MMLU (Pass@1)", 88.3, 87.2, 88.5, 85.2, 91.8, 90.8),
        new("mmlu-redux", "passAt1", "MMLU-Redux (EM)", 88.9, 88.0, 89.1, 86.7, None, 92.9),
        new("mmlu-pro", "passAt1", "MMLU-Pro (EM)", 78.0, 72.6, 75.9, 80.3, None, 84.0),
        new("drop", "f1", "DROP (3-shot F1)", 88.3, 83.7, 91.6, 83.9, 90.2, 92.2),
        new("ifeval", "promptStrict", "IF-Eval (Prompt Strict)", 86.5, 84.3, 86.1, 84.8, None, 83.3),
        new("gpqa", "passAt1", "GPQA Diamond (Pass@1)", 65.0, 49.9, 59.1, 60.0, 75.7, 71.5),
        new("simpleqa", "passAt1", "SimpleQA (Correct)", 28.4, 38.2, 24.9, 7.0, 47.0, 30.1),
        new("frames", "accuracy", "FRAMES (Acc.)", 72.5, 80.5, 73.3, 76.9, None, 82.5),
        new("alpaca-eval", "lengthControlledWinRate", "AlpacaEval 2.0 (LC-winrate)", 52.0, 51.1, 70.0, 57.8, None, 87.6),
        new("arena-hard", "winRate", "ArenaHard (GPT-4-1106)", 85.2, 80.4, 85.5, 92.0, None, 92.3),
        new("livecodebench", "passAt1", "LiveCodeBench (Pass@1-COT)", 38.9, 32.9, 36.2, 53.8, 63.4, 65.9),
        new("codeforces", "percentile", "Codeforces (Percentile)", 20.3, 23.6, 58.7, 93.4, 96.6, 96.3),
        new("codeforces", "rating", "Codeforces (Rating)", 717, 759, 1134, 1820, 2061, 2029),
        new("swe-bench-verified", "resolved", "SWE Verified (Resolved)", 50.8, 38.8, 42.0, 41.6, 48.9, 49.2),
        new("aider-polyglot", "accuracy", "Aider-Polyglot (Acc.)", 45.3, 16.0, 49.6, 32.9, 61.7, 53.3),
        new("aime", "passAt1", "AIME 2024 (Pass@1)", 16.0, 9.3, 39.2, 63.6, 79.2, 79.8),
        new("math", "passAt1", "MATH-500 (Pass@1)", 78.3, 74.6, 90.2, 90.0, 96.4, 97.3),
        new("cnmo", "passAt1", "CNMO 2024 (Pass@1)", 13.1, 10.8, 43.2, 67.6, None, 78.8),
        new("cluewsc", "passAt1", "CLUEWSC (EM)", 85.4, 87.9, 90.9, 89.9, None, 92.8),
        new("c-eval", "passAt1", "C-Eval (EM)", 76.7, 76.0, 86.5, 68.9, None, 91.8),
        new("c-simpleqa", "passAt1", "C-SimpleQA (Correct)", 55.4, 58.7, 68.0, 40.3, None, 63.7),
    ];

    // One row per model: AIME 2024 pass@1 and cons@64, MATH-500, GPQA Diamond, LiveCodeBench, Codeforces.
    static readonly Row[] s_distilledColumns =
    [
        new("aime", "passAt1", "AIME 2024 (pass@1)"), new("aime", "consAt64", "AIME 2024 (cons@64)"), new("math", "passAt1", "MATH-500 (pass@1)"),
        new("gpqa", "passAt1", "GPQA Diamond (pass@1)"), new("livecodebench", "passAt1", "LiveCodeBench (pass@1)"), new("codeforces", "rating", "Codeforces (rating)"),
    ];

    static readonly (string Model, double[] Values)[] s_distilled =
    [
        ("GPT-4o-0513", [9.3, 13.4, 74.6, 49.9, 32.9, 759]),
        ("Claude-3.5-Sonnet-1022", [16.0, 26.7, 78.3, 65.0, 38.9, 717]),
        ("OpenAI-o1-mini", [63.6, 80.0, 90.0, 60.0, 53.8, 1820]),
        ("QwQ-32B-Preview", [50.0, 60.0, 90.6, 54.5, 41.9, 1316]),
        ("DeepSeek-R1-Distill-Qwen-1.5B", [28.9, 52.7, 83.9, 33.8, 16.9, 954]),
        ("DeepSeek-R1-Distill-Qwen-7B", [55.5, 83.3, 92.8, 49.1, 37.6, 1189]),
        ("DeepSeek-R1-Distill-Qwen-14B", [69.7, 80.0, 93.9, 59.1, 53.1, 1481]),
        ("DeepSeek-R1-Distill-Qwen-32B", [72.6, 83.3, 94.3, 62.1, 57.2, 1691]),
        ("DeepSeek-R1-Distill-Llama-8B", [50.4, 80.0, 89.1, 49.0, 39.6, 1205]),
        ("DeepSeek-R1-Distill-Llama-70B", [70.0, 86.7, 94.5, 65.2, 57.5, 1633]),
    ];

    static readonly (string Benchmark, string Metric, string Model, string? Table, Disagreement Other)[] s_disagreements =
    [
        ("livecodebench", "passAt1", "Claude-3.5-Sonnet-1022", "DeepSeek-R1", new(33.8, Readme)),
        ("livecodebench", "passAt1", "GPT-4o-0513", "DeepSeek-R1", new(34.2, Readme)),
        ("livecodebench", "passAt1", "DeepSeek-V3", "DeepSeek-R1", new(null, Readme)),
        ("aime", "passAt1", "QwQ-32B-Preview", null, new(44.0, Readme)),
        ("aime", "passAt1", "DeepSeek-R1-Zero", null, new(77.9, "DeepSeek-R1 (arXiv 2501.12948v2)")),
    ];

    /// <summary>R1 and five others on 21 benchmarks, benchmark by benchmark.</summary>
    public static IReadOnlyList<PublishedScore> Evaluation { get; } =
        [.. from row in s_evaluation from i in Enumerable.Range(0, s_models.Length) where !double.IsNaN(row.Values[i]) select Score(s_models[i], row, row.Values[i], "DeepSeek-R1")];

    /// <summary>The six distilled models and four others on five benchmarks, model by model.</summary>
    public static IReadOnlyList<PublishedScore> Distilled { get; } =
        [.. from model in s_distilled from i in Enumerable.Range(0, s_distilledColumns.Length) select Score(model.Model, s_distilledColumns[i], model.Values[i], "distilled models")];

    /// <summary>R1-Zero, which the primer's short table has beside the others.</summary>
    public static IReadOnlyList<PublishedScore> Zero { get; } =
    [
        Score("DeepSeek-R1-Zero", new("aime", "passAt1", "AIME 2024 (pass@1)"), 71.0, "DeepSeek-R1-Zero"),
        Score("DeepSeek-R1-Zero", new("gpqa", "passAt1", "GPQA Diamond (pass@1)"), 73.3, "DeepSeek-R1-Zero"),
        Score("DeepSeek-R1-Zero", new("livecodebench", "passAt1", "LiveCodeBench (pass@1)"), 50.0, "DeepSeek-R1-Zero"),
    ];

    /// <summary>All tables' scores on one benchmark, from the best; a model that stands in two tables with the same value stands here once.</summary>
    /// <param name="benchmark">A benchmark's name, as <see cref="PublishedScore.Benchmark"/> has it.</param>
    /// <param name="metric">One metric; null for all, one after the other.</param>
    /// <returns>Empty where nothing is known.</returns>
    public static IReadOnlyList<PublishedScore> On(string benchmark, string? metric = null) =>
    [
        .. Evaluation.Concat(Distilled).Concat(Zero)
            .Where(score => score.Benchmark == benchmark && (metric is null || score.Metric == metric))
            .DistinctBy(score => (score.Model, score.Metric, score.Value))
            .GroupBy(score => score.Metric).SelectMany(group => group.OrderByDescending(score => score.Value)),
    ];

    static PublishedScore Score(string model, Row row, double value, string table) => new(model, row.Benchmark, row.Metric, row.Title, value, $"{Paper}, table of {table}")
    {
        Other = s_disagreements.FirstOrDefault(d => d.Benchmark == row.Benchmark && d.Metric == row.Metric && d.Model == model && (d.Table ?? table) == table).Other,
    };

    sealed record Row(string Benchmark, string Metric, string Title, params double[] Values);
}
