// Call tests, in whatever language the program is: arguments go in, plain data comes out and is compared here.
using System.Text.Json;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>Grades by calls.</summary>
static class CallGrading
{
    /// <summary>Runs the tests. A program that dies is started anew for the next one.</summary>
    /// <param name="tests">The tests.</param>
    /// <param name="time">Processor time of each.</param>
    /// <param name="start">Starts a process and loads the program.</param>
    public static CodeReport Grade(CallTests tests, TimeSpan time, Func<(CallSession Session, LoadOutcome Outcome)> start)
    {
        TestTally tally = new(tests.Tests.Count);
        CallSession? session = null;
        try
        {
            for (int i = 0; i < tests.Tests.Count && !tally.GaveUp; i++)
            {
                JsonElement expected = Trusted(tests.Tests[i].Result, $"result of test {i + 1}");
                List<JsonElement> arguments = [.. tests.Tests[i].Arguments.Select((json, k) => Trusted(json, $"argument {k + 1} of test {i + 1}"))];
                if (session is null)
                {
                    (session, LoadOutcome outcome) = start();
                    if (!outcome.Compiles)
                        return tally.DoesNotCompile(outcome.Reason!);
                    if (outcome.Reason is not null)
                    {
                        tally.Crash(outcome.Reason);
                        break;
                    }
                }
                session.Allow(time);
                JsonElement? answer = session.Ask(w =>
                {
                    w.WriteString("call", tests.Function);
                    w.WriteStartArray("a");
                    foreach (JsonElement argument in arguments)
                        PlainData.Write(w, argument);
                    w.WriteEndArray();
                });
                if (answer is null)
                {
                    SandboxResult end = session.End();
                    tally.Crash($"test {i + 1}: {TestTally.Describe(end)}", end.Limit);
                    session.Dispose();
                    session = null;
                }
                else if (answer.Value.TryGetProperty("e", out JsonElement exception))
                {
                    tally.Crash($"test {i + 1}: {CallSession.ExceptionText(exception)}");
                }
                else if (answer.Value.TryGetProperty("r", out JsonElement result) && PlainData.Same(expected, result))
                {
                    tally.Pass();
                }
                else
                {
                    tally.Miss($"test {i + 1}: wrong result");
                }
            }
            return tally.Report();
        }
        finally
        {
            session?.Dispose();
        }
    }

    // A test that is not JSON is a fault of the tests: there is no score.
    static JsonElement Trusted(string json, string what) => PlainData.Read(System.Text.Encoding.UTF8.GetBytes(json))
        ?? throw new SandboxException($"The {what} is not JSON: {(json.Length > 80 ? json[..80] + "..." : json)}");
}
