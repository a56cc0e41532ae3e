// Values that processes exchange: the languages' plain data as JSON, the form that Python/plain.py describes.
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Unicode;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>Writes arguments in the form that the program's process reads, and compares what comes back.</summary>
static class PlainData
{
    const int MaxDepth = 512;
    static readonly JsonDocumentOptions s_options = new() { MaxDepth = MaxDepth };

    /// <summary>Reads JSON; null where it is none. Text that is not Unicode is none: what reads it would throw later.</summary>
    public static JsonElement? Read(ReadOnlyMemory<byte> json)
    {
        if (!Utf8.IsValid(json.Span))
            return null;
        try
        {
            Utf8JsonReader reader = new(json.Span, new JsonReaderOptions { MaxDepth = MaxDepth });
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped)
                    reader.GetString();
            }
            using JsonDocument document = JsonDocument.Parse(json, s_options);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Writes a JSON value as plain data: objects are dictionaries.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (JsonElement item in value.EnumerateArray())
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.Object:
                writer.WriteStartObject();
                writer.WriteString("t", "dict");
                writer.WriteStartArray("v");
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    writer.WriteStartArray();
                    writer.WriteStringValue(property.Name);
                    Write(writer, property.Value);
                    writer.WriteEndArray();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>
    /// Whether a result is the expected JSON value, as Python's <c>==</c> says it, except that a tuple is a list: numbers by value (1, 1.0 and
    /// true are the same), texts by their characters, lists and dictionaries item by item. Safe for any result.
    /// </summary>
    public static bool Same(JsonElement expected, JsonElement result)
    {
        (string? tag, JsonElement value) = Untag(result);
        switch (expected.ValueKind)
        {
            case JsonValueKind.Array:
                return (tag is null or "tuple") && value.ValueKind == JsonValueKind.Array && SameItems(expected, value);
            case JsonValueKind.Object:
                return tag == "dict" && value.ValueKind == JsonValueKind.Array && SameEntries(expected, value);
            case JsonValueKind.String:
                return tag is null && value.ValueKind == JsonValueKind.String && expected.GetString() == value.GetString();
            case JsonValueKind.Null:
                return tag is null && value.ValueKind == JsonValueKind.Null;
            default:
                return Number(null, expected) is { } left && Number(tag, value) is { } right && left.Same(right);
        }
    }

    static bool SameItems(JsonElement expected, JsonElement items)
    {
        if (expected.GetArrayLength() != items.GetArrayLength())
            return false;
        foreach ((JsonElement left, JsonElement right) in expected.EnumerateArray().Zip(items.EnumerateArray()))
            if (!Same(left, right))
                return false;
        return true;
    }

    // Keys in JSON are texts; a program's may be the numbers they stand for.
    static bool SameEntries(JsonElement expected, JsonElement entries)
    {
        Dictionary<string, JsonElement> found = [];
        foreach (JsonElement entry in entries.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Array || entry.GetArrayLength() != 2)
                return false;
            string? key = entry[0].ValueKind == JsonValueKind.String ? entry[0].GetString()
                : entry[0].ValueKind == JsonValueKind.Number ? entry[0].GetRawText() : null;
            if (key is null || !found.TryAdd(key, entry[1]))
                return false;
        }
        int count = 0;
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            count++;
            if (!found.TryGetValue(property.Name, out JsonElement value) || !Same(property.Value, value))
                return false;
        }
        return count == found.Count;
    }

    static (string? Tag, JsonElement Value) Untag(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("t", out JsonElement tag) && tag.ValueKind == JsonValueKind.String
            && value.TryGetProperty("v", out JsonElement inner) ? (tag.GetString(), inner) : (null, value);

    // Whole numbers of any size, or a double.
    readonly record struct NumberValue(BigInteger? Whole, double Real)
    {
        public bool Same(NumberValue other) => (Whole, other.Whole) switch
        {
            ({ } left, { } right) => left == right,
            ({ } left, null) => SameAsReal(left, other.Real),
            (null, { } right) => SameAsReal(right, Real),
            _ => Real == other.Real,
        };

        static bool SameAsReal(BigInteger whole, double real) => double.IsInteger(real) && new BigInteger(real) == whole;
    }

    static NumberValue? Number(string? tag, JsonElement value)
    {
        // Longer texts are not read as numbers: reading takes quadratic time.
        const int maxLength = 20_000;
        switch (value.ValueKind)
        {
            case JsonValueKind.True or JsonValueKind.False when tag is null:
                return new(value.GetBoolean() ? BigInteger.One : BigInteger.Zero, 0);
            case JsonValueKind.Number when tag is null:
                string text = value.GetRawText();
                if (text.Length > maxLength)
                    return null;
                return text.AsSpan().ContainsAny('.', 'e', 'E')
                    ? new(null, value.GetDouble())
                    : new(BigInteger.Parse(text, CultureInfo.InvariantCulture), 0);
            case JsonValueKind.String when tag == "int":
                string hex = value.GetString()!;
                bool negative = hex.StartsWith('-');
                return hex.Length <= maxLength
                    && BigInteger.TryParse("0" + hex[(negative ? 1 : 0)..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out BigInteger size)
                    ? new(negative ? -size : size, 0) : null;
            default:
                return null;
        }
    }
}
