// The entries of one column of a row group, one after the other: each with its levels and, where it is there, its value.
using Fathom.Evaluation.Benchmarks.Parquet.Compression;
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>Reads a column chunk page by page.</summary>
sealed class ColumnReader
{
    // A page that is larger when unpacked is not read; writers aim at one megabyte.
    const int MaxPage = 1 << 30;

    // The head of a page is some 20 bytes, and more only where it holds the smallest and the largest value.
    const int FirstHead = 1 << 10, MaxHead = 16 << 20;

    readonly Stream _stream;
    readonly SchemaNode _leaf;
    readonly ColumnChunk _chunk;
    readonly long _end;
    long _position, _entriesLeft;
    int _pageLeft;
    List<DataValue>? _dictionary;
    RunReader? _repetitions, _definitions;
    ValueSource? _values;

    /// <param name="stream">The file.</param>
    /// <param name="leaf">The column's node.</param>
    /// <param name="chunk">Where the column is.</param>
    /// <exception cref="InvalidDataException">The chunk lies outside of the file, or is compressed in a way that is not read.</exception>
    public ColumnReader(Stream stream, SchemaNode leaf, ColumnChunk chunk)
    {
        (_stream, _leaf, _chunk, _position, _entriesLeft) = (stream, leaf, chunk, chunk.Start, chunk.ValueCount);
        if (chunk.Start > stream.Length || chunk.CompressedSize > stream.Length - chunk.Start)
            throw InThisColumn(new InvalidDataException("a place outside of the file"));
        if (chunk.Type != leaf.Element.Type)
            throw InThisColumn(new InvalidDataException($"the type {chunk.Type} where the schema says {leaf.Element.Type}"));
        if (!Decompression.Knows(chunk.Codec))
            throw InThisColumn(new InvalidDataException($"compression by {Decompression.Name(chunk.Codec)}, which is not read (none, Snappy, gzip, Brotli and Zstandard are)"));
        _end = chunk.Start + chunk.CompressedSize;
        try
        {
            MoveNext();
        }
        catch (InvalidDataException error)
        {
            throw InThisColumn(error);
        }
    }

    /// <summary>Whether there is an entry.</summary>
    public bool HasEntry { get; private set; }

    /// <summary>The entry's repetition level.</summary>
    public int Repetition { get; private set; }

    /// <summary>The entry's definition level.</summary>
    public int Definition { get; private set; }

    /// <summary>The name for messages.</summary>
    public string Name => _leaf.Path;

    /// <summary>Takes the entry: its value, or null where it is not there.</summary>
    public DataValue Take()
    {
        try
        {
            DataValue value = Definition == _leaf.Definition ? _values!.Next() : DataValue.Null;
            MoveNext();
            return value;
        }
        catch (InvalidDataException error)
        {
            throw InThisColumn(error);
        }
    }

    InvalidDataException InThisColumn(InvalidDataException error) => new($"the column {DataRecord.Quote(_leaf.Path)}: {error.Message}", error);

    void MoveNext()
    {
        HasEntry = _entriesLeft > 0;
        if (!HasEntry)
            return;
        while (_pageLeft == 0)
            NextPage();
        _entriesLeft--;
        _pageLeft--;
        Repetition = _repetitions?.Next() ?? 0;
        Definition = _definitions?.Next() ?? 0;
        if (Repetition > _leaf.Repetition || Definition > _leaf.Definition)
            throw new InvalidDataException("levels that the schema does not have");
    }

    void NextPage()
    {
        PageHeader head = Head();
        if (head.CompressedSize > _end - _position || head.UncompressedSize > MaxPage)
            throw new InvalidDataException($"a page of {head.CompressedSize} bytes, {head.UncompressedSize} unpacked, which goes beyond its column or the limit");
        var packed = new byte[head.CompressedSize];
        _stream.Position = _position;
        _stream.ReadExactly(packed);
        _position += packed.Length;
        if (head.Crc is { } crc && Crc32.Of(packed) != (uint)crc)
            throw new InvalidDataException("a page whose checksum does not fit");
        switch (head.Type)
        {
            case PageType.Dictionary:
                ReadDictionary(head, packed);
                break;
            case PageType.Data:
                ReadData(head, packed);
                break;
            case PageType.DataV2:
                ReadDataV2(head, packed);
                break;
        }
    }

    PageHeader Head()
    {
        for (int size = FirstHead; ; size *= 4)
        {
            int length = (int)Math.Min(size, _end - _position);
            if (length <= 0)
                throw new InvalidDataException("fewer values than the metadata say");
            var bytes = new byte[length];
            _stream.Position = _position;
            _stream.ReadExactly(bytes);
            try
            {
                PageHeader head = MetadataReader.Page(bytes, out int taken);
                _position += taken;
                return head;
            }
            catch (InvalidDataException) when (size < MaxHead && length == size)
            {
                // It may go on behind what was read.
            }
        }
    }

    void ReadDictionary(PageHeader head, byte[] packed)
    {
        if (_dictionary is not null || head.Encoding is not (ParquetEncoding.Plain or ParquetEncoding.PlainDictionary))
            throw new InvalidDataException("a second dictionary, or one in an unknown encoding");
        byte[] data = Decompression.Unpack(_chunk.Codec, packed, head.UncompressedSize);
        // Every value takes at least a bit, so the values cannot be more than the bytes allow.
        _dictionary = [];
        ValueSource values = ValueSource.Of(ParquetEncoding.Plain, _leaf.Element, data, null);
        for (int i = 0; i < head.ValueCount; i++)
            _dictionary.Add(values.Next());
    }

    void ReadData(PageHeader head, byte[] packed)
    {
        ReadOnlyMemory<byte> data = Decompression.Unpack(_chunk.Codec, packed, head.UncompressedSize);
        _repetitions = Levels(ref data, _leaf.Repetition, head.RepetitionEncoding, head.ValueCount);
        _definitions = Levels(ref data, _leaf.Definition, head.DefinitionEncoding, head.ValueCount);
        Begin(head, data);
    }

    void ReadDataV2(PageHeader head, byte[] packed)
    {
        long levels = (long)head.RepetitionBytes + head.DefinitionBytes;
        if (levels > packed.Length || levels > head.UncompressedSize)
            throw new InvalidDataException("levels that go beyond their page");
        ReadOnlyMemory<byte> all = packed, values = all[(int)levels..];
        _repetitions = _leaf.Repetition == 0 ? null : new RunReader(all[..head.RepetitionBytes], RunReader.WidthOf(_leaf.Repetition));
        _definitions = _leaf.Definition == 0 ? null : new RunReader(all.Slice(head.RepetitionBytes, head.DefinitionBytes), RunReader.WidthOf(_leaf.Definition));
        int size = head.UncompressedSize - (int)levels;
        // A page without values may have nothing to unpack.
        Begin(head, head.Compressed && size > 0 ? Decompression.Unpack(_chunk.Codec, values, size) : values);
    }

    void Begin(PageHeader head, ReadOnlyMemory<byte> data)
    {
        _values = null;
        _pageLeft = head.ValueCount;
        // Some pages hold nulls only and have no data in their encoding, so the source is made when there is something.
        _values = data.IsEmpty ? new EmptyPage() : ValueSource.Of(head.Encoding, _leaf.Element, data, _dictionary);
    }

    static RunReader? Levels(ref ReadOnlyMemory<byte> data, int max, ParquetEncoding encoding, int count)
    {
        if (max == 0)
            return null;
        int width = RunReader.WidthOf(max);
        if (encoding == ParquetEncoding.BitPacked)
        {
            long length = ((long)count * width + 7) / 8;
            if (length > data.Length)
                throw new InvalidDataException("levels that go beyond their page");
            var packed = new RunReader(data[..(int)length], width, legacy: true);
            data = data[(int)length..];
            return packed;
        }
        if (encoding != ParquetEncoding.Rle)
            throw new InvalidDataException($"levels in the encoding {encoding}");
        ReadOnlyMemory<byte> runs = ValueSource.Prefixed(data);
        data = data[(sizeof(uint) + runs.Length)..];
        return new RunReader(runs, width);
    }

    sealed class EmptyPage : ValueSource
    {
        public override DataValue Next() => throw TooEarly();
    }
}
