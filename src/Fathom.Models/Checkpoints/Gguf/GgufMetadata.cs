// The metadata of a GGUF file: where each value lies, decoded when it is asked for. A vocabulary of 130,000 strings costs nothing until then.
using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>
/// Values by key, in the file's order: <see cref="string"/>, <see cref="bool"/>, the integer and floating-point types of their own width, and
/// arrays of these. An array is decoded anew each time it is asked for.
/// </summary>
sealed unsafe class GgufMetadata : IReadOnlyDictionary<string, object>
{
    // A stored value: its kind (that of the elements, for an array), how many, and the first byte; for an array of strings the bytes of all.
    readonly record struct Stored(GgufValueKind Kind, bool IsArray, long Count, nint At);

    readonly Dictionary<string, Stored> _values = [];
    readonly MappedFile _file;

    GgufMetadata(MappedFile file) => _file = file;

    /// <inheritdoc/>
    public int Count => _values.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _values.Keys;

    /// <inheritdoc/>
    public IEnumerable<object> Values => _values.Values.Select(Decode);

    /// <inheritdoc/>
    public object this[string key] => Decode(_values[key]);

    /// <summary>Skips over <paramref name="count"/> pairs of key and value.</summary>
    /// <exception cref="CheckpointException">They are damaged.</exception>
    public static GgufMetadata Read(MappedFile file, ref GgufReader reader, long count)
    {
        var metadata = new GgufMetadata(file);
        for (long i = 0; i < count; i++)
        {
            string key = reader.Name($"key {i}");
            if (key.Length == 0)
                throw reader.Error($"key {i} empty", "a name");
            if (!metadata._values.TryAdd(key, Skip(ref reader, key)))
                throw reader.Error($"key '{key}' twice", "each key once");
        }
        return metadata;
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _values.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out object value)
    {
        bool found = _values.TryGetValue(key, out Stored stored);
        value = found ? Decode(stored) : null;
        return found;
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() =>
        _values.Select(pair => KeyValuePair.Create(pair.Key, Decode(pair.Value))).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    static Stored Skip(ref GgufReader reader, string key)
    {
        GgufValueKind kind = reader.Kind(key);
        if (kind != GgufValueKind.Array)
            return kind == GgufValueKind.String ? Text(ref reader, key) : new Stored(kind, false, 1, (nint)Scalar(ref reader, kind, key));
        GgufValueKind element = reader.Kind(key);
        if (element == GgufValueKind.Array)
            throw reader.Error($"key '{key}', an array of arrays", "an array of numbers, truth values or strings");
        bool isText = element == GgufValueKind.String;
        long count = reader.Count($"elements of key '{key}'", isText ? sizeof(long) : GgufReader.SizeOf(element), isText ? GgufReader.LongestArray : GgufReader.LongestArray / GgufReader.SizeOf(element));
        if (!isText)
            return new Stored(element, true, count, (nint)Scalar(ref reader, element, key, count));
        byte* first = reader.Take(0, key);
        for (long i = 0; i < count; i++)
            reader.Bytes($"a string of key '{key}'");
        return new Stored(element, true, count, (nint)first);
    }

    static Stored Text(ref GgufReader reader, string key)
    {
        byte* at = reader.Take(0, key);
        reader.Bytes($"key '{key}'");
        return new Stored(GgufValueKind.String, false, 1, (nint)at);
    }

    static byte* Scalar(ref GgufReader reader, GgufValueKind kind, string key, long count = 1)
    {
        byte* at = reader.Take(count * GgufReader.SizeOf(kind), $"key '{key}'");
        for (long i = 0; kind == GgufValueKind.Bool && i < count; i++)
        {
            if (at[i] > 1)
                throw reader.Error($"key '{key}' with truth value {at[i]}", "0 or 1");
        }
        return at;
    }

    object Decode(Stored value)
    {
        ObjectDisposedException.ThrowIf(_file.Start == null, _file);
        var at = (byte*)value.At;
        return value.Kind switch
        {
            GgufValueKind.String => Strings(at, value),
            GgufValueKind.UInt8 => Numbers<byte>(at, value),
            GgufValueKind.Int8 => Numbers<sbyte>(at, value),
            GgufValueKind.UInt16 => Numbers<ushort>(at, value),
            GgufValueKind.Int16 => Numbers<short>(at, value),
            GgufValueKind.UInt32 => Numbers<uint>(at, value),
            GgufValueKind.Int32 => Numbers<int>(at, value),
            GgufValueKind.Float32 => Numbers<float>(at, value),
            GgufValueKind.Bool => Numbers<bool>(at, value),
            GgufValueKind.UInt64 => Numbers<ulong>(at, value),
            GgufValueKind.Int64 => Numbers<long>(at, value),
            _ => Numbers<double>(at, value),
        };
    }

    static object Numbers<T>(byte* at, Stored value)
        where T : unmanaged
    {
        var numbers = new T[value.Count];
        new ReadOnlySpan<byte>(at, checked((int)(value.Count * sizeof(T)))).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(numbers.AsSpan()));
        return value.IsArray ? numbers : numbers[0];
    }

    // What is not UTF-8 becomes U+FFFD.
    static object Strings(byte* at, Stored value)
    {
        var texts = new string[value.Count];
        for (int i = 0; i < texts.Length; i++)
        {
            int bytes = (int)System.Runtime.CompilerServices.Unsafe.ReadUnaligned<long>(at);
            texts[i] = Encoding.UTF8.GetString(at + sizeof(long), bytes);
            at += sizeof(long) + bytes;
        }
        return value.IsArray ? texts : texts[0];
    }
}
