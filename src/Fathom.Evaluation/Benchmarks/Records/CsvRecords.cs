// Records of CSV and TSV files: a header line, then one record per row, every field a text.
using System.Text;
using CsvHelper;

namespace Fathom.Evaluation.Benchmarks.Records;

/// <summary>Reads comma- and tab-separated files.</summary>
static class CsvRecords
{
    // In bytes; longer than any row of a data set. A quotation mark that is never closed swallows the rest of a file up to this.
    const int MaxRow = 64 << 20;

    static readonly UTF8Encoding s_strict = new(false, true);

    /// <summary>Reads all rows.</summary>
    /// <param name="stream">UTF-8, or UTF-16 with a byte order mark.</param>
    /// <param name="path">For messages.</param>
    /// <param name="separator">What stands between fields.</param>
    /// <param name="impliedHeader">The names of the columns of a file whose first row is a record already; null where the first row holds the names.</param>
    /// <exception cref="BenchmarkException">A broken row.</exception>
    public static IEnumerable<DataRecord> Read(Stream stream, string path, char separator, Func<string[], string[]?> impliedHeader)
    {
        var options = new CsvReaderOptions
        {
            Separator = separator,
            HasHeader = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = MaxRow,
            TrackLineNumbers = true,
        };
        using CsvReader reader = CsvReader.Create(stream, options, leaveOpen: true);
        string[]? names = null;
        while (Next(reader, path) is { } row)
        {
            string place = $"{path}, line {reader.LineNumber}";
            if (names is null)
            {
                names = impliedHeader(row);
                if (names is null)
                {
                    names = row;
                    if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
                        throw new BenchmarkException($"{place}: the column {DataRecord.Quote(twice.Key)} stands twice in the header.");
                    continue;
                }
            }
            if (row.Length != names.Length)
                throw new BenchmarkException($"{place}: {row.Length} fields where the first row has {names.Length}.");
            var fields = new KeyValuePair<string, DataValue>[names.Length];
            for (int i = 0; i < fields.Length; i++)
                fields[i] = new(names[i], DataValue.OfText(row[i]));
            yield return new DataRecord(place, DataValue.OfRecord(fields));
        }
    }

    static string[]? Next(CsvReader reader, string path)
    {
        try
        {
            if (!reader.Read())
                return null;
            var row = new string[reader.FieldCount];
            for (int i = 0; i < row.Length; i++)
                row[i] = s_strict.GetString(reader.GetSpan(i));
            return row;
        }
        catch (CsvFormatException error)
        {
            throw new BenchmarkException($"{path}, line {error.LineNumber}: not a valid row ({error.Message})", error);
        }
        catch (DecoderFallbackException error)
        {
            throw new BenchmarkException($"{path}, line {reader.LineNumber}: a text that is not valid UTF-8.", error);
        }
    }
}
