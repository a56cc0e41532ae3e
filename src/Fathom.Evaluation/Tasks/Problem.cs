// What a task hands out: a problem, and a worked solution of it in one of two styles.
namespace Fathom.Evaluation.Tasks;

/// <summary>The language of a problem's wording. Reasoning is mostly symbols and reads the same in both.</summary>
public enum Language
{
    /// <summary>English.</summary>
    English,

    /// <summary>Chinese (simplified characters).</summary>
    Chinese,
}

/// <summary>How a worked solution reasons.</summary>
public enum WorkStyle
{
    /// <summary>Correct, step by step; every step is a small fact or a copy.</summary>
    Careful,

    /// <summary>A guess without work, wrong at a rate that the caller sets.</summary>
    Hasty,
}

/// <summary>One question with a checkable answer.</summary>
/// <param name="Task">Name of the task that made it.</param>
/// <param name="Prompt">The question as the model sees it, without any chat markup.</param>
/// <param name="Answer">A right answer. A task may accept others (<see cref="VerifiedTask.Check"/>).</param>
/// <param name="Difficulty">1 (easiest) to the task's number of levels.</param>
/// <param name="Language">Language of the wording.</param>
/// <param name="Numbers">The drawn numbers, in the task's own order; empty for problems read from a file.</param>
public record Problem(string Task, string Prompt, string Answer, int Difficulty, Language Language, IReadOnlyList<long> Numbers)
{
    /// <summary>What the problem is called in its file; empty where it has no name.</summary>
    public string Id { get; init; } = "";
}

/// <summary>A worked solution, its parts apart so that callers can set any markup around them.</summary>
/// <param name="Reasoning">The work; never empty, never contains a think tag.</param>
/// <param name="Answer">The final answer alone.</param>
public readonly record struct WorkedSolution(string Reasoning, string Answer);
