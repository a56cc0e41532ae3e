// MMLU (Hendrycks et al. 2020, arXiv 2009.03300): four choices in 57 subjects, as data sets have it (`choices`, index) or as the original CSV without a
// header (question, A, B, C, D, letter).
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>MMLU, and other questions with a list of choices and an index or letter.</summary>
public sealed class MmluFormat : ChoiceFormat
{
    static readonly string[] s_columns = ["question", "A", "B", "C", "D", "answer"];

    /// <inheritdoc/>
    public override string Name => "mmlu";

    /// <inheritdoc/>
    public override string Description => "questions of 57 subjects with four choices; also the original CSV files without a header";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["question", "choices|A", "answer"];

    /// <summary>The columns of a CSV file whose first row is already a record of MMLU: six fields, the last a letter.</summary>
    internal static string[]? ImpliedHeader(string[] firstRow) => firstRow is [_, _, _, _, _, "A" or "B" or "C" or "D"] ? s_columns : null;

    internal override void Read(DataRecord record, ProblemList into)
    {
        // A column A without B, C, D is named by its absence there.
        IReadOnlyList<string> choices = record.Find("choices") is null ? LetteredColumns(record) : record.Texts("choices");
        Add(into, record, record.TextOrEmpty("id", "idx"), record.Text("question"), choices, CorrectIndex(record, "answer", choices.Count), record.TextOrEmpty("subject"));
    }
}
