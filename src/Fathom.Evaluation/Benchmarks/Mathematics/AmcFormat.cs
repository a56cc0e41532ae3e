// AMC: problems of the American Mathematics Competitions, asked without their choices; the answers are numbers.
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>AMC.</summary>
public sealed class AmcFormat : MathematicalFormat
{
    /// <inheritdoc/>
    public override string Name => "amc";

    /// <inheritdoc/>
    public override string Description => "AMC problems without their choices; the answer is a number";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["problem|question", "answer"];

    internal override bool Recognises(DataRecord first) =>
        base.Recognises(first) && first.TextOrEmpty("url", "source", "exam", "contest").Contains("AMC", StringComparison.OrdinalIgnoreCase);

    internal override void Read(DataRecord record, ProblemList into) =>
        Add(into, record.TextOrEmpty("id", "unique_id"), record.Text("problem", "question"), Answer(record, "answer"), record.TextOrEmpty("solution"));
}
