// From a program and its tests to a report.
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>
/// Grades programs that nobody trusts. They run in a <see cref="ProcessSandbox"/>; what is expected never enters their process, and what they
/// return is compared as plain data in another. Safe for several threads.
/// </summary>
public sealed class CodeGrader : IDisposable
{
    readonly ProcessSandbox _sandbox;
    readonly PythonPrograms _python;
    readonly CSharpPrograms _csharp;
    readonly SemaphoreSlim _workers;

    /// <summary>Opens a sandbox to grade in.</summary>
    /// <exception cref="SandboxException">Nothing isolates on this machine, and the options do not allow to go on without.</exception>
    public CodeGrader(SandboxOptions? options = null)
    {
        _sandbox = ProcessSandbox.Open(options);
        int workers = _sandbox.Options.Workers ?? Environment.ProcessorCount;
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1, nameof(SandboxOptions.Workers));
        _workers = new SemaphoreSlim(workers);
        _python = new PythonPrograms(_sandbox);
        _csharp = new CSharpPrograms(_sandbox);
    }

    /// <summary>What is active, a line each, for printing.</summary>
    public IReadOnlyList<string> Describe() => _sandbox.Describe();

    /// <summary>Grades a program; waits while as many are being graded as there are workers.</summary>
    /// <param name="language">Its language.</param>
    /// <param name="program">Its text, without Markdown (<see cref="ProgramExtraction"/>).</param>
    /// <param name="tests">Its tests, at least one.</param>
    /// <param name="timeLimitPerTest">Processor time of each test; null for that of the options (6 s, as LiveCodeBench).</param>
    /// <exception cref="SandboxException">Grading failed for reasons that are not the program's: it has no score.</exception>
    /// <exception cref="ArgumentException">There are no tests, or this language has no tests of this kind.</exception>
    public CodeReport Grade(ProgramLanguage language, string program, CodeTests tests, TimeSpan? timeLimitPerTest = null)
    {
        TimeSpan time = timeLimitPerTest ?? _sandbox.Options.Limits.Time;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(time, TimeSpan.Zero, nameof(timeLimitPerTest));
        if (tests is StdioTests { Tests.Count: 0 } or CallTests { Tests.Count: 0 } or AssertTests { Tests.Count: 0 })
            throw new ArgumentException("A program cannot be graded without tests.", nameof(tests));
        _workers.Wait();
        try
        {
            return (language, tests) switch
            {
                (ProgramLanguage.Python, StdioTests stdio) => _python.Grade(program, stdio, time),
                (ProgramLanguage.Python, CallTests calls) => _python.Grade(program, calls, time),
                (ProgramLanguage.Python, AssertTests asserts) => _python.Grade(program, asserts, time),
                (ProgramLanguage.CSharp, StdioTests stdio) => _csharp.Grade(program, stdio, time),
                (ProgramLanguage.CSharp, CallTests calls) => _csharp.Grade(program, calls, time),
                _ => throw new ArgumentException($"{language} programs have no {tests.GetType().Name}.", nameof(tests)),
            };
        }
        finally
        {
            _workers.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _csharp.Dispose();
        _workers.Dispose();
    }
}
