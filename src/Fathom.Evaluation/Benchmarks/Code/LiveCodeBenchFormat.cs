// LiveCodeBench (Jain et al. 2024, arXiv 2403.07974): contest problems with dates, public tests, and hidden tests that are JSON or base64(zlib(pickle)) of
// JSON. Hidden tests are many gigabytes unpacked: a problem keeps the packed bytes and unpacks them when it is graded. What is packed is checked while the
// file is read.
using System.Globalization;
using System.IO.Compression;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders.Code;

namespace Fathom.Evaluation.Benchmarks.Code;

/// <summary>LiveCodeBench.</summary>
public sealed class LiveCodeBenchFormat : CodeFormat
{
    const string Hidden = "private_test_cases";

    // In bytes; the largest tests of one problem take some 100 MB.
    const int MaxUnpacked = 512 << 20;

    /// <inheritdoc/>
    public override string Name => "livecodebench";

    /// <inheritdoc/>
    public override string Description => "contest problems with dates; programs and functions, run against public and hidden tests";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["question_content", "public_test_cases", "private_test_cases"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string starter = record.TextOrEmpty("starter_code"), question = record.Text("question_content");
        string? function = Function(record);
        string open = record.Text("public_test_cases"), hidden = record.Text("private_test_cases");
        // Only the place and the packed bytes live on with the problem.
        var place = new DataRecord(record.Place, DataValue.Null);
        byte[]? packed = hidden.AsSpan().TrimStart().StartsWith('[') ? null : Packed(record, hidden);
        Func<CodeTests> tests = packed is null ? () => Tests(place, open, hidden, function) : () => Tests(place, open, Unpack(place, packed), function);
        tests();
        into.Add(new CodeProblem(Name, Wording.Program(question, function is null ? "" : starter), Difficulty(record), Wording.LanguageOf(question))
        {
            Id = record.TextOrEmpty("question_id", "id"),
            ReadTests = tests,
            Function = function,
            Date = Date(record),
        });
    }

    static CodeTests Tests(DataRecord record, string open, string hidden, string? function)
    {
        DataValue[] tests = [.. Parse(record, open, "public_test_cases"), .. Parse(record, hidden, Hidden)];
        if (tests.Length == 0)
            throw record.Wrong("there is no test, neither public nor hidden");
        return function is null
            ? new StdioTests([.. tests.Select(test => new StdioTest(Text(record, test, "input"), Text(record, test, "output")))])
            : new CallTests(function, [.. tests.Select(test => new CallTest([.. Text(record, test, "input").Split('\n').Where(line => !string.IsNullOrWhiteSpace(line))], Text(record, test, "output")))]);
    }

    static IReadOnlyList<DataValue> Parse(DataRecord record, string json, string field) =>
        JsonValue.Parse(json, record, field) is { Kind: DataKind.List } list ? list.Items : throw record.Wrong($"\"{field}\" must hold a JSON list of tests");

    // Empty inputs and outputs are tests too.
    static string Text(DataRecord record, DataValue test, string name) =>
        test[name] is { Kind: DataKind.Text } text ? text.Text : throw record.Wrong($"a test's \"{name}\" must be a text, not {DataRecord.Describe(test[name])}");

    static byte[] Packed(DataRecord record, string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            throw record.Wrong($"\"{Hidden}\" is neither a JSON list nor base64: {DataRecord.Quote(text)}");
        }
    }

    // zlib(pickle(str)) to the string.
    static string Unpack(DataRecord record, byte[] packed)
    {
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(packed), CompressionMode.Decompress);
            using var unpacked = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            for (int read; (read = zlib.Read(buffer)) > 0;)
            {
                if (unpacked.Length + read > MaxUnpacked)
                    throw record.Wrong($"\"{Hidden}\" unpacks to more than {MaxUnpacked} bytes");
                unpacked.Write(buffer, 0, read);
            }
            return PickledString.Read(unpacked.GetBuffer().AsSpan(0, (int)unpacked.Length));
        }
        catch (Exception error) when (error is FormatException or InvalidDataException)
        {
            throw record.Wrong($"\"{Hidden}\" is base64, but not of a pickled string compressed by zlib ({error.Message.TrimEnd('.')})");
        }
    }

    static string? Function(DataRecord record)
    {
        if (record.Find("metadata") is not { } metadata)
            return null;
        DataValue value = metadata.Kind == DataKind.Text && metadata.Text.Length > 0 ? JsonValue.Parse(metadata.Text, record, "metadata") : metadata;
        return value["func_name"] is { Kind: DataKind.Text } name ? FunctionName(record, name.Text) : null;
    }

    static int Difficulty(DataRecord record) => record.TextOrEmpty("difficulty") switch { "medium" => 2, "hard" => 3, _ => 1 };

    static DateOnly? Date(DataRecord record)
    {
        string text = record.TextOrEmpty("contest_date");
        return text.Length == 0 ? null : DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime date) ? DateOnly.FromDateTime(date)
            : throw record.Wrong($"\"contest_date\" must be a date, not {DataRecord.Quote(text)}");
    }
}
