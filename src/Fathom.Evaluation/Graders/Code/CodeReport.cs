// What grading a program found: three results that are kept apart (a program that compiles is not one that runs, let alone a right one).
namespace Fathom.Evaluation.Graders.Code;

/// <summary>The result of one program.</summary>
/// <param name="Compiles">Whether it is valid in its language.</param>
/// <param name="Runs">Whether it ran through every test to an end of its own: no crash, no limit reached.</param>
/// <param name="Passed">Tests passed.</param>
/// <param name="Total">Tests there were, at least 1.</param>
/// <param name="Reason">What went wrong first: the compiler's message, the exception, the limit; null where all passed.</param>
public sealed record CodeReport(bool Compiles, bool Runs, int Passed, int Total, string? Reason)
{
    /// <summary>The verdict: right where every test passed; compiles, runs and the share of passed tests are its parts.</summary>
    public Verdict ToVerdict(string program) => Verdict.Of(Passed == Total, program, Reason) with
    {
        Parts = [new("compiles", Compiles ? 1 : 0), new("runs", Runs ? 1 : 0), new("testsPassed", (double)Passed / Total)],
    };
}
