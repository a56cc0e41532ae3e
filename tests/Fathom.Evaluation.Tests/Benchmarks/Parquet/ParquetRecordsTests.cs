using System.Text;
using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Benchmarks.Parquet;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Testing.Mutations;

namespace Fathom.Evaluation.Tests.Benchmarks.Parquet;

public sealed class ParquetRecordsTests
{
    public static TheoryData<string> Fixtures => [ParquetFixtures.Snappy, ParquetFixtures.ZstandardDelta, ParquetFixtures.GzipDelta, ParquetFixtures.Brotli, ParquetFixtures.UncompressedDelta];

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void FileOfAnotherWriter_IsReadWhole(string fixture)
    {
        string[] expected =
        [
            "question: Question 0?, choices: [a0, b, null, d], answer: 0, big: 9007199254740993, score: 0, sound: true, note: null",
            "question: Question 1?, choices: [a1, b, null, d], answer: 1, big: 9007199254739993, score: 0.3333333333333333, sound: false, note: null",
            "question: Question 2?, choices: [a2, b, null, d], answer: 2, big: 9007199254732993, score: 0.6666666666666666, sound: true, note: same",
            "question: Question 3?, choices: null, answer: 3, big: 9007199254713993, score: 1, sound: false, note: same",
            "question: Was ist größer — “π” oder 3? 😀, choices: [a4, b, null, d], answer: 0, big: 9007199254676993, score: 1.3333333333333333, sound: true, note: same",
            "question: Question 5?, choices: [], answer: 1, big: 9007199254615993, score: 1.6666666666666667, sound: false, note: same",
        ];
        DataRecord[] records = [.. Read(Convert.FromBase64String(fixture))];
        Assert.Equal(expected, records.Select(record => Show(record.Value)[1..^1]));
        Assert.Equal("file, row 6", records[5].Place);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void OwnFile_WithEveryType_IsReadInEveryCodec(int codec)
    {
        foreach (bool dictionary in (bool[])[false, true])
        {
            foreach (int perPage in (int[])[2, int.MaxValue])
            {
                byte[] file = ParquetWriter.Write(
                    [
                        ("text", 1, ParquetWriter.ByteArray, 0, 0, 0, 0), ("whole", 0, ParquetWriter.Int32, 0, -1, 0, 0), ("unsigned", 0, ParquetWriter.Int64, 0, 14, 0, 0),
                        ("single", 0, ParquetWriter.Float, 0, -1, 0, 0), ("price", 0, ParquetWriter.Int32, 0, 5, 0, 2), ("exact", 0, ParquetWriter.FixedLength, 0, 5, 3, 1),
                        ("day", 0, ParquetWriter.Int32, 0, 6, 0, 0), ("stamp", 0, ParquetWriter.Int64, 0, 9, 0, 0), ("yes", 0, ParquetWriter.Boolean, 0, -1, 0, 0),
                    ],
                    9,
                    [
                        Column("text", ParquetWriter.ByteArray, 1, "é"u8.ToArray(), null, "z"u8.ToArray()), Column("whole", ParquetWriter.Int32, 0, -1, 2, int.MinValue),
                        Column("unsigned", ParquetWriter.Int64, 0, -1L, 2L, 3L), Column("single", ParquetWriter.Float, 0, 0.1f, -2f, float.NaN),
                        Column("price", ParquetWriter.Int32, 0, 1234, -5, 0), Column("exact", ParquetWriter.FixedLength, 0, new byte[] { 0, 0, 15 }, new byte[] { 0xFF, 0xFF, 0xFF }, new byte[] { 1, 0, 0 }),
                        Column("day", ParquetWriter.Int32, 0, 0, 19_000, int.MaxValue), Column("stamp", ParquetWriter.Int64, 0, 0L, 1_700_000_000_123L, -1L),
                        Column("yes", ParquetWriter.Boolean, 0, true, false, true) with { Dictionary = false },
                    ],
                    3, codec);
                Assert.Equal(
                    [
                        "{text: é, whole: -1, unsigned: 18446744073709551615, single: 0.1, price: 12.34, exact: 1.5, day: 1970-01-01, stamp: 1970-01-01T00:00:00, yes: true}",
                        "{text: null, whole: 2, unsigned: 2, single: -2, price: -0.05, exact: -0.1, day: 2022-01-08, stamp: 2023-11-14T22:13:20.123, yes: false}",
                        "{text: z, whole: -2147483648, unsigned: 3, single: NaN, price: 0.00, exact: 6553.6, day: 2147483647, stamp: 1969-12-31T23:59:59.999, yes: true}",
                    ],
                    Read(file).Select(record => Show(record.Value)));

                WrittenColumn Column(string name, int type, int definition, params object?[] values) =>
                    new(name, type, 0, definition, [.. values.Select(value => (0, value is null ? 0 : definition, value))]) { Dictionary = dictionary, ValuesPerPage = perPage };
            }
        }
    }

    [Fact]
    public void NestedFile_IsPutTogetherByItsLevels()
    {
        // answer: optional group { spans: LIST of optional text; tests: LIST of group { input text, output optional text } }.
        byte[] file = Nested();
        Assert.Equal(
            [
                "{answer: {spans: [a, null], tests: [{input: i1, output: o1}, {input: i2, output: null}]}}",
                "{answer: null}",
                "{answer: {spans: [], tests: null}}",
                "{answer: {spans: null, tests: []}}",
                "{answer: {spans: [b], tests: [{input: i3, output: o3}]}}",
            ],
            Read(file).Select(record => Show(record.Value)));
    }

    [Fact]
    public void ListsOfLists_AndBareRepeatedFields_AreRead()
    {
        // matrix: LIST<LIST<int>> with required parts inside; tags: a repeated text without a list around it.
        byte[] file = ParquetWriter.Write(
            [
                ("matrix", 0, -1, 1, 3, 0, 0), ("list", 2, -1, 1, -1, 0, 0), ("element", 0, -1, 1, 3, 0, 0), ("list", 2, -1, 1, -1, 0, 0), ("element", 0, ParquetWriter.Int32, 0, -1, 0, 0),
                ("tags", 2, ParquetWriter.ByteArray, 0, 0, 0, 0),
            ],
            2,
            [
                new("matrix.list.element.list.element", ParquetWriter.Int32, 2, 2, [(0, 2, 1), (2, 2, 2), (1, 2, 3), (1, 1, null), (0, 0, null), (0, 2, 4)]),
                new("tags", ParquetWriter.ByteArray, 1, 1, [(0, 1, "x"u8.ToArray()), (1, 1, "y"u8.ToArray()), (0, 0, null), (0, 1, "z"u8.ToArray())]),
            ],
            3, 0);
        Assert.Equal(["{matrix: [[1, 2], [3], []], tags: [x, y]}", "{matrix: [], tags: []}", "{matrix: [[4]], tags: [z]}"], Read(file).Select(record => Show(record.Value)));
    }

    [Fact]
    public void BenchmarkInParquet_IsRecognised()
    {
        using var file = new TextFile(".parquet", ParquetWriter.Write(
            [("question", 1, ParquetWriter.ByteArray, 0, 0, 0, 0), ("answer", 1, ParquetWriter.ByteArray, 0, 0, 0, 0)], 2,
            [
                new("question", ParquetWriter.ByteArray, 0, 1, [(0, 1, "Q1?"u8.ToArray()), (0, 1, "Q2?"u8.ToArray())]),
                new("answer", ParquetWriter.ByteArray, 0, 1, [(0, 1, "so\n#### 1"u8.ToArray()), (0, 1, "#### none"u8.ToArray())]),
            ],
            2, 2));
        BenchmarkException error = Assert.Throws<BenchmarkException>(() => BenchmarkFile.Read(file.Path));
        Assert.StartsWith($"{file.Path}, row 2: \"answer\" must end in a line", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ChangedPage_IsFoundByItsChecksumOrItsValues_AndOtherFilesAreNamed()
    {
        byte[] file = Nested();
        Assert.Contains("does not end in PAR1", Fault(file[..^1]), StringComparison.Ordinal);
        Assert.Contains("too short", Fault(file[..8]), StringComparison.Ordinal);
        Assert.Contains("encrypted", Fault([.. file[..^4], .. "PARE"u8]), StringComparison.Ordinal);
        Assert.Contains("a footer of", Fault([.. file[..^8], 0xFF, 0xFF, 0xFF, 0x7F, .. "PAR1"u8]), StringComparison.Ordinal);
        byte[] text = ParquetWriter.Write([("t", 0, ParquetWriter.ByteArray, 0, 0, 0, 0)], 1, [new("t", ParquetWriter.ByteArray, 0, 0, [(0, 0, new byte[] { 0xFF })])], 1, 0);
        Assert.Contains("file, row 1: the column \"t\": a text that is not valid UTF-8", Fault(text), StringComparison.Ordinal);
        byte[] codec = ParquetWriter.Write([("t", 0, ParquetWriter.Int32, 0, 0, 0, 0)], 1, [new("t", ParquetWriter.Int32, 0, 0, [(0, 0, 1)])], 1, 7);
        Assert.Contains("compression by LZ4_RAW, which is not read", Fault(codec), StringComparison.Ordinal);
        byte[] rows = ParquetWriter.Write([("t", 0, ParquetWriter.Int32, 0, 0, 0, 0)], 1, [new("t", ParquetWriter.Int32, 0, 0, [(0, 0, 1)])], 2, 0);
        Assert.Contains("file, row 2: the column \"t\" has fewer rows", Fault(rows), StringComparison.Ordinal);
    }

    [Fact]
    public void MoreRowsThanAnyBenchmark_AreRefusedBeforeTheyAreRead()
    {
        byte[] file = ParquetWriter.Write([("t", 0, ParquetWriter.Int32, 0, -1, 0, 0)], 1, [new("t", ParquetWriter.Int32, 0, 0, [(0, 0, 1)])], 1 << 25, 0);
        Assert.Contains("rows, which are not read", Fault(file), StringComparison.Ordinal);
    }

    [Fact]
    public void EndlessListOfNulls_IsRefusedInBoundedMemory()
    {
        // One row whose list has one and a half million missing values: a run of levels, a few bytes.
        byte[] file = ParquetWriter.Write(
            [("t", 0, -1, 1, 3, 0, 0), ("list", 2, -1, 1, -1, 0, 0), ("element", 1, ParquetWriter.Int32, 0, -1, 0, 0)], 1,
            [new("t.list.element", ParquetWriter.Int32, 1, 2, [.. Enumerable.Range(0, 1_500_000).Select(i => (i == 0 ? 0 : 1, 1, (object?)null))]) { Levels = true }], 1, 0);
        Assert.InRange(file.Length, 100, 1000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("file, row 1: more than 1048576 values", Fault(file), StringComparison.Ordinal);
        // References in a list that doubles: 8 bytes for each of a million values, and as much again before.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20_000_000);
    }

    [Fact]
    public void DamagedFiles_AreReadOrRefused_WithinBounds()
    {
        var trial = new ReaderTrial(typeof(BenchmarkException));
        var random = new Random(9);
        foreach (byte[] whole in (byte[][])[Nested(), Convert.FromBase64String(ParquetFixtures.Snappy), Convert.FromBase64String(ParquetFixtures.ZstandardDelta), Convert.FromBase64String(ParquetFixtures.UncompressedDelta)])
        {
            for (int i = 0; i < whole.Length + 2000; i++)
            {
                byte[] damaged = i < whole.Length ? whole[..i] : [.. whole];
                for (int change = random.Next(1, 4); change > 0 && i >= whole.Length; change--)
                {
                    int at = random.Next(damaged.Length);
                    damaged[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(damaged[at] ^ 1 << random.Next(8)), _ => (byte)(damaged[at] + random.Next(-2, 3)) };
                }
                trial.Try($"{i}", () => Assert.All(Read(damaged), record => Assert.NotNull(record.Value)), damaged);
            }
        }
        trial.AssertKept();
    }

    static byte[] Nested() => ParquetWriter.Write(
        [
            ("answer", 1, -1, 2, -1, 0, 0),
            ("spans", 1, -1, 1, 3, 0, 0), ("list", 2, -1, 1, -1, 0, 0), ("element", 1, ParquetWriter.ByteArray, 0, 0, 0, 0),
            ("tests", 1, -1, 1, 3, 0, 0), ("list", 2, -1, 1, -1, 0, 0), ("element", 0, -1, 2, -1, 0, 0), ("input", 0, ParquetWriter.ByteArray, 0, 0, 0, 0), ("output", 1, ParquetWriter.ByteArray, 0, 0, 0, 0),
        ],
        1,
        [
            new("answer.spans.list.element", ParquetWriter.ByteArray, 1, 4, [(0, 4, Bytes("a")), (1, 3, null), (0, 0, null), (0, 2, null), (0, 1, null), (0, 4, Bytes("b"))]) { Dictionary = true },
            new("answer.tests.list.element.input", ParquetWriter.ByteArray, 1, 3, [(0, 3, Bytes("i1")), (1, 3, Bytes("i2")), (0, 0, null), (0, 1, null), (0, 2, null), (0, 3, Bytes("i3"))]),
            new("answer.tests.list.element.output", ParquetWriter.ByteArray, 1, 4, [(0, 4, Bytes("o1")), (1, 3, null), (0, 0, null), (0, 1, null), (0, 2, null), (0, 4, Bytes("o3"))]) { ValuesPerPage = 2 },
        ],
        5, 0);

    static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    static IEnumerable<DataRecord> Read(byte[] file) => ParquetRecords.Read(new MemoryStream(file), "file");

    static string Fault(byte[] file) => Assert.Throws<BenchmarkException>(() => Read(file).ToArray()).Message;

    static string Show(DataValue value) => value.Kind switch
    {
        DataKind.Null => "null",
        DataKind.List => $"[{string.Join(", ", value.Items.Select(Show))}]",
        DataKind.Record => $"{{{string.Join(", ", value.Fields.Select(pair => $"{pair.Key}: {Show(pair.Value)}"))}}}",
        _ => value.Text,
    };
}
