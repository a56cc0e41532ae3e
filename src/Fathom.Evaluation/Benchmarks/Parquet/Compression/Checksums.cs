// The checksums of pages (CRC-32 as in gzip) and of Zstandard's frames (XXH64).
using System.Buffers.Binary;
using System.Numerics;

namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>CRC-32 of ISO 3309, the polynomial 0x04C11DB7 reflected.</summary>
static class Crc32
{
    static readonly uint[] s_table = [.. Enumerable.Range(0, 256).Select(i =>
    {
        uint value = (uint)i;
        for (int bit = 0; bit < 8; bit++)
            value = value >> 1 ^ ((value & 1) != 0 ? 0xEDB88320 : 0);
        return value;
    })];

    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
            crc = crc >> 8 ^ s_table[(byte)(crc ^ b)];
        return ~crc;
    }
}

/// <summary>XXH64 with seed 0 (Cyan4973/xxHash, doc/xxhash_spec.md).</summary>
static class XxHash64
{
    const ulong P1 = 0x9E3779B185EBCA87, P2 = 0xC2B2AE3D27D4EB4F, P3 = 0x165667B19E3779F9, P4 = 0x85EBCA77C2B2AE63, P5 = 0x27D4EB2F165667C5;

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong hash, length = (ulong)bytes.Length;
        if (bytes.Length >= 32)
        {
            ulong a = unchecked(P1 + P2), b = P2, c = 0, d = unchecked(0 - P1);
            for (; bytes.Length >= 32; bytes = bytes[32..])
            {
                a = Round(a, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                b = Round(b, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
                c = Round(c, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
                d = Round(d, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
            }
            hash = unchecked(BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7) + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18));
            foreach (ulong lane in (ReadOnlySpan<ulong>)[a, b, c, d])
                hash = unchecked((hash ^ Round(0, lane)) * P1 + P4);
        }
        else
        {
            hash = P5;
        }
        hash = unchecked(hash + length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
            hash = unchecked(BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(bytes)), 27) * P1 + P4);
        if (bytes.Length >= 4)
        {
            hash = unchecked(BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes) * P1, 23) * P2 + P3);
            bytes = bytes[4..];
        }
        foreach (byte b in bytes)
            hash = unchecked(BitOperations.RotateLeft(hash ^ b * P5, 11) * P1);
        hash = unchecked((hash ^ hash >> 33) * P2);
        hash = unchecked((hash ^ hash >> 29) * P3);
        return hash ^ hash >> 32;
    }

    static ulong Round(ulong lane, ulong input) => unchecked(BitOperations.RotateLeft(lane + input * P2, 31) * P1);
}
