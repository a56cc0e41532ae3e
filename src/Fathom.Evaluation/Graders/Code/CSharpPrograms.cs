// C# programs under test.
using System.Text;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>Grades C# programs.</summary>
sealed class CSharpPrograms(ProcessSandbox sandbox) : IDisposable
{
    readonly CSharpCompiler _compiler = new(sandbox);

    /// <summary>Runs the program once per test.</summary>
    public CodeReport Grade(string program, StdioTests tests, TimeSpan time)
    {
        TestTally tally = new(tests.Tests.Count);
        (byte[]? assembly, string? error) = _compiler.Compile(program, executable: true);
        if (assembly is null)
            return tally.DoesNotCompile(error!);
        SandboxCommand command = CSharpRuntime.Program(assembly, sandbox.Options.Limits with { Time = time });
        for (int i = 0; i < tests.Tests.Count && !tally.GaveUp; i++)
        {
            SandboxResult result = sandbox.Run(command, Encoding.UTF8.GetBytes(tests.Tests[i].Input));
            tally.Add(i, result, tests.Tests[i].Output);
        }
        return tally.Report();
    }

    /// <summary>Calls the method once per test.</summary>
    public CodeReport Grade(string program, CallTests tests, TimeSpan time)
    {
        (byte[]? assembly, string? error) = _compiler.Compile(program, executable: false);
        if (assembly is null)
            return new TestTally(tests.Tests.Count).DoesNotCompile(error!);
        SandboxLimits limits = sandbox.Options.Limits with { Time = time * (tests.Tests.Count + 1) };
        SandboxCommand command = CSharpRuntime.Caller(assembly, limits);
        return CallGrading.Grade(tests, time, () =>
        {
            CallSession session = new(sandbox.Start(command));
            return (session, session.Load("load", "", time));
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _compiler.Dispose();
}
