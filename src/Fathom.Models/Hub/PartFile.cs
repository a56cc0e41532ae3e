// A file on its way into the store: its bytes, in any order, beside a record of which of them are there. A process may end at any
// moment: bytes are on the disk before the record says so, and the whole is checked against its sum before it gets its name.
using System.Diagnostics;
using System.Text.Json;
using Fathom.Models.Checkpoints;
using Microsoft.Win32.SafeHandles;

namespace Fathom.Models.Hub;

sealed class PartFile : IDisposable
{
    const string PartExtension = ".part", RangesExtension = ".ranges";
    const long MaxRecordBytes = 1 << 20;

    // What a kill costs at most, in seconds of transfer.
    static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    readonly Lock gate = new();
    readonly string path;
    readonly ByteRanges ranges;
    SafeFileHandle? handle;
    long saved;
    int writers;
    bool restarted, finished;

    /// <summary>Takes up what an earlier process left.</summary>
    /// <param name="folder">Where parts lie; each is named by its sum, so that the same content is never fetched twice.</param>
    /// <param name="file">What is fetched.</param>
    public PartFile(string folder, HubFile file)
    {
        File = file;
        path = PathOf(folder, file.Checksum);
        ranges = ReadRanges();
    }

    /// <summary>What is fetched.</summary>
    public HubFile File { get; }

    /// <summary>Bytes that are there.</summary>
    public long Count
    {
        get
        {
            lock (gate)
            {
                return ranges.Count;
            }
        }
    }

    /// <summary>The pieces still to fetch.</summary>
    public List<(long Begin, long End)> Missing(long pieceBytes) => ranges.Missing(File.Size, pieceBytes);

    /// <summary>Where the checked file lies in the end.</summary>
    public static string PathOf(string folder, Checksum checksum) => Path.Combine(folder, checksum.Hex);

    /// <summary>A writer comes; false where there is nothing for it to do: the file is whole, or one writer fetches all of it.</summary>
    public bool Enter()
    {
        lock (gate)
        {
            if (finished || restarted)
            {
                return false;
            }

            if (handle is null)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                handle = System.IO.File.OpenHandle(path + PartExtension, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
                saved = Stopwatch.GetTimestamp();
            }

            writers++;
            return true;
        }
    }

    /// <summary>A writer found that the server only gives the whole file; true for the one that is to fetch it.</summary>
    public bool Restart()
    {
        lock (gate)
        {
            bool first = !restarted;
            restarted = true;
            return first;
        }
    }

    /// <summary>Takes bytes and gives the number of those that were not there; called by several writers at once.</summary>
    public long Write(long offset, ReadOnlySpan<byte> bytes)
    {
        RandomAccess.Write(handle!, bytes, offset);
        lock (gate)
        {
            long before = ranges.Count;
            ranges.Add(offset, offset + bytes.Length);
            if (Stopwatch.GetElapsedTime(saved) >= SaveInterval)
            {
                Save();
            }

            return ranges.Count - before;
        }
    }

    /// <summary>A writer goes. The last one of a whole file checks it and gives it its name.</summary>
    /// <exception cref="HubException">The sum is wrong; the part is gone.</exception>
    public void Leave(CancellationToken cancel)
    {
        lock (gate)
        {
            writers--;
            if (writers > 0 || ranges.Count < File.Size || finished)
            {
                return;
            }

            finished = true;
        }

        RandomAccess.FlushToDisk(handle!);
        Close();
        // Should the check be cancelled or killed, the next pull finds a whole part and checks it.
        SaveRanges();
        Checksum sum = Checksum.Of(File.Checksum.Kind, path + PartExtension, cancel);
        if (sum != File.Checksum)
        {
            Delete();
            throw new HubException($"{File.Path}: the {File.Size} bytes fetched have {sum}, expected {File.Checksum}. They were deleted; pull again to fetch the file anew.");
        }

        System.IO.File.Move(path + PartExtension, path, overwrite: true);
        System.IO.File.Delete(path + RangesExtension);
    }

    /// <summary>Keeps what is there for a later process.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (handle is not null)
            {
                Save();
                Close();
            }
        }
    }

    void Save()
    {
        RandomAccess.FlushToDisk(handle!);
        SaveRanges();
        saved = Stopwatch.GetTimestamp();
    }

    void SaveRanges() => AtomicFile.WriteText(path + RangesExtension, JsonSerializer.Serialize(ranges.All.Select(range => new[] { range.Begin, range.End })));

    void Close()
    {
        handle!.Dispose();
        handle = null;
    }

    void Delete()
    {
        System.IO.File.Delete(path + PartExtension);
        System.IO.File.Delete(path + RangesExtension);
    }

    // A record that cannot be true is none: the file is then fetched from its beginning.
    ByteRanges ReadRanges()
    {
        var none = new ByteRanges();
        var record = new FileInfo(path + RangesExtension);
        var part = new FileInfo(path + PartExtension);
        if (!record.Exists || !part.Exists || record.Length > MaxRecordBytes)
        {
            return none;
        }

        try
        {
            var read = new ByteRanges();
            foreach (long[] range in JsonSerializer.Deserialize<long[][]>(System.IO.File.ReadAllText(record.FullName)) ?? [])
            {
                if (range is not [var begin, var end] || begin < 0 || begin > end || end > Math.Min(File.Size, part.Length))
                {
                    return none;
                }

                read.Add(begin, end);
            }

            return read;
        }
        catch (JsonException)
        {
            return none;
        }
    }
}
