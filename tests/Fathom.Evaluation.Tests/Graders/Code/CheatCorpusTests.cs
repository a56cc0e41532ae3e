// Programs that cheat or do harm earn nothing, and the machine is as it was.
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;
using Fathom.Evaluation.Tests.Sandbox;

namespace Fathom.Evaluation.Tests.Graders.Code;

[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public sealed class AloneCollection;

// Alone, as the processes of other tests would be taken for left-overs.
[Collection(nameof(AloneCollection))]
public class CheatCorpusTests
{
    // Short, as many of the programs use up whatever they get; honest ones need a fifth of it.
    static readonly TimeSpan s_time = TimeSpan.FromSeconds(0.15);

    static readonly SandboxLimits s_limits = new() { MemoryBytes = 256 << 20, DiskBytes = 8 << 20, OutputBytes = 1 << 20 };

    public static TheoryData<Isolation> Working => Isolations.Data;

    static StdioTests Stdio => new([.. CheatCorpus.StdioTests.Select(t => new StdioTest(t.Input, t.Output))]);

    static CallTests Calls => new("solve", [.. CheatCorpus.CallTests.Select(t => new CallTest([t.Arguments], t.Result))]);

    static AssertTests Asserts => new("", "solve", CheatCorpus.AssertTests);

    [SandboxTheory, MemberData(nameof(Working))]
    public void HonestPrograms_Pass(Isolation isolation)
    {
        using CodeGrader grader = new(new SandboxOptions { Isolation = isolation, Limits = s_limits });
        // What the corpus is graded with, except for the time: that would fail honest programs on a busy machine.
        Assert.All(CheatCorpus.HonestStdio, p => Assert.Equal(new CodeReport(true, true, 2, 2, null), grader.Grade(ProgramLanguage.Python, p, Stdio)));
        Assert.All(CheatCorpus.HonestCalls, p => Assert.Equal(new CodeReport(true, true, 2, 2, null), grader.Grade(ProgramLanguage.Python, p, Calls)));
        Assert.All(CheatCorpus.HonestCalls, p => Assert.Equal(new CodeReport(true, true, 7, 7, null), grader.Grade(ProgramLanguage.Python, p, Asserts)));
    }

    [SandboxTheory, MemberData(nameof(Working))]
    public void Cheats_EarnNothing_AndTheHostIsUnharmed(Isolation isolation)
    {
        using CodeGrader grader = new(new SandboxOptions { Isolation = isolation, Limits = s_limits, Workers = 8 });
        grader.Grade(ProgramLanguage.Python, CheatCorpus.HonestStdio[0], Stdio); // what is opened once is open now
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Host before = Host.Look();
        string mark = $"fathom-mark-{Guid.NewGuid():N}";

        List<(string Name, string Program, CodeTests Tests)> work = [.. CheatCorpus.Stdio.Select(c => (c.Name, c.Program, (CodeTests)Stdio))];
        if (isolation == Isolation.UserNamespaces && Isolations.Working.Length > 1)
            work = [.. work.Where((_, i) => i % 6 == 0)]; // it differs from the other way to launch only in how a process is set up
        // How functions are called does not depend on what isolates, so one kind of isolation is enough for those.
        if (isolation == Isolations.Working[0])
        {
            work.AddRange(CheatCorpus.Calls.Select(c => (c.Name + " (called)", c.Program, (CodeTests)Calls)));
            work.AddRange(CheatCorpus.Calls.Select(c => (c.Name + " (asserted)", c.Program, (CodeTests)Asserts)));
        }
        ConcurrentDictionary<string, CodeReport> reports = new();
        Parallel.ForEach(work, new ParallelOptions { MaxDegreeOfParallelism = 8 }, cheat =>
        {
            string program = cheat.Program.Replace("PORT", $"{((IPEndPoint)listener.LocalEndpoint).Port}", StringComparison.Ordinal)
                .Replace("MARK", mark, StringComparison.Ordinal).Replace("PARENT", $"{Environment.ProcessId}", StringComparison.Ordinal);
            reports[cheat.Name] = grader.Grade(ProgramLanguage.Python, program, cheat.Tests, s_time);
        });

        Assert.Empty(reports.Where(r => r.Value.Passed != 0).Select(r => $"{r.Key}: {r.Value}"));
        Assert.Equal(work.Count, reports.Count);
        Assert.True(CheatCorpus.Stdio.Length + CheatCorpus.Calls.Length >= 100);
        Assert.False(listener.Pending(), "a program reached a listener on this machine");
        foreach (string folder in (ReadOnlySpan<string>)["/", "/tmp", "/var/tmp", "/dev/shm", "/home", "/root", "/usr", "/usr/lib", "/etc", "/run", ".", Path.GetTempPath()])
            Assert.False(File.Exists(Path.Combine(folder, mark)), folder);
        before.AssertNothingNew();

        // And the sandbox still works.
        Assert.Equal(2, grader.Grade(ProgramLanguage.Python, CheatCorpus.HonestStdio[0], Stdio).Passed);
    }

    // What this process has of the machine: processes, folders, mounts, pipes and descriptors of processes.
    sealed record Host(string[] Things)
    {
        public static Host Look() => new(
        [
            .. Processes().Select(p => "process " + p),
            .. Directory.GetFileSystemEntries(Path.GetTempPath(), $"fathom-sandbox-{Environment.ProcessId}-*"),
            .. File.ReadAllLines("/proc/self/mountinfo"),
            .. Directory.GetFiles("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget ?? "")
                .Where(t => t.StartsWith("pipe:", StringComparison.Ordinal) || t.Contains("pidfd", StringComparison.Ordinal)).Order(),
        ]);

        public void AssertNothingNew()
        {
            // The kernel clears away a process namespace a moment after its first process is gone.
            for (int i = 0; i < 50 && New().Length > 0; i++)
                Thread.Sleep(100);
            Assert.Empty(New());

            string[] New() => [.. Look().Things.Except(Things)];
        }

        // Our descendants, and whoever has one of the users that our launcher gives to programs.
        static List<string> Processes()
        {
            Dictionary<int, (int Parent, string Name, bool OurUser)> all = [];
            foreach (string folder in Directory.GetDirectories("/proc"))
            {
                if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id))
                    continue;
                try
                {
                    Dictionary<string, string> status = File.ReadLines(folder + "/status").Select(l => l.Split(':', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1].Trim());
                    long user = long.Parse(status["Uid"].Split('\t')[0], CultureInfo.InvariantCulture);
                    long first = 2_000_000_000L + Environment.ProcessId % 100_000 * 1000;
                    all[id] = (int.Parse(status["PPid"], CultureInfo.InvariantCulture), status["Name"], user >= first && user < first + 1000);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It has just ended.
                }
            }
            return [.. all.Where(p => p.Value.OurUser || Descends(p.Key)).Select(p => $"{p.Value.Name}:{p.Key}").Order()];

            bool Descends(int id)
            {
                for (int up = id; all.TryGetValue(up, out var entry); up = entry.Parent)
                    if (entry.Parent == Environment.ProcessId)
                        return true;
                return false;
            }
        }
    }
}
