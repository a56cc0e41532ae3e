// A cursor over the first part of a GGUF file. Nothing in the file is believed: every read is checked against the file's end, every count
// against what could still follow.
using System.Buffers.Binary;
using System.Text;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>Kinds of metadata values, by their numbers in the file.</summary>
enum GgufValueKind : uint
{
    UInt8, Int8, UInt16, Int16, UInt32, Int32, Float32, Bool, String, Array, UInt64, Int64, Float64,
}

/// <summary>Reads little-endian values one after the other.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="start">Its first byte.</param>
/// <param name="length">Its bytes.</param>
unsafe ref struct GgufReader(string path, byte* start, long length)
{
    /// <summary>Elements of the longest array (ggml's limit); of numbers so many bytes, which one managed array can hold.</summary>
    public const long LongestArray = 1 << 30;

    const long LongestString = 1 << 30;

    static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>Bytes of a value of this kind; 0 for strings and arrays, which have none of their own.</summary>
    public static int SizeOf(GgufValueKind kind) => kind switch
    {
        GgufValueKind.UInt8 or GgufValueKind.Int8 or GgufValueKind.Bool => 1,
        GgufValueKind.UInt16 or GgufValueKind.Int16 => 2,
        GgufValueKind.UInt32 or GgufValueKind.Int32 or GgufValueKind.Float32 => 4,
        GgufValueKind.UInt64 or GgufValueKind.Int64 or GgufValueKind.Float64 => 8,
        _ => 0,
    };

    /// <summary>Skips <paramref name="bytes"/> and returns where they begin.</summary>
    /// <exception cref="CheckpointException">The file ends before.</exception>
    public byte* Take(long bytes, string what)
    {
        if ((ulong)bytes > (ulong)(length - Position))
            throw Error($"{length - Position} bytes left", $"{(ulong)bytes} for {what} at byte {Position} (is the file truncated?)");
        byte* at = start + Position;
        Position += bytes;
        return at;
    }

    /// <summary>The next four bytes.</summary>
    public uint UInt32(string what) => BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(Take(4, what), 4));

    /// <summary>The next eight bytes.</summary>
    public ulong UInt64(string what) => BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(Take(8, what), 8));

    /// <summary>A count of things that take at least <paramref name="least"/> bytes each, checked against the rest of the file.</summary>
    public long Count(string what, long least, long most = long.MaxValue)
    {
        ulong count = UInt64($"the number of {what}");
        long fits = Math.Min((length - Position) / least, most);
        return count <= (ulong)fits ? (long)count : throw Error($"{count} {what}", $"at most {fits} in the {length - Position} bytes left");
    }

    /// <summary>Skips a string and returns its bytes.</summary>
    public ReadOnlySpan<byte> Bytes(string what)
    {
        long count = Count($"bytes of {what}", 1, LongestString);
        return new ReadOnlySpan<byte>(Take(count, what), (int)count);
    }

    /// <summary>A name: valid UTF-8.</summary>
    public string Name(string what)
    {
        ReadOnlySpan<byte> bytes = Bytes(what);
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw new CheckpointException(path, null, $"{what} that is not UTF-8 ({Convert.ToHexString(bytes[..Math.Min(bytes.Length, 32)])})", "UTF-8", error);
        }
    }

    /// <summary>The kind of a value of <paramref name="key"/>.</summary>
    public GgufValueKind Kind(string key)
    {
        var kind = (GgufValueKind)UInt32($"the type of key '{key}'");
        return kind <= GgufValueKind.Float64 ? kind : throw Error($"key '{key}' of type {(uint)kind}", "types 0 to 12");
    }

    /// <summary>The error at the present place.</summary>
    public readonly CheckpointException Error(string found, string expected) => new(path, null, found, expected);
}
