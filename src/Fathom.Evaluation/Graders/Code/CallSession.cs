// A program whose functions are called from here: requests and answers as lines of JSON (Python/calls.py describes them).
using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Fathom.Evaluation.Sandbox;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>What came of loading a program.</summary>
/// <param name="Compiles">Whether it is valid in its language.</param>
/// <param name="Reason">Why it could not be loaded; null where it was.</param>
/// <param name="Names">Functions and classes it defines.</param>
readonly record struct LoadOutcome(bool Compiles, string? Reason, IReadOnlyList<string> Names);

/// <summary>A process that holds a program. For one thread.</summary>
sealed class CallSession(SandboxProcess process) : IDisposable
{
    const int MaxNames = 1000, MaxReason = 300;

    /// <summary>A secret that marks the answer to one request.</summary>
    public static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <summary>A JSON object as one line.</summary>
    public static byte[] Line(Action<Utf8JsonWriter> properties)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            properties(writer);
            writer.WriteEndObject();
        }
        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>Hands over the program and lets its own statements run.</summary>
    /// <param name="key">The property that holds the program.</param>
    /// <param name="program">The program.</param>
    /// <param name="time">Processor time it may take.</param>
    /// <exception cref="SandboxException">The process ended before it looked at the program.</exception>
    public LoadOutcome Load(string key, string program, TimeSpan time)
    {
        string nonce = NewNonce();
        process.Allow(time);
        process.SendRequest(Line(w => { w.WriteString("n", nonce); w.WriteString(key, program); }));
        if (Answer(nonce) is not { } first)
        {
            SandboxResult end = End();
            // Nothing of the program has run yet: an exit without a limit or a signal is no fault of the program's.
            if (end is { Limit: SandboxLimit.None, Signal: null })
                throw new SandboxException($"The process for programs did not start: {TestTally.Describe(end)}");
            return new(false, $"compiling it {TestTally.Describe(end)}", []);
        }
        if (first.TryGetProperty("error", out JsonElement error))
            return new(false, Text(error), []);
        if (Answer(nonce) is not { } second)
            return new(true, TestTally.Describe(End()), []);
        return second.TryGetProperty("e", out JsonElement exception) ? new(true, ExceptionText(exception), []) : new(true, null, Names(second));
    }

    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="properties">The request without its nonce.</param>
    /// <returns>The answer; null where the process ended or hit a limit (then <see cref="End"/> tells).</returns>
    public JsonElement? Ask(Action<Utf8JsonWriter> properties)
    {
        string nonce = NewNonce();
        process.SendRequest(Line(w => { w.WriteString("n", nonce); properties(w); }));
        return Answer(nonce);
    }

    /// <summary>Counts the limits of time from now.</summary>
    public void Allow(TimeSpan time) => process.Allow(time);

    /// <summary>Ends the process.</summary>
    public SandboxResult End()
    {
        // It may have closed its channel and go on; with its channel it has ended for us.
        process.FinishRequests();
        process.Allow(TimeSpan.Zero);
        return process.WaitForExit();
    }

    /// <summary>An exception in an answer, as text.</summary>
    public static string ExceptionText(JsonElement exception) =>
        exception.ValueKind == JsonValueKind.Array && exception.GetArrayLength() >= 2 ? Text(exception[1]) : "an exception";

    /// <summary>A short text in an answer.</summary>
    public static string Text(JsonElement value)
    {
        string text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        return text.Length > MaxReason ? text[..MaxReason] : text;
    }

    // Lines without the nonce of the request are no answers, whoever wrote them; time limits end the wait.
    JsonElement? Answer(string nonce)
    {
        while (process.ReadResponse() is { } line)
        {
            if (PlainData.Read(line) is { ValueKind: JsonValueKind.Object } answer && answer.TryGetProperty("n", out JsonElement given)
                && given.ValueKind == JsonValueKind.String && given.ValueEquals(nonce))
            {
                return answer;
            }
        }
        return null;
    }

    static List<string> Names(JsonElement answer)
    {
        List<string> names = [];
        if (answer.TryGetProperty("names", out JsonElement list) && list.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement name in list.EnumerateArray().Take(MaxNames))
                if (Text(name) is { Length: > 0 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_'))
                    names.Add(text);
        }
        return names;
    }

    /// <inheritdoc/>
    public void Dispose() => process.Dispose();
}
