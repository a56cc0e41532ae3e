// SimpleQA (Wei et al. 2024, arXiv 2411.04368): short questions of fact. Its own grader is a model; here an answer is right where it matches in normal form,
// which is stricter: a right answer in other words counts as wrong. Every verdict says so.
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.ShortAnswers;

/// <summary>SimpleQA.</summary>
public sealed class SimpleQaFormat : BenchmarkFormat
{
    const string Recipe = "by normalised match; the benchmark's own grader is a model and accepts other wordings";

    /// <inheritdoc/>
    public override string Name => "simpleqa";

    /// <inheritdoc/>
    public override string Description => "short questions of fact, graded " + Recipe;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Needs { get; } = ["problem", "answer", "metadata"];

    internal override void Read(DataRecord record, ProblemList into)
    {
        string question = record.Text("problem");
        into.Add(new SpanProblem(Name, Wording.ShortAnswer(question), [[record.Text("answer").Trim()]], Wording.LanguageOf(question)) { Id = record.TextOrEmpty("id", "original_index") });
    }

    internal override Verdict Grade(Problem problem, ParsedResponse response, ProgramGrader? grader)
    {
        string answer = ShortAnswer.Of(response.Answer), normal = ShortAnswer.Normal(answer), reference = ShortAnswer.Normal(problem.Answer);
        (_, double f1) = SpanMatch.Score([problem.Answer], [answer]);
        return Verdict.Of(normal.Length > 0 && normal == reference, answer.Length > 0 ? answer : null, Recipe) with { Parts = [new("f1", f1)] };
    }

    internal override bool SameAnswer(Problem problem, string left, string right) => ShortAnswer.Normal(left) == ShortAnswer.Normal(right);
}
