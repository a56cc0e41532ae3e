// A JSON object of a model description with typed access to its keys; every failure is one ConfigException that names the key.
using System.Globalization;
using System.Text.Json;

namespace Fathom.Models.Configs;

readonly struct ConfigObject(JsonElement element, string file, string prefix = "")
{
    /// <summary>The key's value, or null where it is absent or JSON null.</summary>
    public JsonElement? Find(string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A whole number in a range; absent: <paramref name="absent"/>, or an error where that is null.</summary>
    public int Int(string key, int min = 1, int max = int.MaxValue, int? absent = null) =>
        OptionalInt(key, min, max) ?? absent ?? throw Error(key, Whole(min, max));

    /// <summary>A whole number in a range, or null where the key is absent or null.</summary>
    public int? OptionalInt(string key, int min = 1, int max = int.MaxValue) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out int number) && number >= min && number <= max => number,
        _ => throw Error(key, Whole(min, max)),
    };

    /// <summary>A number from <paramref name="min"/> (above it, where <paramref name="above"/>) to <paramref name="max"/>.</summary>
    public double Number(string key, double min, double max, bool above = false, double? absent = null) => Find(key) switch
    {
        null when absent is { } number => number,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out double number) && (above ? number > min : number >= min) && number <= max => number,
        _ => throw Error(key, string.Create(CultureInfo.InvariantCulture, $"a number {(above ? "above" : "of at least")} {min} and at most {max}")),
    };

    /// <summary>True or false.</summary>
    public bool Bool(string key, bool absent) => Find(key)?.ValueKind switch
    {
        null => absent,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Error(key, "true or false"),
    };

    /// <summary>One of the given strings, as the value it stands for.</summary>
    public T Choice<T>(string key, IReadOnlyDictionary<string, T> choices, string? absent = null)
    {
        string? name = Find(key) switch
        {
            null => absent,
            { ValueKind: JsonValueKind.String } value => value.GetString(),
            _ => null,
        };
        return name is not null && choices.TryGetValue(name, out var choice) ? choice : throw Error(key, $"one of {string.Join(", ", choices.Keys)}");
    }

    /// <summary>An object, or null where the key is absent or null.</summary>
    public ConfigObject? Object(string key) => Find(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new ConfigObject(value, file, $"{prefix}{key}."),
        _ => throw Error(key, "an object or null"),
    };

    /// <summary>Refuses a key that asks for something this code does not do: it must be absent, null or exactly this JSON.</summary>
    public void Only(string key, string json)
    {
        if (Find(key) is { } value && value.GetRawText() != json)
        {
            throw Error(key, $"{json} (nothing else is supported)");
        }
    }

    /// <summary>The error for a key, with the value it has.</summary>
    public ConfigException Error(string key, string allowed) =>
        new(file, prefix + key, element.TryGetProperty(key, out var value) ? value.GetRawText() : "nothing", allowed);

    static string Whole(int min, int max) => max == int.MaxValue ? $"a whole number of at least {min}" : $"a whole number from {min} to {max}";
}
