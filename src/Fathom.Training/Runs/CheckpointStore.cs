// Checkpoints of a run: folders that appear whole or not at all.
// What is in them is the caller's; this file knows only the protocol: write aside, flush, rename, flush.

using System.Globalization;
using Fathom.Models.Checkpoints;

namespace Fathom.Training.Runs;

/// <summary>A complete checkpoint.</summary>
/// <param name="Step">Step of the run, over all stages.</param>
/// <param name="Folder">Its folder.</param>
public sealed record Checkpoint(long Step, string Folder);

/// <summary>The checkpoints in one folder, <c>step-000123</c> and so on. Used by one process at a time (the run folder's lock sees to it).</summary>
public sealed class CheckpointStore
{
    const string Prefix = "step-";
    const string Unfinished = ".tmp";

    readonly string folder;
    readonly int keep;

    /// <summary>Opens the store, creating its folder, and removes what a killed process left half-written.</summary>
    /// <param name="folder">The folder that holds the checkpoints.</param>
    /// <param name="keep">Checkpoints to keep, the latest ones; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="keep"/> is less than 1.</exception>
    public CheckpointStore(string folder, int keep = 2)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keep, 1);
        this.folder = Path.GetFullPath(folder);
        this.keep = keep;
        Directory.CreateDirectory(this.folder);
        foreach (string unfinished in Directory.GetDirectories(this.folder, Prefix + "*" + Unfinished))
            Directory.Delete(unfinished, recursive: true);
    }

    /// <summary>The complete checkpoint with the greatest step, or null where there is none.</summary>
    public Checkpoint? Latest() => FindLatest(folder);

    /// <summary>The complete checkpoint with the greatest step in a folder that may be in use by another process, or null.</summary>
    public static Checkpoint? FindLatest(string folder) => Complete(folder).LastOrDefault();

    /// <summary>Writes a checkpoint and removes those beyond the number to keep.</summary>
    /// <param name="step">Step of the run, over all stages (an evaluation counts as one); greater than the latest checkpoint's.</param>
    /// <param name="write">Writes the content into the folder it is given.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="step"/> is not greater than the latest checkpoint's.</exception>
    /// <exception cref="RunException">The disk is full; the message names the place and the last good checkpoint, which is still there.</exception>
    public Checkpoint Save(long step, Action<string> write)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, Latest()?.Step ?? -1);
        string path = Path.Combine(folder, Prefix + step.ToString("D6", CultureInfo.InvariantCulture));
        string unfinished = path + Unfinished;
        try
        {
            Directory.CreateDirectory(unfinished);
            write(unfinished);
            FlushTree(unfinished);
            Directory.Move(unfinished, path);
            AtomicFile.FlushFolder(folder);
        }
        catch (Exception e)
        {
            if (Directory.Exists(unfinished))
                Directory.Delete(unfinished, recursive: true);
            if (e is IOException io && RunException.IsDiskFull(io))
                throw new RunException($"The disk is full: the checkpoint '{path}' could not be written. {LastGood()}", e);
            throw;
        }
        foreach (Checkpoint old in Complete(folder).SkipLast(keep))
        {
            // First by name, so that a kill in the middle of the deletion leaves no maimed checkpoint under a good name.
            Directory.Move(old.Folder, old.Folder + Unfinished);
            Directory.Delete(old.Folder + Unfinished, recursive: true);
        }
        return new Checkpoint(step, path);
    }

    /// <summary>A sentence for error messages: which checkpoint a run can continue from.</summary>
    public string LastGood() => Latest() is { } latest
        ? $"The last good checkpoint is '{latest.Folder}'; after the cause is removed, --resume continues from it."
        : "There is no checkpoint yet.";

    static IEnumerable<Checkpoint> Complete(string folder)
    {
        if (!Directory.Exists(folder))
            return [];
        return from path in Directory.GetDirectories(folder, Prefix + "*")
               let digits = Path.GetFileName(path)[Prefix.Length..]
               where digits.Length >= 6 && digits.All(char.IsAsciiDigit)
               let step = long.Parse(digits, CultureInfo.InvariantCulture)
               orderby step
               select new Checkpoint(step, path);
    }

    static void FlushTree(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            stream.Flush(flushToDisk: true);
        }
        foreach (string inner in Directory.GetDirectories(folder, "*", SearchOption.AllDirectories))
            AtomicFile.FlushFolder(inner);
        AtomicFile.FlushFolder(folder);
    }
}
