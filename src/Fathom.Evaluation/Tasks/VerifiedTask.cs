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
}
