// Snappy's raw format (google/snappy, format_description.txt): the length, then literals and copies.
namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>Unpacks Snappy.</summary>
static class Snappy
{
    /// <summary>Unpacks.</summary>
    /// <param name="packed">The bytes.</param>
    /// <param name="limit">The most bytes that may come out.</param>
    /// <exception cref="InvalidDataException">The bytes are broken.</exception>
    public static byte[] Decompress(ReadOnlySpan<byte> packed, int limit)
    {
        int at = 0;
        ulong length = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte part = Byte(packed, ref at);
            length |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                break;
            if (shift == 28)
                throw new InvalidDataException("Snappy: a length of more than 32 bits");
        }
        if (length > (ulong)limit)
            throw new InvalidDataException($"Snappy: {length} bytes where {limit} are expected");

        var bytes = new GrowingBuffer((int)length);
        while (at < packed.Length)
        {
            byte tag = packed[at++];
            int kind = tag & 3;
            if (kind == 0)
            {
                long count = (tag >> 2) + 1L;
                if (count > 60)
                    count = Little(packed, ref at, (int)count - 60) + 1;
                if (count > packed.Length - at)
                    throw new InvalidDataException("Snappy: a literal that goes beyond the data");
                bytes.Write(packed.Slice(at, (int)count));
                at += (int)count;
                continue;
            }
            int copied = kind == 1 ? (tag >> 2 & 7) + 4 : (tag >> 2) + 1;
            long distance = kind switch { 1 => (long)(tag >> 5) << 8 | Byte(packed, ref at), 2 => Little(packed, ref at, 2), _ => Little(packed, ref at, 4) };
            if (distance == 0 || distance > bytes.Length)
                throw new InvalidDataException("Snappy: a copy from before the beginning");
            bytes.Repeat((int)distance, copied);
        }
        return bytes.Length == (int)length ? bytes.ToArray() : throw new InvalidDataException("Snappy: data that end too early");
    }

    static long Little(ReadOnlySpan<byte> packed, ref int at, int count)
    {
        long value = 0;
        for (int i = 0; i < count; i++)
            value |= (long)Byte(packed, ref at) << (8 * i);
        return value;
    }

    static byte Byte(ReadOnlySpan<byte> packed, ref int at) => at < packed.Length ? packed[at++] : throw new InvalidDataException("Snappy: data that end too early");
}
