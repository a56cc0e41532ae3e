// Content by its sum: from the store, from what an earlier process fetched, and the rest from the hub in parallel ranges.
using System.Globalization;
using System.Runtime.ExceptionServices;
using Fathom.Models.Checkpoints;

namespace Fathom.Models.Hub;

/// <param name="client">The hub.</param>
/// <param name="name">The model.</param>
/// <param name="commit">Its commit.</param>
/// <param name="folder">The commit's folder in the store.</param>
/// <param name="partsFolder">Where parts lie.</param>
/// <param name="stored">Paths of content that the store has; content that is placed is added.</param>
/// <param name="progress">Is told of every byte.</param>
/// <param name="cancel">Ends the fetching.</param>
sealed class ContentFetch(HubClient client, string name, string commit, string folder, string partsFolder, Dictionary<Checksum, string> stored, PullReporter progress, CancellationToken cancel)
{
    // A piece is large enough that asking for it costs nothing, and small enough that all connections have work.
    const long MinPieceBytes = 1 << 20, MaxPieceBytes = 64 << 20;

    /// <summary>Where the content of a fetched file lies.</summary>
    public string PathOf(HubFile file) => stored.GetValueOrDefault(file.Checksum) ?? PartFile.PathOf(partsFolder, file.Checksum);

    public async Task RunAsync(IReadOnlyList<HubFile> files)
    {
        foreach (HubFile file in files)
        {
            // What another commit holds is shared only when it still is what was pulled.
            if (stored.TryGetValue(file.Checksum, out string? path) && !path.StartsWith(folder, StringComparison.Ordinal) && Checksum.Of(file.Checksum.Kind, path, cancel) != file.Checksum)
            {
                stored.Remove(file.Checksum);
            }
        }

        HubFile[] missing = [.. files.DistinctBy(file => file.Checksum).Where(file => !File.Exists(PathOf(file)))];
        PartFile[] parts = [.. missing.Select(file => new PartFile(partsFolder, file))];
        try
        {
            long total = parts.Aggregate(0L, (sum, part) => AddSizes(sum, part.File.Size)), present = parts.Sum(part => part.Count);
            RequireSpace(total - present);
            progress.Begin(present, total);
            var work = parts.SelectMany(Pieces);
            Task all = Parallel.ForEachAsync(work, new ParallelOptions { MaxDegreeOfParallelism = HubOptions.Connections, CancellationToken = cancel }, FetchAsync);
            try
            {
                await all.ConfigureAwait(false);
            }
            catch (Exception) when (all.Exception?.InnerExceptions.FirstOrDefault(error => error is not OperationCanceledException) is { } first)
            {
                // The first real failure, not one of the pieces that it cancelled.
                ExceptionDispatchInfo.Throw(first);
            }
        }
        finally
        {
            foreach (PartFile part in parts)
            {
                part.Dispose();
            }
        }
    }

    /// <summary>Gives fetched files their places in the commit's folder.</summary>
    public void Place(IReadOnlyList<HubFile> files)
    {
        foreach (IGrouping<Checksum, HubFile> same in files.GroupBy(file => file.Checksum))
        {
            foreach (HubFile file in same)
            {
                string path = Path.Combine(folder, file.Path), source = PathOf(file);
                if (path == source)
                {
                    continue;
                }

                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                // What a killed process left there was never recorded.
                File.Delete(path);
                if (stored.ContainsKey(file.Checksum))
                {
                    HardLink.Create(source, path);
                }
                else
                {
                    File.Move(source, path);
                    stored[file.Checksum] = path;
                }
            }
        }

        Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories).Append(folder).ToList().ForEach(AtomicFile.FlushFolder);
        if (Directory.Exists(partsFolder) && !Directory.EnumerateFileSystemEntries(partsFolder).Any())
        {
            Directory.Delete(partsFolder);
        }
    }

    // An empty or whole file still has to be checked: a piece of nothing.
    static IEnumerable<(PartFile Part, long Begin, long End)> Pieces(PartFile part)
    {
        long size = Math.Clamp(part.File.Size / HubOptions.Connections, MinPieceBytes, MaxPieceBytes);
        List<(long Begin, long End)> missing = part.Missing(size);
        return (missing.Count == 0 ? [(0L, 0L)] : missing).Select(piece => (part, piece.Begin, piece.End));
    }

    async ValueTask FetchAsync((PartFile Part, long Begin, long End) piece, CancellationToken stop)
    {
        (PartFile part, long begin, long end) = piece;
        if (!part.Enter())
        {
            return;
        }

        try
        {
            if (begin < end && !await RangeAsync(begin, end).ConfigureAwait(false) && part.Restart())
            {
                await RangeAsync(0, part.File.Size).ConfigureAwait(false);
            }
        }
        finally
        {
            part.Leave(stop);
        }

        Task<bool> RangeAsync(long from, long to) => client.FetchAsync(name, commit, part.File, from, to, (offset, bytes) => progress.Add(part.Write(offset, bytes.Span), bytes.Length), stop);
    }

    void RequireSpace(long bytes)
    {
        string existing = partsFolder;
        while (!Directory.Exists(existing))
        {
            existing = Path.GetDirectoryName(existing)!;
        }

        long free = new DriveInfo(existing).AvailableFreeSpace;
        if (bytes > free)
        {
            throw new HubException(string.Create(CultureInfo.InvariantCulture, $"{name} needs {bytes:N0} more bytes; the disk of {existing} has {free:N0} free. Choose another folder with --store or {ModelStore.RootVariable}."));
        }
    }

    long AddSizes(long a, long b) => a <= long.MaxValue - b ? a + b : throw new HubException($"{name}: found files of more than {long.MaxValue} bytes together.");
}
