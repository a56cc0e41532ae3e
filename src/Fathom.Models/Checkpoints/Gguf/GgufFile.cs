// Reading a GGUF file (version 3; 2 has the same layout), whole or split into parts: mapped into memory, opened without touching tensor
// data. Layout: magic, version, counts; metadata; tensor infos; padding; data. Limits are those of ggml's own reader.
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>A GGUF file, or all parts of a split one, mapped into memory, read only. Pointers are valid until <see cref="Dispose"/>.</summary>
public sealed unsafe partial class GgufFile : IDisposable
{
    /// <summary>How file names of this format end.</summary>
    public const string Extension = ".gguf";

    /// <summary>Key of the boundary that tensors begin on.</summary>
    public const string AlignmentKey = "general.alignment";

    /// <summary>Bytes that tensors begin on where the file does not say.</summary>
    public const int DefaultAlignment = 32;

    internal const string PartKey = "split.no", PartCountKey = "split.count", SplitTensorsKey = "split.tensors.count";

    internal const uint Magic = 0x46554747, Version = 3;
    internal const int MaxDimensions = 4, MaxNameBytes = 63;

    // The least that a key with its value, and a tensor's info, can take.
    const int LeastPair = 8 + 4 + 1, LeastInfo = 8 + 4 + 4 + 8;

    readonly List<MappedFile> _parts = [];
    readonly Dictionary<string, TensorEntry> _entries = [];
    readonly Dictionary<string, MappedFile> _partByTensor = [];

    GgufFile(string path) => Path = path;

    /// <summary>The path it was opened with.</summary>
    public string Path { get; }

    /// <summary>
    /// Values by key, in the file's order: <see cref="string"/>, <see cref="bool"/>, the integer and floating-point types of their own width,
    /// and arrays of these. Decoded when asked for, arrays each time anew. Of a split file, those of its first part.
    /// </summary>
    public IReadOnlyDictionary<string, object> Metadata { get; private set; } = null!;

    /// <summary>All tensors by name, in the order of the file. Shapes are outermost first, so a row is the last size.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    /// <summary>Maps a file, and the other parts where it is one of several, and checks everything but the tensors' data.</summary>
    /// <exception cref="CheckpointException">A file is missing, truncated or damaged, or the parts do not belong together.</exception>
    public static GgufFile Open(string path)
    {
        var file = new GgufFile(path);
        try
        {
            GgufMetadata metadata = file.AddPart(path);
            if (Number(path, metadata, PartCountKey) is > 1 and var count)
                metadata = file.AddOtherParts(metadata, count);
            file.Metadata = metadata;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The name of part <paramref name="part"/> (from 1) of <paramref name="count"/>.</summary>
    /// <param name="prefix">What the names of all parts begin with, folder included.</param>
    /// <param name="part">1 to <paramref name="count"/>.</param>
    /// <param name="count">Parts.</param>
    public static string PartPath(string prefix, int part, int count) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{part:D5}-of-{count:D5}{Extension}");

    /// <summary>The entry of a tensor.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public TensorEntry Entry(string name) =>
        _entries.TryGetValue(name, out TensorEntry? entry) ? entry : throw new CheckpointException(Path, name, "no such tensor", $"one of the file's {_entries.Count}");

    /// <summary>The path of the part that holds a tensor.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public string PartOf(string name) => _partByTensor[Entry(name).Name].Path;

    /// <summary>First byte of a tensor's data, inside the mapping.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public byte* Pointer(string name)
    {
        TensorEntry entry = Entry(name);
        MappedFile part = _partByTensor[name];
        ObjectDisposedException.ThrowIf(part.Start == null, this);
        return part.Start + entry.Offset;
    }

    /// <summary>Gives back the memory that mirrors a part of the file.</summary>
    public void Forget(byte* from, long bytes)
    {
        foreach (MappedFile part in _parts)
            part.Forget(from, bytes);
    }

    /// <summary>Releases all mappings; pointers into them become invalid.</summary>
    public void Dispose()
    {
        foreach (MappedFile part in _parts)
            part.Dispose();
    }

    GgufMetadata AddPart(string path)
    {
        MappedFile part = MappedFile.Open(path, "a GGUF file", 24);
        _parts.Add(part);
        var reader = new GgufReader(path, part.Start, part.Length);
        uint magic = reader.UInt32("the magic number");
        if (magic != Magic)
            throw reader.Error($"0x{magic:X8} in the first four bytes", "'GGUF'");
        uint version = reader.UInt32("the version");
        if (version is not (2 or Version))
            throw reader.Error((version & 0xFFFF) == 0 ? "a big-endian file" : $"version {version}", "version 3 (or 2), little-endian");
        ulong tensors = reader.UInt64("the number of tensors");
        long pairs = reader.Count("pairs of metadata", LeastPair);
        GgufMetadata metadata = GgufMetadata.Read(part, ref reader, pairs);
        if (tensors > (ulong)((part.Length - reader.Position) / LeastInfo))
            throw reader.Error($"{tensors} tensors", $"at most {(part.Length - reader.Position) / LeastInfo} in the {part.Length - reader.Position} bytes left");
        ReadInfos(part, ref reader, (long)tensors, Alignment(path, metadata));
        return metadata;
    }

    void ReadInfos(MappedFile part, ref GgufReader reader, long count, long alignment)
    {
        var read = new List<(TensorEntry Entry, ulong Offset)>();
        for (long i = 0; i < count; i++)
            read.Add(ReadInfo(part.Path, ref reader, i));

        long dataStart = Padded(reader.Position, alignment), expected = 0;
        foreach ((TensorEntry entry, ulong offset) in read)
        {
            if (offset != (ulong)expected)
                throw new CheckpointException(part.Path, entry.Name, $"offset {offset}", $"{expected}, where the padding after the tensor before it ends");
            if (entry.ByteLength > part.Length - dataStart - expected)
                throw new CheckpointException(part.Path, entry.Name, $"{Math.Max(0, part.Length - dataStart - expected)} bytes of data", $"{entry.ByteLength} for {entry.Type} [{string.Join(", ", entry.Shape)}] (is the file truncated?)");
            if (!_entries.TryAdd(entry.Name, entry with { Offset = dataStart + expected }))
                throw new CheckpointException(part.Path, entry.Name, "the name twice", "each name once");
            _partByTensor.Add(entry.Name, part);
            expected = Padded(expected + entry.ByteLength, alignment);
        }
    }

    static (TensorEntry Entry, ulong Offset) ReadInfo(string path, ref GgufReader reader, long i)
    {
        string name = reader.Name($"the name of tensor {i}");
        if (System.Text.Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
            throw new CheckpointException(path, name, "a longer name", $"at most {MaxNameBytes} bytes");
        uint dimensions = reader.UInt32($"the dimensions of tensor '{name}'");
        if (dimensions > MaxDimensions)
            throw new CheckpointException(path, name, $"{dimensions} dimensions", $"at most {MaxDimensions}");
        var shape = new long[dimensions];
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            ulong size = reader.UInt64($"a size of tensor '{name}'");
            shape[d] = size <= long.MaxValue ? (long)size : throw new CheckpointException(path, name, $"size {size}", "sizes below 2^63");
        }
        uint number = reader.UInt32($"the type of tensor '{name}'");
        ElementType type = GgufTypes.Find(number) ?? throw new CheckpointException(path, name, $"type {GgufTypes.NameOf(number)}", $"one of {GgufTypes.Read}");
        ulong offset = reader.UInt64($"the offset of tensor '{name}'");
        long row = shape.Length == 0 ? 1 : shape[^1];
        if (row % type.BlockLength() != 0)
            throw new CheckpointException(path, name, $"rows of {row}", $"whole blocks of {type}, which hold {type.BlockLength()}");
        try
        {
            long bytes = SafetensorsHeader.ByteLength(type, shape);
            // Room for padding, so that running sums stay in range.
            return (new TensorEntry(name, type, shape, 0, bytes <= long.MaxValue / 4 ? bytes : throw new OverflowException()), offset);
        }
        catch (OverflowException error)
        {
            throw new CheckpointException(path, name, $"shape [{string.Join(", ", shape)}]", "a size below 2^61 bytes", error);
        }
    }

    // The first part has the metadata; the others repeat no more than their place in the row.
    GgufMetadata AddOtherParts(GgufMetadata opened, long count)
    {
        Match name = PartName().Match(System.IO.Path.GetFileName(Path));
        long no = Number(Path, opened, PartKey) ?? 0;
        if (!name.Success || long.Parse(name.Groups[2].ValueSpan, CultureInfo.InvariantCulture) != no + 1 || long.Parse(name.Groups[3].ValueSpan, CultureInfo.InvariantCulture) != count)
            throw new CheckpointException(Path, null, $"a name that does not say it is part {no + 1} of {count}", $"NAME-{no + 1:D5}-of-{count:D5}{Extension}, beside the other parts");
        string prefix = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path) ?? "", name.Groups[1].Value);
        // Parts in their order, so that the tensors are too.
        foreach (MappedFile part in _parts)
            part.Dispose();
        _parts.Clear();
        _entries.Clear();
        _partByTensor.Clear();
        GgufMetadata? first = null;
        for (int i = 0; i < count; i++)
        {
            string path = PartPath(prefix, i + 1, (int)count);
            GgufMetadata metadata = AddPart(path);
            first ??= metadata;
            if (Number(path, metadata, PartKey) != i || Number(path, metadata, PartCountKey) != count)
                throw new CheckpointException(path, null, $"part {Number(path, metadata, PartKey)} of {Number(path, metadata, PartCountKey)} (from 0)", $"part {i} of {count}");
        }
        return Number(Path, first!, SplitTensorsKey) is { } total && total != _entries.Count
            ? throw new CheckpointException(Path, null, $"{_entries.Count} tensors in {count} parts", $"{total}, as {SplitTensorsKey} says")
            : first!;
    }

    static long Alignment(string path, GgufMetadata metadata) => metadata.GetValueOrDefault(AlignmentKey) switch
    {
        null => DefaultAlignment,
        uint alignment when BitOperations.IsPow2(alignment) => alignment,
        object other => throw new CheckpointException(path, null, $"key '{AlignmentKey}' = {other} ({other.GetType().Name})", "a power of two (UInt32)"),
    };

    // Split files store these as numbers of several widths.
    static long? Number(string path, GgufMetadata metadata, string key)
    {
        object? value = metadata.GetValueOrDefault(key);
        if (value is null)
            return null;
        return value is byte or ushort or uint or sbyte or short or int && Convert.ToInt64(value, CultureInfo.InvariantCulture) is >= 0 and var number
            ? number
            : throw new CheckpointException(path, null, $"key '{key}' = {value} ({value.GetType().Name})", "a whole number of at least 0");
    }

    internal static long Padded(long bytes, long alignment) => checked(bytes + alignment - 1) & -alignment;

    [GeneratedRegex(@"^(.*)-([0-9]{5})-of-([0-9]{5})\.gguf$", RegexOptions.CultureInvariant)]
    private static partial Regex PartName();
}
