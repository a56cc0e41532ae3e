// One process per run folder: a file that is held open with an exclusive lock, which the system releases however the process ends.

using System.Globalization;

namespace Fathom.Training.Runs;

/// <summary>A held lock on a run folder.</summary>
sealed class RunLock : IDisposable
{
    internal const string LockFile = "run.lock";
    // The locked file cannot be read by others, so the holder's number stands beside it.
    internal const string PidFile = "run.pid";

    readonly FileStream held;
    readonly string pidPath;

    RunLock(FileStream held, string pidPath)
    {
        this.held = held;
        this.pidPath = pidPath;
    }

    /// <summary>Takes the lock of an existing folder.</summary>
    /// <exception cref="RunException">Another process has it, or the folder is not writable.</exception>
    internal static RunLock Take(string folder)
    {
        string pidPath = Path.Combine(folder, PidFile);
        FileStream held;
        try
        {
            // The file stays when the lock is released: deleting it would let two processes lock two files of one name.
            held = new FileStream(Path.Combine(folder, LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RunException($"The run folder '{folder}' is not writable: {e.Message}", e);
        }
        catch (IOException e) when (!RunException.IsDiskFull(e))
        {
            string holder = File.Exists(pidPath) ? File.ReadAllText(pidPath).Trim() : "unknown";
            throw new RunException($"The run folder '{folder}' is in use by another process (pid {holder}). Wait for it to end, or choose another folder with --out.", e);
        }
        try
        {
            File.WriteAllText(pidPath, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
        }
        catch
        {
            held.Dispose();
            throw;
        }
        return new RunLock(held, pidPath);
    }

    public void Dispose()
    {
        File.Delete(pidPath);
        held.Dispose();
    }
}
