// A model on the hub for tests: commits with files, and the revisions that point at them.

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Fathom.Testing.Hub;

/// <summary>A file of a commit.</summary>
/// <param name="Path">Path in the model.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="IsLarge">Whether it lies in large-file storage: listed by SHA-256, and redirected.</param>
public sealed record HubFileContent(string Path, byte[] Content, bool IsLarge)
{
    /// <summary>The file as the list of the hub has it; tests may change it.</summary>
    public Dictionary<string, object> Entry { get; } = EntryOf(Path, Content, IsLarge);

    static Dictionary<string, object> EntryOf(string path, byte[] content, bool large)
    {
        byte[] blob = [.. Encoding.ASCII.GetBytes($"blob {content.Length}\0"), .. content];
        Dictionary<string, object> entry = new() { ["type"] = "file", ["oid"] = Convert.ToHexStringLower(SHA1.HashData(blob)), ["size"] = content.Length, ["path"] = path };
        if (large)
            entry["lfs"] = new Dictionary<string, object> { ["oid"] = Convert.ToHexStringLower(SHA256.HashData(content)), ["size"] = content.Length, ["pointerSize"] = 134 };
        return entry;
    }
}

/// <summary>The model.</summary>
public sealed class HubModel
{
    public HubModel() => Commit(FirstCommit);

    /// <summary>The commit that a model begins with.</summary>
    public static string FirstCommit { get; } = new('a', 40);

    public ConcurrentDictionary<string, string> Revisions { get; } = new();

    /// <summary>Files by path, for each commit.</summary>
    public ConcurrentDictionary<string, ConcurrentDictionary<string, HubFileContent>> Commits { get; } = new();

    /// <summary>Begins a commit without files and points a revision at it.</summary>
    public HubModel Commit(string commit, string revision = "main")
    {
        Commits[commit] = new();
        Revisions[revision] = commit;
        return this;
    }

    /// <summary>Adds a file to what <c>main</c> is.</summary>
    public HubModel With(string path, byte[] content, bool large = false)
    {
        Commits[Revisions["main"]][path] = new HubFileContent(path, content, large);
        return this;
    }

    /// <summary>Adds a text to what <c>main</c> is.</summary>
    public HubModel With(string path, string text) => With(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds all files of a folder; those of safetensors are large.</summary>
    public HubModel WithFolder(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder))
            With(Path.GetFileName(path), File.ReadAllBytes(path), large: path.EndsWith(".safetensors", StringComparison.Ordinal));
        return this;
    }

    /// <summary>Random bytes that are the same every time.</summary>
    public static byte[] Bytes(int count, int seed)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
