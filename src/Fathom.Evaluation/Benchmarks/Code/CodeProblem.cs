// A problem whose answer is a program, graded by running it.
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Benchmarks.Code;

/// <summary>A programming problem.</summary>
/// <param name="Task">Name of the benchmark.</param>
/// <param name="Prompt">The user's turn.</param>
/// <param name="Difficulty">1 for easy to 3 for hard where the benchmark says so, else 1.</param>
/// <param name="Language">Language of the question.</param>
public sealed record CodeProblem(string Task, string Prompt, int Difficulty, Language Language) : Problem(Task, Prompt, "", Difficulty, Language, [])
{
    /// <summary>The tests. Hidden ones can be large: they are unpacked from the file's bytes when they are asked for.</summary>
    public CodeTests Tests => ReadTests();

    /// <summary>Gives the tests.</summary>
    public required Func<CodeTests> ReadTests { get; init; }

    /// <summary>What stands before the program that is run: imports and helpers of the question; empty where it has none.</summary>
    public string Preamble { get; init; } = "";

    /// <summary>The beginning of the function that a response may go on with instead of writing it whole; null where there is none.</summary>
    public string? Beginning { get; init; }

    /// <summary>The function that is tested; null for programs that read standard input.</summary>
    public string? Function { get; init; }

    /// <summary>Processor time of one test; null for the grader's own limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>The day of the contest; null where none is known.</summary>
    public DateOnly? Date { get; init; }

    /// <summary>The rating of the problem on Codeforces; null where it has none.</summary>
    public int? Rating { get; init; }
}
