// The result of an experiment as it is recorded: values with their spread over seeds, curves, and how to make them again.

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fathom.Claims;

/// <summary>A measured value.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Mean">The mean over the runs.</param>
/// <param name="Deviation">Their standard deviation (n - 1 in the denominator); null where there is one run.</param>
/// <param name="Runs">How many.</param>
/// <param name="Unit">The unit; empty for a plain ratio or count.</param>
public sealed record MeasuredValue(string Name, double Mean, double? Deviation, int Runs, string Unit)
{
    /// <summary>Mean and deviation of some runs.</summary>
    /// <exception cref="ArgumentException">There is no run.</exception>
    public static MeasuredValue Of(string name, IReadOnlyCollection<double> runs, string unit)
    {
        if (runs.Count == 0)
            throw new ArgumentException($"{name} has no run; at least one is needed.", nameof(runs));
        double mean = runs.Average();
        return new(name, mean, runs.Count > 1 ? Math.Sqrt(runs.Sum(run => (run - mean) * (run - mean)) / (runs.Count - 1)) : null, runs.Count, unit);
    }
}

/// <summary>A curve.</summary>
/// <param name="Name">What it is.</param>
/// <param name="X">What goes to the right.</param>
/// <param name="Y">What goes up.</param>
/// <param name="Points">Pairs of x and y, the mean over seeds.</param>
public sealed record MeasuredSeries(string Name, string X, string Y, IReadOnlyList<double[]> Points);

/// <summary>A recorded result.</summary>
public sealed record Measurement
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    static readonly Lazy<IReadOnlyDictionary<string, Measurement>> s_recorded = new(LoadRecorded);

    /// <summary>The claim that it tests.</summary>
    public required string Id { get; init; }

    /// <summary>Day, as in 2026-11-22.</summary>
    public required string Date { get; init; }

    /// <summary>The machine, in words.</summary>
    public required string Machine { get; init; }

    /// <summary>The command line that makes it again.</summary>
    public required string Command { get; init; }

    /// <summary>The seeds, one run each; empty where nothing is random.</summary>
    public required IReadOnlyList<ulong> Seeds { get; init; }

    /// <summary>What was done, in a sentence or two: models, data, lengths.</summary>
    public required string Method { get; init; }

    /// <summary><see cref="Verdict.Reproduced"/> or <see cref="Verdict.NotReproduced"/>.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The result, in a sentence with its numbers.</summary>
    public required string Summary { get; init; }

    /// <summary>The values.</summary>
    public required IReadOnlyList<MeasuredValue> Values { get; init; }

    /// <summary>Curves, or none.</summary>
    public IReadOnlyList<MeasuredSeries> Series { get; init; } = [];

    /// <summary>All results that come with the program, by the claims' ids.</summary>
    public static IReadOnlyDictionary<string, Measurement> Recorded => s_recorded.Value;

    /// <summary>Reads a result from the text of its file.</summary>
    /// <param name="json">The text.</param>
    /// <param name="origin">Its name in errors.</param>
    /// <exception cref="InvalidDataException">It is no result; the message names the place and what is wrong.</exception>
    public static Measurement Parse(string json, string origin)
    {
        try
        {
            Measurement read = JsonSerializer.Deserialize<Measurement>(json, s_json) ?? throw new InvalidDataException($"{origin} is null; a recorded result is needed.");
            return read.Verdict is Verdict.Reproduced or Verdict.NotReproduced
                ? read
                : throw new InvalidDataException($"{origin}: verdict is {read.Verdict}; reproduced or notReproduced is allowed.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{origin} is no recorded result: {e.Message}", e);
        }
    }

    /// <summary>The recorded results, and those of a folder's files, such as A6.json, in their place.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">A file is no result; the message names it and what is wrong.</exception>
    public static IReadOnlyDictionary<string, Measurement> RecordedAnd(string folder)
    {
        Dictionary<string, Measurement> all = new(Recorded);
        foreach (string path in Directory.GetFiles(folder, "*.json"))
        {
            Measurement own = Parse(File.ReadAllText(path), path);
            all[own.Id] = own;
        }
        return all;
    }

    /// <summary>The text of its file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json) + "\n";

    static Dictionary<string, Measurement> LoadRecorded()
    {
        const string folder = "recorded/";
        Dictionary<string, Measurement> all = [];
        foreach (string name in typeof(Measurement).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(folder, StringComparison.Ordinal)))
        {
            using StreamReader reader = new(typeof(Measurement).Assembly.GetManifestResourceStream(name)!);
            Measurement measurement = Parse(reader.ReadToEnd(), name[folder.Length..]);
            all.Add(measurement.Id, measurement);
        }
        return all;
    }
}
