// The metadata at the end of a Parquet file and before each page (apache/parquet-format, parquet.thrift): only the fields that reading values needs.
namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>How values are stored, before any meaning.</summary>
enum PhysicalType
{
    Boolean = 0, Int32 = 1, Int64 = 2, Int96 = 3, Float = 4, Double = 5, ByteArray = 6, FixedLengthByteArray = 7,
}

/// <summary>What stored values mean, of the meanings that change how they read.</summary>
enum Meaning
{
    None, Text, Decimal, Date, TimeMillis, TimeMicros, TimeNanos, TimestampMillis, TimestampMicros, TimestampNanos, Unsigned, Uuid, Float16, List, Map,
}

/// <summary>A page's kind.</summary>
enum PageType
{
    Data = 0, Index = 1, Dictionary = 2, DataV2 = 3,
}

/// <summary>How values or levels are written.</summary>
enum ParquetEncoding
{
    Plain = 0, PlainDictionary = 2, Rle = 3, BitPacked = 4, DeltaBinaryPacked = 5, DeltaLengthByteArray = 6, DeltaByteArray = 7, RleDictionary = 8, ByteStreamSplit = 9,
}

/// <summary>A node of the schema as it is written: a list in depth-first order.</summary>
sealed record SchemaElement(PhysicalType? Type, int Length, int Repetition, string Name, int Children, Meaning Meaning, int Scale);

/// <summary>A column of a row group.</summary>
sealed record ColumnChunk(string Path, PhysicalType Type, int Codec, long ValueCount, long CompressedSize, long Start);

/// <summary>A run of rows.</summary>
sealed record RowGroup(IReadOnlyList<ColumnChunk> Columns, long RowCount);

/// <summary>The head of a page.</summary>
sealed record PageHeader(PageType Type, int UncompressedSize, int CompressedSize, int? Crc, int ValueCount, ParquetEncoding Encoding)
{
    /// <summary>Of pages of the first kind: how levels are written.</summary>
    public ParquetEncoding DefinitionEncoding { get; init; } = ParquetEncoding.Rle;

    /// <summary>Of pages of the first kind: how levels are written.</summary>
    public ParquetEncoding RepetitionEncoding { get; init; } = ParquetEncoding.Rle;

    /// <summary>Of pages of the second kind: bytes of the levels, which are never compressed.</summary>
    public int DefinitionBytes { get; init; }

    /// <summary>Of pages of the second kind: bytes of the levels, which are never compressed.</summary>
    public int RepetitionBytes { get; init; }

    /// <summary>Of pages of the second kind: whether the values are compressed.</summary>
    public bool Compressed { get; init; } = true;
}
