// The problems of Minerva's evaluation from MIT OpenCourseWare (Lewkowycz et al. 2022, arXiv 2206.14858): the answer is boxed in the solution.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>Minerva's undergraduate problems, and any file of problems whose solutions box their answers.</summary>
public sealed class MinervaFormat : MathematicalFormat
{
    /// <inheritdoc/>
    public override string Name => "minerva";

    /// <inheritdoc/>
    public override string Description => "undergraduate science problems; the answer is boxed in the solution";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["problem", "solution"];

    internal override bool Recognises(DataRecord first) => base.Recognises(first) && first.Find("answer") is null && Boxes.Content(first.TextOrEmpty("solution")) is not null;

    internal override void Read(DataRecord record, ProblemList into)
    {
        string solution = record.Text("solution");
        string answer = Boxes.Content(solution) ?? throw record.Wrong("\"solution\" has no \\boxed{} answer");
        Add(into, record.TextOrEmpty("id", "idx"), record.Text("problem"), answer, solution, subject: record.TextOrEmpty("type"));
    }
}
