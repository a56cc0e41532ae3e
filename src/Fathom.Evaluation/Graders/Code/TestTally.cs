// Counts tests while a program is graded.
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>The report as it grows.</summary>
sealed class TestTally(int total)
{
    // A program that hits limits again and again is not run through hundreds of tests: the rest count as failed.
    const int MaxLimitHits = 3;

    int _passed, _limitHits;
    bool _compiles = true, _runs = true;
    string? _reason;

    /// <summary>Whether the remaining tests are not worth running.</summary>
    public bool GaveUp => _limitHits >= MaxLimitHits;

    /// <summary>A test that was passed.</summary>
    public void Pass() => _passed++;

    /// <summary>A test whose result was wrong.</summary>
    public void Miss(string reason) => _reason ??= reason;

    /// <summary>A test that the program did not come to the end of.</summary>
    public void Crash(string reason, SandboxLimit limit = SandboxLimit.None)
    {
        _runs = false;
        _reason ??= reason;
        if (limit != SandboxLimit.None)
            _limitHits++;
    }

    /// <summary>Counts a run of a whole program.</summary>
    public void Add(int test, SandboxResult result, string expected)
    {
        if (result.Limit != SandboxLimit.None || result.ExitCode != 0)
            Crash($"test {test + 1}: {Describe(result)}", result.Limit);
        else if (OutputComparison.Same(expected, System.Text.Encoding.UTF8.GetString(result.Output)))
            Pass();
        else
            Miss($"test {test + 1}: wrong output");
    }

    /// <summary>The program is none.</summary>
    public CodeReport DoesNotCompile(string reason)
    {
        (_compiles, _runs, _reason) = (false, false, reason);
        return Report();
    }

    /// <summary>The report.</summary>
    public CodeReport Report() => new(_compiles, _runs, _passed, total, _reason);

    /// <summary>In words, why a process ended before it should have.</summary>
    public static string Describe(SandboxResult result) => result.Limit switch
    {
        SandboxLimit.Time => "used more processor time than allowed",
        SandboxLimit.WallTime => "took longer than allowed",
        SandboxLimit.Memory => "used more memory than allowed",
        SandboxLimit.Output => "wrote more than allowed",
        _ when Told(result.Errors) is { Length: > 0 } line => line,
        _ when result.Signal is { } signal => $"was ended by signal {signal}",
        _ => $"ended with exit code {result.ExitCode}",
    };

    // What the program's runtime said at last: Python ends with the exception, .NET puts the way to it behind it.
    static string Told(byte[] errors)
    {
        const string unhandled = "Unhandled exception. ";
        string text = System.Text.Encoding.UTF8.GetString(errors).TrimEnd();
        int at = text.LastIndexOf(unhandled, StringComparison.Ordinal);
        string line = at >= 0 ? text[(at + unhandled.Length)..].Split('\n')[0].Trim() : text[(text.LastIndexOf('\n') + 1)..].Trim();
        return line.Length > 300 ? line[..300] : line;
    }
}
