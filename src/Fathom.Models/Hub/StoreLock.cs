// One process per model that changes it: a file held open with an exclusive lock, which the system releases however the process ends.
namespace Fathom.Models.Hub;

sealed class StoreLock : IDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    readonly FileStream held;

    StoreLock(FileStream held) => this.held = held;

    /// <summary>Takes the lock, waiting for whoever has it.</summary>
    /// <param name="path">The lock's file.</param>
    /// <param name="waiting">Called once when there is something to wait for.</param>
    /// <param name="cancel">Ends the waiting.</param>
    public static async Task<StoreLock> TakeAsync(string path, Action waiting, CancellationToken cancel)
    {
        for (bool told = false; ; told = true)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            if (!told)
            {
                waiting();
            }

            await Task.Delay(Interval, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the lock, or null where another process has it.</summary>
    /// <exception cref="HubException">The store cannot be written.</exception>
    public static StoreLock? TryTake(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new HubException($"The store cannot be written: {error.Message}", error);
        }

        try
        {
            // The file stays when the lock is released: deleting it would let two processes lock two files of one name.
            return new StoreLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException error)
        {
            throw new HubException($"The store cannot be written: {error.Message}", error);
        }
        catch (IOException error) when (IsHeld(error))
        {
            return null;
        }
    }

    // .NET passes the number of the system through: EAGAIN of Linux and of macOS, and ERROR_SHARING_VIOLATION.
    static bool IsHeld(IOException error) => error.HResult is 11 or 35 or unchecked((int)0x80070020);

    public void Dispose() => held.Dispose();
}
