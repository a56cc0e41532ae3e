// Any other file of questions with mathematical answers.
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>Questions with answers that are compared as mathematics.</summary>
public sealed class PlainMathFormat : MathematicalFormat
{
    /// <inheritdoc/>
    public override string Name => "questions";

    /// <inheritdoc/>
    public override string Description => "any questions with answers; answers are compared as mathematics";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["problem|question|prompt|Problem|Question", "answer|Answer|final_answer"];

    internal override bool Recognises(DataRecord first) =>
        base.Recognises(first) && first.Find("answer", "Answer", "final_answer") is { Kind: DataKind.Text or DataKind.Number or DataKind.List };

    internal override void Read(DataRecord record, ProblemList into)
    {
        // Some data sets keep the one answer in a list.
        DataValue? value = record.Find("answer", "Answer", "final_answer");
        string answer = value is { Kind: DataKind.List, Items: [var only] } ? record.TextOf(only, "answer[0]") : Answer(record, "answer", "Answer", "final_answer");
        Add(into, record.TextOrEmpty("id", "ID", "unique_id", "idx"), record.Text("problem", "question", "prompt", "Problem", "Question"), answer, record.TextOrEmpty("solution"));
    }
}
