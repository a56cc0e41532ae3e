// Records of Parquet files (apache/parquet-format): what data sets use of the format. Rows are put together from their columns one by one, by the levels
// that tell where fields are missing and lists go on (Dremel: Melnik et al. 2010).
using System.Buffers.Binary;
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Parquet;

/// <summary>
/// Reads Parquet: flat and nested fields, lists, maps; the encodings plain, dictionary, run-length, the three delta encodings and byte stream split; pages of
/// both versions; no compression, Snappy, gzip, Brotli and Zstandard. Not read: encryption, LZO and LZ4, columns in other files.
/// </summary>
static class ParquetRecords
{
    /// <summary>What a file begins and ends with.</summary>
    public static ReadOnlySpan<byte> Magic => "PAR1"u8;

    static ReadOnlySpan<byte> EncryptedMagic => "PARE"u8;

    // Far above any benchmark: rows of nothing but nulls take no bytes, so these numbers, not the file's size, bound the work.
    const int MaxRows = 1 << 24, MaxEntriesPerRow = 1 << 20;

    const int MaxFooter = 256 << 20;

    /// <summary>Reads all rows.</summary>
    /// <param name="stream">The file; it can seek.</param>
    /// <param name="path">For messages.</param>
    /// <exception cref="BenchmarkException">A broken file.</exception>
    public static IEnumerable<DataRecord> Read(Stream stream, string path)
    {
        (SchemaNode root, List<SchemaNode> leaves, List<RowGroup> groups) = Guard(path, () => Open(stream));
        long row = 0;
        foreach (RowGroup group in groups)
        {
            if (group.RowCount > MaxRows - row)
                throw new BenchmarkException($"{path}: more than {MaxRows} rows, which are not read.");
            Dictionary<SchemaNode, ColumnReader> columns = Guard($"{path}, row {row + 1}", () => Columns(stream, leaves, group));
            for (long i = 0; i < group.RowCount; i++)
            {
                string place = $"{path}, row {++row}";
                yield return new DataRecord(place, Guard(place, () => Row(root, columns)));
            }
        }
    }

    static (SchemaNode Root, List<SchemaNode> Leaves, List<RowGroup> Groups) Open(Stream stream)
    {
        // The magic word, the footer, its length, the magic word.
        const int tail = 8;
        Span<byte> end = stackalloc byte[tail];
        if (stream.Length < Magic.Length + tail)
            throw new InvalidDataException("too short for a Parquet file");
        stream.Position = stream.Length - tail;
        stream.ReadExactly(end);
        if (end[4..].SequenceEqual(EncryptedMagic))
            throw new InvalidDataException("an encrypted Parquet file, which is not read");
        if (!end[4..].SequenceEqual(Magic))
            throw new InvalidDataException("no Parquet file, or one that is cut off: it does not end in PAR1");
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(end);
        if (length > MaxFooter || length > stream.Length - tail - Magic.Length)
            throw new InvalidDataException($"a footer of {length} bytes, which goes beyond the file or the limit");
        var footer = new byte[length];
        stream.Position = stream.Length - tail - length;
        stream.ReadExactly(footer);
        (List<SchemaElement> elements, List<RowGroup> groups) = MetadataReader.Footer(footer);
        (SchemaNode root, List<SchemaNode> leaves) = SchemaNode.Build(elements);
        return (root, leaves, groups);
    }

    static Dictionary<SchemaNode, ColumnReader> Columns(Stream stream, List<SchemaNode> leaves, RowGroup group)
    {
        Dictionary<SchemaNode, ColumnReader> columns = [];
        foreach (SchemaNode leaf in leaves)
        {
            ColumnChunk chunk = group.Columns.FirstOrDefault(column => column.Path == leaf.Path) ?? throw new InvalidDataException($"the column {DataRecord.Quote(leaf.Path)} is missing");
            columns.Add(leaf, new ColumnReader(stream, leaf, chunk));
        }
        return columns;
    }

    static DataValue Row(SchemaNode root, Dictionary<SchemaNode, ColumnReader> columns)
    {
        foreach (ColumnReader column in columns.Values)
            if (!column.HasEntry || column.Repetition != 0)
                throw new InvalidDataException($"the column {DataRecord.Quote(column.Name)} has {(column.HasEntry ? "a list that does not end with its row" : "fewer rows than the others")}");
        int entries = 0;
        return Content(root);

        // A field as it is in the row: null, a list, or its content.
        DataValue Field(SchemaNode node)
        {
            if (node.FirstLeaf is null)
                return DataValue.Null;
            ColumnReader first = columns[node.FirstLeaf];
            if (!first.HasEntry)
                throw new InvalidDataException($"the column {DataRecord.Quote(first.Name)} has fewer values than the others");
            if (first.Definition < node.Definition)
            {
                Pass(node);
                return node.IsRepeated ? DataValue.OfList([]) : DataValue.Null;
            }
            return node.IsRepeated ? Items(node, first, unwrap: false) : Content(node);
        }

        // The items of a list that is there; of a wrapped list, what is in the wrapping.
        DataValue Items(SchemaNode node, ColumnReader first, bool unwrap)
        {
            List<DataValue> items = [];
            do
                items.Add(unwrap ? Field(node.Children[0]) : Content(node));
            while (first.HasEntry && first.Repetition == node.Repetition);
            return DataValue.OfList(items);
        }

        // A field that is there.
        DataValue Content(SchemaNode node)
        {
            if (node.IsLeaf)
            {
                Count();
                return columns[node].Take();
            }
            if (!node.IsList)
                return DataValue.OfRecord([.. node.Children.Select(child => new KeyValuePair<string, DataValue>(child.Element.Name, Field(child)))]);
            SchemaNode repeated = node.Children[0];
            return node.WrapsElement && repeated.FirstLeaf is { } leaf && columns[leaf] is { HasEntry: true } first && first.Definition >= repeated.Definition
                ? Items(repeated, first, unwrap: true) : Field(repeated);
        }

        // The one entry that says that a field is not there stands in each of its columns.
        void Pass(SchemaNode node)
        {
            if (node.IsLeaf)
            {
                Count();
                ColumnReader column = columns[node];
                if (!column.HasEntry || column.Definition >= node.Definition)
                    throw new InvalidDataException($"the column {DataRecord.Quote(column.Name)} has a value where its group is missing");
                column.Take();
            }
            foreach (SchemaNode child in node.Children)
                Pass(child);
        }

        void Count()
        {
            if (++entries > MaxEntriesPerRow)
                throw new InvalidDataException($"more than {MaxEntriesPerRow} values");
        }
    }

    // Whatever is wrong inside becomes the typed error.
    static T Guard<T>(string place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new BenchmarkException($"{place}: {error.Message.TrimEnd('.')}.", error);
        }
    }
}
