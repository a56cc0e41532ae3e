// JSON text to values, strictly: no name twice, valid Unicode only, bounded depth.
using System.Text;
using System.Text.Json;

namespace Fathom.Evaluation.Benchmarks.Records;

/// <summary>Reads JSON values.</summary>
static class JsonValue
{
    // Deeper than any data set's records; the reading recurses, so it must have an end.
    const int MaxDepth = 64;

    public static JsonReaderOptions Options { get; } = new() { MaxDepth = MaxDepth, AllowMultipleValues = true };

    /// <summary>Parses one JSON text that stands in a field of a record.</summary>
    /// <exception cref="BenchmarkException">It is not valid JSON.</exception>
    public static DataValue Parse(string text, DataRecord record, string field)
    {
        string place = $"{record.Place}, \"{field}\"";
        byte[] bytes;
        try
        {
            bytes = s_strict.GetBytes(text);
        }
        catch (EncoderFallbackException error)
        {
            throw new BenchmarkException($"{place}: a text that is not valid Unicode.", error);
        }
        var reader = new Utf8JsonReader(bytes, Options);
        return Guard(place, ref reader, static (ref Utf8JsonReader reader) =>
        {
            reader.Read();
            DataValue value = Read(ref reader);
            return reader.Read() ? throw new JsonException("text behind the value") : value;
        });
    }

    /// <summary>Whatever is wrong inside becomes the typed error.</summary>
    public static T Guard<T>(string place, ref Utf8JsonReader reader, JsonRead<T> read)
    {
        try
        {
            return read(ref reader);
        }
        catch (JsonException error)
        {
            throw new BenchmarkException(
                error.Data[Reason] is string reason ? $"{place}: {reason}." : $"{place}: not valid JSON (at byte {reader.TokenStartIndex}).", error);
        }
        catch (InvalidOperationException error)
        {
            // What System.Text.Json throws for escapes that are half a character, and for bytes that are not UTF-8.
            throw new BenchmarkException($"{place}: a text that is not valid Unicode.", error);
        }
    }

    /// <summary>Reads a value; the reader stands on its first token and then on its last.</summary>
    public static DataValue Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                return DataValue.OfText(reader.GetString()!);
            case JsonTokenType.Number:
                return DataValue.OfNumber(Encoding.ASCII.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return DataValue.True;
            case JsonTokenType.False:
                return DataValue.False;
            case JsonTokenType.Null:
                return DataValue.Null;
            case JsonTokenType.StartArray:
                List<DataValue> items = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Read(ref reader));
                return DataValue.OfList(items);
            case JsonTokenType.StartObject:
                List<KeyValuePair<string, DataValue>> fields = [];
                HashSet<string> names = [];
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string name = reader.GetString()!;
                    if (!names.Add(name))
                        throw Because($"the field {DataRecord.Quote(name)} stands twice in one object");
                    reader.Read();
                    fields.Add(new(name, Read(ref reader)));
                }
                return DataValue.OfRecord(fields);
            default:
                throw Because("no value");
        }
    }

    static JsonException Because(string reason) => new(reason) { Data = { [Reason] = reason } };

    const string Reason = "reason";

    static readonly UTF8Encoding s_strict = new(false, true);
}

/// <summary>A reading that may fail.</summary>
delegate T JsonRead<T>(ref Utf8JsonReader reader);
