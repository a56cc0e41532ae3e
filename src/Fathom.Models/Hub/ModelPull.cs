// A model from the hub into the store: what is needed, what of it is there already, the rest (ContentFetch.cs), and only when all of it
// has the right sums the record that says so.
using Fathom.Models.Checkpoints;

namespace Fathom.Models.Hub;

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
        var progress = new PullReporter(report);
        if (options.Offline)
        {
            StoredModel stored = store.Find(reference with { Revision = revision });
            return pattern is null || GgufModel.In(stored.Files).Any(model => model.Matches(pattern))
                ? new PullResult(stored, revision, 0)
                : throw new ModelNameException($"the store has no file of {stored.Reference} that fits '{pattern}', and the network is forbidden.");
        }

        using StoreLock held = await StoreLock.TakeAsync(store.LockOf(name), () => progress.Say($"another process pulls {name}; waiting for it"), cancel).ConfigureAwait(false);
        AtomicFile.DeleteLeftovers(store.FolderOf(name));
        AtomicFile.DeleteLeftovers(store.PartsOf(name));
        using var client = new HubClient(options, progress.Say);
        string commit = await client.ResolveAsync(name, revision, cancel).ConfigureAwait(false);
        Dictionary<string, HubFile> listed = await client.ListAsync(name, commit, cancel).ConfigureAwait(false);
        StoreRecord record = StoreRecord.Read(store.FolderOf(name));
        string folder = Path.Combine(store.FolderOf(name), commit);
        var fetch = new ContentFetch(client, name, commit, folder, store.PartsOf(name), Sources(name, commit, record), progress, cancel);
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
}
