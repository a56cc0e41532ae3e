// What is stored of one model: the file model.json in its folder. A snapshot is in the store when it stands here, and not before.
using System.Text.Json;
using System.Text.Json.Serialization;
using Fathom.Models.Checkpoints;

namespace Fathom.Models.Hub;

/// <summary>One commit's files in the store.</summary>
/// <param name="Commit">The commit; also the name of the folder.</param>
/// <param name="Source">The hub it came from.</param>
/// <param name="Pulled">When it was complete.</param>
/// <param name="Files">Its files.</param>
sealed record StoredSnapshot(string Commit, string Source, DateTimeOffset Pulled, IReadOnlyList<HubFile> Files);

/// <param name="Revisions">The commit that each pulled revision had when it was pulled last.</param>
/// <param name="Snapshots">The commits in the store.</param>
sealed record StoreRecord(IReadOnlyDictionary<string, string> Revisions, IReadOnlyList<StoredSnapshot> Snapshots)
{
    public const string FileName = "model.json";

    const long MaxBytes = 64 << 20;

    static readonly JsonSerializerOptions Json = new() { WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.CamelCase, Converters = { new ChecksumText() } };

    /// <summary>Of a model that is not in the store.</summary>
    public static StoreRecord Empty { get; } = new(new Dictionary<string, string>(), []);

    /// <summary>Bytes of all files, each content once: the snapshots share it on the disk.</summary>
    [JsonIgnore]
    public long DistinctBytes => Snapshots.SelectMany(snapshot => snapshot.Files).DistinctBy(file => file.Checksum).Sum(file => file.Size);

    /// <summary>Reads a model's record; of a folder without one: <see cref="Empty"/>.</summary>
    /// <exception cref="HubException">The record is damaged.</exception>
    public static StoreRecord Read(string folder)
    {
        var file = new FileInfo(Path.Combine(folder, FileName));
        if (!file.Exists)
        {
            return Empty;
        }

        try
        {
            StoreRecord? record = file.Length <= MaxBytes ? JsonSerializer.Deserialize<StoreRecord>(File.ReadAllText(file.FullName), Json) : null;
            // Commits and paths become paths that are read and deleted.
            if (record is { Revisions: not null, Snapshots: not null }
                && record.Revisions.Values.All(IsCommit)
                && record.Snapshots.All(s => s is { Files: not null } && IsCommit(s.Commit) && s.Files.All(f => f is { Path: not null, Size: >= 0 } && HubFile.IsSafePath(f.Path))))
            {
                return record;
            }
        }
        catch (JsonException error)
        {
            throw Damaged(file, error);
        }

        throw Damaged(file, null);
    }

    /// <summary>Replaces a model's record.</summary>
    public void Write(string folder) => AtomicFile.WriteText(Path.Combine(folder, FileName), JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>With a snapshot, which a revision now is; files of the same commit that were there stay.</summary>
    public StoreRecord With(string revision, StoredSnapshot snapshot)
    {
        StoredSnapshot? before = Snapshots.FirstOrDefault(s => s.Commit == snapshot.Commit);
        StoredSnapshot merged = snapshot with { Files = [.. snapshot.Files.Concat(before?.Files ?? []).DistinctBy(file => file.Path).OrderBy(file => file.Path, StringComparer.Ordinal)] };
        return new StoreRecord(
            Revisions.Where(pair => pair.Key != revision).Append(new(revision, snapshot.Commit)).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary(),
            [.. Snapshots.Where(s => s.Commit != snapshot.Commit), merged]);
    }

    /// <summary>Without a commit and the revisions that were it.</summary>
    public StoreRecord Without(string commit) => new(
        Revisions.Where(pair => pair.Value != commit).ToDictionary(),
        [.. Snapshots.Where(s => s.Commit != commit)]);

    static bool IsCommit(string? text) => text is not null && (Checksum.IsHex(text, 40) || Checksum.IsHex(text, 64));

    static HubException Damaged(FileInfo file, Exception? error) =>
        new($"{file.FullName}: the store's record of this model is damaged{(error is null ? "" : $" ({error.Message})")}; remove the folder and pull the model again.", error);

    sealed class ChecksumText : JsonConverter<Checksum>
    {
        public override Checksum Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Checksum.TryParse(reader.GetString()!) is { } checksum ? checksum : throw new JsonException("a checksum that is none");

        public override void Write(Utf8JsonWriter writer, Checksum value, JsonSerializerOptions options) => writer.WriteStringValue($"{value}");
    }
}
