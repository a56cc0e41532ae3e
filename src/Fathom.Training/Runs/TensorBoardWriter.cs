// TensorBoard event files: TFRecord framing around Event messages that hold scalars.
// Left out: every kind of summary but scalars.

using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace Fathom.Training.Runs;

/// <summary>
/// Encodes event records. A record is: length (uint64), masked CRC32C of the length, the message, masked CRC32C of the message, all
/// little-endian (tensorflow/core/lib/io/record_writer.h).
/// </summary>
public static class TensorBoardWriter
{
    // tensorflow/core/util/event.proto
    const int WallTimeField = 1, StepField = 2, FileVersionField = 3, SummaryField = 5;
    // tensorflow/core/framework/summary.proto: Summary.value, Summary.Value.tag and .simple_value
    const int ValueField = 1, TagField = 1, SimpleValueField = 2;

    /// <summary>The record that opens every event file.</summary>
    /// <param name="time">When the file was begun.</param>
    public static byte[] FileVersion(DateTimeOffset time) => Frame(Message(output =>
    {
        WriteTime(output, time);
        output.WriteTag(FileVersionField, WireFormat.WireType.LengthDelimited);
        output.WriteString("brain.Event:2");
    }));

    /// <summary>A record with scalars of one step.</summary>
    /// <param name="time">When the step ended.</param>
    /// <param name="step">Step of the run.</param>
    /// <param name="prefix">What stands before each name in the tag, as in <c>rl/reward</c>; null for nothing.</param>
    /// <param name="values">The scalars; kept as 32-bit floats by the format.</param>
    public static byte[] Scalars(DateTimeOffset time, long step, string? prefix, IReadOnlyList<Metric> values)
    {
        byte[] summary = Message(output =>
        {
            foreach (Metric value in values)
            {
                byte[] entry = Message(inner =>
                {
                    inner.WriteTag(TagField, WireFormat.WireType.LengthDelimited);
                    inner.WriteString(prefix is null ? value.Name : $"{prefix}/{value.Name}");
                    inner.WriteTag(SimpleValueField, WireFormat.WireType.Fixed32);
                    inner.WriteFloat((float)value.Value);
                });
                output.WriteTag(ValueField, WireFormat.WireType.LengthDelimited);
                output.WriteBytes(UnsafeByteOperations.UnsafeWrap(entry));
            }
        });
        return Frame(Message(output =>
        {
            WriteTime(output, time);
            output.WriteTag(StepField, WireFormat.WireType.Varint);
            output.WriteInt64(step);
            output.WriteTag(SummaryField, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(summary));
        }));
    }

    static void WriteTime(CodedOutputStream output, DateTimeOffset time)
    {
        output.WriteTag(WallTimeField, WireFormat.WireType.Fixed64);
        output.WriteDouble((time - DateTimeOffset.UnixEpoch).TotalSeconds);
    }

    static byte[] Message(Action<CodedOutputStream> write)
    {
        using MemoryStream stream = new();
        using (CodedOutputStream output = new(stream))
            write(output);
        return stream.ToArray();
    }

    static byte[] Frame(byte[] message)
    {
        byte[] record = new byte[8 + 4 + message.Length + 4];
        BinaryPrimitives.WriteUInt64LittleEndian(record, (ulong)message.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), MaskedCrc32C(record.AsSpan(0, 8)));
        message.CopyTo(record.AsSpan(12));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + message.Length), MaskedCrc32C(message));
        return record;
    }

    /// <summary>CRC-32C (Castagnoli), final inversion included.</summary>
    internal static uint Crc32C(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in data)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    // Rotated and shifted, because a checksum of data that holds checksums is weak otherwise (tensorflow/core/lib/hash/crc32c.h).
    internal static uint MaskedCrc32C(ReadOnlySpan<byte> data) => BitOperations.RotateRight(Crc32C(data), 15) + 0xa282ead8u;
}
