// From a response to a verdict, for problems with one mathematical answer.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Grades responses to problems with a mathematical answer.</summary>
public static class MathGrader
{
    /// <summary>Takes the answer out of a response and compares it.</summary>
    /// <param name="reference">The right answer; a worked solution with <c>####</c> or <c>\boxed</c> is understood too.</param>
    /// <param name="response">The response without its reasoning (or with it; what follows the last <c>&lt;/think&gt;</c> counts).</param>
    public static Verdict Grade(string reference, string response) =>
        Verdict.Of(MathEquivalence.Compare(reference, response) == Comparison.Equal, response);
}
