// The life of a run folder: begun, logged, checkpointed, killed, resumed, finished; and everything that may stand in its way.

using System.Diagnostics;
using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Prices;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Training.Tests.Runs;

public sealed class RunFolderTests : IDisposable
{
    static readonly Recipe Recipe = RecipeFile.Load("pico-r1");

    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    string Run => folder.In("run");

    static MetricRecord Metrics(long step) =>
        new("base", "pretrain", step, step, step * 100, step * 0.5, [new(MetricNames.Loss, 3.0 / step), new(MetricNames.GradNorm, double.NaN)]);

    static SampleRecord Sample(long step) =>
        new("rl", "rl", step, "1 + 1 = ?", "2", "<think>一</think>2", true, 5, [new("accuracy", 1)]);

    static void WriteState(string into, long step) => File.WriteAllText(Path.Combine(into, "state.json"), $"{step}");

    /// <summary>A stand-in for training whose state is the step alone: logs each step, a checkpoint every third.</summary>
    static void Train(RunFolder run, int until)
    {
        int from = run.Checkpoints.Latest() is { } latest ? int.Parse(File.ReadAllText(Path.Combine(latest.Folder, "state.json"))) + 1 : 1;
        for (int step = from; step <= until; step++)
        {
            run.AppendMetrics(Metrics(step));
            run.AppendSample(Sample(step));
            if (step % 3 == 0)
                run.SaveCheckpoint(step, into => WriteState(into, step));
        }
    }

    [Fact]
    public void Append_OneRecord_IsOneLineOfTheDocumentedForm()
    {
        using (RunFolder run = RunFolder.Create(Run, Recipe))
        {
            run.AppendMetrics(Metrics(2));
            run.AppendSample(Sample(2));
        }
        Assert.Equal(
            """{"stage":"base","kind":"pretrain","step":2,"globalStep":2,"tokens":200,"seconds":1,"loss":1.5,"gradNorm":"NaN"}""" + "\n",
            File.ReadAllText(Path.Combine(Run, "metrics.jsonl")));
        Assert.Equal(
            """{"stage":"rl","kind":"rl","globalStep":2,"prompt":"1 + 1 = ?","answer":"2","response":"<think>一</think>2","correct":true,"tokens":5,"rewards":{"accuracy":1}}""" + "\n",
            File.ReadAllText(Path.Combine(Run, "samples.jsonl")));
    }

    [Fact]
    public void Resume_AfterAKillAnywhere_LogsEqualThoseOfAnUndisturbedRun()
    {
        string undisturbed = folder.In("undisturbed");
        using (RunFolder run = RunFolder.Create(undisturbed, Recipe))
            Train(run, 10);
        for (int kill = 0; kill <= 10; kill++)
        {
            string path = folder.In($"killed-{kill}");
            using (RunFolder run = RunFolder.Create(path, Recipe))
                Train(run, kill);
            // A kill may leave half a line and half a checkpoint.
            File.AppendAllText(Path.Combine(path, "metrics.jsonl"), "{\"stage\":");
            Directory.CreateDirectory(Path.Combine(path, "checkpoints", "step-000099.tmp"));
            using (RunFolder run = RunFolder.Resume(path, Recipe))
                Train(run, 10);
            foreach (string log in new[] { "metrics.jsonl", "samples.jsonl" })
                Assert.Equal(File.ReadAllText(Path.Combine(undisturbed, log)), File.ReadAllText(Path.Combine(path, log)));
            Assert.Equal(
                Scalars(Path.Combine(undisturbed, RunFiles.Events)), Scalars(Path.Combine(path, RunFiles.Events)));
        }
    }

    // Event times differ between runs; everything else must not.
    static IEnumerable<string> Scalars(string path) => EventFile.Read(path).Select(e => $"{e.FileVersion} {e.Step} {string.Join(' ', e.Scalars)}");

    [Fact]
    public void Create_FolderWithARun_SaysToResume()
    {
        RunFolder.Create(Run, Recipe).Dispose();
        string message = Assert.Throws<RunException>(() => RunFolder.Create(Run, Recipe)).Message;
        Assert.Equal($"The folder '{Run}' already holds a run; continue it with --resume, or choose another folder with --out.", message);
    }

    [Fact]
    public void CreateAndResume_FolderWithOtherThings_LeaveThemAlone()
    {
        Directory.CreateDirectory(Run);
        File.WriteAllText(Path.Combine(Run, "thesis.txt"), "ten years");
        Assert.Contains("is not empty and holds no run", Assert.Throws<RunException>(() => RunFolder.Create(Run, Recipe)).Message, StringComparison.Ordinal);
        Assert.Contains("holds no run to resume", Assert.Throws<RunException>(() => RunFolder.Resume(Run, Recipe)).Message, StringComparison.Ordinal);
        Assert.Equal("ten years", File.ReadAllText(Path.Combine(Run, "thesis.txt")));
    }

    [Fact]
    public void Create_PathIsAFile_SaysSo()
    {
        File.WriteAllText(Run, "");
        Assert.StartsWith($"The run folder '{Run}' cannot be created: ", Assert.Throws<RunException>(() => RunFolder.Create(Run, Recipe)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Resume_RunKilledBeforeItsRecipeWasWritten_BeginsIt()
    {
        RunFolder.Create(Run, Recipe).Dispose();
        File.Delete(Path.Combine(Run, RunFiles.Recipe));
        File.WriteAllText(Path.Combine(Run, "recipe.json.123.tmp"), "{");
        using RunFolder run = RunFolder.Resume(Run, Recipe);
        Assert.Null(run.Checkpoints.Latest());
        Assert.Equal(Recipe, RecipeFile.Load(Path.Combine(Run, RunFiles.Recipe)));
    }

    [Fact]
    public void Resume_ChangedRecipe_NamesTheKeysAndKeepsTheLogs()
    {
        using (RunFolder run = RunFolder.Create(Run, Recipe))
            Train(run, 4);
        string before = File.ReadAllText(Path.Combine(Run, "metrics.jsonl"));
        Recipe changed = RecipeFile.Load("pico-r1", [RecipeOverride.Parse("seed=2")]);
        string message = Assert.Throws<RecipeException>(() => RunFolder.Resume(Run, changed)).Message;
        Assert.EndsWith("\n  $.seed: began with 1, now 2", message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllText(Path.Combine(Run, "metrics.jsonl")));
    }

    [Fact]
    public void Resume_LogShorterThanTheCheckpointRemembers_NamesIt()
    {
        using (RunFolder run = RunFolder.Create(Run, Recipe))
            Train(run, 3);
        File.WriteAllText(Path.Combine(Run, "metrics.jsonl"), "");
        string message = Assert.Throws<RunException>(() => RunFolder.Resume(Run, Recipe)).Message;
        Assert.Contains("metrics.jsonl' has 0 bytes", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_InUse_NamesFolderAndPidAndTheLockEndsWithItsHolder()
    {
        using (RunFolder.Create(Run, Recipe))
        {
            string message = Assert.Throws<RunException>(() => RunFolder.Resume(Run, Recipe)).Message;
            Assert.Equal(
                $"The run folder '{Run}' is in use by another process (pid {Environment.ProcessId}). Wait for it to end, or choose another folder with --out.",
                message);
        }
        RunFolder.Resume(Run, Recipe).Dispose();
    }

    /// <summary>The lock is one that other programs see: util-linux's flock, a process of its own, fails to take it.</summary>
    [LinuxFact]
    public void Open_InUse_AnotherProcessSeesTheLock()
    {
        int TryLock()
        {
            using Process process = Process.Start("flock", ["--nonblock", "--conflict-exit-code", "9", Path.Combine(Run, "run.lock"), "true"]);
            process.WaitForExit();
            return process.ExitCode;
        }
        using (RunFolder.Create(Run, Recipe))
            Assert.Equal(9, TryLock());
        Assert.Equal(0, TryLock());
    }

    [SmallDiskFact]
    public void AppendAndSave_DiskFull_NameThePlaceAndKeepWhatWasWhole()
    {
        using SmallDisk disk = new();
        string path = disk.In("run");
        using (RunFolder run = RunFolder.Create(path, Recipe))
        {
            Train(run, 3);
            disk.FillAllBut(0);
            string lastGood = $"The last good checkpoint is '{Path.Combine(path, "checkpoints", "step-000003")}'; after the cause is removed, --resume continues from it.";

            RunException append = Assert.Throws<RunException>(() =>
            {
                for (int step = 4; step < 1000; step++)
                    run.AppendSample(Sample(step));
            });
            Assert.Equal($"The disk is full: '{Path.Combine(path, "samples.jsonl")}' could not be written. {lastGood}", append.Message);
            Assert.EndsWith("}}\n", File.ReadAllText(Path.Combine(path, "samples.jsonl")), StringComparison.Ordinal);

            RunException save = Assert.Throws<RunException>(() => run.SaveCheckpoint(6, into => File.WriteAllBytes(Path.Combine(into, "weights"), new byte[8192])));
            Assert.Equal($"The disk is full: the checkpoint '{Path.Combine(path, "checkpoints", "step-000006")}' could not be written. {lastGood}", save.Message);
            Assert.Equal(3, run.Checkpoints.Latest()!.Step);
        }
        File.Delete(disk.In("filler"));
        using RunFolder resumed = RunFolder.Resume(path, Recipe);
        Assert.Equal(3, File.ReadAllLines(Path.Combine(path, "samples.jsonl")).Length);
    }

    [Fact]
    public void Finish_WritesSummaryBillAndReport()
    {
        RunBill bill = new([new("base", "pretrain", new(10, 0, 0), 1e9, TimeSpan.FromSeconds(2))], 2, 1e9, 1 << 20, Accelerator.H800, HourlyPrice.H800Rental);
        using (RunFolder run = RunFolder.Create(Run, Recipe))
        {
            Train(run, 4);
            run.Finish(new RunSummary([new("base", null, null, null, 2), new("evaluate-base", 0.25, 0.0125, 31.5, 1)], bill));
        }
        using var summary = System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(Run, "summary.json")));
        Assert.Equal(
            """[{"name":"base","passAt1":null,"standardError":null,"meanTokens":null,"seconds":2},{"name":"evaluate-base","passAt1":0.25,"standardError":0.0125,"meanTokens":31.5,"seconds":1}]""",
            System.Text.Json.JsonSerializer.Serialize(summary.RootElement.GetProperty("stages")));
        Assert.Equal(1e9, summary.RootElement.GetProperty("bill").GetProperty("total").GetProperty("flops").GetDouble());
        Assert.Equal(
            System.Text.Json.JsonSerializer.Serialize(summary.RootElement.GetProperty("bill")),
            System.Text.Json.JsonSerializer.Serialize(System.Text.Json.JsonDocument.Parse(File.ReadAllText(Path.Combine(Run, "bill.json")))));
        Assert.Contains("<title>pico-r1: run report</title>", File.ReadAllText(Path.Combine(Run, "report.html")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Run, "*.tmp"));
    }
}
