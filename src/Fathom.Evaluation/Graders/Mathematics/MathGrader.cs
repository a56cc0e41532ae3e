// From a response to a verdict, for problems with one mathematical answer.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Grades responses to problems with a mathematical answer.</summary>
public static class MathGrader
{
    /// <summary>Takes the answer out of a response and compares it.</summary>
    /// <param name="reference">The right answer; a worked solution with <c>####</c> or <c>\boxed</c> is understood too.</param>
    /// <param name="response">The response without its reasoning (or with it; what follows the last <c>&lt;/think&gt;</c> counts).</param>
    public static Verdict Grade(string reference, string response)
    {
        var expected = MathAnswer.Parse(FinalAnswer.OfReference(reference));
        bool wantsChoice = expected.Text.Trim('(', ')') is [>= 'A' and <= 'J'];
        if (FinalAnswer.Of(response, wantsChoice) is not { } answer)
            return Verdict.Of(false, null, "no answer found");
        return MathEquivalence.Compare(expected, MathAnswer.Parse(answer)) switch
        {
            Comparison.Equal => Verdict.Of(true, answer),
            Comparison.Different => Verdict.Of(false, answer),
            _ => Verdict.Of(false, answer, "not comparable with the reference"),
        };
    }
}
