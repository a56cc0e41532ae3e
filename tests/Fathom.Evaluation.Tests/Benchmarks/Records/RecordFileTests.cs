using System.Text;
using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Testing.Mutations;

namespace Fathom.Evaluation.Tests.Benchmarks.Records;

public sealed class RecordFileTests
{
    // What every kind of file must give for the same two records.
    static readonly string[] s_expected = ["a=1|b=x,\"y\"\nz|c=", "a=2|b=é😀|c=w"];

    public static TheoryData<string, string> TextFiles => new()
    {
        { ".jsonl", "{\"a\":1,\"b\":\"x,\\\"y\\\"\\nz\",\"c\":\"\"}\n\n  \t\r\n{\"a\":2,\"b\":\"\\u00e9\\ud83d\\ude00\",\"c\":\"w\"}" },
        { ".ndjson", "\uFEFF{\"a\":1,\"b\":\"x,\\\"y\\\"\\nz\",\"c\":\"\"}\r\n{\"a\":2,\"b\":\"é😀\",\"c\":\"w\"}\r\n" },
        { ".json", "\uFEFF[{\"a\":1,\"b\":\"x,\\\"y\\\"\\nz\",\"c\":\"\"},\n{\"a\":2,\"b\":\"é😀\",\"c\":\"w\"}]" },
        { ".json", "{\"version\":\"1\",\"data\":[{\"a\":1,\"b\":\"x,\\\"y\\\"\\nz\",\"c\":\"\"},\n{\"a\":2,\"b\":\"é😀\",\"c\":\"w\"}]}" },
        { ".json", "{\"a\":1,\"b\":\"x,\\\"y\\\"\\nz\",\"c\":\"\"}\n{\"a\":2,\"b\":\"é😀\",\"c\":\"w\"}\n" },
        { ".csv", "\uFEFFa,b,c\r\n1,\"x,\"\"y\"\"\nz\",\r\n2,é😀,w\r\n" },
        { ".tsv", "a\tb\tc\n1\t\"x,\"\"y\"\"\nz\"\t\n2\té😀\tw" },
    };

    [Theory]
    [MemberData(nameof(TextFiles))]
    public void EveryKindOfFile_GivesTheSameRecords(string ending, string content)
    {
        using var file = new TextFile(ending, content);
        Assert.Equal(s_expected, RecordFile.Read(file.Path).Select(Show));
    }

    [Theory]
    [MemberData(nameof(TextFiles))]
    public void CompressedWithGzip_GivesTheSameRecords(string ending, string content)
    {
        using var file = new TextFile(ending + ".gz", TextFile.Gzip(Encoding.UTF8.GetBytes(content)));
        Assert.Equal(s_expected, RecordFile.Read(file.Path).Select(Show));
    }

    [Fact]
    public void Utf16Csv_WithMark_IsRead()
    {
        using var file = new TextFile(".csv", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a,b,c\n1,é,\n")]);
        Assert.Equal(["a=1|b=é|c="], RecordFile.Read(file.Path).Select(Show));
    }

    [Fact]
    public void Values_KeepTheirKindsAndNumbersTheirDigits()
    {
        using var file = new TextFile(".jsonl", """{"n": 123456789012345678901234567890.50, "e": -1e400, "t": true, "z": null, "l": [1, ["x"], {"k": "v"}], "o": {"p": false}}""");
        DataValue value = Assert.Single(RecordFile.Read(file.Path)).Value;
        Assert.Equal("123456789012345678901234567890.50", value["n"]!.Text);
        Assert.Equal("-1e400", value["e"]!.Text);
        Assert.Equal([DataKind.Number, DataKind.Number, DataKind.Boolean, DataKind.Null, DataKind.List, DataKind.Record], value.Fields.Select(field => field.Value.Kind));
        Assert.Equal("x", value["l"]!.Items[1].Items[0].Text);
        Assert.Equal("v", value["l"]!.Items[2]["k"]!.Text);
        Assert.Same(DataValue.False, value["o"]!["p"]);
    }

    [Fact]
    public void ObjectOfObjects_IsRecordsWithTheirNamesAsIdentifiers()
    {
        using var file = new TextFile(".json", """{"p1": {"x": 1}, "p2": {"x": 2, "id": "own"}}""");
        DataRecord[] records = [.. RecordFile.Read(file.Path)];
        Assert.Equal(["id=p1|x=1", "x=2|id=own"], records.Select(Show));
        Assert.Equal($"{file.Path}, record \"p2\"", records[1].Place);
    }

    [Theory]
    [InlineData(".jsonl", "{\"a\":1}\n\n{\"a\":", "line 3: not valid JSON")]
    [InlineData(".jsonl", "{\"a\":1}\n[1]", "line 2: expected an object with fields, found an array")]
    [InlineData(".jsonl", "{\"a\":1}\n{\"a\":1} {\"a\":2}", "line 2: more than one value")]
    [InlineData(".jsonl", "{\"a\":1}\n{\"a\":1, \"a\":2}", "line 2: the field \"a\" stands twice")]
    [InlineData(".jsonl", "{\"a\":1}\n{\"a\":\"\\ud800\"}", "line 2: a text that is not valid Unicode")]
    [InlineData(".jsonl", "{\"a\":1}\n{\"a\":NaN}", "line 2: not valid JSON")]
    [InlineData(".json", "[{\"a\":1},\n{\"a\":1},\n{\"a\" 1}]", "line 3: not valid JSON")]
    [InlineData(".json", "[{\"a\":1},\n7]", "line 2: expected an object with fields, found a number")]
    [InlineData(".json", "[{\"a\":1}", "not valid JSON")]
    [InlineData(".json", "\"text\"", "line 1: expected an object with fields, found a text")]
    [InlineData(".csv", "a,b\n1,2\n1,2,3\n", "line 3: 3 fields where the first row has 2")]
    [InlineData(".csv", "a,b\n1,\"2\n2\"\n1\n", "line 4: 1 fields where the first row has 2")]
    [InlineData(".csv", "a,b\n1,\"2\n3,4\n", "line 2: not a valid row")]
    [InlineData(".csv", "a,b\n1,x\"y\n", "line 2: not a valid row")]
    [InlineData(".csv", "a,a\n1,2\n", "line 1: the column \"a\" stands twice")]
    [InlineData(".txt", "a", "a file ending in \".txt\" is not read")]
    public void BrokenFile_NamesItselfLineAndFault(string ending, string content, string fault)
    {
        using var file = new TextFile(ending, content);
        BenchmarkException error = Assert.Throws<BenchmarkException>(() => RecordFile.Read(file.Path).ToArray());
        Assert.StartsWith(file.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(".jsonl", "{\"a\":1}\n{\"a\":\"?\"}", "line 2: a text that is not valid Unicode")]
    [InlineData(".json", "[{\"a\":1},\n{\"a\":\"?\"}]", "line 2: a text that is not valid Unicode")]
    [InlineData(".csv", "a,b\n1,2\n1,?\n", "line 3: a text that is not valid UTF-8")]
    public void InvalidUtf8_IsRefusedWithItsLine(string ending, string content, string fault)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(content);
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;
        using var file = new TextFile(ending, bytes);
        Assert.Contains(fault, Assert.Throws<BenchmarkException>(() => RecordFile.Read(file.Path).ToArray()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LineOverTheLimit_IsRefusedWithoutReadingOn()
    {
        const int limit = 1000;
        using var endless = new EndlessStream();
        BenchmarkException error = Assert.Throws<BenchmarkException>(() => JsonRecords.ReadLines(endless, "file", limit).ToArray());
        Assert.Contains("file, line 1: longer than 1000 bytes", error.Message, StringComparison.Ordinal);
        Assert.True(endless.Position < 200_000, $"{endless.Position} bytes were read.");
    }

    [Theory]
    [InlineData(10)]
    [InlineData(65_536)]
    [InlineData(300_000)]
    public void LinesOfAnyLength_AreReadWhole(int length)
    {
        string text = new('x', length);
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes($"{{\"a\":\"{text}\"}}\n{{\"a\":\"y\"}}\n{{\"a\":\"{text}\"}}"));
        Assert.Equal([text, "y", text], JsonRecords.ReadLines(stream, "file").Select(record => record.Text("a")));
    }

    [Fact]
    public void BrokenGzip_IsATypedError()
    {
        byte[] packed = TextFile.Gzip(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{{\"a\":{i}}}\n"))));
        packed[packed.Length / 2] ^= 0x55;
        packed[packed.Length / 2 + 1] ^= 0x55;
        using var file = new TextFile(".jsonl.gz", packed);
        Assert.Throws<BenchmarkException>(() => RecordFile.Read(file.Path).ToArray());
    }

    [Theory]
    [InlineData(".jsonl")]
    [InlineData(".json")]
    [InlineData(".csv")]
    public void DamagedText_IsReadOrRefusedWithTheTypedError(string ending)
    {
        const string line = """{"a": "x, \"y\"", "b": [1, {"c": "é"}], "d": null}""";
        string valid = ending switch { ".json" => $"[{line},\n{line}]", ".csv" => "a,b\n1,\"x \"\"y\"\"\nz\"\n2,é\n", _ => $"{line}\n{line}\n" };
        var trial = new ReaderTrial(typeof(BenchmarkException));
        byte[] whole = Encoding.UTF8.GetBytes(valid);
        var random = new Random(5);
        for (int i = 0; i < 3000; i++)
        {
            byte[] damaged = i < whole.Length ? whole[..i] : [.. whole];
            for (int change = random.Next(1, 4); change > 0 && i >= whole.Length; change--)
                damaged[random.Next(damaged.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : "\"\\,\n{}[]:0\r"u8[random.Next(11)];
            trial.Try($"{ending} {i}", () => Read(damaged, ending), damaged);
        }
        var mutator = new JsonMutator($"[{line},{line}]", 7);
        for (int i = 0; i < 1000 && ending != ".csv"; i++)
        {
            byte[] damaged = mutator.Next();
            trial.Try($"{ending} mutation {i}", () => Read(damaged, ending), damaged);
        }
        trial.AssertKept();
    }

    static void Read(byte[] bytes, string ending)
    {
        using var stream = new MemoryStream(bytes);
        IEnumerable<DataRecord> records = ending switch
        {
            ".json" => JsonRecords.ReadDocument(stream, "file"),
            ".csv" => CsvRecords.Read(stream, "file", ',', _ => null),
            _ => JsonRecords.ReadLines(stream, "file"),
        };
        foreach (DataRecord record in records)
            Assert.NotNull(record.Value);
    }

    static string Show(DataRecord record) => string.Join('|', record.Value.Fields.Select(field => $"{field.Key}={field.Value.Text}"));

    sealed class EndlessStream : Stream
    {
        long position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => position; set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count)
        {
            buffer.AsSpan(offset, count).Fill((byte)' ');
            position += count;
            return count;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
