// Writing a file so that its name shows either the old content or the whole new one, whatever happens in between.
using System.Runtime.InteropServices;

namespace Fathom.Models.Checkpoints;

/// <summary>Writes files through a temporary neighbour: written, flushed to the disk, then renamed over the target.</summary>
public static partial class AtomicFile
{
    const string TemporaryExtension = ".tmp";

    /// <summary>Writes <paramref name="path"/> with what <paramref name="write"/> puts into the stream; on any failure the target stays as it was.</summary>
    /// <exception cref="IOException">The folder is missing, not writable or full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        // The system's own message would name the temporary file.
        if (Path.GetDirectoryName(full) is { } folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"There is no folder '{folder}', so '{path}' cannot be written.");
        // Same folder, so that the rename stays inside one file system; the process id keeps two writers apart.
        string temporary = $"{full}.{Environment.ProcessId}.{Guid.NewGuid():N}{TemporaryExtension}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
            FlushFolder(Path.GetDirectoryName(full)!);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Writes UTF-8 text without a byte-order mark.</summary>
    /// <exception cref="IOException">The folder is missing, not writable or full.</exception>
    public static void WriteText(string path, string text) =>
        Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Deletes what writers that were killed left in a folder, if it exists; the caller sees to it that nobody writes there now.</summary>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public static void DeleteLeftovers(string folder)
    {
        if (!Directory.Exists(folder))
            return;
        foreach (string temporary in Directory.EnumerateFiles(folder, "*" + TemporaryExtension))
            File.Delete(temporary);
    }

    /// <summary>Flushes a folder's list of names to the disk, so that a rename in it outlives a power failure.</summary>
    /// <exception cref="IOException">The folder is missing or the disk fails.</exception>
    public static void FlushFolder(string folder)
    {
        // Windows has no such call and keeps its own journal of names.
        if (OperatingSystem.IsWindows())
            return;
        int handle = Open(folder, flags: 0);
        int error = handle < 0 || Synchronize(handle) != 0 ? Marshal.GetLastPInvokeError() : 0;
        if (handle >= 0)
            _ = Close(handle);
        if (error != 0)
            throw new IOException($"The folder '{folder}' cannot be flushed to the disk: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    // .NET opens no handle on a folder.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Synchronize(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
