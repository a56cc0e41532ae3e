// An independent reader of TensorBoard event files for tests: own framing, own bit-by-bit CRC, own protobuf walk.

using System.Buffers.Binary;
using System.Text;

namespace Fathom.Training.Tests.Runs;

sealed record ReadEvent(double WallTime, long Step, string? FileVersion, List<(string Tag, float Value)> Scalars);

static class EventFile
{
    public static List<ReadEvent> Read(string path)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        List<ReadEvent> events = [];
        while (bytes.Length > 0)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            Assert.Equal(Masked(bytes[..8]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
            ReadOnlySpan<byte> message = bytes.Slice(12, length);
            Assert.Equal(Masked(message), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]));
            events.Add(ReadMessage(message));
            bytes = bytes[(16 + length)..];
        }
        return events;
    }

    static ReadEvent ReadMessage(ReadOnlySpan<byte> message)
    {
        double time = 0;
        long step = 0;
        string? version = null;
        List<(string, float)> scalars = [];
        while (message.Length > 0)
        {
            switch (Varint(ref message))
            {
                case 1 << 3 | 1:
                    time = BinaryPrimitives.ReadDoubleLittleEndian(Take(ref message, 8));
                    break;
                case 2 << 3 | 0:
                    step = (long)Varint(ref message);
                    break;
                case 3 << 3 | 2:
                    version = Encoding.UTF8.GetString(Take(ref message, (int)Varint(ref message)));
                    break;
                case 5 << 3 | 2:
                    ReadOnlySpan<byte> summary = Take(ref message, (int)Varint(ref message));
                    while (summary.Length > 0)
                    {
                        Assert.Equal(1ul << 3 | 2, Varint(ref summary));
                        ReadOnlySpan<byte> value = Take(ref summary, (int)Varint(ref summary));
                        Assert.Equal(1ul << 3 | 2, Varint(ref value));
                        string tag = Encoding.UTF8.GetString(Take(ref value, (int)Varint(ref value)));
                        Assert.Equal(2ul << 3 | 5, Varint(ref value));
                        scalars.Add((tag, BinaryPrimitives.ReadSingleLittleEndian(Take(ref value, 4))));
                        Assert.Equal(0, value.Length);
                    }
                    break;
                case ulong other:
                    throw new InvalidDataException($"Unexpected field key {other}.");
            }
        }
        return new ReadEvent(time, step, version, scalars);
    }

    static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; ; shift += 7)
        {
            byte next = Take(ref bytes, 1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
    }

    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> bytes, int count)
    {
        ReadOnlySpan<byte> taken = bytes[..count];
        bytes = bytes[count..];
        return taken;
    }

    static uint Masked(ReadOnlySpan<byte> data)
    {
        uint crc = Crc32C(data);
        return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
    }

    /// <summary>CRC-32C one bit at a time: reflected polynomial 0x82f63b78.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = 0xffffffff;
        foreach (byte value in data)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
        }
        return ~crc;
    }
}
