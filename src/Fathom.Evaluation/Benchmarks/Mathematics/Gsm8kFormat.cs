// GSM8K (Cobbe et al. 2021, arXiv 2110.14168): grade-school word problems with worked answers whose last line is `#### N`.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;

namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>GSM8K.</summary>
public sealed class Gsm8kFormat : MathematicalFormat
{
    const string Mark = "####";

    /// <inheritdoc/>
    public override string Name => "gsm8k";

    /// <inheritdoc/>
    public override string Description => "grade-school word problems; the worked answer ends in \"#### N\", a whole number";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["question", "answer"];

    internal override bool Recognises(DataRecord first) =>
        base.Recognises(first) && first.TextOrEmpty("answer").Contains(Mark, StringComparison.Ordinal);

    internal override void Read(DataRecord record, ProblemList into)
    {
        string question = record.Text("question"), answer = record.Text("answer");
        int mark = answer.LastIndexOf(Mark, StringComparison.Ordinal);
        string final = mark < 0 ? "" : answer[(mark + Mark.Length)..].Trim();
        if (!AnswerExtraction.TryParseInteger(final, out _))
            throw record.Wrong($"\"answer\" must end in a line \"#### N\" with a whole number N, not {DataRecord.Quote(mark < 0 ? answer : final)}");
        Add(into, record.TextOrEmpty("id", "idx"), question, final, answer[..mark].Trim());
    }
}
