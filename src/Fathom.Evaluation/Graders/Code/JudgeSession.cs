// The judge: a process that runs trusted tests. Its calls of the function under test are carried to the program's process from here, and
// plain data is carried back; neither process can reach the other.
using System.Text.Json;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>A judge with its tests. For one thread.</summary>
sealed class JudgeSession : IDisposable
{
    const int Preparation = -1;

    readonly SandboxProcess _process;
    readonly TimeSpan _time;
    CallSession? _preparedFor;

    JudgeSession(SandboxProcess process, TimeSpan time) => (_process, _time) = (process, time);

    /// <summary>Whether it died of what the program returned.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Hands over the tests.</summary>
    /// <param name="process">The process of the judge.</param>
    /// <param name="tests">The tests.</param>
    /// <param name="names">What the program defines.</param>
    /// <param name="time">Processor time of each test.</param>
    /// <exception cref="SandboxException">The tests do not compile.</exception>
    public static JudgeSession Start(SandboxProcess process, AssertTests tests, IReadOnlyList<string> names, TimeSpan time)
    {
        process.Allow(time);
        process.SendRequest(CallSession.Line(w =>
        {
            w.WriteString("setup", tests.Setup);
            w.WriteString("function", tests.Function);
            WriteTexts(w, "names", names);
            WriteTexts(w, "tests", tests.Tests);
        }));
        if (process.ReadResponse() is null)
        {
            using (process)
                throw new SandboxException($"The tests themselves do not run: {TestTally.Describe(process.WaitForExit())}");
        }
        return new JudgeSession(process, time);
    }

    /// <summary>Runs one test, after the tests' preparation if that has not been done with this process of the program.</summary>
    /// <returns>Whether the program's process is still there.</returns>
    /// <exception cref="SandboxException">The test cannot be run this way, or the judge failed by itself.</exception>
    public bool Run(int test, CallSession program, TimeSpan time, TestTally tally)
    {
        if (_preparedFor != program)
        {
            _preparedFor = program;
            TestTally preparation = new(1);
            bool alive = Exchange(Preparation, program, time, preparation);
            if (preparation.Report() is { Passed: 0 } report)
            {
                tally.Crash($"test {test + 1}: {report.Reason}");
                _preparedFor = null;
                return alive;
            }
        }
        return Exchange(test, program, time, tally);
    }

    bool Exchange(int test, CallSession program, TimeSpan time, TestTally tally)
    {
        string name = test == Preparation ? "preparation" : $"test {test + 1}";
        string nonce = CallSession.NewNonce();
        bool asked = false;
        SandboxResult? programEnd = null;
        _process.Allow(_time);
        program.Allow(time);
        _process.SendRequest(CallSession.Line(w => { w.WriteString("n", nonce); w.WriteNumber("test", test); }));
        while (_process.ReadResponse() is { } line)
        {
            JsonElement message = PlainData.Read(line) ?? throw Broken(line);
            if (message.GetProperty("n").GetString() != nonce)
                throw Broken(line);
            if (!message.TryGetProperty("ask", out JsonElement request))
            {
                if (message.TryGetProperty("failed", out _))
                    throw new SandboxException($"The {name} cannot be run: {message.GetProperty("reason").GetString()}.");
                Count(message);
                return programEnd is null;
            }

            asked = true;
            JsonElement? answer = programEnd is null ? program.Ask(w =>
            {
                foreach (JsonProperty property in request.EnumerateObject())
                    property.WriteTo(w);
            }) : null;
            if (answer is null)
                programEnd ??= program.End();
            _process.SendRequest(answer is { } given ? CallSession.Line(w => Forward(w, given)) : "{\"gone\":\"the program ended\"}\n"u8.ToArray());
        }

        HasEnded = true;
        if (!asked)
            throw new SandboxException($"The {name} did not come to an end by itself: {TestTally.Describe(_process.WaitForExit())}");
        _process.Kill();
        tally.Crash($"{name}: {(programEnd is null ? "what the program returned cannot be handled" : TestTally.Describe(programEnd))}");
        return programEnd is null;

        void Count(JsonElement message)
        {
            if (programEnd is not null)
                tally.Crash($"{name}: {TestTally.Describe(programEnd)}", programEnd.Limit);
            else if (message.GetProperty("passed").GetBoolean())
                tally.Pass();
            else if (message.GetProperty("reason").GetString() is var reason && reason!.StartsWith("AssertionError", StringComparison.Ordinal))
                tally.Miss($"{name}: {reason}");
            // A preparation may need a class of the program's; where it fails without having asked for anything else, it is not to blame.
            else if (test == Preparation && !asked && !reason.StartsWith("NameError", StringComparison.Ordinal))
                throw new SandboxException($"The tests' preparation failed: {reason}");
            else
                tally.Crash($"{name}: {reason}");
        }
    }

    // What a program may say: a result and its arguments, or an exception.
    static void Forward(Utf8JsonWriter writer, JsonElement answer)
    {
        foreach (string name in (ReadOnlySpan<string>)["e", "r", "a"])
        {
            if (answer.TryGetProperty(name, out JsonElement value))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }
    }

    static void WriteTexts(Utf8JsonWriter writer, string name, IReadOnlyList<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }

    static SandboxException Broken(byte[] line) =>
        new($"The judge said something that was not asked: {System.Text.Encoding.UTF8.GetString(line, 0, Math.Min(line.Length, 200))}");

    /// <inheritdoc/>
    public void Dispose() => _process.Dispose();
}
