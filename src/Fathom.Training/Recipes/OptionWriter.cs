// Option records to JSON, every default written out; and the differences between two such writings.

using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fathom.Training.Recipes;

/// <summary>Writes option records.</summary>
static class OptionWriter
{
    internal static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal static JsonObject Write(object group)
    {
        JsonObject json = [];
        if (group is StageOptions stage)
            json[StageOptions.KindKey] = stage.Kind;
        foreach (Option option in OptionSet.Of(group.GetType()))
            json[option.Key] = WriteValue(option.Property.GetValue(group));
        return json;
    }

    internal static JsonNode? WriteValue(object? value) => value switch
    {
        null => null,
        string text => JsonValue.Create(text),
        bool flag => JsonValue.Create(flag),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        Enum member => JsonValue.Create(OptionSet.EnumText(member)),
        IEnumerable items => new JsonArray([.. items.Cast<object>().Select(WriteValue)]),
        _ => Write(value),
    };

    /// <summary>The paths at which two writings differ, with both values; "(absent)" where one has no such path.</summary>
    internal static IEnumerable<(string Path, string Old, string New)> Differences(JsonNode? before, JsonNode? after, string path)
    {
        const string absent = "(absent)";
        switch (before, after)
        {
            case (JsonObject a, JsonObject b):
                foreach (string key in a.Select(pair => pair.Key).Union(b.Select(pair => pair.Key)))
                {
                    bool inA = a.TryGetPropertyValue(key, out JsonNode? valueA), inB = b.TryGetPropertyValue(key, out JsonNode? valueB);
                    if (!inA || !inB)
                        yield return ($"{path}.{key}", inA ? Text(valueA) : absent, inB ? Text(valueB) : absent);
                    else
                        foreach (var difference in Differences(valueA, valueB, $"{path}.{key}"))
                            yield return difference;
                }
                break;
            case (JsonArray a, JsonArray b):
                for (int i = 0; i < Math.Max(a.Count, b.Count); i++)
                {
                    if (i >= a.Count || i >= b.Count)
                        yield return ($"{path}[{i}]", i < a.Count ? Text(a[i]) : absent, i < b.Count ? Text(b[i]) : absent);
                    else
                        foreach (var difference in Differences(a[i], b[i], $"{path}[{i}]"))
                            yield return difference;
                }
                break;
            default:
                if (Text(before) != Text(after))
                    yield return (path, Text(before), Text(after));
                break;
        }
    }

    static string Text(JsonNode? node) => node?.ToJsonString(Relaxed) ?? "null";

    static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
