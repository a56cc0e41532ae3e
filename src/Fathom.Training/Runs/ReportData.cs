// What the report shows, read from a run folder's files alone, so that it can be made again at any time, also while the run goes on.

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fathom.Training.Runs;

/// <summary>One number of one step.</summary>
readonly record struct ReportPoint(string Stage, string Kind, long Step, double Value);

/// <summary>A response.</summary>
sealed record ReportSample(string Stage, string Kind, long Step, string Prompt, string Answer, string Response, bool Correct, int Tokens, string Rewards);

/// <summary>The files of a run folder, parsed.</summary>
sealed record ReportData(
    JsonObject Recipe,
    JsonObject? Summary,
    JsonObject? Bill,
    IReadOnlyDictionary<string, List<ReportPoint>> Series,
    IReadOnlyList<ReportSample> Samples)
{
    /// <summary>Keys of a line of metrics that say where it stands; all others are numbers that were measured.</summary>
    internal static readonly HashSet<string> Places = ["stage", "kind", "step", "globalStep", "tokens", "seconds"];

    /// <summary>Reads what is there; only the recipe must be.</summary>
    /// <exception cref="RunException">The folder holds no run, or a line is damaged; the message names file and line.</exception>
    internal static ReportData Read(string folder)
    {
        JsonObject recipe = ReadObject(Path.Combine(folder, RunFiles.Recipe))
            ?? throw new RunException($"The folder '{folder}' holds no run: {RunFiles.Recipe} is missing.");
        Dictionary<string, List<ReportPoint>> series = [];
        ReadLines(Path.Combine(folder, RunFiles.Metrics), line =>
        {
            string stage = Text(line, "stage"), kind = Text(line, "kind");
            long step = line["globalStep"]!.GetValue<long>();
            foreach ((string name, JsonNode? value) in line)
            {
                if (Places.Contains(name) || value is null)
                    continue;
                if (!series.TryGetValue(name, out List<ReportPoint>? points))
                    series[name] = points = [];
                points.Add(new ReportPoint(stage, kind, step, Number(value)));
            }
        });
        List<ReportSample> samples = [];
        ReadLines(Path.Combine(folder, RunFiles.Samples), line => samples.Add(new ReportSample(
            Text(line, "stage"), Text(line, "kind"), line["globalStep"]!.GetValue<long>(), Text(line, "prompt"), Text(line, "answer"),
            Text(line, "response"), line["correct"]!.GetValue<bool>(), line["tokens"]!.GetValue<int>(),
            string.Join(", ", line["rewards"]!.AsObject().Select(reward => $"{reward.Key} {reward.Value}")))));
        return new ReportData(
            recipe, ReadObject(Path.Combine(folder, RunFiles.Summary)), ReadObject(Path.Combine(folder, RunFiles.Bill)), series, samples);
    }

    // NaN and infinities are texts in JSON.
    internal static double Number(JsonNode value) => value.GetValueKind() == JsonValueKind.Number
        ? value.GetValue<double>()
        : double.Parse(value.GetValue<string>(), CultureInfo.InvariantCulture);

    static string Text(JsonObject line, string key) => line[key]!.GetValue<string>();

    static JsonObject? ReadObject(string path)
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path))!.AsObject() : null;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw new RunException($"'{path}' is damaged: {e.Message}", e);
        }
    }

    /// <summary>Reads a file of JSON lines, or nothing where there is none; a last line without its end is left out.</summary>
    /// <exception cref="RunException">A line is damaged; the message names file and line.</exception>
    internal static void ReadLines(string path, Action<JsonObject> read)
    {
        if (!File.Exists(path))
            return;
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using StreamReader reader = new(stream);
        string text = reader.ReadToEnd();
        // A line without its end is one that is being written, or was when the run was killed.
        string[] lines = text.Split('\n')[..^1];
        for (int i = 0; i < lines.Length; i++)
        {
            try
            {
                read(JsonNode.Parse(lines[i])!.AsObject());
            }
            catch (Exception e) when (IsDamage(e))
            {
                throw new RunException($"'{path}', line {i + 1}: damaged: {e.Message}", e);
            }
        }
    }

    static bool IsDamage(Exception e) => e is JsonException or InvalidOperationException or NullReferenceException or FormatException;
}
