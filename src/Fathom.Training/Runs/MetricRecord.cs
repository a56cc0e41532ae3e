// One line of metrics.jsonl: where the run stands, and named numbers.

using System.Text.Json;

namespace Fathom.Training.Runs;

/// <summary>Names of the numbers that stages report and the report draws.</summary>
public static class MetricNames
{
    /// <summary>Training loss per token in nats (pretrain, sft) or the policy loss (rl).</summary>
    public const string Loss = "loss";

    /// <summary>Loss of the multi-token prediction layers per token, in nats.</summary>
    public const string MtpLoss = "mtpLoss";

    /// <summary>Sequence-wise balance loss.</summary>
    public const string BalanceLoss = "balanceLoss";

    /// <summary>Learning rate of the step.</summary>
    public const string LearningRate = "learningRate";

    /// <summary>Global norm of the gradient before clipping.</summary>
    public const string GradNorm = "gradNorm";

    /// <summary>Loss on held-out documents per token, in nats.</summary>
    public const string ValidationLoss = "validationLoss";

    /// <summary>Loss on held-out documents per byte of text, in bits.</summary>
    public const string BitsPerByte = "bitsPerByte";

    /// <summary>Mean weighted reward of the step's responses.</summary>
    public const string Reward = "reward";

    /// <summary>Share of right answers: of the step's responses (rl) or of held-out problems (evaluate).</summary>
    public const string PassAt1 = "passAt1";

    /// <summary>Standard error of <see cref="PassAt1"/>.</summary>
    public const string StandardError = "standardError";

    /// <summary>Mean length of responses in tokens.</summary>
    public const string MeanTokens = "meanTokens";

    /// <summary>Mean number of reflection words in a response (<see cref="Reinforcement.ReflectionWords"/>).</summary>
    public const string ReflectionWords = "reflectionWords";

    /// <summary>Mean entropy of the sampling distribution per token, in nats.</summary>
    public const string Entropy = "entropy";

    /// <summary>Mean KL divergence to the reference policy per token (k3 estimate), in nats.</summary>
    public const string Kl = "kl";

    /// <summary>Share of tokens whose importance ratio was clipped.</summary>
    public const string ClipShare = "clipShare";

    /// <summary>Greatest expert load over the mean load, minus 1 (arXiv 2408.15664), the worst layer's.</summary>
    public const string MaxVio = "maxVio";

    /// <summary>Share of groups whose rewards are all equal, so that nothing is learnt from them.</summary>
    public const string NoSignalShare = "noSignalShare";

    /// <summary>Greatest absolute difference between sampled and recomputed log-probabilities of the step.</summary>
    public const string MaxLogProbGap = "maxLogProbGap";

    /// <summary>Tokens per second of the step.</summary>
    public const string TokensPerSecond = "tokensPerSecond";
}

/// <summary>A named number.</summary>
/// <param name="Name">One of <see cref="MetricNames"/>, or a name of the stage's own in camelCase.</param>
/// <param name="Value">The number; NaN and infinities are kept as texts in JSON.</param>
public readonly record struct Metric(string Name, double Value);

/// <summary>One line of metrics.jsonl.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Kind">Kind of the stage: pretrain, sft, rl or evaluate.</param>
/// <param name="Step">Step within the stage, from 1.</param>
/// <param name="GlobalStep">Step within the run, over all stages, from 1.</param>
/// <param name="Tokens">Tokens that the step processed.</param>
/// <param name="Seconds">Seconds that it took.</param>
/// <param name="Values">Named numbers.</param>
public sealed record MetricRecord(string Stage, string Kind, long Step, long GlobalStep, long Tokens, double Seconds, IReadOnlyList<Metric> Values)
{
    /// <summary>The number of that name.</summary>
    /// <returns>Null when the step reported none.</returns>
    public double? Find(string name) => Values.FirstOrDefault(value => value.Name == name) is { Name: not null } found ? found.Value : null;

    /// <summary>Reads the metrics of a run; a last line that is being written is left out.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <exception cref="RunException">The file is missing or a line is damaged; the message names file and line.</exception>
    public static IReadOnlyList<MetricRecord> ReadAll(string folder)
    {
        string path = Path.Combine(folder, RunFiles.Metrics);
        if (!File.Exists(path))
            throw new RunException($"'{path}' cannot be read: there is no such file.");
        List<MetricRecord> records = [];
        ReportData.ReadLines(path, json => records.Add(new MetricRecord(
            json["stage"]!.GetValue<string>(), json["kind"]!.GetValue<string>(), json["step"]!.GetValue<long>(), json["globalStep"]!.GetValue<long>(),
            json["tokens"]!.GetValue<long>(), json["seconds"]!.GetValue<double>(),
            [.. json.Where(pair => !ReportData.Places.Contains(pair.Key)).Select(pair => new Metric(pair.Key, ReportData.Number(pair.Value!)))])));
        return records;
    }

    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("stage", Stage);
        json.WriteString("kind", Kind);
        json.WriteNumber("step", Step);
        json.WriteNumber("globalStep", GlobalStep);
        json.WriteNumber("tokens", Tokens);
        json.WriteNumber("seconds", Math.Round(Seconds, 3));
        foreach (Metric value in Values)
            WriteValue(json, value.Name, value.Value);
        json.WriteEndObject();
    }

    internal static void WriteValue(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
            json.WriteNumber(name, value);
        else
            json.WriteString(name, double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }
}
