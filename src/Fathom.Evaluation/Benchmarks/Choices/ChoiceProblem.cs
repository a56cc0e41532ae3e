// A question with choices, one of which is right.
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>A multiple-choice problem. Its answer is the letter of the right choice.</summary>
/// <param name="Task">Name of the benchmark.</param>
/// <param name="Prompt">The user's turn: question, lettered choices, instruction.</param>
/// <param name="Answer">The letter of the right choice.</param>
/// <param name="Language">Language of the question.</param>
public sealed record ChoiceProblem(string Task, string Prompt, string Answer, Language Language) : Problem(Task, Prompt, Answer, 1, Language, [])
{
    /// <summary>The question alone.</summary>
    public required string Question { get; init; }

    /// <summary>The choices in the order in which they are asked, without letters: the continuations whose likelihood can be compared.</summary>
    public required IReadOnlyList<string> Choices { get; init; }

    /// <summary>Index of the right one among <see cref="Choices"/>.</summary>
    public required int CorrectIndex { get; init; }

    /// <summary>For each choice, its index in the file: not 0, 1, 2, ... where the benchmark leaves the order open and it was drawn.</summary>
    public required IReadOnlyList<int> Order { get; init; }

    /// <summary>The benchmark's subject; empty where it names none.</summary>
    public string Subject { get; init; } = "";

    /// <summary>The letter of a choice: A for 0.</summary>
    public static char Letter(int index) => (char)('A' + index);
}
