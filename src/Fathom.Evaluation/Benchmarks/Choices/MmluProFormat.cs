// MMLU-Pro (Wang et al. 2024, arXiv 2406.01574): up to ten choices.
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>MMLU-Pro.</summary>
public sealed class MmluProFormat : ChoiceFormat
{
    /// <inheritdoc/>
    public override string Name => "mmlu-pro";

    /// <inheritdoc/>
    public override string Description => "questions with up to ten choices; choices \"N/A\" are left out";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["question", "options", "answer"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        IReadOnlyList<string> options = record.Texts("options");
        int correct = CorrectIndex(record, "answer", options.Count);
        if (record.Find("answer_index") is { } index && DataRecord.WholeNumber(index) != correct)
            throw record.Wrong($"\"answer\" and \"answer_index\" do not agree: {DataRecord.Describe(record.Find("answer"))} and {DataRecord.Describe(index)}");
        int[] order = [.. Enumerable.Range(0, options.Count).Where(i => options[i].Trim() != "N/A" || i == correct)];
        Add(into, record, record.TextOrEmpty("question_id", "id"), record.Text("question"), [.. order.Select(i => options[i])], Array.IndexOf(order, correct), record.TextOrEmpty("category"), order);
    }
}
