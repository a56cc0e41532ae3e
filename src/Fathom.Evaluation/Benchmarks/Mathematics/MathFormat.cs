// MATH (Hendrycks et al. 2021, arXiv 2103.03874) and its 500 problems of Lightman et al. 2023: competition problems in five levels.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>MATH and MATH-500.</summary>
public sealed class MathFormat : MathematicalFormat
{
    /// <inheritdoc/>
    public override string Name => "math";

    /// <inheritdoc/>
    public override string Description => "competition problems in levels 1 to 5; the answer is a field (MATH-500) or boxed in the solution (MATH)";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["problem", "solution", "level", "subject|type"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string solution = record.Text("solution");
        string answer = record.Find("answer") is null
            ? Boxes.Content(solution) ?? throw record.Wrong("\"solution\" has no \\boxed{} answer, and there is no \"answer\"")
            : Answer(record, "answer");
        Add(into, record.TextOrEmpty("unique_id", "id", "idx"), record.Text("problem"), answer, solution, Level(record), record.TextOrEmpty("subject", "type"));
    }

    // A number, or "Level 3". A few problems of MATH have "Level ?": they count as level 1.
    static int Level(DataRecord record)
    {
        string text = record.Text("level").Replace("Level", "", StringComparison.Ordinal).Trim();
        return text switch
        {
            "?" => 1,
            ['1' or '2' or '3' or '4' or '5'] => text[0] - '0',
            _ => throw record.Wrong($"\"level\" must be 1 to 5 or \"Level 1\" to \"Level 5\", not {DataRecord.Describe(record.Find("level"))}"),
        };
    }
}
