// Values as plain data, and back.
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fathom.CodeHost;

/// <summary>Turns .NET values into plain data and plain data into JSON.</summary>
static class Values
{
    const int MaxDepth = 200;

    /// <summary>JSON without tags: a dictionary is an object again.</summary>
    public static JsonNode? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Plain)]),
        JsonValueKind.Object when value.GetProperty("t").ValueEquals("dict") => new JsonObject(
            value.GetProperty("v").EnumerateArray().Select(entry => KeyValuePair.Create(entry[0].GetString()!, Plain(entry[1])))),
        _ => JsonValue.Create(value),
    };

    /// <summary>Writes a value. Lists, tuples and sequences are lists, as tests of several languages mean them.</summary>
    public static void Write(Utf8JsonWriter writer, object? value, int depth)
    {
        if (depth > MaxDepth)
            throw new InvalidDataException($"The result is nested deeper than {MaxDepth}.");
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case string or char:
                writer.WriteStringValue(value.ToString());
                break;
            case float real when float.IsFinite(real):
                writer.WriteNumberValue(real);
                break;
            case float real:
                WriteReal(writer, real);
                break;
            case double real:
                WriteReal(writer, real);
                break;
            case decimal number:
                writer.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case Int128 or UInt128 or BigInteger or nint or nuint:
                writer.WriteRawValue(Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
            case IDictionary entries:
                writer.WriteStartObject();
                writer.WriteString("t", "dict");
                writer.WriteStartArray("v");
                foreach (DictionaryEntry entry in entries)
                {
                    writer.WriteStartArray();
                    Write(writer, entry.Key, depth + 1);
                    Write(writer, entry.Value, depth + 1);
                    writer.WriteEndArray();
                }
                writer.WriteEndArray();
                writer.WriteEndObject();
                break;
            case ITuple tuple:
                writer.WriteStartArray();
                for (int i = 0; i < tuple.Length; i++)
                    Write(writer, tuple[i], depth + 1);
                writer.WriteEndArray();
                break;
            case IEnumerable items:
                writer.WriteStartArray();
                foreach (object? item in items)
                    Write(writer, item, depth + 1);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteStartObject();
                writer.WriteString("t", "object");
                writer.WriteString("v", value.GetType().Name);
                writer.WriteEndObject();
                break;
        }
    }

    static void WriteReal(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
        {
            writer.WriteNumberValue(value);
            return;
        }
        writer.WriteStartObject();
        writer.WriteString("t", "float");
        writer.WriteString("v", value.ToString(CultureInfo.InvariantCulture));
        writer.WriteEndObject();
    }
}
