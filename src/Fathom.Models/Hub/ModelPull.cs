// A model from the hub into the store: what is needed, what of it is there already, the rest in parallel ranges, and only when all of
// it has the right sums the record that says so.
using System.Diagnostics;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Fathom.Models.Checkpoints;

namespace Fathom.Models.Hub;

/// <summary>How far a pull is.</summary>
/// <param name="Bytes">Bytes of the files that are being fetched that are there, with those of earlier tries.</param>
/// <param name="TotalBytes">Bytes of those files; 0 while that is not known.</param>
/// <param name="Transferred">Bytes that came over the network in this pull.</param>
/// <param name="Note">What is waited for, or null.</param>
public readonly record struct PullProgress(long Bytes, long TotalBytes, long Transferred, string? Note);

/// <summary>What a pull did.</summary>
/// <param name="Model">The model in the store.</param>
/// <param name="Revision">The revision that was pulled.</param>
/// <param name="Transferred">Bytes of files that came over the network.</param>
public sealed record PullResult(StoredModel Model, string Revision, long Transferred);

/// <summary>Pulls models.</summary>
/// <param name="options">Which hub.</param>
/// <param name="store">Where to.</param>
public sealed class ModelPull(HubOptions options, ModelStore store)
{
    // A piece is large enough that asking for it costs nothing, and small enough that all connections have work.
    const long MinPieceBytes = 1 << 20, MaxPieceBytes = 64 << 20;

    /// <summary>Fetches what the store lacks of a model.</summary>
    /// <param name="reference">The model and its revision (default <c>main</c>).</param>
    /// <param name="pattern">Which GGUF file: a path, a part of one, or a pattern with * and ?; null: the safetensors, or else the only GGUF.</param>
    /// <param name="report">Is told of progress, by one thread at a time; may be null.</param>
    /// <param name="cancel">Ends the pull; what was fetched is kept.</param>
    /// <exception cref="ModelNameException">A GGUF file must be chosen; the message lists them.</exception>
    /// <exception cref="HubException">The hub, the network or the store failed; the message says what helps.</exception>
    /// <exception cref="IOException">The store cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task<PullResult> RunAsync(ModelReference reference, string? pattern, Action<PullProgress>? report, CancellationToken cancel)
    {
        (string name, string revision) = (reference.Name, reference.Revision ?? ModelReference.DefaultRevision);
        pattern ??= reference.File;
        var progress = new Reporter(report);
        if (options.Offline)
        {
            StoredModel stored = store.Find(reference with { Revision = revision });
            return pattern is null || GgufModel.In(stored.Files).Any(model => model.Matches(pattern))
                ? new PullResult(stored, revision, 0)
                : throw new ModelNameException($"the store has no file of {stored.Reference} that fits '{pattern}', and the network is forbidden.");
        }

        using StoreLock held = await StoreLock.TakeAsync(store.LockOf(name), () => progress.Say($"another process pulls {name}; waiting for it"), cancel).ConfigureAwait(false);
        using var client = new HubClient(options, progress.Say);
        string commit = await client.ResolveAsync(name, revision, cancel).ConfigureAwait(false);
        Dictionary<string, HubFile> listed = await client.ListAsync(name, commit, cancel).ConfigureAwait(false);
        StoreRecord record = StoreRecord.Read(store.FolderOf(name));
        string folder = Path.Combine(store.FolderOf(name), commit);
        var fetch = new Fetch(client, name, commit, folder, store.PartsOf(name), Sources(name, commit, record), progress, cancel);
        IReadOnlyList<HubFile> needed = await FileSelection.ChooseAsync(name, listed, pattern, async file =>
        {
            await fetch.RunAsync([file]).ConfigureAwait(false);
            return fetch.PathOf(file);
        }).ConfigureAwait(false);
        await fetch.RunAsync(needed).ConfigureAwait(false);
        fetch.Place(needed);
        record = record.With(revision, new StoredSnapshot(commit, options.Endpoint.AbsoluteUri.TrimEnd('/'), DateTimeOffset.UtcNow, needed));
        record.Write(store.FolderOf(name));
        ModelStore.Sweep(store.FolderOf(name), record);
        return new PullResult(store.Find(reference with { File = null, Revision = revision }), revision, progress.Transferred);
    }

    // Where content lies that was pulled before, with this commit or with another.
    Dictionary<Checksum, string> Sources(string name, string commit, StoreRecord record) => record.Snapshots
        .OrderByDescending(snapshot => snapshot.Commit == commit)
        .SelectMany(snapshot => snapshot.Files.Select(file => (file.Checksum, Path: Path.Combine(store.FolderOf(name), snapshot.Commit, file.Path), file.Size)))
        .Where(file => new FileInfo(file.Path) is { Exists: true, Length: var length } && length == file.Size)
        .DistinctBy(file => file.Checksum)
        .ToDictionary(file => file.Checksum, file => file.Path);

    // Brings content by its sum: from the store, from what an earlier process fetched, from the hub.
    sealed class Fetch(HubClient client, string name, string commit, string folder, string partsFolder, Dictionary<Checksum, string> stored, Reporter progress, CancellationToken cancel)
    {
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

    // Progress of several threads, told by one at a time and not too often.
    sealed class Reporter(Action<PullProgress>? report)
    {
        static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

        readonly Lock gate = new();
        PullProgress at;
        long told;

        public long Transferred => at.Transferred;

        public void Begin(long present, long total) => Tell(_ => true, now => now with { Bytes = present, TotalBytes = total });

        public void Say(string note) => Tell(_ => true, now => now with { Note = note });

        public void Add(long bytes, long transferred) =>
            Tell(now => now.Bytes == now.TotalBytes, now => now with { Bytes = now.Bytes + bytes, Transferred = now.Transferred + transferred, Note = null });

        void Tell(Func<PullProgress, bool> always, Func<PullProgress, PullProgress> change)
        {
            lock (gate)
            {
                at = change(at);
                if (always(at) || Stopwatch.GetElapsedTime(told) >= Interval)
                {
                    told = Stopwatch.GetTimestamp();
                    report?.Invoke(at);
                }
            }
        }
    }
}
