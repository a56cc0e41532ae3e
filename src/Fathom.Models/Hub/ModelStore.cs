// The models on this machine: a folder per model, and in it a folder per commit, which is an ordinary model folder.
//
//   STORE/deepseek-ai/DeepSeek-V2-Lite/model.json      what is complete (StoreRecord.cs)
//   STORE/deepseek-ai/DeepSeek-V2-Lite/COMMIT/         the files of a commit; those that two commits share are one file on the disk
//   STORE/deepseek-ai/DeepSeek-V2-Lite/.parts/         what is being fetched (PartFile.cs)
//   STORE/.locks/deepseek-ai/DeepSeek-V2-Lite          held while a process changes the model
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Configs;

namespace Fathom.Models.Hub;

/// <summary>A model in the store at one commit.</summary>
/// <param name="Name">Owner and name.</param>
/// <param name="Revisions">The revisions that were this commit when they were pulled last.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Folder">The folder with its files.</param>
/// <param name="Source">The hub it came from.</param>
/// <param name="Pulled">When it was complete.</param>
/// <param name="Files">Its files.</param>
public sealed record StoredModel(string Name, IReadOnlyList<string> Revisions, string Commit, string Folder, string Source, DateTimeOffset Pulled, IReadOnlyList<HubFile> Files)
{
    /// <summary>Digits of a commit that are shown where it stands for a revision.</summary>
    internal const int ShortCommit = 12;

    /// <summary>Bytes of its files.</summary>
    public long Bytes => Files.Sum(file => file.Size);

    /// <summary>The form of its weights: <c>safetensors</c>, <c>GGUF</c> or both.</summary>
    public string Format => string.Join(", ", new[] { (HubFile.SafetensorsExtension, "safetensors"), (GgufFile.Extension, "GGUF") }.Where(form => Files.Any(file => file.Has(form.Item1))).Select(form => form.Item2));

    /// <summary>What a user would type for it.</summary>
    public string Reference => $"{Name}@{(Revisions.Count > 0 ? Revisions[0] : Commit[..ShortCommit])}";

    /// <summary>The model itself: the folder of a safetensors model, or the path of the (first) GGUF file.</summary>
    /// <param name="file">Which GGUF file, by its path or its last name; null: the only one.</param>
    /// <exception cref="ModelNameException">There is no such file, or there are several; the message lists them.</exception>
    public string Locate(string? file)
    {
        if (file is null && Files.Any(f => f.Has(HubFile.SafetensorsExtension)))
        {
            return Folder;
        }

        GgufModel[] models = GgufModel.In(Files);
        GgufModel[] chosen = file is null ? models : [.. models.Where(model => model.Path == file || Path.GetFileName(model.Path) == file)];
        return chosen is [var one]
            ? Path.Combine(Folder, one.Path)
            : throw new ModelNameException($"{(chosen.Length == 0 ? $"{Reference} has no '{file}'" : $"{Reference} has {chosen.Length} GGUF files")}; name one of {string.Join(", ", models.Select(model => $"{Name}/{model.Path}"))}.");
    }
}

/// <summary>The local store of models.</summary>
/// <param name="root">Its folder; it need not exist.</param>
public sealed class ModelStore(string root)
{
    /// <summary>Variable with the store's folder.</summary>
    public const string RootVariable = "FATHOM_STORE";

    const string PartsFolder = ".parts", LocksFolder = ".locks";

    /// <summary>The store's folder.</summary>
    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Where the store lies: <c>FATHOM_STORE</c>, or <c>fathom/models</c> in the user's cache folder.</summary>
    /// <param name="variable">Gives a variable's value, or null.</param>
    public static string DefaultRoot(Func<string, string?> variable) =>
        HubOptions.NullIfBlank(variable(RootVariable)) ?? Path.Combine(HubOptions.CacheFolder(variable), "fathom", "models");

    /// <summary>All models in the store, by name and then by age.</summary>
    /// <exception cref="HubException">A model's record is damaged.</exception>
    public IReadOnlyList<StoredModel> List() => [.. Names().SelectMany(Snapshots)];

    /// <summary>Whether the store has any revision of the model.</summary>
    /// <exception cref="HubException">The model's record is damaged.</exception>
    public bool Contains(string name) => Snapshots(name).Any();

    /// <summary>Models that are being fetched, or whose fetching was broken off: their names and the bytes that are there.</summary>
    public IReadOnlyList<(string Name, long Bytes)> Unfinished() =>
        [.. Names().Select(name => (name, BytesOf(PartsOf(name)))).Where(part => part.Item2 > 0)];

    /// <summary>The stored model that a name means: the revision or commit named, else <c>main</c>, else the only one there is.</summary>
    /// <exception cref="ModelNameException">There is none, or more than one; the message names the nearest.</exception>
    /// <exception cref="HubException">The model's record is damaged.</exception>
    public StoredModel Find(ModelReference reference) => Find(reference, preferred: ModelReference.DefaultRevision);

    /// <summary>Removes what a name means: the revision or commit named, else the only one there is, with what is unfinished.</summary>
    /// <returns>Bytes that were freed; files that a revision which stays has too are not.</returns>
    /// <exception cref="ModelNameException">There is none, or more than one; the message names the nearest.</exception>
    /// <exception cref="HubException">The model's record is damaged, or a pull of it is going on.</exception>
    public long Remove(ModelReference reference)
    {
        if (reference.File is not null)
        {
            throw new ModelNameException($"a model is removed as a whole: {reference with { File = null }}.");
        }

        string folder = FolderOf(reference.Name);
        if (!Directory.Exists(folder))
        {
            throw Unknown(reference);
        }

        using StoreLock held = StoreLock.TryTake(LockOf(reference.Name)) ?? throw new HubException($"{reference.Name} is being pulled by another process; wait for it to end.");
        StoreRecord record = StoreRecord.Read(folder);
        long before = record.DistinctBytes;
        if (record.Snapshots.Count > 0)
        {
            record = record.Without(Find(reference, preferred: null).Commit);
        }
        else if (reference.Revision is not null)
        {
            throw Unknown(reference);
        }

        if (record.Snapshots.Count == 0)
        {
            before += BytesOf(PartsOf(reference.Name));
            // Without its record first, so that half a folder is never taken for a model.
            File.Delete(Path.Combine(folder, StoreRecord.FileName));
            Directory.Delete(folder, recursive: true);
            string owner = Path.GetDirectoryName(folder)!;
            if (!Directory.EnumerateFileSystemEntries(owner).Any())
            {
                Directory.Delete(owner);
            }

            return before;
        }

        record.Write(folder);
        Sweep(folder, record);
        return before - record.DistinctBytes;
    }

    internal string FolderOf(string name) => Path.Combine([Root, .. name.Split('/')]);

    internal string PartsOf(string name) => Path.Combine(FolderOf(name), PartsFolder);

    internal string LockOf(string name) => Path.Combine([Root, LocksFolder, .. name.Split('/')]);

    /// <summary>Deletes folders of commits that the record does not have: those of a process that was killed.</summary>
    internal static void Sweep(string folder, StoreRecord record)
    {
        foreach (string unlisted in Directory.EnumerateDirectories(folder).Where(path => Path.GetFileName(path) != PartsFolder && record.Snapshots.All(s => s.Commit != Path.GetFileName(path))))
        {
            Directory.Delete(unlisted, recursive: true);
        }
    }

    StoredModel Find(ModelReference reference, string? preferred)
    {
        StoredModel[] all = [.. Snapshots(reference.Name)];
        if (all.Length == 0)
        {
            throw Unknown(reference);
        }

        StoredModel[] named = reference.Revision is { } revision
            ? all.Where(model => model.Revisions.Contains(revision)).ToArray() is [var exact] ? [exact] : [.. all.Where(model => IsCommitPrefix(revision) && model.Commit.StartsWith(revision, StringComparison.Ordinal))]
            : all.FirstOrDefault(model => preferred is not null && model.Revisions.Contains(preferred)) is { } main ? [main] : all;
        return named switch
        {
            [var one] => one,
            [] => throw new ModelNameException($"the store has no '{reference.Revision}' of {reference.Name}; it has {string.Join(", ", all.Select(model => model.Reference))}."),
            _ => throw new ModelNameException($"the store has {named.Length} revisions of {reference.Name}; name one of {string.Join(", ", named.Select(model => model.Reference))}."),
        };
    }

    // Shorter ones are more likely to be branches.
    static bool IsCommitPrefix(string text) => text.Length >= 7 && text.All(char.IsAsciiHexDigitLower);

    ModelNameException Unknown(ModelReference reference)
    {
        string[] names = [.. Names()];
        return new ModelNameException($"the store {Root} has no model '{reference.Name}'{(names.Length == 0 ? "; it is empty" : $"; did you mean '{NearestName.Of(reference.Name, names)}'?")}");
    }

    IEnumerable<StoredModel> Snapshots(string name)
    {
        string folder = FolderOf(name);
        StoreRecord record = StoreRecord.Read(folder);
        return record.Snapshots.OrderBy(snapshot => snapshot.Pulled).Select(snapshot => new StoredModel(
            name, [.. record.Revisions.Where(pair => pair.Value == snapshot.Commit).Select(pair => pair.Key)], snapshot.Commit,
            Path.Combine(folder, snapshot.Commit), snapshot.Source, snapshot.Pulled, snapshot.Files));
    }

    IEnumerable<string> Names() => FoldersIn(Root).SelectMany(owner => FoldersIn(Path.Combine(Root, owner)).Select(name => $"{owner}/{name}")).Where(name => ModelReference.TryParse(name) is not null);

    static IEnumerable<string> FoldersIn(string path) =>
        Directory.Exists(path) ? Directory.EnumerateDirectories(path).Select(folder => Path.GetFileName(folder)).Order(StringComparer.Ordinal) : [];

    static long BytesOf(string folder) => Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length) : 0;
}
