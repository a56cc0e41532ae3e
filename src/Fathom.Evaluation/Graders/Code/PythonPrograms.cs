// Python programs under test: each kind of test has its way to run them.
using System.Text;
using System.Text.Json;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>Grades Python programs.</summary>
sealed class PythonPrograms(ProcessSandbox sandbox)
{
    // What a process of ours needs besides the program's time: the start of the interpreter, and the JSON in between.
    static readonly TimeSpan s_spare = TimeSpan.FromSeconds(5);

    /// <summary>Runs the program once per test.</summary>
    public CodeReport Grade(string program, StdioTests tests, TimeSpan time)
    {
        TestTally tally = new(tests.Tests.Count);
        SandboxCommand command = PythonRuntime.Installed.Command(sandbox.Options.Limits with { Time = time }, "environment.py", "program.py");
        for (int i = 0; i < tests.Tests.Count && !tally.GaveUp; i++)
        {
            string nonce = CallSession.NewNonce();
            using SandboxProcess process = sandbox.Start(command);
            process.SendRequest(Encoding.UTF8.GetBytes(nonce + "\n" + program));
            process.FinishRequests();
            process.Send(Encoding.UTF8.GetBytes(tests.Tests[i].Input));
            process.FinishInput();
            string compiled = Encoding.UTF8.GetString(process.ReadResponse() ?? []);
            SandboxResult result = process.WaitForExit();
            if (compiled.Length == 0 && result is { Limit: SandboxLimit.None, Signal: null })
                throw new SandboxException($"The process for programs did not start: {TestTally.Describe(result)}");
            if (compiled != nonce + " compiled")
                return tally.DoesNotCompile(compiled.StartsWith(nonce + " error ", StringComparison.Ordinal)
                    ? compiled[(nonce.Length + " error ".Length)..] : $"compiling it {TestTally.Describe(result)}");

            tally.Add(i, result, tests.Tests[i].Output);
        }
        return tally.Report();
    }

    /// <summary>Calls the function once per test.</summary>
    public CodeReport Grade(string program, CallTests tests, TimeSpan time) =>
        CallGrading.Grade(tests, time, () =>
        {
            CallSession session = Open(time, tests.Tests.Count);
            return (session, session.Load("load", program, time));
        });

    /// <summary>Lets the judge run the tests; the program lives in a process of its own.</summary>
    public CodeReport Grade(string program, AssertTests tests, TimeSpan time)
    {
        TestTally tally = new(tests.Tests.Count);
        CallSession? session = null;
        JudgeSession? judge = null;
        try
        {
            for (int i = 0; i < tests.Tests.Count && !tally.GaveUp; i++)
            {
                if (session is null)
                {
                    session = Open(time, tests.Tests.Count);
                    LoadOutcome outcome = session.Load("load", program, time);
                    if (!outcome.Compiles)
                        return tally.DoesNotCompile(outcome.Reason!);
                    if (outcome.Reason is not null)
                    {
                        tally.Crash(outcome.Reason);
                        break;
                    }
                    judge ??= StartJudge(tests, outcome.Names, time);
                }
                if (!judge!.Run(i, session, time, tally))
                {
                    session.Dispose();
                    session = null;
                }
                if (judge.HasEnded)
                    break;
            }
            return tally.Report();
        }
        finally
        {
            session?.Dispose();
            judge?.Dispose();
        }
    }

    CallSession Open(TimeSpan time, int tests)
    {
        SandboxLimits limits = sandbox.Options.Limits with { Time = time * (tests + 1) + s_spare };
        return new CallSession(sandbox.Start(PythonRuntime.Installed.Command(limits, "environment.py", "plain.py", "calls.py")));
    }

    JudgeSession StartJudge(AssertTests tests, IReadOnlyList<string> names, TimeSpan time)
    {
        SandboxLimits limits = sandbox.Options.Limits with { Time = (2 * time + s_spare) * (tests.Tests.Count + 1) };
        SandboxProcess process = sandbox.Start(PythonRuntime.Installed.Command(limits, "environment.py", "plain.py", "judge.py"));
        return JudgeSession.Start(process, tests, names, 2 * time + s_spare);
    }
}
