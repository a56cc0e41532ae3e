// An append-only file whose records are whole: each goes to the system in one piece, and one that does not fit is taken back.

namespace Fathom.Training.Runs;

/// <summary>An open append-only file.</summary>
sealed class AppendLog : IDisposable
{
    readonly FileStream stream;

    /// <summary>Opens or creates the file; writing continues at its end.</summary>
    internal AppendLog(string path)
    {
        // No buffer: what was appended has reached the system when Append returns and outlives a killed process.
        stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        stream.Position = stream.Length;
    }

    internal string Path => stream.Name;

    /// <summary>Bytes so far.</summary>
    internal long Length => stream.Position;

    /// <summary>Appends one record; when that fails, the file is as long as before.</summary>
    internal void Append(ReadOnlySpan<byte> record)
    {
        long before = stream.Position;
        try
        {
            stream.Write(record);
        }
        catch (IOException)
        {
            if (stream.CanSeek)
                stream.SetLength(before);
            throw;
        }
    }

    /// <summary>Shortens the file to its first <paramref name="length"/> bytes.</summary>
    /// <exception cref="RunException">The file is shorter than that.</exception>
    internal void Truncate(long length)
    {
        if (stream.Length < length)
            throw new RunException($"'{Path}' has {stream.Length} bytes, but the checkpoint was written when it had {length}: the file was changed from outside.");
        stream.SetLength(length);
        stream.Position = length;
    }

    /// <summary>Makes everything so far outlive a power failure.</summary>
    internal void FlushToDisk() => stream.Flush(flushToDisk: true);

    public void Dispose() => stream.Dispose();
}
