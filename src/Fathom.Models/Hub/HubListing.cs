// The hub's answers about a model, read with distrust: the commit of a revision, and the files of a commit.
using System.Text.Json;
using static Fathom.Models.Checkpoints.UntrustedText;

namespace Fathom.Models.Hub;

static class HubListing
{
    /// <summary>Most files that one model may list.</summary>
    public const int MaxFiles = 100_000;

    /// <summary>The commit in the answer to <c>/api/models/NAME/revision/REVISION</c>.</summary>
    /// <exception cref="HubException">It has none.</exception>
    public static string ReadCommit(ReadOnlyMemory<byte> json, string what) => Read(json, what, root =>
    {
        string commit = Text(root, "sha", what);
        // It becomes the name of a folder.
        return Checksum.IsHex(commit, 40) || Checksum.IsHex(commit, 64) ? commit : throw Wrong(what, $"sha '{Shown(commit)}'", "40 or 64 hexadecimal digits");
    });

    /// <summary>Adds the files in one page of the answer to <c>/api/models/NAME/tree/REVISION?recursive=true</c>.</summary>
    /// <exception cref="HubException">An entry is malformed, twice there, or its name would leave the model's folder.</exception>
    public static void ReadFiles(ReadOnlyMemory<byte> json, string what, Dictionary<string, HubFile> files) => Read(json, what, root =>
    {
        if (root.ValueKind != JsonValueKind.Array)
        {
            throw Wrong(what, $"JSON {root.ValueKind}", "a list of files");
        }

        foreach (JsonElement entry in root.EnumerateArray())
        {
            if (Text(entry, "type", what) != "file")
            {
                continue;
            }

            HubFile file = ReadFile(entry, what);
            if (files.Count == MaxFiles)
            {
                throw Wrong(what, "more files", $"at most {MaxFiles}");
            }

            if (!files.TryAdd(file.Path, file))
            {
                throw Wrong(what, $"'{file.Path}' twice", "each file once");
            }
        }

        return true;
    });

    static HubFile ReadFile(JsonElement entry, string what)
    {
        string path = Text(entry, "path", what);
        if (!HubFile.IsSafePath(path))
        {
            throw Wrong(what, $"a file named '{Shown(path)}'", "a path inside the model's folder; nothing was fetched");
        }

        // A file in large-file storage has the sum of its content there; its oid is that of the pointer to it.
        if (entry.TryGetProperty("lfs", out JsonElement large) && large.ValueKind != JsonValueKind.Null)
        {
            return new HubFile(path, Size(large, path, what), new Checksum(ChecksumKind.Sha256, Digest(large, 64, path, what)));
        }

        return new HubFile(path, Size(entry, path, what), new Checksum(ChecksumKind.GitSha1, Digest(entry, 40, path, what)));
    }

    static long Size(JsonElement entry, string path, string what) =>
        Member(entry, "size", what) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out long size) && size >= 0
            ? size
            : throw Wrong(what, $"'{path}' with size {Shown(Member(entry, "size", what).GetRawText())}", "a whole number of at least 0");

    static string Digest(JsonElement entry, int digits, string path, string what) => Text(entry, "oid", what) is var hex && Checksum.IsHex(hex, digits)
        ? hex
        : throw Wrong(what, $"'{path}' with oid '{Shown(hex)}'", $"{digits} hexadecimal digits");

    static string Text(JsonElement element, string key, string what) => Member(element, key, what) is { ValueKind: JsonValueKind.String } value
        ? value.GetString()!
        : throw Wrong(what, $"'{key}' as JSON {Member(element, key, what).ValueKind}", "a string");

    static JsonElement Member(JsonElement element, string key, string what) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(key, out JsonElement value)
        ? value
        : throw Wrong(what, $"an entry without '{key}'", "a Hugging Face hub's answer");

    static T Read<T>(ReadOnlyMemory<byte> json, string what, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return read(document.RootElement);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no valid UTF-16.
            throw new HubException($"{what}: the answer is not JSON ({Shown(error.Message)}); is the address that of a Hugging Face hub?", error);
        }
    }

    static HubException Wrong(string what, string found, string expected) => new($"{what}: found {found}, expected {expected}.");
}
