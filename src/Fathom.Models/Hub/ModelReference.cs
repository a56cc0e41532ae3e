// What a user types for a model of the hub or of the local store.
using System.Text.RegularExpressions;
using Fathom.Models.Checkpoints.Gguf;

namespace Fathom.Models.Hub;

/// <summary>A model's name, <c>OWNER/NAME[/FILE.gguf][@REVISION]</c>.</summary>
/// <param name="Name">Owner and name, as in <c>deepseek-ai/DeepSeek-V2-Lite</c>.</param>
/// <param name="File">Path of a GGUF file inside the model, or null.</param>
/// <param name="Revision">A branch, tag or commit, or null.</param>
public sealed partial record ModelReference(string Name, string? File, string? Revision)
{
    /// <summary>The revision that is meant where none is named.</summary>
    public const string DefaultRevision = "main";

    const int MaxRevisionLength = 200;

    /// <summary>Reads a name.</summary>
    /// <exception cref="ModelNameException">It is malformed.</exception>
    public static ModelReference Parse(string text) => TryParse(text)
        ?? throw new ModelNameException($"'{text}' is no model name; expected OWNER/NAME or OWNER/NAME@REVISION, as in deepseek-ai/DeepSeek-V2-Lite@main.");

    /// <summary>Reads a name; null where it is malformed.</summary>
    public static ModelReference? TryParse(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        string[] parts = (at < 0 ? text : text[..at]).Split('/', 3);
        string? revision = at < 0 ? null : text[(at + 1)..], file = parts.Length == 3 ? parts[2] : null;
        return parts.Length >= 2 && IsSegment(parts[0]) && IsSegment(parts[1])
            && (file is null || HubFile.IsSafePath(file) && file.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase))
            && (revision is null || IsRevision(revision))
            ? new ModelReference($"{parts[0]}/{parts[1]}", file, revision)
            : null;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name}{(File is null ? "" : $"/{File}")}{(Revision is null ? "" : $"@{Revision}")}";

    // Both segments become folders of the store.
    static bool IsSegment(string text) => text.Length <= 96 && SegmentPattern().IsMatch(text) && !text.EndsWith('.') && !text.Contains("..", StringComparison.Ordinal);

    // A revision goes into addresses, escaped; what no branch can be called is refused here.
    static bool IsRevision(string text) =>
        text.Length is > 0 and <= MaxRevisionLength && !text.Any(c => char.IsControl(c) || c is ' ' or '\\' or '?' or '*' or ':' or '~' or '^' or '@')
        && !text.Contains("..", StringComparison.Ordinal) && text[0] != '/' && text[^1] != '/';

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9._-]*\\z")]
    private static partial Regex SegmentPattern();
}
