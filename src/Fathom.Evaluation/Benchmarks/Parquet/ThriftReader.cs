// Thrift's compact protocol, as far as Parquet's metadata need it. Every length is checked against the bytes that are left.
using System.Text;

namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>The types of the compact protocol.</summary>
enum ThriftType
{
    Stop = 0, True = 1, False = 2, Byte = 3, I16 = 4, I32 = 5, I64 = 6, Double = 7, Binary = 8, List = 9, Set = 10, Map = 11, Struct = 12,
}

/// <summary>Reads one structure after the other.</summary>
/// <exception cref="InvalidDataException">The bytes are not such structures.</exception>
ref struct ThriftReader(ReadOnlySpan<byte> bytes)
{
    // Parquet's structures nest five deep.
    const int MaxDepth = 32;

    readonly ReadOnlySpan<byte> _bytes = bytes;
    int _depth;

    /// <summary>Bytes read.</summary>
    public int Position { get; private set; }

    /// <summary>Reads the head of the next field of a structure.</summary>
    /// <param name="field">The last field's number, 0 at first; set to this one's.</param>
    /// <returns>Its type; <see cref="ThriftType.Stop"/> at the end of the structure.</returns>
    public ThriftType NextField(ref int field)
    {
        byte head = Byte();
        if (head == 0)
            return ThriftType.Stop;
        int delta = head >> 4;
        field = delta > 0 ? field + delta : (int)Integer();
        return (ThriftType)(head & 15);
    }

    /// <summary>An integer of any width.</summary>
    public long Integer()
    {
        ulong raw = Unsigned();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>An integer that fits in 32 bits.</summary>
    public int Int32() => Integer() is >= int.MinValue and <= int.MaxValue and var value ? (int)value : throw new InvalidDataException("a number that does not fit in 32 bits");

    /// <summary>A text.</summary>
    public string Text() => Encoding.UTF8.GetString(Take(Length()));

    /// <summary>The head of a list.</summary>
    /// <returns>The number of elements, at most as many as there are bytes left: each takes at least one.</returns>
    public int ListCount(ThriftType element)
    {
        byte head = Byte();
        int count = head >> 4 == 15 ? Length() : head >> 4;
        if (count > _bytes.Length - Position)
            throw new InvalidDataException("a list that is longer than the data");
        return count == 0 || (ThriftType)(head & 15) == element ? count : throw new InvalidDataException("a list of the wrong type");
    }

    /// <summary>Reads over a value.</summary>
    public void Skip(ThriftType type)
    {
        if (++_depth > MaxDepth)
            throw new InvalidDataException("metadata that nest too deep");
        switch (type)
        {
            case ThriftType.True or ThriftType.False:
                break;
            case ThriftType.Byte:
                Byte();
                break;
            case ThriftType.I16 or ThriftType.I32 or ThriftType.I64:
                Unsigned();
                break;
            case ThriftType.Double:
                Take(sizeof(double));
                break;
            case ThriftType.Binary:
                Take(Length());
                break;
            case ThriftType.List or ThriftType.Set:
                byte head = Byte();
                int count = head >> 4 == 15 ? Length() : head >> 4;
                for (int i = 0; i < count; i++)
                    SkipElement((ThriftType)(head & 15));
                break;
            case ThriftType.Map:
                int pairs = Length();
                byte types = pairs == 0 ? (byte)0 : Byte();
                for (int i = 0; i < pairs; i++)
                {
                    SkipElement((ThriftType)(types >> 4));
                    SkipElement((ThriftType)(types & 15));
                }
                break;
            case ThriftType.Struct:
                int field = 0;
                for (ThriftType inner; (inner = NextField(ref field)) != ThriftType.Stop;)
                    Skip(inner);
                break;
            default:
                throw new InvalidDataException($"metadata of the unknown type {(int)type}");
        }
        _depth--;
    }

    // In a list, true and false take a byte.
    void SkipElement(ThriftType type)
    {
        if (type is ThriftType.True or ThriftType.False)
            Byte();
        else
            Skip(type);
    }

    byte Byte() => Position < _bytes.Length ? _bytes[Position++] : throw new InvalidDataException("metadata that end too early");

    int Length() => Unsigned() is var length && length <= (ulong)(_bytes.Length - Position) ? (int)length : throw new InvalidDataException("a length that goes beyond the metadata");

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - Position)
            throw new InvalidDataException("metadata that end too early");
        Position += count;
        return _bytes.Slice(Position - count, count);
    }

    ulong Unsigned()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Byte();
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
        throw new InvalidDataException("a number of more than 64 bits");
    }
}
