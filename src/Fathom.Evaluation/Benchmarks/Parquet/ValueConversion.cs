// From stored bytes to values, by physical type and meaning. Numbers become their shortest exact text, dates and times ISO 8601 texts.
using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>Makes a value of stored bytes.</summary>
delegate DataValue ValueConverter(ReadOnlySpan<byte> raw);

/// <summary>The conversions.</summary>
static class ValueConversion
{
    const int NanosPerTick = 100;

    const int JulianDayOf1970 = 2_440_588;

    // Scales of decimals in use are below 39.
    const int MaxScale = 1000;

    static readonly UTF8Encoding s_strict = new(false, true);

    /// <summary>Bytes of one value; 0 for those of any length, and for booleans, which are bits.</summary>
    public static int Width(SchemaElement element) => element.Type switch
    {
        PhysicalType.Int32 or PhysicalType.Float => 4,
        PhysicalType.Int64 or PhysicalType.Double => 8,
        PhysicalType.Int96 => 12,
        PhysicalType.FixedLengthByteArray => element.Length,
        _ => 0,
    };

    public static ValueConverter Of(SchemaElement element)
    {
        if (element.Meaning == Meaning.Decimal && element.Scale is < 0 or > MaxScale)
            throw new InvalidDataException($"a decimal with {element.Scale} places");
        int scale = element.Scale;
        return (element.Type, element.Meaning) switch
        {
            (PhysicalType.Int32, Meaning.Decimal) => raw => Decimal(BinaryPrimitives.ReadInt32LittleEndian(raw), scale),
            (PhysicalType.Int64, Meaning.Decimal) => raw => Decimal(BinaryPrimitives.ReadInt64LittleEndian(raw), scale),
            (_, Meaning.Decimal) => raw => Decimal(new BigInteger(raw, isBigEndian: true), scale),
            (PhysicalType.Int32, Meaning.Date) => raw => Stamp(BinaryPrimitives.ReadInt32LittleEndian(raw), TimeSpan.TicksPerDay, "yyyy-MM-dd"),
            (PhysicalType.Int32, Meaning.TimeMillis) => raw => Stamp(BinaryPrimitives.ReadInt32LittleEndian(raw), TimeSpan.TicksPerMillisecond, "HH:mm:ss.FFFFFFF"),
            (PhysicalType.Int64, Meaning.TimeMicros) => raw => Stamp(BinaryPrimitives.ReadInt64LittleEndian(raw), TimeSpan.TicksPerMicrosecond, "HH:mm:ss.FFFFFFF"),
            (PhysicalType.Int64, Meaning.TimeNanos) => raw => Stamp(BinaryPrimitives.ReadInt64LittleEndian(raw) / NanosPerTick, 1, "HH:mm:ss.FFFFFFF"),
            (PhysicalType.Int64, Meaning.TimestampMillis) => raw => Stamp(BinaryPrimitives.ReadInt64LittleEndian(raw), TimeSpan.TicksPerMillisecond, "yyyy-MM-ddTHH:mm:ss.FFFFFFF"),
            (PhysicalType.Int64, Meaning.TimestampMicros) => raw => Stamp(BinaryPrimitives.ReadInt64LittleEndian(raw), TimeSpan.TicksPerMicrosecond, "yyyy-MM-ddTHH:mm:ss.FFFFFFF"),
            (PhysicalType.Int64, Meaning.TimestampNanos) => raw => Stamp(BinaryPrimitives.ReadInt64LittleEndian(raw) / NanosPerTick, 1, "yyyy-MM-ddTHH:mm:ss.FFFFFFF"),
            (PhysicalType.Int96, _) => Int96,
            (PhysicalType.Int32, Meaning.Unsigned) => raw => Number(BinaryPrimitives.ReadUInt32LittleEndian(raw)),
            (PhysicalType.Int64, Meaning.Unsigned) => raw => Number(BinaryPrimitives.ReadUInt64LittleEndian(raw)),
            (PhysicalType.Int32, _) => raw => Number(BinaryPrimitives.ReadInt32LittleEndian(raw)),
            (PhysicalType.Int64, _) => raw => Number(BinaryPrimitives.ReadInt64LittleEndian(raw)),
            (PhysicalType.Float, _) => raw => Number(BinaryPrimitives.ReadSingleLittleEndian(raw)),
            (PhysicalType.Double, _) => raw => Number(BinaryPrimitives.ReadDoubleLittleEndian(raw)),
            (PhysicalType.FixedLengthByteArray, Meaning.Float16) when element.Length == 2 => raw => Number(BinaryPrimitives.ReadHalfLittleEndian(raw)),
            (PhysicalType.FixedLengthByteArray, Meaning.Uuid) when element.Length == 16 => raw => DataValue.OfText(new Guid(raw, bigEndian: true).ToString()),
            (PhysicalType.ByteArray, Meaning.Text) => raw => DataValue.OfText(Text(raw) ?? throw new InvalidDataException("a text that is not valid UTF-8")),
            (PhysicalType.ByteArray or PhysicalType.FixedLengthByteArray, _) => raw => DataValue.OfText(Text(raw) ?? Convert.ToBase64String(raw)),
            _ => raw => raw[0] != 0 ? DataValue.True : DataValue.False,
        };
    }

    static DataValue Number<T>(T value)
        where T : IFormattable => DataValue.OfNumber(value.ToString(null, CultureInfo.InvariantCulture));

    static DataValue Decimal(BigInteger unscaled, int scale)
    {
        string digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(scale + 1, '0');
        return DataValue.OfNumber((unscaled.Sign < 0 ? "-" : "") + digits[..^scale] + (scale > 0 ? "." + digits[^scale..] : ""));
    }

    // A time outside of the years 1 to 9999 stays the number that it is.
    static DataValue Stamp(long count, long ticks, string format)
    {
        Int128 since = (Int128)count * ticks + DateTime.UnixEpoch.Ticks;
        return since < 0 || since > DateTime.MaxValue.Ticks ? Number(count) : DataValue.OfText(new DateTime((long)since).ToString(format, CultureInfo.InvariantCulture));
    }

    // Nanoseconds of the day, then the Julian day.
    static DataValue Int96(ReadOnlySpan<byte> raw)
    {
        long nanos = BinaryPrimitives.ReadInt64LittleEndian(raw), day = BinaryPrimitives.ReadInt32LittleEndian(raw[8..]) - (long)JulianDayOf1970;
        return Stamp(day * TimeSpan.TicksPerDay + nanos / NanosPerTick, 1, "yyyy-MM-ddTHH:mm:ss.FFFFFFF");
    }

    static string? Text(ReadOnlySpan<byte> raw)
    {
        try
        {
            return s_strict.GetString(raw);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
