// What an evaluation found, as tables.
using Fathom.Evaluation.Runs;
using Spectre.Console;

namespace Fathom.Cli.Evaluations;

/// <summary>Prints evaluations.</summary>
static class EvaluationDisplay
{
    /// <summary>Prints numbers, published numbers beside them, and where the files are.</summary>
    public static void Print(EvaluationManifest manifest, EvaluationSummary summary, IReadOnlyList<ReferenceScore> references, string folder)
    {
        Table table = Terminal.Table("task", ">problems", ">samples", ">pass@1", ">standard error", ">95% interval", ">mean tokens", ">cut off", ">well-formed");
        table.Add(
            summary.Task, $"{summary.Problems}", $"{summary.Samples}", Percent(summary.PassAt1), summary.StandardError is { } error ? Percent(error) : "",
            summary is { Low: { } low, High: { } high } ? $"{Percent(low)} - {Percent(high)}" : "", Terminal.Invariant($"{summary.MeanTokens:0.0}"),
            Percent(summary.TruncatedShare), Percent(summary.WellFormedShare));
        Terminal.Write(table);
        if (summary.AtK.Count > 0)
        {
            Table at = Terminal.Table([">k", .. summary.AtK.Select(k => $">{k.K}")]);
            at.Add(["pass@k", .. summary.AtK.Select(k => Percent(k.Pass.Mean))]);
            at.Add(["cons@k", .. summary.AtK.Select(k => Percent(k.Cons.Mean))]);
            Terminal.Write(at);
        }
        if (summary.Parts.Count > 0)
        {
            Table parts = Terminal.Table("part", ">mean", ">over");
            foreach (PartMean part in summary.Parts)
                parts.Add(part.Name, Terminal.Invariant($"{part.Mean:0.0000}"), Terminal.Invariant($"{part.Count:#,0.##}"));
            Terminal.Write(parts);
        }
        if (references.Count > 0)
        {
            Table published = Terminal.Table("published", "metric", ">score", "source");
            foreach (ReferenceScore reference in references)
                published.Add(reference.Model, reference.Metric, Terminal.Invariant($"{reference.Value:0.0}"), reference.Source);
            Terminal.Write(published);
        }
        if (summary.Failed > 0)
            Console.Out.WriteLine($"{summary.Failed} responses could not be graded and count nowhere.");
        if (summary.TokensPerSolved is { } tokens)
            Console.Out.WriteLine(Terminal.Invariant($"{tokens:#,0} tokens{(summary.MoneyPerSolved is { } money ? Terminal.Invariant($" and {money:0.########} in money") : "")} per right response."));
        Console.Out.WriteLine(Terminal.Invariant($"Temperature {manifest.Temperature:0.##}, top-p {manifest.TopP:0.##}, at most {manifest.MaxTokens:#,0} tokens, seed {manifest.Seed}, prompts: {manifest.Prompting}."));
        if (manifest.Sandbox is { } sandbox)
            Console.Out.WriteLine($"Programs ran in: {sandbox}");
        Console.Out.WriteLine($"Every sample: {Path.Combine(folder, EvaluationFolder.SamplesFile)}; page: {Path.Combine(folder, EvaluationFolder.ReportFile)}");
    }

    static string Percent(double share) => Terminal.Invariant($"{share:0.0%}");
}
