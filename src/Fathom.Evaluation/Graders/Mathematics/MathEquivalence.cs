// Whether two mathematical answers are the same.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>The result of a comparison.</summary>
public enum Comparison
{
    /// <summary>They are the same.</summary>
    Equal,

    /// <summary>They are not.</summary>
    Different,

    /// <summary>The answer (or the reference) could not be understood or evaluated within the limits.</summary>
    NotComparable,
}

/// <summary>Compares answers.</summary>
public static class MathEquivalence
{
    /// <summary>Compares an answer with its reference.</summary>
    /// <param name="reference">The right answer, in LaTeX or plain notation.</param>
    /// <param name="answer">The answer to be graded, already taken out of the response. Order matters: what form an answer must have follows from the reference.</param>
    public static Comparison Compare(string reference, string answer) =>
        AnswerExtraction.SameInteger(reference, answer) || string.Equals(reference.Trim(), answer.Trim(), StringComparison.Ordinal) ? Comparison.Equal : Comparison.Different;
}
