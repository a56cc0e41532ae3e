// The built executable as a process of its own, as a user runs it.
using System.Diagnostics;
using System.Text.Json;

namespace Fathom.EndToEnd.Tests;

/// <summary>What a run of the executable gave.</summary>
sealed record Outcome(int ExitCode, string Output, string Error)
{
    /// <summary>The standard output as JSON; the assertion shows the error stream when there is none.</summary>
    public JsonElement Json()
    {
        Assert.True(ExitCode is 0 or 1 && Output.StartsWith('{') || Output.StartsWith('['), $"exit {ExitCode}\n{Output}\n{Error}");
        return JsonDocument.Parse(Output).RootElement;
    }

    /// <summary>Asserts the exit code, showing both streams where it differs.</summary>
    public Outcome Ends(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"exit {ExitCode}, expected {exitCode}\n{Output}\n{Error}");
        return this;
    }

    /// <summary>Asserts that the command failed with one clear message that holds all <paramref name="parts"/>.</summary>
    public Outcome Says(int exitCode, params string[] parts)
    {
        Ends(exitCode);
        string[] messages = [.. Error.Split('\n').Where(line => line.StartsWith("fathom: ", StringComparison.Ordinal))];
        Assert.True(messages.Length == 1, $"expected one message:\n{Error}");
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
        Assert.DoesNotContain("internal error", Error, StringComparison.Ordinal);
        foreach (string part in parts)
            Assert.Contains(part, Error, StringComparison.Ordinal);
        return this;
    }
}

/// <summary>Runs <c>fathom</c>.</summary>
static class Executable
{
    static readonly string s_path = Path.Combine(AppContext.BaseDirectory, "fathom.dll");

    /// <summary>Longest time that any command of these tests may take on a busy machine.</summary>
    static readonly TimeSpan s_patience = TimeSpan.FromMinutes(10);

    public static Outcome Run(params string[] arguments) => RunWithInput("", arguments);

    /// <summary>Runs with variables set, or removed where the value is null.</summary>
    public static Outcome RunWith((string Name, string? Value)[] variables, params string[] arguments)
    {
        using Process process = StartWith(variables, arguments);
        process.StandardInput.Close();
        return Finish(process, process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
    }

    public static Outcome RunWithInput(string input, params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        try
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The command ended without reading what it was given.
        }
        return Finish(process, output, error);
    }

    public static Process Start(params string[] arguments) => StartWith([], arguments);

    public static Process StartWith((string Name, string? Value)[] variables, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [s_path, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("FATHOM_DEBUG");
        // Most of these hundreds of processes live for a moment, and most of that moment goes to compiling methods that run once.
        start.Environment["DOTNET_TieredCompilation"] = "1";
        foreach ((string name, string? value) in variables)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Waits for a process whose streams are being read.</summary>
    public static Outcome Finish(Process process, Task<string> output, Task<string> error)
    {
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"fathom did not end within {s_patience}.");
        }
        return new Outcome(process.ExitCode, output.Result, error.Result);
    }
}
