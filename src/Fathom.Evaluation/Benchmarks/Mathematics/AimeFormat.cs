// AIME: problems of the American Invitational Mathematics Examination, whose answers are whole numbers from 0 to 999.
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>AIME.</summary>
public sealed class AimeFormat : MathematicalFormat
{
    /// <inheritdoc/>
    public override string Name => "aime";

    /// <inheritdoc/>
    public override string Description => "AIME problems; the answer is a whole number from 0 to 999";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["problem|question|Problem|Question", "answer|Answer"];

    // Nothing in the fields says AIME but the address of the problem's page, the name of the examination, or an identifier like 2024-I-3.
    internal override bool Recognises(DataRecord first) => base.Recognises(first) && WholeAnswer(first) is not null
        && (first.TextOrEmpty("url", "source", "exam", "contest").Contains("AIME", StringComparison.OrdinalIgnoreCase)
            || first.TextOrEmpty("ID", "id", "unique_id") is { Length: > 4 } id && (id.Contains("-I-", StringComparison.Ordinal) || id.Contains("-II-", StringComparison.Ordinal) || id.Contains("AIME", StringComparison.OrdinalIgnoreCase)));

    internal override void Read(DataRecord record, ProblemList into)
    {
        long answer = WholeAnswer(record)
            ?? throw record.Wrong($"an answer of AIME is a whole number from 0 to 999, not {DataRecord.Describe(record.Find("answer", "Answer"))}");
        Add(into, record.TextOrEmpty("id", "ID", "unique_id"), record.Text("problem", "question", "Problem", "Question"), $"{answer}", record.TextOrEmpty("solution", "Solution"));
    }

    static long? WholeAnswer(DataRecord record) => DataRecord.WholeNumber(record.Find("answer", "Answer")) is { } number and >= 0 and <= 999 ? number : null;
}
