// What an evaluation asked, of whom and how: everything that its numbers depend on. Two evaluations with the same manifest give the same
// samples, and one that was interrupted goes on only with the manifest that it began with.
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fathom.Evaluation.Runs;

/// <summary>The recipe of an evaluation.</summary>
public sealed record EvaluationManifest
{
    /// <summary>Name of the file in an evaluation's folder.</summary>
    public const string FileName = "evaluation.json";

    /// <summary>How these files are written: camel case, texts in any language readable.</summary>
    internal static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    static readonly JsonSerializerOptions s_indented = new(Json) { WriteIndented = true };

    /// <summary>The task, or the benchmark's name.</summary>
    public required string Task { get; init; }

    /// <summary>Hexadecimal SHA-256 over id, prompt and answer of all problems, in order.</summary>
    public required string DataHash { get; init; }

    /// <summary>Number of problems.</summary>
    public required int Problems { get; init; }

    /// <summary>Responses per problem.</summary>
    public required int Samples { get; init; }

    /// <summary>The model as it was named; an endpoint's model.</summary>
    public required string Model { get; init; }

    /// <summary>Hexadecimal SHA-256 of the model's files; null for an endpoint, which shows none.</summary>
    public string? ModelHash { get; init; }

    /// <summary>Address of the server; null for a local model.</summary>
    public string? Endpoint { get; init; }

    /// <summary>How prompts are made of problems: <c>chat</c>, <c>raw</c>, <c>endpoint</c>.</summary>
    public required string Prompting { get; init; }

    /// <summary>Sampling temperature.</summary>
    public required double Temperature { get; init; }

    /// <summary>Nucleus of the distribution that is drawn from.</summary>
    public required double TopP { get; init; }

    /// <summary>Longest response in tokens.</summary>
    public required int MaxTokens { get; init; }

    /// <summary>Seed of the sampling: sample s of problem p is drawn with a function of (seed, p, s).</summary>
    public required long Seed { get; init; }

    /// <summary>What ran untrusted code, in words; null where none was run.</summary>
    public string? Sandbox { get; init; }

    /// <summary>The JSON text of the file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_indented) + "\n";

    /// <summary>Reads the manifest of a folder.</summary>
    /// <exception cref="InvalidDataException">The folder holds no evaluation, or the file is damaged.</exception>
    public static EvaluationManifest Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            throw new InvalidDataException($"the folder '{folder}' holds no evaluation: it has no {FileName}.");
        try
        {
            return JsonSerializer.Deserialize<EvaluationManifest>(File.ReadAllBytes(path), Json)
                ?? throw new InvalidDataException($"{path}: null is no evaluation.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: damaged ({error.Message})", error);
        }
    }

    /// <summary>What differs between two manifests, as in <c>seed is 2, was 1</c>; empty where nothing does.</summary>
    /// <param name="before">The older one.</param>
    public string DifferenceTo(EvaluationManifest before)
    {
        using JsonDocument now = JsonSerializer.SerializeToDocument(this, Json), then = JsonSerializer.SerializeToDocument(before, Json);
        IEnumerable<string> names = now.RootElement.EnumerateObject().Concat(then.RootElement.EnumerateObject()).Select(field => field.Name).Distinct();
        return string.Join("; ", from name in names
                                 let a = Value(now, name)
                                 let b = Value(then, name)
                                 where a != b
                                 select $"{name} is {a}, was {b}");
    }

    static string Value(JsonDocument document, string name) => document.RootElement.TryGetProperty(name, out JsonElement value) ? value.GetRawText() : "not set";
}
