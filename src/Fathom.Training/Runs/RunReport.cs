// report.html: one page without scripts or outside files that shows what a run did.

using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Fathom.Evaluation.Runs;
using Fathom.Models.Checkpoints;
using static System.FormattableString;

namespace Fathom.Training.Runs;

/// <summary>Makes the page from a run folder's files.</summary>
public static class RunReport
{
    static readonly ReportChart[] Charts =
    [
        new("pass@1", "Share of right answers. Dots: held-out problems with their standard error; line: the questions of each step. Higher is better.",
            MetricNames.PassAt1, ["evaluate", "rl"], IsShare: true, IsWide: true),
        new("Reward", "Mean weighted reward of the step's responses. Higher is better.", MetricNames.Reward, ["rl"]),
        new("Response length", "Mean tokens per response.", MetricNames.MeanTokens, ["evaluate", "rl"]),
        new("Loss", "Cross-entropy in nats per token. Lower is better.", MetricNames.Loss, ["pretrain", "sft"]),
        new("Validation", "Bits per byte of held-out text. Lower is better.", MetricNames.BitsPerByte, ["pretrain", "sft", "evaluate"]),
        new("Entropy", "Of the sampling distribution, nats per token. Near 0 the policy no longer explores.", MetricNames.Entropy, ["rl"]),
        new("Groups without signal", "Share of groups whose rewards are all equal: nothing is learnt from them.", MetricNames.NoSignalShare, ["rl"], IsShare: true),
        new("KL to the reference", "Nats per token, k3 estimate. Falls to 0 when the reference is refreshed.", MetricNames.Kl, ["rl"]),
        new("Clip share", "Share of tokens whose importance ratio was clipped.", MetricNames.ClipShare, ["rl"], IsShare: true),
        new("Log-probability gap", "Greatest difference between sampled and recomputed log-probabilities.", MetricNames.MaxLogProbGap, ["rl"],
            IsLogarithmic: true, Bound: 1e-4),
        new("Expert load", "MaxVio: the busiest expert's load over the mean, minus 1. 0 is perfect balance.", MetricNames.MaxVio, ["pretrain", "sft", "rl"]),
        new("Policy loss", "Objective of reinforcement learning; its value says little, its jumps do.", MetricNames.Loss, ["rl"]),
        new("Learning rate", "Of the optimizer step.", MetricNames.LearningRate, ["pretrain", "sft", "rl"]),
        new("Gradient norm", "Global norm before clipping.", MetricNames.GradNorm, ["pretrain", "sft", "rl"]),
        new("Speed", "Tokens per second.", MetricNames.TokensPerSecond, ["pretrain", "sft", "rl", "evaluate"]),
    ];

    /// <summary>Problems whose responses are shown.</summary>
    const int ShownSamples = 6;

    /// <summary>Makes report.html anew from the folder's other files.</summary>
    /// <param name="folder">A run folder; the run may still go on.</param>
    /// <exception cref="RunException">The folder holds no run, or a file is damaged.</exception>
    public static void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, RunFiles.Report), Render(folder));

    /// <summary>The page.</summary>
    /// <param name="folder">A run folder.</param>
    /// <exception cref="RunException">The folder holds no run, or a file is damaged.</exception>
    public static string Render(string folder)
    {
        ReportData data = ReportData.Read(folder);
        string name = Text(data.Recipe["name"]);
        StringBuilder page = new();
        page.Append(ReportFrame.Head($"{name}: run report"));
        page.Append(Invariant($"<header><h1>{Html(name)}</h1><p>{Html(Text(data.Recipe["description"]))}</p><p>Model {Html(Text(data.Recipe["model"]?["preset"]))} · seed {Html(Text(data.Recipe["seed"]))}</p></header>\n"));
        AppendTiles(page, data);
        AppendStages(page, data.Summary);
        AppendCharts(page, data);
        AppendSamples(page, data.Samples);
        AppendBill(page, data.Bill);
        page.Append(ReportFrame.End($"Made by Fathom from the files beside this page: {RunFiles.Recipe}, {RunFiles.Metrics}, {RunFiles.Samples}, {RunFiles.Summary}, {RunFiles.Bill}."));
        return page.ToString();
    }

    static void AppendTiles(StringBuilder page, ReportData data)
    {
        List<(string Value, string Label)> tiles = [];
        JsonObject[] scored = [.. Rows(data.Summary, "stages").Where(stage => stage["passAt1"] is not null)];
        if (scored.Length > 0)
        {
            double first = Value(scored[0], "passAt1"), last = Value(scored[^1], "passAt1");
            tiles.Add((Percent(last), "pass@1 at the end"));
            if (scored.Length > 1)
                tiles.Add((Invariant($"{(last - first) * 100:+0.0;−0.0;0.0}"), $"points since {Text(scored[0]["name"])}"));
            if (scored.Length > 2)
                tiles.Add((Invariant($"{(last - Value(scored[^2], "passAt1")) * 100:+0.0;−0.0;0.0}"), $"points since {Text(scored[^2]["name"])}"));
        }
        if (data.Bill?["total"] is JsonObject total)
        {
            tiles.Add((Duration(Value(total, "seconds")), $"on {Text(data.Bill["machine"]!["cores"])} cores"));
            tiles.Add((ReportChart.Number(Value(total["tokens"]!, "total")), "tokens"));
            tiles.Add((Bytes(Value(total, "peakMemoryBytes")), "peak memory"));
        }
        if (tiles.Count > 0)
            page.Append(ReportFrame.Tiles(tiles));
    }

    static void AppendStages(StringBuilder page, JsonObject? summary)
    {
        JsonObject[] stages = Rows(summary, "stages");
        if (stages.Length == 0)
            return;
        page.Append("<h2>Stages</h2>\n<div class=\"card\"><table><tr><th>stage</th><th>pass@1</th><th>standard error</th><th>mean tokens</th><th>time</th></tr>\n");
        foreach (JsonObject stage in stages)
        {
            bool scored = stage["passAt1"] is not null;
            string pass = scored ? Invariant($"<span class=\"bar\"><i style=\"width:{Value(stage, "passAt1") * 100:0.#}%\"></i></span>{Percent(Value(stage, "passAt1"))}") : "–";
            string error = stage["standardError"] is null ? "–" : "± " + Percent(Value(stage, "standardError"));
            string tokens = stage["meanTokens"] is null ? "–" : Invariant($"{Value(stage, "meanTokens"):0.0}");
            page.Append(Invariant($"<tr><td>{Html(Text(stage["name"]))}</td><td>{pass}</td><td>{error}</td><td>{tokens}</td><td>{Duration(Value(stage, "seconds"))}</td></tr>\n"));
        }
        page.Append("</table></div>\n");
    }

    static void AppendCharts(StringBuilder page, ReportData data)
    {
        page.Append("<h2>Curves</h2>\n<p class=\"note\">Over the steps of the run; the number beside each title is the last one. Thin lines are single steps, thick ones their moving mean.</p>\n<div class=\"charts\" style=\"margin-top:14px\">\n");
        foreach (ReportChart chart in Charts)
            page.Append(chart.Render(data));
        page.Append("</div>\n");
    }

    static void AppendSamples(StringBuilder page, IReadOnlyList<ReportSample> samples)
    {
        // Evaluations ask the same problems after each stage; where there are none, rollouts are shown as they come.
        List<string> stages = [.. samples.Where(sample => sample.Kind == "evaluate").Select(sample => sample.Stage).Distinct()];
        List<List<ReportSample>> problems;
        if (stages.Count > 0)
        {
            problems =
            [
                .. samples.Where(sample => stages.Contains(sample.Stage)).GroupBy(sample => sample.Prompt)
                    .Select(problem => problem.GroupBy(sample => sample.Stage).Select(stage => stage.First()).ToList())
                    // What all stages answered first, then what was learnt, then the rest.
                    .OrderByDescending(problem => problem.Count)
                    .ThenByDescending(problem => (problem[^1].Correct ? 1 : 0) - (problem[0].Correct ? 1 : 0))
                    .Take(ShownSamples),
            ];
        }
        else
        {
            problems = [.. samples.TakeLast(ShownSamples).Select(sample => new List<ReportSample> { sample })];
        }
        if (problems.Count == 0)
            return;

        page.Append("<h2>Samples before and after</h2>\n<p class=\"note\">The same held-out problems after each stage, those first that were learnt. Reasoning is dimmed.</p>\n");
        foreach (List<ReportSample> problem in problems)
        {
            page.Append(Invariant($"<div class=\"card sample\"><h3>{Html(problem[0].Prompt)}</h3><p>right answer: {Html(problem[0].Answer)}</p><div class=\"answers\">"));
            foreach (ReportSample sample in problem)
            {
                string rewards = sample.Rewards.Length > 0 ? " · " + Html(sample.Rewards) : "";
                page.Append(ReportFrame.Response(Invariant($"{Html(sample.Stage)} · {sample.Tokens} tokens{rewards}"), sample.Correct, sample.Response));
            }
            page.Append("</div></div>\n");
        }
    }

    static void AppendBill(StringBuilder page, JsonObject? bill)
    {
        if (bill is null)
            return;
        JsonNode machine = bill["machine"]!, reference = bill["reference"]!;
        page.Append("<h2>The bill</h2>\n<div class=\"card\"><table><tr><th>stage</th><th>trained</th><th>generated</th><th>evaluated</th><th>FLOPs</th><th>time</th><th>FLOPs utilisation</th><th>core hours</th><th>on H800s</th></tr>\n"
            .Replace("H800s", Html(Text(reference["accelerator"])), StringComparison.Ordinal));
        foreach (JsonObject row in Rows(bill, "stages"))
            AppendBillRow(page, Html(Text(row["name"])), row, "", Text(reference["currency"]));
        AppendBillRow(page, "total", bill["total"]!.AsObject(), " class=\"total\"", Text(reference["currency"]));
        page.Append("</table></div>\n");
        page.Append(Invariant($"<p class=\"note\">Utilisation is against {ReportChart.Number(Value(machine, "peakFlops") / 1e9)} GFLOP/s, measured on {Html(Text(machine["cores"]))} cores of this machine. The last column is what the same FLOPs cost on rented accelerators at {ReportChart.Number(Value(reference, "achievedFlops") / 1e12)} TFLOP/s each ({Percent(Value(reference, "utilisation"))} of peak) and {Html(Text(reference["pricePerHour"]))} {Html(Text(reference["currency"]))} per hour. Sources: {Html(Text(reference["hardwareSource"]))}; {Html(Text(reference["priceSource"]))}.</p>\n"));
        // Bills of before this line was kept have none.
        if (Rows(bill, "beside") is { Length: > 0 } beside)
            page.Append($"<p class=\"note\">Beside the run: {string.Join("; ", beside.Select(line => Html($"{Text(line["name"])} {(line["amount"] is { } amount ? $"{Text(amount)} {Text(reference["currency"])}" : Text(line["source"]))}")))}.</p>\n");
    }

    static void AppendBillRow(StringBuilder page, string name, JsonObject row, string attributes, string currency)
    {
        JsonNode tokens = row["tokens"]!;
        string cost = decimal.Parse(Text(row["referenceCost"]), NumberStyles.Float, CultureInfo.InvariantCulture) is var money && money > 0 && money < 0.01m
            ? ((double)money).ToString("0.##e-0", CultureInfo.InvariantCulture)
            : money.ToString("#,0.00", CultureInfo.InvariantCulture);
        page.Append(Invariant($"<tr{attributes}><td>{name}</td><td>{Value(tokens, "trained"):#,0}</td><td>{Value(tokens, "generated"):#,0}</td><td>{Value(tokens, "evaluated"):#,0}</td><td>{Flops(Value(row, "flops"))}</td><td>{Duration(Value(row, "seconds"))}</td><td>{Percent(Value(row, "modelFlopsUtilisation"))}</td><td>{Value(row, "coreHours"):0.000}</td><td>{cost} {Html(currency)}</td></tr>\n"));
    }

    static JsonObject[] Rows(JsonObject? owner, string key) => owner?[key] is JsonArray rows ? [.. rows.Select(row => row!.AsObject())] : [];

    static double Value(JsonNode owner, string key) => owner[key]!.GetValue<double>();

    static string Text(JsonNode? node) => node?.ToString() ?? "";

    static string Percent(double share) => Invariant($"{share * 100:0.0}%");

    static string Duration(double seconds) => seconds switch
    {
        < 60 => Invariant($"{seconds:0.0} s"),
        < 3600 => Invariant($"{Math.Floor(seconds / 60):0} min {Math.Floor(seconds % 60):00} s"),
        _ => Invariant($"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds % 3600 / 60):00} min"),
    };

    static string Bytes(double bytes) => bytes >= 1L << 30 ? Invariant($"{bytes / (1L << 30):0.00} GiB") : Invariant($"{bytes / (1L << 20):0} MiB");

    static string Flops(double flops) => flops switch
    {
        >= 1e15 => Invariant($"{flops / 1e15:0.00} P"),
        >= 1e12 => Invariant($"{flops / 1e12:0.00} T"),
        _ => Invariant($"{flops / 1e9:0.00} G"),
    };

    static string Html(string text) => WebUtility.HtmlEncode(text);
}
