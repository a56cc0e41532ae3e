// Any data file as a run of records: what kind of file it is follows from its first bytes and its name.
using System.IO.Compression;
using Fathom.Evaluation.Benchmarks.Parquet;

namespace Fathom.Evaluation.Benchmarks.Records;

/// <summary>Reads JSON lines, JSON, CSV, TSV and Parquet files; the first four also compressed with gzip (<c>.gz</c>).</summary>
public static class RecordFile
{
    /// <summary>Reads the records in file order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="impliedHeader">For CSV and TSV: names the columns of a file whose first row is a record already; null, or a function that gives null, where the
    /// first row holds the names.</param>
    /// <exception cref="BenchmarkException">The file is of no known kind, or broken; broken records are found when they are reached.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IEnumerable<DataRecord> Read(string path, Func<string[], string[]?>? impliedHeader = null)
    {
        using FileStream file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[4];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        bool packed = start.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);
        bool parquet = start.SequenceEqual(ParquetRecords.Magic) || path.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase);
        return parquet ? EnumerateParquet(path) : Enumerate(path, packed, impliedHeader ?? (_ => null));
    }

    static IEnumerable<DataRecord> EnumerateParquet(string path)
    {
        using FileStream file = File.OpenRead(path);
        foreach (DataRecord record in ParquetRecords.Read(file, path))
            yield return record;
    }

    static IEnumerable<DataRecord> Enumerate(string path, bool packed, Func<string[], string[]?> impliedHeader)
    {
        using FileStream file = File.OpenRead(path);
        using Stream stream = packed ? new GZipStream(file, CompressionMode.Decompress) : file;
        string name = packed && path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        IEnumerable<DataRecord> records = Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".jsonl" or ".ndjson" => JsonRecords.ReadLines(stream, path),
            ".json" => JsonRecords.ReadDocument(stream, path),
            ".csv" => CsvRecords.Read(stream, path, ',', impliedHeader),
            ".tsv" => CsvRecords.Read(stream, path, '\t', impliedHeader),
            var other => throw new BenchmarkException($"{path}: a file ending in \"{other}\" is not read; there are .jsonl, .json, .csv and .tsv (each also with .gz), and .parquet."),
        };
        using IEnumerator<DataRecord> each = records.GetEnumerator();
        while (true)
        {
            try
            {
                if (!each.MoveNext())
                    yield break;
            }
            catch (InvalidDataException error) when (packed)
            {
                throw new BenchmarkException($"{path}: the gzip data are broken ({error.Message})", error);
            }
            yield return each.Current;
        }
    }
}
