// Zstandard (RFC 8878) without dictionaries: frames, their headers and checksums. What a block holds is in ZstandardBlock.
using System.Buffers.Binary;

namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>Unpacks Zstandard.</summary>
static class Zstandard
{
    const uint Magic = 0xFD2FB528, SkippableMagic = 0x184D2A50;

    /// <summary>The largest block, packed or not.</summary>
    public const int MaxBlock = 128 << 10;

    // What `zstd` reads without being told to take more memory.
    const long MaxWindow = 128 << 20;

    /// <summary>Unpacks all frames.</summary>
    /// <param name="packed">The bytes.</param>
    /// <param name="limit">The most bytes that may come out.</param>
    /// <exception cref="InvalidDataException">The bytes are broken, or need a dictionary.</exception>
    public static byte[] Decompress(ReadOnlySpan<byte> packed, int limit)
    {
        var bytes = new GrowingBuffer(limit);
        for (int at = 0; at < packed.Length;)
        {
            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(Take(packed, ref at, 4));
            if ((magic & ~0xFu) == SkippableMagic)
            {
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(Take(packed, ref at, 4));
                Take(packed, ref at, length);
            }
            else if (magic == Magic)
            {
                Frame(packed, ref at, bytes, limit);
            }
            else
            {
                throw Wrong($"no frame begins with 0x{magic:X8}");
            }
        }
        return bytes.ToArray();
    }

    static void Frame(ReadOnlySpan<byte> packed, ref int at, GrowingBuffer bytes, int limit)
    {
        byte descriptor = Take(packed, ref at, 1)[0];
        bool single = (descriptor & 0x20) != 0, checksum = (descriptor & 4) != 0;
        if ((descriptor & 8) != 0)
            throw Wrong("a frame of an unknown form");
        long window = 0;
        if (!single)
        {
            byte size = Take(packed, ref at, 1)[0];
            long power = 1L << (10 + (size >> 3));
            window = power + power / 8 * (size & 7);
        }
        if (Little(packed, ref at, (descriptor & 3) switch { 0 => 0, 1 => 1, 2 => 2, _ => 4 }) != 0)
            throw Wrong("a frame that needs a dictionary");
        int sizeBytes = (descriptor >> 6) switch { 0 => single ? 1 : 0, 1 => 2, 2 => 4, _ => 8 };
        ulong? content = sizeBytes == 0 ? null : Little(packed, ref at, sizeBytes) + (sizeBytes == 2 ? 256u : 0);
        if (content > (ulong)(limit - bytes.Length))
            throw Wrong($"{content} bytes, more than are expected");
        if (single)
            window = (long)content!.Value;
        if (window > MaxWindow)
            throw Wrong($"a window of {window} bytes; {MaxWindow} are the most that is read");

        int start = bytes.Length, maxBlock = (int)Math.Min(window, MaxBlock);
        var block = new ZstandardBlock(bytes, start);
        for (bool last = false; !last;)
        {
            int head = (int)Little(packed, ref at, 3), size = head >> 3;
            last = (head & 1) != 0;
            if (size > maxBlock)
                throw Wrong($"a block of {size} bytes, where {maxBlock} are the most");
            switch (head >> 1 & 3)
            {
                case 0:
                    bytes.Write(Take(packed, ref at, size));
                    break;
                case 1:
                    bytes.Fill(Take(packed, ref at, 1)[0], size);
                    break;
                case 2:
                    int before = bytes.Length;
                    block.Decompress(Take(packed, ref at, size));
                    if (bytes.Length - before > maxBlock)
                        throw Wrong("a block that unpacks to more than the most");
                    break;
                default:
                    throw Wrong("a block of an unknown kind");
            }
        }
        if (content is { } size64 && (ulong)(bytes.Length - start) != size64)
            throw Wrong("another number of bytes than the frame says");
        if (checksum && (uint)XxHash64.Of(bytes.Written[start..]) != (uint)Little(packed, ref at, 4))
            throw Wrong("a checksum that does not fit");
    }

    static ulong Little(ReadOnlySpan<byte> packed, ref int at, int count)
    {
        ulong value = 0;
        ReadOnlySpan<byte> bytes = Take(packed, ref at, count);
        for (int i = count - 1; i >= 0; i--)
            value = value << 8 | bytes[i];
        return value;
    }

    static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> packed, ref int at, long count)
    {
        if (count > packed.Length - at)
            throw Wrong("data that end too early");
        at += (int)count;
        return packed.Slice(at - (int)count, (int)count);
    }

    /// <summary>The one error.</summary>
    public static InvalidDataException Wrong(string what) => new($"Zstandard: {what}");
}
