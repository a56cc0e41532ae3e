// What rewards and scores are made of: a named source of problems whose answers can be checked.
using Fathom.Evaluation.Graders;

namespace Fathom.Evaluation.Tasks;

/// <summary>A task whose answers a program can check.</summary>
public abstract class VerifiedTask
{
    /// <summary>The name used on the command line and in recipes.</summary>
    public abstract string Name { get; }

    /// <summary>Whether <paramref name="answer"/> (the final answer alone, as <see cref="AnswerExtraction"/> gives it) is right.
    /// Safe for any text. Unless a task says otherwise, both are compared as integers.</summary>
    public virtual bool Check(Problem problem, string answer) => AnswerExtraction.SameInteger(problem.Answer, answer);

    /// <summary>Grades a whole response. Unless a task says otherwise, what follows the reasoning is the answer, and <see cref="Check"/> decides.
    /// Safe for any text.</summary>
    public virtual Verdict Grade(Problem problem, ParsedResponse response) => Verdict.Of(Check(problem, response.Answer), response.Answer);

    /// <summary>Whether two answers to a problem say the same, for votes (cons@k). Unless a task says otherwise, the texts are compared.</summary>
    public virtual bool SameAnswer(Problem problem, string left, string right) => string.Equals(left, right, StringComparison.Ordinal);
}
