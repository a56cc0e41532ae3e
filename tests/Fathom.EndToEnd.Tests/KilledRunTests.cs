// A run killed with SIGKILL at random moments and resumed each time ends with the bits of an undisturbed one.

using System.Diagnostics;
using Fathom.Testing;

namespace Fathom.EndToEnd.Tests;

public sealed class KilledRunTests : IDisposable
{
    const int Kills = 20;

    readonly string _folder = Directory.CreateTempSubdirectory("fathom-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Train_KilledAtTwentyMomentsAndResumed_GivesTheSameBits()
    {
        string recipe = Path.Combine(_folder, "mini.json"), undisturbed = Path.Combine(_folder, "undisturbed");
        File.WriteAllText(recipe, MiniRun.Recipe);
        var clock = Stopwatch.StartNew();
        Assert.True(Ends(recipe, undisturbed, TimeSpan.FromMinutes(10)), "the undisturbed run did not end");
        TimeSpan whole = clock.Elapsed;

        // Fixed moments, as shares of a whole run: the same on a slow machine. A run that ends before its kill is compared, and the
        // kills go on in a new one.
        var random = new Random(20);
        int kills = 0, finished = 0, begun = 0, withCheckpoint = 0;
        while (kills < Kills || begun > finished)
        {
            string run = Path.Combine(_folder, $"killed-{finished}");
            begun = finished + 1;
            TimeSpan until = kills < Kills ? whole * (0.05 + 0.95 * random.NextDouble()) : TimeSpan.FromMinutes(10);
            if (Ends(recipe, run, until))
            {
                MiniRun.AssertSame(undisturbed, run);
                finished++;
                continue;
            }
            kills++;
            withCheckpoint += MiniRun.AssertCheckpointsWhole(run) > 0 ? 1 : 0;
        }
        Assert.Equal(Kills, kills);
        Assert.True(withCheckpoint >= Kills / 4, $"only {withCheckpoint} of {Kills} kills came after the first checkpoint");
    }

    // Starts or resumes the run; kills it when the time is up. Whether it ended by itself.
    static bool Ends(string recipe, string run, TimeSpan until)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "fathom.dll"), "train", recipe, "--out", run, "--resume", "--threads", "2" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(until))
        {
            process.Kill();
            process.WaitForExit();
            return false;
        }
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{output.Result}\n{errors.Result}");
        return true;
    }
}
