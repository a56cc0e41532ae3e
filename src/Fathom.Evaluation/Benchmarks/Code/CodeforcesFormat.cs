// Problems of Codeforces with their official tests, in the fields of the data set open-r1/codeforces. Problems that are judged by a dialogue, from files, or
// by a checker of their own (several right outputs) are passed over: comparing outputs would call right answers wrong.
using System.Globalization;
using System.Text;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Code;

/// <summary>Codeforces problems.</summary>
public sealed class CodeforcesFormat : CodeFormat
{
    /// <inheritdoc/>
    public override string Name => "codeforces";

    /// <inheritdoc/>
    public override string Description => "Codeforces problems with one right output; run against their official tests";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["description", "input_format", "output_format", "examples", "official_tests"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string? passed = record.TextOrEmpty("interaction_format").Length > 0 ? "it is interactive"
            : record.TextOrEmpty("generated_checker").Length > 0 ? "it has several right outputs, told by a checker"
            : record.TextOrEmpty("input_mode") == "file" ? "it reads and writes files" : null;
        if (passed is not null)
        {
            into.Skip(record, passed);
            return;
        }
        StdioTest[] examples = Tests(record, "examples"), official = Tests(record, "official_tests");
        StdioTest[] all = [.. examples.Concat(official).Distinct()];
        if (all.Length == 0)
        {
            into.Skip(record, "it has no tests");
            return;
        }
        var tests = new StdioTests(all);
        into.Add(new CodeProblem(Name, Wording.Program(Statement(record, examples), ""), 1, Language.English)
        {
            Id = record.TextOrEmpty("id"),
            ReadTests = () => tests,
            TimeLimit = TimeLimit(record),
            Date = Date(record),
            Rating = record.Find("rating") is null ? null : record.Integer("rating", 0, 10_000),
        });
    }

    static StdioTest[] Tests(DataRecord record, string name) => record.Find(name) is null ? []
        : [.. record.List(name).Select(test => test["input"] is { Kind: DataKind.Text } input && test["output"] is { Kind: DataKind.Text } output
            ? new StdioTest(input.Text, output.Text) : throw record.Wrong($"every test in \"{name}\" must have the texts \"input\" and \"output\""))];

    static string Statement(DataRecord record, StdioTest[] examples)
    {
        var text = new StringBuilder();
        if (record.TextOrEmpty("title") is { Length: > 0 } title)
            text.Append(title).Append("\n\n");
        text.Append(record.Text("description").Trim());
        Section("Input", record.TextOrEmpty("input_format"));
        Section("Output", record.TextOrEmpty("output_format"));
        foreach (StdioTest example in examples)
        {
            Section("Example input", example.Input);
            Section("Example output", example.Output);
        }
        Section("Note", record.TextOrEmpty("note"));
        return text.ToString();

        void Section(string head, string body)
        {
            if (!string.IsNullOrWhiteSpace(body))
                text.Append("\n\n").Append(head).Append(":\n").Append(body.Trim());
        }
    }

    static TimeSpan? TimeLimit(DataRecord record)
    {
        if (record.Find("time_limit") is not { } value)
            return null;
        return double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and <= 600
            ? TimeSpan.FromSeconds(seconds) : throw record.Wrong($"\"time_limit\" must be above 0 and at most 600 seconds, not {DataRecord.Describe(value)}");
    }

    // Seconds since 1970.
    static DateOnly? Date(DataRecord record) =>
        DataRecord.WholeNumber(record.Find("contest_start")) is { } seconds and > 0 and < 253_402_300_800 ? DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime) : null;
}
