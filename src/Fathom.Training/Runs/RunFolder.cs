// A run's folder, opened by the one process that trains: recipe, logs, checkpoints, summary, report.
// docs/runs.md shows the layout.

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fathom.Evaluation.Runs;
using Fathom.Models.Checkpoints;
using Fathom.Training.Recipes;

namespace Fathom.Training.Runs;

/// <summary>Names of the files in a run folder.</summary>
public static class RunFiles
{
    /// <summary>The recipe as resolved, with every default.</summary>
    public const string Recipe = "recipe.json";

    /// <summary>Numbers, one line per step.</summary>
    public const string Metrics = "metrics.jsonl";

    /// <summary>Responses, one line each.</summary>
    public const string Samples = "samples.jsonl";

    /// <summary>Numbers for TensorBoard, which asks for "tfevents" in the name.</summary>
    public const string Events = "events.out.tfevents.0.fathom";

    /// <summary>Folder of the checkpoints.</summary>
    public const string Checkpoints = "checkpoints";

    /// <summary>The table that the run ended with, and its bill.</summary>
    public const string Summary = "summary.json";

    /// <summary>The bill alone.</summary>
    public const string Bill = "bill.json";

    /// <summary>The page for people.</summary>
    public const string Report = "report.html";

    /// <summary>In a checkpoint: how long each log was.</summary>
    internal const string LogLengths = "logs.json";
}

/// <summary>A run folder, held exclusively until disposed. Not for several threads at once.</summary>
public sealed class RunFolder : IDisposable
{
    readonly RunLock hold;
    readonly AppendLog metrics;
    readonly AppendLog samples;
    readonly AppendLog events;
    readonly ArrayBufferWriter<byte> line = new();
    readonly Utf8JsonWriter json;

    RunFolder(string path, Recipe recipe, RunLock hold)
    {
        Path = path;
        Recipe = recipe;
        this.hold = hold;
        Checkpoints = new CheckpointStore(In(RunFiles.Checkpoints));
        metrics = new AppendLog(In(RunFiles.Metrics));
        samples = new AppendLog(In(RunFiles.Samples));
        events = new AppendLog(In(RunFiles.Events));
        // Prompts and answers in Chinese stay readable; the files are JSON, not HTML.
        json = new Utf8JsonWriter(line, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    /// <summary>Full path of the folder.</summary>
    public string Path { get; }

    /// <summary>The run's recipe.</summary>
    public Recipe Recipe { get; }

    /// <summary>The run's checkpoints. Save through <see cref="SaveCheckpoint"/>, which keeps the logs in step.</summary>
    public CheckpointStore Checkpoints { get; }

    /// <summary>Begins a run.</summary>
    /// <param name="path">A folder that does not exist or is empty.</param>
    /// <param name="recipe">What will be run.</param>
    /// <exception cref="RunException">The folder holds something, is in use, cannot be written, or the disk is full.</exception>
    public static RunFolder Create(string path, Recipe recipe) => Open(path, (full, hold) =>
    {
        bool isRun = File.Exists(System.IO.Path.Combine(full, RunFiles.Recipe));
        if (isRun || !IsFresh(full))
        {
            throw new RunException(isRun
                ? $"The folder '{full}' already holds a run; continue it with --resume, or choose another folder with --out."
                : $"The folder '{full}' is not empty and holds no run; choose another folder with --out.");
        }
        return Begin(full, recipe, hold);
    });

    /// <summary>
    /// Continues a run: the logs go back to where they were at the latest checkpoint, or to nothing where there is none.
    /// A folder in which no run has begun yet (a run killed at once) is begun.
    /// </summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="recipe">The recipe as the user gives it again; must equal the one that the run began with.</param>
    /// <exception cref="RunException">The folder is in use, holds something else, or its logs were changed from outside.</exception>
    /// <exception cref="RecipeException">The recipe has changed; the message names the keys with both values.</exception>
    public static RunFolder Resume(string path, Recipe recipe) => Open(path, (full, hold) =>
    {
        string recipePath = System.IO.Path.Combine(full, RunFiles.Recipe);
        if (!File.Exists(recipePath))
        {
            return IsFresh(full)
                ? Begin(full, recipe, hold)
                : throw new RunException($"The folder '{full}' holds no run to resume: {RunFiles.Recipe} is missing.");
        }
        RecipeFile.RequireUnchanged(RecipeFile.Load(recipePath), recipe, full);
        RunFolder run = new(full, recipe, hold);
        try
        {
            run.TakeBackLogs();
        }
        catch
        {
            run.Dispose();
            throw;
        }
        return run;
    });

    /// <summary>Appends a line to metrics.jsonl and a record to the TensorBoard file.</summary>
    /// <exception cref="RunException">The disk is full; nothing of the record was kept.</exception>
    public void AppendMetrics(MetricRecord record)
    {
        AppendLine(metrics, record.WriteTo);
        Append(events, TensorBoardWriter.Scalars(DateTimeOffset.UtcNow, record.GlobalStep, record.Stage, record.Values));
    }

    /// <summary>Appends a line to samples.jsonl.</summary>
    /// <exception cref="RunException">The disk is full; nothing of the record was kept.</exception>
    public void AppendSample(SampleRecord record) => AppendLine(samples, record.WriteTo);

    /// <summary>Writes a checkpoint that also remembers how long the logs are.</summary>
    /// <param name="step">Step of the run, over all stages (an evaluation counts as one); greater than the latest checkpoint's.</param>
    /// <param name="write">Writes weights, optimizer and state into the folder it is given.</param>
    /// <exception cref="RunException">The disk is full; the message names the place and the last good checkpoint, which is still there.</exception>
    public Checkpoint SaveCheckpoint(long step, Action<string> write)
    {
        // The logs first: a checkpoint on the disk must find in them what it remembers.
        foreach (AppendLog log in Logs)
            log.FlushToDisk();
        return Checkpoints.Save(step, folder =>
        {
            write(folder);
            JsonObject lengths = [];
            foreach (AppendLog log in Logs)
                lengths[System.IO.Path.GetFileName(log.Path)] = log.Length;
            File.WriteAllText(System.IO.Path.Combine(folder, RunFiles.LogLengths), lengths.ToJsonString() + "\n");
        });
    }

    /// <summary>Writes summary.json, bill.json and report.html.</summary>
    /// <exception cref="RunException">The disk is full; each file is whole, old or new.</exception>
    public void Finish(RunSummary summary) => NamingFullDisk(In(RunFiles.Summary), () =>
    {
        AtomicFile.WriteText(In(RunFiles.Summary), summary.ToJson());
        AtomicFile.WriteText(In(RunFiles.Bill), summary.BillJson());
        RunReport.Write(Path);
    });

    /// <summary>Closes the files and gives the folder free.</summary>
    public void Dispose()
    {
        json.Dispose();
        foreach (AppendLog log in Logs)
            log.Dispose();
        hold.Dispose();
    }

    AppendLog[] Logs => [metrics, samples, events];

    string In(string name) => System.IO.Path.Combine(Path, name);

    static RunFolder Open(string path, Func<string, RunLock, RunFolder> open)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RunException($"The run folder '{full}' cannot be created: {e.Message}", e);
        }
        RunLock hold = RunLock.Take(full);
        try
        {
            return open(full, hold);
        }
        catch (Exception e)
        {
            hold.Dispose();
            if (e is IOException io && RunException.IsDiskFull(io))
                throw new RunException($"The disk is full: the run folder '{full}' could not be opened.", e);
            throw;
        }
    }

    // The recipe is written last: where it stands, everything else does.
    static RunFolder Begin(string full, Recipe recipe, RunLock hold)
    {
        RunFolder run = new(full, recipe, hold);
        try
        {
            run.TakeBackLogs();
            AtomicFile.WriteText(run.In(RunFiles.Recipe), recipe.ToJson());
        }
        catch
        {
            run.Dispose();
            throw;
        }
        return run;
    }

    /// <summary>Whether nothing is there but what a run killed at its very beginning leaves.</summary>
    static bool IsFresh(string full) => Directory.GetFileSystemEntries(full).All(path => System.IO.Path.GetFileName(path) switch
    {
        RunLock.LockFile or RunLock.PidFile or RunFiles.Metrics or RunFiles.Samples or RunFiles.Events => true,
        RunFiles.Checkpoints => Directory.GetFileSystemEntries(path).Length == 0,
        // The recipe's temporary neighbour.
        string name => name.StartsWith(RunFiles.Recipe + ".", StringComparison.Ordinal),
    });

    void TakeBackLogs()
    {
        if (Checkpoints.Latest() is not { } latest)
        {
            foreach (AppendLog log in Logs)
                log.Truncate(0);
            Append(events, TensorBoardWriter.FileVersion(DateTimeOffset.UtcNow));
            return;
        }
        string path = System.IO.Path.Combine(latest.Folder, RunFiles.LogLengths);
        try
        {
            JsonNode lengths = JsonNode.Parse(File.ReadAllText(path))!;
            foreach (AppendLog log in Logs)
                log.Truncate(lengths[System.IO.Path.GetFileName(log.Path)]!.GetValue<long>());
        }
        catch (InvalidDataException e)
        {
            throw new RunException(e.Message, e);
        }
        catch (Exception e) when (e is IOException or JsonException or NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new RunException($"'{path}' is missing or damaged: {e.Message} Remove the checkpoint's folder to resume from the one before.", e);
        }
    }

    void AppendLine(AppendLog log, Action<Utf8JsonWriter> write)
    {
        line.ResetWrittenCount();
        json.Reset();
        write(json);
        json.Flush();
        line.Write("\n"u8);
        Append(log, line.WrittenSpan);
    }

    void Append(AppendLog log, ReadOnlySpan<byte> record)
    {
        try
        {
            log.Append(record);
        }
        catch (IOException e) when (RunException.IsDiskFull(e))
        {
            throw FullDisk(log.Path, e);
        }
    }

    void NamingFullDisk(string path, Action write)
    {
        try
        {
            write();
        }
        catch (IOException e) when (RunException.IsDiskFull(e))
        {
            throw FullDisk(path, e);
        }
    }

    RunException FullDisk(string path, IOException e) => new($"The disk is full: '{path}' could not be written. {Checkpoints.LastGood()}", e);
}
