// The header of a safetensors file: 8 bytes little-endian length, a JSON object from name to {dtype, shape, data_offsets}, then data.
// Everything in it is distrusted: lengths, offsets and shapes are checked before any byte of data is touched.
using System.Text.Json;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Checkpoints;

/// <summary>Where a tensor lies in its file.</summary>
/// <param name="Name">Name in the file.</param>
/// <param name="Type">Format of an element.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Offset">First byte, from the start of the file.</param>
/// <param name="ByteLength">Bytes of data.</param>
public sealed record TensorEntry(string Name, ElementType Type, long[] Shape, long Offset, long ByteLength)
{
    /// <summary>Number of elements (product of <see cref="Shape"/>).</summary>
    public long ElementCount => ByteLength / Type.BlockBytes() * Type.BlockLength();
}

static class SafetensorsHeader
{
    // The limit of the reference implementation; a header of DeepSeek-V3's size is a thousandth of it.
    const long MaxHeaderBytes = 100_000_000;

    static readonly Dictionary<string, ElementType> TypesByName = new()
    {
        ["F64"] = ElementType.F64,
        ["F32"] = ElementType.F32,
        ["F16"] = ElementType.F16,
        ["BF16"] = ElementType.BF16,
        ["F8_E4M3"] = ElementType.F8E4M3,
        ["F8_E5M2"] = ElementType.F8E5M2,
        ["I64"] = ElementType.I64,
        ["I32"] = ElementType.I32,
        ["I16"] = ElementType.I16,
        ["I8"] = ElementType.I8,
        ["U64"] = ElementType.U64,
        ["U32"] = ElementType.U32,
        ["U16"] = ElementType.U16,
        ["U8"] = ElementType.U8,
        ["BOOL"] = ElementType.Bool,
    };

    static readonly Dictionary<ElementType, string> NamesByType = TypesByName.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The dtype string of the format.</summary>
    public static string NameOf(ElementType type) => NamesByType[type];

    /// <summary>Bytes of a tensor in checked arithmetic; throws <see cref="OverflowException"/>.</summary>
    public static long ByteLength(ElementType type, ReadOnlySpan<long> shape)
    {
        long count = 1;
        foreach (long size in shape)
        {
            count = checked(count * size);
        }

        return type.ByteLength(count);
    }

    /// <summary>Length of the JSON part, checked against the file.</summary>
    public static int CheckLength(string file, ulong headerLength, long fileLength)
    {
        long limit = Math.Min(MaxHeaderBytes, fileLength - 8);
        return headerLength <= (ulong)limit
            ? (int)headerLength
            : throw new CheckpointException(file, null, $"a header of {headerLength} bytes", $"at most {limit} in a file of {fileLength} bytes");
    }

    /// <summary>Entries by name and the metadata, all checked: types, shapes, sizes, and data covering the file without gap or overlap.</summary>
    public static (Dictionary<string, TensorEntry> Entries, Dictionary<string, string> Metadata) Parse(string file, ReadOnlyMemory<byte> json, long fileLength)
    {
        var entries = new Dictionary<string, TensorEntry>();
        var metadata = new Dictionary<string, string>();
        long dataStart = 8 + json.Length;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new CheckpointException(file, null, $"a header that is JSON {document.RootElement.ValueKind}", "an object");
            }

            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.NameEquals("__metadata__"))
                {
                    foreach (var pair in Require(file, "__metadata__", property.Value, JsonValueKind.Object).EnumerateObject())
                    {
                        metadata[pair.Name] = Require(file, "__metadata__", pair.Value, JsonValueKind.String).GetString()!;
                    }
                }
                else if (!entries.TryAdd(property.Name, ParseEntry(file, property.Name, property.Value, dataStart, fileLength)))
                {
                    throw new CheckpointException(file, property.Name, "the name twice", "each name once");
                }
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is no valid UTF-8, or half a surrogate pair.
            throw new CheckpointException(file, null, $"a header that is not JSON ({error.Message})", "a JSON object", error);
        }

        CheckCoverage(file, entries.Values, dataStart, fileLength);
        return (entries, metadata);
    }

    static TensorEntry ParseEntry(string file, string name, JsonElement value, long dataStart, long fileLength)
    {
        Require(file, name, value, JsonValueKind.Object);
        string dtype = Member("dtype", JsonValueKind.String).GetString()!;
        if (!TypesByName.TryGetValue(dtype, out var type))
        {
            throw new CheckpointException(file, name, $"dtype {dtype}", $"one of {string.Join(", ", TypesByName.Keys)}");
        }

        long[] shape = Numbers("shape"), offsets = Numbers("data_offsets");
        if (offsets.Length != 2 || offsets[0] > offsets[1] || offsets[1] > fileLength - dataStart)
        {
            throw new CheckpointException(file, name, $"data_offsets [{string.Join(", ", offsets)}]", $"[begin, end] with begin <= end <= {fileLength - dataStart}, the bytes of data in the file (is it truncated?)");
        }

        long bytes;
        try
        {
            bytes = ByteLength(type, shape);
        }
        catch (OverflowException error)
        {
            throw new CheckpointException(file, name, $"shape [{string.Join(", ", shape)}]", "a size below 2^63 bytes", error);
        }

        if (bytes != offsets[1] - offsets[0])
        {
            throw new CheckpointException(file, name, $"{offsets[1] - offsets[0]} bytes of data", $"{bytes} for {dtype} [{string.Join(", ", shape)}]");
        }

        return new TensorEntry(name, type, shape, dataStart + offsets[0], bytes);

        JsonElement Member(string key, JsonValueKind kind) => value.TryGetProperty(key, out var member)
            ? Require(file, name, member, kind)
            : throw new CheckpointException(file, name, $"no {key}", "dtype, shape and data_offsets");

        long[] Numbers(string key) => Member(key, JsonValueKind.Array).EnumerateArray()
            .Select(item => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long number) && number >= 0
                ? number
                : throw new CheckpointException(file, name, $"{key} with {item.GetRawText()}", "whole numbers of at least 0"))
            .ToArray();
    }

    static JsonElement Require(string file, string name, JsonElement element, JsonValueKind kind) => element.ValueKind == kind
        ? element
        : throw new CheckpointException(file, name, $"JSON {element.ValueKind}", $"JSON {kind}");

    // The format allows neither overlaps (two tensors sharing bytes) nor holes (bytes nobody checks).
    static void CheckCoverage(string file, IEnumerable<TensorEntry> entries, long dataStart, long fileLength)
    {
        long end = dataStart;
        foreach (var entry in entries.OrderBy(entry => entry.Offset).ThenBy(entry => entry.ByteLength))
        {
            if (entry.Offset != end)
            {
                throw new CheckpointException(file, entry.Name, $"data from byte {entry.Offset}", $"it to start at {end}, where the tensor before it ends");
            }

            end += entry.ByteLength;
        }

        if (end != fileLength)
        {
            throw new CheckpointException(file, null, $"{fileLength} bytes", $"{end}, where the last tensor ends");
        }
    }
}
