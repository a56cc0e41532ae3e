// MMLU-Redux (Gema et al. 2024, arXiv 2406.04127): MMLU's questions with what annotators found wrong with them. Asked are the sound questions, and those
// whose answer was wrong and is corrected unambiguously; the others are passed over, with the reason kept.
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>MMLU-Redux.</summary>
public sealed class MmluReduxFormat : ChoiceFormat
{
    const string Sound = "ok", WrongAnswer = "wrong_groundtruth";

    /// <inheritdoc/>
    public override string Name => "mmlu-redux";

    /// <inheritdoc/>
    public override string Description => "MMLU's questions checked by hand: sound ones, and those with a corrected answer; the rest is passed over";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["question", "choices", "answer", "error_type"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        IReadOnlyList<string> choices = record.Texts("choices");
        int correct = CorrectIndex(record, "answer", choices.Count);
        string error = record.Text("error_type");
        if (error == WrongAnswer)
        {
            if (Corrected(record.Find("correct_answer"), choices) is not { } corrected)
            {
                into.Skip(record, $"its answer is wrong, and the corrected one is {DataRecord.Describe(record.Find("correct_answer"))}");
                return;
            }
            correct = corrected;
        }
        else if (error != Sound)
        {
            into.Skip(record, $"its error_type is {DataRecord.Quote(error)}");
            return;
        }
        Add(into, record, record.TextOrEmpty("id", "idx"), record.Text("question"), choices, correct, record.TextOrEmpty("subject"));
    }

    // A letter, an index, or the text of one choice.
    static int? Corrected(DataValue? value, IReadOnlyList<string> choices)
    {
        if (value is not { Kind: DataKind.Text or DataKind.Number })
            return null;
        int[] same = [.. Enumerable.Range(0, choices.Count).Where(i => string.Equals(choices[i].Trim(), value.Text.Trim(), StringComparison.OrdinalIgnoreCase))];
        int? index = IndexOf(value, choices.Count);
        // Where a number is a choice's text and an index at once, nobody knows which is meant.
        return same.Length == 0 ? index : same.Length == 1 && (index is null || index == same[0]) ? same[0] : null;
    }
}
