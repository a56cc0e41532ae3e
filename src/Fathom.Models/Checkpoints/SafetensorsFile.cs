// Reading a safetensors file: mapped into memory, opened without touching its data. The header's rules are in SafetensorsHeader.cs.
using System.Buffers.Binary;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Checkpoints;

/// <summary>A safetensors file mapped into memory, read only. Pointers are valid until <see cref="Dispose"/>.</summary>
public sealed unsafe class SafetensorsFile : IDisposable
{
    const int LengthBytes = 8;

    readonly MappedFile file;
    readonly Dictionary<string, TensorEntry> entries;

    SafetensorsFile(MappedFile file)
    {
        this.file = file;
        ulong headerLength = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(file.Start, LengthBytes));
        var header = new byte[SafetensorsHeader.CheckLength(file.Path, headerLength, file.Length)];
        new ReadOnlySpan<byte>(file.Start + LengthBytes, header.Length).CopyTo(header);
        (entries, var metadata) = SafetensorsHeader.Parse(file.Path, header, file.Length);
        Metadata = metadata;
    }

    /// <summary>The path it was opened with.</summary>
    public string Path => file.Path;

    /// <summary>The header's <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>All tensors by name, in the order of the header.</summary>
    public IReadOnlyDictionary<string, TensorEntry> Entries => entries;

    /// <summary>Maps a file and checks its whole header; data is read when it is used.</summary>
    /// <exception cref="CheckpointException">The file is missing, truncated or its header is wrong.</exception>
    public static SafetensorsFile Open(string path)
    {
        MappedFile file = MappedFile.Open(path, "a safetensors file", LengthBytes);
        try
        {
            return new SafetensorsFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The entry of a tensor.</summary>
    /// <exception cref="CheckpointException">There is no such tensor.</exception>
    public TensorEntry Entry(string name) =>
        entries.TryGetValue(name, out var entry) ? entry : throw new CheckpointException(Path, name, "no such tensor", $"one of the file's {entries.Count}");

    /// <summary>First byte of the tensor's data, inside the mapping.</summary>
    public byte* Pointer(TensorEntry entry)
    {
        ObjectDisposedException.ThrowIf(file.Start == null, this);
        return file.Start + entry.Offset;
    }

    /// <summary>Copies a tensor of F32, BF16, F16 or F64 to <paramref name="destination"/> [elements of the tensor] as FP32.</summary>
    /// <exception cref="CheckpointException">No such tensor, or another type.</exception>
    public void CopyTo(string name, float* destination)
    {
        var entry = Entry(name);
        byte* source = Pointer(entry);
        if (entry.Type is not (ElementType.F32 or ElementType.BF16 or ElementType.F16 or ElementType.F64))
            throw new CheckpointException(Path, name, $"type {entry.Type}", "F32, BF16, F16 or F64");
        ElementDecoder.ToSingle(entry.Type, source, destination, entry.ElementCount);
    }

    /// <summary>A tensor of F32, BF16, F16 or F64 as FP32, row-major.</summary>
    /// <exception cref="CheckpointException">No such tensor, another type, or more elements than an array holds.</exception>
    public float[] ReadFloats(string name)
    {
        var values = new float[ArrayLength(Entry(name))];
        fixed (float* destination = values)
        {
            CopyTo(name, destination);
        }

        return values;
    }

    /// <summary>A tensor of I64, row-major.</summary>
    /// <exception cref="CheckpointException">No such tensor, another type, or more elements than an array holds.</exception>
    public long[] ReadInt64(string name)
    {
        var entry = Entry(name);
        if (entry.Type != ElementType.I64)
        {
            throw new CheckpointException(Path, name, $"type {entry.Type}", "I64");
        }

        var values = new long[ArrayLength(entry)];
        new ReadOnlySpan<long>(Pointer(entry), values.Length).CopyTo(values);
        return values;
    }

    /// <summary>Releases the mapping; pointers into it become invalid.</summary>
    public void Dispose() => file.Dispose();

    /// <summary>Gives back the memory that mirrors a part of the file.</summary>
    public void Forget(byte* from, long bytes) => file.Forget(from, bytes);

    int ArrayLength(TensorEntry entry) => entry.ElementCount <= Array.MaxLength
        ? (int)entry.ElementCount
        : throw new CheckpointException(Path, entry.Name, $"{entry.ElementCount} elements", $"at most {Array.MaxLength}");
}
