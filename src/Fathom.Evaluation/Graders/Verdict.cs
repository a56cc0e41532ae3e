// What a grader says of one response.
namespace Fathom.Evaluation.Graders;

/// <summary>The three ends of grading. A grader that could not do its work says nothing about the response: that is not a wrong answer.</summary>
public enum Outcome
{
    /// <summary>The response is not right.</summary>
    Wrong,

    /// <summary>The response is right.</summary>
    Right,

    /// <summary>The grader itself failed (a sandbox that did not start, a limit on its own work); the response has no score.</summary>
    Failed,
}

/// <summary>A number besides the outcome, averaged over problems by its weight.</summary>
/// <param name="Name">What it is, in camel case: <c>f1</c>, <c>compiles</c>, <c>instructionStrict</c>.</param>
/// <param name="Value">The number, usually 0 to 1.</param>
/// <param name="Weight">How much it counts in a mean over responses, above 0: the instructions of a prompt, for instance.</param>
public readonly record struct ScorePart(string Name, double Value, double Weight = 1);

/// <summary>The verdict on one response.</summary>
/// <param name="Outcome">Right, wrong, or not graded.</param>
/// <param name="Answer">The answer that was taken out of the response; null where none was found.</param>
/// <param name="Reason">Why, in a few words, where the outcome alone does not say it; null otherwise.</param>
public sealed record Verdict(Outcome Outcome, string? Answer, string? Reason = null)
{
    /// <summary>Numbers besides the outcome; empty for graders that have none.</summary>
    public IReadOnlyList<ScorePart> Parts { get; init; } = [];

    /// <summary>1 for right, 0 for wrong, null where grading failed.</summary>
    public double? Score => Outcome switch { Outcome.Right => 1, Outcome.Wrong => 0, _ => null };

    /// <summary>Right or wrong.</summary>
    public static Verdict Of(bool right, string? answer, string? reason = null) => new(right ? Outcome.Right : Outcome.Wrong, answer, reason);
}
