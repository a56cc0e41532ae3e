// Writing a file so that its name shows either the old content or the whole new one, whatever happens in between.
namespace Fathom.Models.Checkpoints;

/// <summary>Writes files through a temporary neighbour: written, flushed to the disk, then renamed over the target.</summary>
public static class AtomicFile
{
    /// <summary>Writes <paramref name="path"/> with what <paramref name="write"/> puts into the stream; on any failure the target stays as it was.</summary>
    /// <exception cref="IOException">The folder is missing, not writable or full.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string full = Path.GetFullPath(path);
        // Same folder, so that the rename stays inside one file system; the process id keeps two writers apart.
        string temporary = $"{full}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
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
}
