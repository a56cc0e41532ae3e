// From Thrift's fields to the records of ParquetMetadata.
namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>Reads metadata.</summary>
/// <exception cref="InvalidDataException">They are broken, or say what is not read.</exception>
static class MetadataReader
{
    /// <summary>The whole footer.</summary>
    public static (List<SchemaElement> Schema, List<RowGroup> Groups) Footer(ReadOnlySpan<byte> bytes)
    {
        var reader = new ThriftReader(bytes);
        List<SchemaElement>? schema = null;
        List<RowGroup>? groups = null;
        int field = 0;
        for (ThriftType type; (type = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            switch (field, type)
            {
                case (2, ThriftType.List):
                    schema = [];
                    for (int count = reader.ListCount(ThriftType.Struct); count > 0; count--)
                        schema.Add(Element(ref reader));
                    break;
                case (4, ThriftType.List):
                    groups = [];
                    for (int count = reader.ListCount(ThriftType.Struct); count > 0; count--)
                        groups.Add(Group(ref reader));
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }
        return schema is { Count: > 0 } && groups is not null ? (schema, groups) : throw new InvalidDataException("a footer without a schema or without row groups");
    }

    static SchemaElement Element(ref ThriftReader reader)
    {
        int? type = null, converted = null;
        int length = 0, repetition = 0, children = 0, scale = 0, field = 0;
        string name = "";
        Meaning? logical = null;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            switch (field, kind)
            {
                case (1, ThriftType.I32): type = reader.Int32(); break;
                case (2, ThriftType.I32): length = reader.Int32(); break;
                case (3, ThriftType.I32): repetition = reader.Int32(); break;
                case (4, ThriftType.Binary): name = reader.Text(); break;
                case (5, ThriftType.I32): children = reader.Int32(); break;
                case (6, ThriftType.I32): converted = reader.Int32(); break;
                case (7, ThriftType.I32): scale = reader.Int32(); break;
                case (10, ThriftType.Struct): logical = Logical(ref reader); break;
                default: reader.Skip(kind); break;
            }
        }
        if (type is < 0 or > 7 || repetition is < 0 or > 2 || children < 0)
            throw new InvalidDataException("a schema with unknown types");
        Meaning meaning = logical ?? converted switch
        {
            0 or 4 or 19 => Meaning.Text,
            1 or 2 => Meaning.Map,
            3 => Meaning.List,
            5 => Meaning.Decimal,
            6 => Meaning.Date,
            7 => Meaning.TimeMillis,
            8 => Meaning.TimeMicros,
            9 => Meaning.TimestampMillis,
            10 => Meaning.TimestampMicros,
            >= 11 and <= 14 => Meaning.Unsigned,
            _ => Meaning.None,
        };
        return new SchemaElement((PhysicalType?)type, length, repetition, name, children, meaning, scale);
    }

    // A union: one field, whose number says which type it is.
    static Meaning? Logical(ref ThriftReader reader)
    {
        Meaning? meaning = null;
        int field = 0;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            meaning = field switch
            {
                1 or 4 or 12 => Meaning.Text,
                2 => Meaning.Map,
                3 => Meaning.List,
                5 => Meaning.Decimal,
                6 => Meaning.Date,
                14 => Meaning.Uuid,
                15 => Meaning.Float16,
                _ => null,
            };
            if (field is 7 or 8 && kind == ThriftType.Struct)
                meaning = Time(ref reader, stamp: field == 8);
            else if (field == 10 && kind == ThriftType.Struct)
                meaning = Integer(ref reader);
            else
                reader.Skip(kind);
        }
        return meaning;
    }

    static Meaning Time(ref ThriftReader reader, bool stamp)
    {
        int unit = 0, field = 0;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            if (field != 2 || kind != ThriftType.Struct)
            {
                reader.Skip(kind);
                continue;
            }
            int inner = 0;
            for (ThriftType innerKind; (innerKind = reader.NextField(ref inner)) != ThriftType.Stop;)
            {
                unit = inner;
                reader.Skip(innerKind);
            }
        }
        return unit switch
        {
            1 => stamp ? Meaning.TimestampMillis : Meaning.TimeMillis,
            2 => stamp ? Meaning.TimestampMicros : Meaning.TimeMicros,
            3 => stamp ? Meaning.TimestampNanos : Meaning.TimeNanos,
            _ => throw new InvalidDataException("a time of an unknown unit"),
        };
    }

    static Meaning Integer(ref ThriftReader reader)
    {
        bool signed = true;
        int field = 0;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            if (field == 2)
                signed = kind == ThriftType.True;
            reader.Skip(kind);
        }
        return signed ? Meaning.None : Meaning.Unsigned;
    }

    static RowGroup Group(ref ThriftReader reader)
    {
        List<ColumnChunk> columns = [];
        long rows = -1;
        int field = 0;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            switch (field, kind)
            {
                case (1, ThriftType.List):
                    for (int count = reader.ListCount(ThriftType.Struct); count > 0; count--)
                        columns.Add(Chunk(ref reader));
                    break;
                case (3, ThriftType.I64): rows = reader.Integer(); break;
                default: reader.Skip(kind); break;
            }
        }
        return rows >= 0 ? new RowGroup(columns, rows) : throw new InvalidDataException("a row group without a number of rows");
    }

    static ColumnChunk Chunk(ref ThriftReader reader)
    {
        ColumnChunk? chunk = null;
        int field = 0;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            switch (field, kind)
            {
                case (1, ThriftType.Binary): throw new InvalidDataException("columns in other files are not read");
                case (3, ThriftType.Struct): chunk = ColumnMetadata(ref reader); break;
                case (8, _): throw new InvalidDataException("encrypted columns are not read");
                default: reader.Skip(kind); break;
            }
        }
        return chunk ?? throw new InvalidDataException("a column without metadata");
    }

    static ColumnChunk ColumnMetadata(ref ThriftReader reader)
    {
        List<string> path = [];
        int type = -1, codec = 0, field = 0;
        long values = -1, size = -1, data = -1, dictionary = 0;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            switch (field, kind)
            {
                case (1, ThriftType.I32): type = reader.Int32(); break;
                case (3, ThriftType.List):
                    for (int count = reader.ListCount(ThriftType.Binary); count > 0; count--)
                        path.Add(reader.Text());
                    break;
                case (4, ThriftType.I32): codec = reader.Int32(); break;
                case (5, ThriftType.I64): values = reader.Integer(); break;
                case (7, ThriftType.I64): size = reader.Integer(); break;
                case (9, ThriftType.I64): data = reader.Integer(); break;
                case (11, ThriftType.I64): dictionary = reader.Integer(); break;
                default: reader.Skip(kind); break;
            }
        }
        if (type is < 0 or > 7 || values < 0 || size < 0 || data < 0)
            throw new InvalidDataException("a column whose metadata are not complete");
        // Some writers put 0 where there is no dictionary.
        return new ColumnChunk(string.Join('.', path), (PhysicalType)type, codec, values, size, dictionary > 0 && dictionary < data ? dictionary : data);
    }

    /// <summary>The head of a page, and how many bytes it takes.</summary>
    public static PageHeader Page(ReadOnlySpan<byte> bytes, out int length)
    {
        var reader = new ThriftReader(bytes);
        int type = -1, uncompressed = -1, compressed = -1, field = 0;
        int? crc = null;
        PageHeader? header = null;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            switch (field, kind)
            {
                case (1, ThriftType.I32): type = reader.Int32(); break;
                case (2, ThriftType.I32): uncompressed = reader.Int32(); break;
                case (3, ThriftType.I32): compressed = reader.Int32(); break;
                case (4, ThriftType.I32): crc = reader.Int32(); break;
                case (5, ThriftType.Struct): header = Inner(ref reader, PageType.Data); break;
                case (7, ThriftType.Struct): header = Inner(ref reader, PageType.Dictionary); break;
                case (8, ThriftType.Struct): header = Inner(ref reader, PageType.DataV2); break;
                default: reader.Skip(kind); break;
            }
        }
        length = reader.Position;
        if (uncompressed < 0 || compressed < 0)
            throw new InvalidDataException("a page without a size");
        // An index page, or one of a kind to come, is passed over.
        header = header is not null && (int)header.Type == type ? header : type is 0 or 2 or 3 ? throw new InvalidDataException("a page without its header") : new PageHeader(PageType.Index, 0, 0, null, 0, 0);
        return header with { UncompressedSize = uncompressed, CompressedSize = compressed, Crc = crc };
    }

    static PageHeader Inner(ref ThriftReader reader, PageType type)
    {
        var header = new PageHeader(type, 0, 0, null, -1, 0);
        int field = 0;
        for (ThriftType kind; (kind = reader.NextField(ref field)) != ThriftType.Stop;)
        {
            switch (type, field, kind)
            {
                case (_, 1, ThriftType.I32): header = header with { ValueCount = reader.Int32() }; break;
                case (not PageType.DataV2, 2, ThriftType.I32): header = header with { Encoding = (ParquetEncoding)reader.Int32() }; break;
                case (PageType.Data, 3, ThriftType.I32): header = header with { DefinitionEncoding = (ParquetEncoding)reader.Int32() }; break;
                case (PageType.Data, 4, ThriftType.I32): header = header with { RepetitionEncoding = (ParquetEncoding)reader.Int32() }; break;
                case (PageType.DataV2, 4, ThriftType.I32): header = header with { Encoding = (ParquetEncoding)reader.Int32() }; break;
                case (PageType.DataV2, 5, ThriftType.I32): header = header with { DefinitionBytes = reader.Int32() }; break;
                case (PageType.DataV2, 6, ThriftType.I32): header = header with { RepetitionBytes = reader.Int32() }; break;
                case (PageType.DataV2, 7, ThriftType.True or ThriftType.False): header = header with { Compressed = kind == ThriftType.True }; break;
                default: reader.Skip(kind); break;
            }
        }
        return header.ValueCount >= 0 && header.DefinitionBytes >= 0 && header.RepetitionBytes >= 0 ? header : throw new InvalidDataException("a page without a number of values");
    }
}
