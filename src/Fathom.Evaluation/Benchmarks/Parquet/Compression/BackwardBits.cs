// Bits that are read from the end of their bytes to the beginning; the highest set bit of the last byte marks where they begin.
using System.Buffers.Binary;
using System.Numerics;

namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>Reads bits backwards.</summary>
ref struct BackwardBits
{
    readonly ReadOnlySpan<byte> _bytes;

    public BackwardBits(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[^1] == 0)
            throw Zstandard.Wrong("bits without a beginning");
        _bytes = bytes;
        Left = (long)bytes.Length * 8 - 8 + BitOperations.Log2(bytes[^1]);
    }

    /// <summary>Bits that are left; below 0 where more were read than there are.</summary>
    public long Left { get; private set; }

    /// <summary>Reads bits; they must be there.</summary>
    /// <param name="count">0 to 32.</param>
    public ulong Read(int count)
    {
        ulong value = Peek(count);
        Left -= count;
        return Left >= 0 ? value : throw Zstandard.Wrong("bits that end too early");
    }

    /// <summary>Looks at bits; where there are not enough, zeros follow.</summary>
    /// <param name="count">0 to 32.</param>
    public readonly ulong Peek(int count)
    {
        long from = Left - count;
        int first = (int)(from >> 3);
        // The usual case: eight bytes hold all that is asked for, with up to seven bits below it.
        if (from >= 0 && first + sizeof(ulong) <= _bytes.Length)
            return BinaryPrimitives.ReadUInt64LittleEndian(_bytes[first..]) >> (int)(from & 7) & ((1UL << count) - 1);
        ulong value = 0;
        for (int read = 0; read < count;)
        {
            long bit = from + read;
            if (bit < 0)
            {
                // What lies before the first byte is zero.
                read = (int)Math.Min(count, read - bit);
                continue;
            }
            int at = (int)(bit & 7), part = Math.Min(8 - at, count - read);
            value |= ((ulong)(uint)_bytes[(int)(bit >> 3)] >> at & ((1u << part) - 1)) << read;
            read += part;
        }
        return value;
    }

    /// <summary>Passes over bits, whether they are there or not.</summary>
    public void Skip(int count) => Left -= count;
}
