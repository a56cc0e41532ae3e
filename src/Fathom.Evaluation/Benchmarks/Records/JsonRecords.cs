// Records of JSON files: one object per line (streamed), or one document that is an array of objects or an object around them.
using System.Text.Json;

namespace Fathom.Evaluation.Benchmarks.Records;

/// <summary>Reads JSON lines and JSON documents.</summary>
static class JsonRecords
{
    /// <summary>The longest line, in bytes: 512 MiB, below what a .NET string can hold. Tests of one LiveCodeBench problem take tens of MB.</summary>
    public const int MaxLine = 512 << 20;

    // A whole document is held in memory, its values several times over.
    const int MaxDocument = 1 << 30;

    const int BufferSize = 1 << 16;

    static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads JSON lines; empty lines are passed over.</summary>
    /// <exception cref="BenchmarkException">A broken line.</exception>
    public static IEnumerable<DataRecord> ReadLines(Stream stream, string path, int maxLine = MaxLine)
    {
        int number = 0;
        foreach (ReadOnlyMemory<byte> line in Lines(stream, path, maxLine))
        {
            number++;
            ReadOnlyMemory<byte> text = number == 1 && line.Span.StartsWith(ByteOrderMark) ? line[ByteOrderMark.Length..] : line;
            if (!text.Span.IsEmpty && text.Span.ContainsAnyExcept(" \t\r"u8))
                yield return Parse(text.Span, $"{path}, line {number}");
        }
    }

    /// <summary>Reads one document: an array of objects; an object with one array of objects in it; an object of objects, each a record that its
    /// name is put before as <c>id</c>; or objects one after the other.</summary>
    /// <exception cref="BenchmarkException">It is none of these.</exception>
    public static IReadOnlyList<DataRecord> ReadDocument(Stream stream, string path)
    {
        byte[] bytes = ReadAll(stream, path);
        int start = bytes.AsSpan().StartsWith(ByteOrderMark) ? ByteOrderMark.Length : 0;
        var reader = new Utf8JsonReader(bytes.AsSpan(start), JsonValue.Options);
        List<DataRecord> records = [];
        bool array = false;
        // The reading names the line of the value that is broken, so it goes value by value.
        long counted = 0;
        int line = 1;
        while (true)
        {
            string place = $"{path}, line {line}";
            if (!JsonValue.Guard(place, ref reader, static (ref Utf8JsonReader reader) => reader.Read()))
                break;
            line += bytes.AsSpan(start)[(int)counted..(int)reader.TokenStartIndex].Count((byte)'\n');
            counted = reader.TokenStartIndex;
            place = $"{path}, line {line}";
            if (reader.TokenType == JsonTokenType.StartArray && records.Count == 0 && !array)
                array = true;
            else if (reader.TokenType == JsonTokenType.StartObject)
                records.Add(new DataRecord(place, JsonValue.Guard(place, ref reader, JsonValue.Read)));
            else if (!(array && reader.TokenType == JsonTokenType.EndArray))
                throw new BenchmarkException($"{place}: expected an object with fields, found {Name(reader.TokenType)}.");
        }
        return records.Count == 1 && !array ? Unwrap(records[0], path) : records;
    }

    static IReadOnlyList<DataRecord> Unwrap(DataRecord whole, string path)
    {
        IReadOnlyList<KeyValuePair<string, DataValue>> fields = whole.Value.Fields;
        DataValue[] lists = [.. fields.Select(field => field.Value).Where(value => value.Items.Count > 0 && value.Items.All(item => item.Kind == DataKind.Record))];
        // A name, a version, a date may stand beside the list; a record of a benchmark has more fields than that.
        if (lists.Length == 1 && fields.Count <= 3)
            return [.. lists[0].Items.Select((item, i) => new DataRecord($"{path}, record {i + 1}", item))];
        return fields.Count > 0 && fields.All(field => field.Value.Kind == DataKind.Record)
            ? [.. fields.Select(field => new DataRecord($"{path}, record {DataRecord.Quote(field.Key)}", WithId(field.Key, field.Value)))]
            : [whole];
    }

    static DataValue WithId(string id, DataValue record) =>
        record["id"] is null ? DataValue.OfRecord([new("id", DataValue.OfText(id)), .. record.Fields]) : record;

    static DataRecord Parse(ReadOnlySpan<byte> line, string place)
    {
        var reader = new Utf8JsonReader(line, JsonValue.Options);
        return new DataRecord(place, JsonValue.Guard(place, ref reader, (ref Utf8JsonReader reader) =>
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new BenchmarkException($"{place}: expected an object with fields, found {Name(reader.TokenType)}.");
            DataValue value = JsonValue.Read(ref reader);
            return reader.Read() ? throw new BenchmarkException($"{place}: more than one value in the line.") : value;
        }));
    }

    // Lines without their ends, one after the other out of one buffer that grows with what is really there.
    static IEnumerable<ReadOnlyMemory<byte>> Lines(Stream stream, string path, int maxLine)
    {
        byte[] buffer = new byte[BufferSize];
        int filled = 0, searched = 0;
        for (int number = 1; ;)
        {
            int end = buffer.AsSpan(searched, filled - searched).IndexOf((byte)'\n');
            if (end >= 0)
            {
                end += searched;
                yield return buffer.AsMemory(0, end);
                buffer.AsSpan(end + 1, filled - end - 1).CopyTo(buffer);
                (filled, searched) = (filled - end - 1, 0);
                number++;
                continue;
            }
            searched = filled;
            if (filled > maxLine)
                throw new BenchmarkException($"{path}, line {number}: longer than {maxLine} bytes, the longest line that is read.");
            if (filled == buffer.Length)
                Array.Resize(ref buffer, checked(buffer.Length * 2));
            int read = stream.Read(buffer, filled, buffer.Length - filled);
            if (read == 0)
                break;
            filled += read;
        }
        if (filled > 0)
            yield return buffer.AsMemory(0, filled);
    }

    static byte[] ReadAll(Stream stream, string path)
    {
        using var all = new MemoryStream();
        byte[] buffer = new byte[BufferSize];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            all.Write(buffer, 0, read);
            if (all.Length > MaxDocument)
                throw new BenchmarkException($"{path}: a JSON document of more than {MaxDocument} bytes; JSON lines (.jsonl) can be larger.");
        }
        return all.ToArray();
    }

    static string Name(JsonTokenType token) => token switch
    {
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "true or false",
        JsonTokenType.Null => "null",
        JsonTokenType.None => "nothing",
        _ => "the end of an array",
    };
}
