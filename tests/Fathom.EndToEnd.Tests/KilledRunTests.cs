// A run killed with SIGKILL at random moments and resumed each time ends with the bits of an undisturbed one.

using System.Diagnostics;
using Fathom.Testing;

namespace Fathom.EndToEnd.Tests;

public sealed class KilledRunTests : IDisposable
{
    const int Kills = 20;

    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Train_KilledAtTwentyMomentsAndResumed_GivesTheSameBits()
    {
        string recipe = _folder.Write("mini.json", MiniRun.Recipe), undisturbed = _folder.In("undisturbed");
        var clock = Stopwatch.StartNew();
        Assert.True(Ends(recipe, undisturbed, TimeSpan.FromMinutes(10)), "the undisturbed run did not end");
        TimeSpan whole = clock.Elapsed;

        // Fixed moments, as shares of a whole run: the same on a slow machine. A run that ends before its kill is compared, and the
        // kills go on in a new one.
        var random = new Random(20);
        int kills = 0, finished = 0, begun = 0, withCheckpoint = 0;
        while (kills < Kills || begun > finished)
        {
            string run = _folder.In($"killed-{finished}");
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
        using Process process = Executable.Start("train", recipe, "--out", run, "--resume", "--threads", "2");
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(until))
        {
            process.Kill();
            process.WaitForExit();
            return false;
        }
        Executable.Finish(process, output, error).Ends(0);
        return true;
    }
}
