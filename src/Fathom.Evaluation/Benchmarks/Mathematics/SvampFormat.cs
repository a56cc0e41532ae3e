// SVAMP (Patel et al. 2021, arXiv 2103.07191): short word problems, a story and a question apart.
using Fathom.Evaluation.Benchmarks.Records;

namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>SVAMP.</summary>
public sealed class SvampFormat : MathematicalFormat
{
    /// <inheritdoc/>
    public override string Name => "svamp";

    /// <inheritdoc/>
    public override string Description => "short word problems in a story and a question; the answer is a number";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["Body", "Question", "Answer"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string body = record.Text("Body").Trim();
        // Some stories lack their full stop.
        string story = body[^1] is '.' or '!' or '?' or '"' or ',' ? body : body + ".";
        Add(into, record.TextOrEmpty("ID", "idx"), $"{story} {record.Text("Question").Trim()}", Answer(record, "Answer"), subject: record.TextOrEmpty("Type"));
    }
}
