// The values of one page, one after the other, in each of Parquet's encodings.
using System.Buffers.Binary;
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>Gives the values of a page that are not null.</summary>
abstract class ValueSource
{
    /// <summary>The next value.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is broken.</exception>
    public abstract DataValue Next();

    /// <summary>The source for a page.</summary>
    /// <param name="encoding">How values are written.</param>
    /// <param name="element">Their type.</param>
    /// <param name="data">The page behind its levels.</param>
    /// <param name="dictionary">The chunk's dictionary; null where it has none.</param>
    public static ValueSource Of(ParquetEncoding encoding, SchemaElement element, ReadOnlyMemory<byte> data, IReadOnlyList<DataValue>? dictionary)
    {
        ValueConverter convert = ValueConversion.Of(element);
        int width = ValueConversion.Width(element);
        PhysicalType type = element.Type!.Value;
        return (encoding, type) switch
        {
            (ParquetEncoding.Plain, PhysicalType.Boolean) => new BitSource(new RunReader(data, 1, legacy: false, plain: true)),
            (ParquetEncoding.Plain, _) => new PlainSource(data, width, convert),
            (ParquetEncoding.PlainDictionary or ParquetEncoding.RleDictionary, _) => new DictionarySource(data, dictionary ?? throw new InvalidDataException("indices without a dictionary")),
            (ParquetEncoding.Rle, PhysicalType.Boolean) => new BitSource(new RunReader(Prefixed(data), 1)),
            (ParquetEncoding.DeltaBinaryPacked, PhysicalType.Int32 or PhysicalType.Int64) => new DeltaSource(new DeltaReader(data), width, convert),
            (ParquetEncoding.DeltaLengthByteArray, PhysicalType.ByteArray) => new DeltaLengthSource(data, convert),
            (ParquetEncoding.DeltaByteArray, PhysicalType.ByteArray or PhysicalType.FixedLengthByteArray) => new DeltaByteArraySource(data, width, convert),
            (ParquetEncoding.ByteStreamSplit, not PhysicalType.ByteArray and not PhysicalType.Boolean) => new SplitSource(data, width, convert),
            _ => throw new InvalidDataException($"values of the type {type} in the encoding {encoding}, which is not read"),
        };
    }

    /// <summary>Data behind four bytes with their length.</summary>
    public static ReadOnlyMemory<byte> Prefixed(ReadOnlyMemory<byte> data)
    {
        if (data.Length < sizeof(uint) || BinaryPrimitives.ReadUInt32LittleEndian(data.Span) > (uint)(data.Length - sizeof(uint)))
            throw new InvalidDataException("levels that go beyond their page");
        return data.Slice(sizeof(uint), (int)BinaryPrimitives.ReadUInt32LittleEndian(data.Span));
    }

    private protected static InvalidDataException TooEarly() => new("values that end too early");

    sealed class BitSource(RunReader bits) : ValueSource
    {
        public override DataValue Next() => bits.Next() != 0 ? DataValue.True : DataValue.False;
    }

    // Values side by side; those of any length behind four bytes with the length.
    sealed class PlainSource(ReadOnlyMemory<byte> data, int width, ValueConverter convert) : ValueSource
    {
        int _position;

        public override DataValue Next()
        {
            ReadOnlySpan<byte> left = data.Span[_position..];
            long length = width;
            if (width == 0)
            {
                if (left.Length < sizeof(uint))
                    throw TooEarly();
                length = BinaryPrimitives.ReadUInt32LittleEndian(left);
                left = left[sizeof(uint)..];
            }
            if (length > left.Length)
                throw TooEarly();
            _position = data.Length - left.Length + (int)length;
            return convert(left[..(int)length]);
        }
    }

    sealed class DictionarySource : ValueSource
    {
        readonly RunReader _indices;
        readonly IReadOnlyList<DataValue> _dictionary;

        // A page of nulls only may be empty.
        public DictionarySource(ReadOnlyMemory<byte> data, IReadOnlyList<DataValue> dictionary) =>
            (_indices, _dictionary) = (data.IsEmpty ? new RunReader(data, 1) : new RunReader(data[1..], data.Span[0]), dictionary);

        public override DataValue Next() => _indices.Next() is var index && (uint)index < (uint)_dictionary.Count ? _dictionary[index] : throw new InvalidDataException("an index beyond the dictionary");
    }

    sealed class DeltaSource(DeltaReader integers, int width, ValueConverter convert) : ValueSource
    {
        readonly byte[] _raw = new byte[sizeof(long)];

        public override DataValue Next()
        {
            BinaryPrimitives.WriteInt64LittleEndian(_raw, integers.Next());
            return convert(_raw.AsSpan(0, width));
        }
    }

    // All lengths, then all bytes.
    sealed class DeltaLengthSource : ValueSource
    {
        readonly ReadOnlyMemory<byte> _data;
        readonly ValueConverter _convert;
        readonly DeltaReader _lengths;
        int _position;

        public DeltaLengthSource(ReadOnlyMemory<byte> data, ValueConverter convert)
        {
            (_data, _convert, _lengths) = (data, convert, new DeltaReader(data));
            _position = new DeltaReader(data).End();
        }

        public override DataValue Next()
        {
            long length = _lengths.Next();
            if (length < 0 || length > _data.Length - _position)
                throw TooEarly();
            _position += (int)length;
            return _convert(_data.Span.Slice(_position - (int)length, (int)length));
        }
    }

    // How much each value shares with the one before it, then the rests.
    sealed class DeltaByteArraySource : ValueSource
    {
        // A value is as long as one page at most, or a page could hold values of gigabytes.
        const int MaxLength = 64 << 20;

        readonly ReadOnlyMemory<byte> _rests;
        readonly ValueConverter _convert;
        readonly DeltaReader _shared, _lengths;
        readonly int _width;
        byte[] _value = [];
        int _length, _position;

        public DeltaByteArraySource(ReadOnlyMemory<byte> data, int width, ValueConverter convert)
        {
            (_width, _convert, _shared) = (width, convert, new DeltaReader(data));
            _rests = data[new DeltaReader(data).End()..];
            _lengths = new DeltaReader(_rests);
            _position = new DeltaReader(_rests).End();
        }

        public override DataValue Next()
        {
            long shared = _shared.Next(), rest = _lengths.Next();
            if (shared < 0 || shared > _length || rest < 0 || rest > _rests.Length - _position)
                throw TooEarly();
            int length = (int)(shared + rest);
            if (length > MaxLength || _width > 0 && length != _width)
                throw new InvalidDataException($"a value of {length} bytes");
            if (length > _value.Length)
                Array.Resize(ref _value, Math.Max(length, Math.Min(2 * _value.Length, MaxLength)));
            _rests.Span.Slice(_position, (int)rest).CopyTo(_value.AsSpan((int)shared));
            _position += (int)rest;
            _length = length;
            return _convert(_value.AsSpan(0, length));
        }
    }

    // The first bytes of all values, then the second ones, and so on.
    sealed class SplitSource(ReadOnlyMemory<byte> data, int width, ValueConverter convert) : ValueSource
    {
        readonly byte[] _raw = new byte[width];
        readonly int _count = data.Length / width;
        int _next;

        public override DataValue Next()
        {
            if (_next >= _count)
                throw TooEarly();
            for (int i = 0; i < width; i++)
                _raw[i] = data.Span[i * _count + _next];
            _next++;
            return convert(_raw);
        }
    }
}
