// What the mathematical benchmarks share: one answer, asked for in a box, compared as mathematics.
using System.Text.RegularExpressions;
using Fathom.Evaluation.Benchmarks.Records;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Mathematics;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>A problem with a mathematical answer.</summary>
/// <param name="Task">Name of the benchmark.</param>
/// <param name="Prompt">The user's turn.</param>
/// <param name="Answer">The right answer, in LaTeX or plain notation.</param>
/// <param name="Difficulty">The benchmark's level; 1 where it has none.</param>
/// <param name="Language">Language of the question.</param>
public sealed record MathProblem(string Task, string Prompt, string Answer, int Difficulty, Language Language)
    : Problem(Task, Prompt, Answer, Difficulty, Language, [])
{
    /// <summary>The question alone.</summary>
    public required string Question { get; init; }

    /// <summary>The file's worked solution; null where it has none.</summary>
    public WorkedSolution? Solution { get; init; }

    /// <summary>The benchmark's subject; empty where it names none.</summary>
    public string Subject { get; init; } = "";
}

/// <summary>A benchmark of such problems.</summary>
public abstract partial class MathematicalFormat : BenchmarkFormat
{
    internal override Verdict Grade(Problem problem, ParsedResponse response, ProgramGrader? grader) => MathGrader.Grade(problem.Answer, response.Answer);

    internal override bool SameAnswer(Problem problem, string left, string right) => MathEquivalence.Compare(left, right) == Graders.Mathematics.Comparison.Equal;

    private protected void Add(ProblemList into, string id, string question, string answer, string solution = "", int level = 1, string subject = "")
    {
        Language language = Wording.LanguageOf(question);
        into.Add(new MathProblem(Name, Wording.Boxed(question.Trim(), language), answer.Trim(), level, language)
        {
            Id = id,
            Question = question.Trim(),
            Solution = solution.Length > 0 ? new WorkedSolution(solution, answer.Trim()) : null,
            Subject = subject,
        });
    }

    // Tables of numbers make 27 a 27.0 on their way through data frames.
    private protected static string Answer(DataRecord record, params ReadOnlySpan<string> names)
    {
        string text = record.Text(names);
        return WholeWithPoint().IsMatch(text) ? text[..text.IndexOf('.')] : text;
    }

    [GeneratedRegex(@"^-?[0-9]+\.0+$")]
    private static partial Regex WholeWithPoint();
}
