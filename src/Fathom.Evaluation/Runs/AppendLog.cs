// An append-only file whose records are whole: each goes to the system in one piece, and one that does not fit is taken back.

namespace Fathom.Evaluation.Runs;

/// <summary>An open append-only file. Others may read it meanwhile.</summary>
public sealed class AppendLog : IDisposable
{
    readonly FileStream _stream;

    /// <summary>Opens or creates the file; writing continues at its end.</summary>
    /// <exception cref="IOException">It is not writable.</exception>
    public AppendLog(string path)
    {
        // No buffer: what was appended has reached the system when Append returns and outlives a killed process.
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _stream.Position = _stream.Length;
    }

    /// <summary>Full path of the file.</summary>
    public string Path => _stream.Name;

    /// <summary>Bytes so far.</summary>
    public long Length => _stream.Position;

    /// <summary>Appends one record; when that fails, the file is as long as before.</summary>
    public void Append(ReadOnlySpan<byte> record)
    {
        long before = _stream.Position;
        try
        {
            _stream.Write(record);
        }
        catch (IOException)
        {
            if (_stream.CanSeek)
                _stream.SetLength(before);
            throw;
        }
    }

    /// <summary>Shortens the file to its first <paramref name="length"/> bytes.</summary>
    /// <exception cref="InvalidDataException">The file is shorter than that.</exception>
    public void Truncate(long length)
    {
        if (_stream.Length < length)
            throw new InvalidDataException($"'{Path}' has {_stream.Length} bytes, but the checkpoint was written when it had {length}: the file was changed from outside.");
        _stream.SetLength(length);
        _stream.Position = length;
    }

    /// <summary>Makes everything so far outlive a power failure.</summary>
    public void FlushToDisk() => _stream.Flush(flushToDisk: true);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();
}
