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

/// <summary>Compares answers: as texts, by exact rational arithmetic where possible, by the form of sets, intervals, tuples, matrices and relations, and by values
/// of 256 bits at several points. Safe for any text; the work is bounded by a count of operations, so the same two texts always end the same way.</summary>
public static class MathEquivalence
{
    // Texts that are no mathematics are compared without case and spaces up to this length.
    const int MaxFoldedLength = 100_000;

    /// <summary>Compares an answer with its reference.</summary>
    /// <param name="reference">The right answer, in LaTeX or plain notation.</param>
    /// <param name="answer">The answer to be graded, already taken out of the response. Order matters: what form an answer must have follows from the reference.</param>
    public static Comparison Compare(string reference, string answer) => Compare(MathAnswer.Parse(reference), MathAnswer.Parse(answer));

    /// <summary>Compares answers that have been read before.</summary>
    public static Comparison Compare(MathAnswer reference, MathAnswer answer) => Compare(reference, answer, out _);

    internal static Comparison Compare(MathAnswer reference, MathAnswer answer, out long operations)
    {
        operations = 0;
        if (reference.Text.Length == 0)
            return Comparison.NotComparable;
        if (answer.Text.Length == 0)
            return Comparison.Different;
        if (string.Equals(reference.Text, answer.Text, StringComparison.Ordinal))
            return Comparison.Equal;
        if (reference.Text.Trim('(', ')') is [>= 'A' and <= 'J'] && reference.Choice is char choice && answer.Choice is char chosen)
            return choice == chosen ? Comparison.Equal : Comparison.Different;

        var work = new WorkBudget();
        try
        {
            if (SameTrees(reference, answer, work))
                return Comparison.Equal;
        }
        catch (WorkExceededException)
        {
            return Comparison.NotComparable;
        }
        finally
        {
            operations = work.Used;
        }
        if ((reference.Tree is null or Words || answer.Tree is null or Words) && Math.Max(reference.Text.Length, answer.Text.Length) <= MaxFoldedLength
            && AnswerText.Fold(reference.Text) is { Length: > 0 } folded && folded == AnswerText.Fold(answer.Text))
            return Comparison.Equal;
        return reference.TooLarge is null && answer.TooLarge is null ? Comparison.Different : Comparison.NotComparable;
    }

    static bool SameTrees(MathAnswer reference, MathAnswer answer, WorkBudget work)
    {
        if (reference.Tree is not null && answer.Tree is not null)
        {
            var comparison = new AnswerComparison(work);
            if (comparison.Same(reference.Tree, answer.Tree)
                || reference.WithoutGroups is { } list && comparison.Same(list, answer.Tree)
                || answer.WithoutGroups is { } other && comparison.Same(reference.Tree, other))
                return true;
        }
        // "(B) 12" for 12, and the other way round.
        if (answer.BehindChoice is { } value && reference.Choice is null)
            return SameTrees(reference, value, work);
        return reference.BehindChoice is { } expected && answer.Choice is null && SameTrees(expected, answer, work);
    }
}
