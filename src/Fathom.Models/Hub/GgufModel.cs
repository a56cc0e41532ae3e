// One GGUF model among the files of a repository: a file, or all the parts that it was split into.
using System.Globalization;
using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Fathom.Models.Checkpoints.Gguf;

namespace Fathom.Models.Hub;

/// <param name="Path">Path of the file, or of the first part.</param>
/// <param name="PartCount">How many parts there should be; 1 for a file that is not split.</param>
/// <param name="Files">The parts that are there, in order.</param>
sealed partial record GgufModel(string Path, int PartCount, HubFile[] Files)
{
    /// <summary>All GGUF models among the files, by path.</summary>
    public static GgufModel[] In(IEnumerable<HubFile> files) =>
    [
        .. files.Where(file => file.Has(GgufFile.Extension)).OrderBy(file => file.Path, StringComparer.Ordinal).GroupBy(file => KeyOf(file.Path))
            .Select(group => new GgufModel(group.Key.Path, group.Key.PartCount, [.. group])),
    ];

    /// <summary>Whether the path is what the pattern says: the path itself, a part of it, or, with * and ?, all of it or its last name.</summary>
    public bool Matches(string pattern) => pattern.AsSpan().ContainsAny('*', '?')
        ? FileSystemName.MatchesSimpleExpression(pattern, Path) || FileSystemName.MatchesSimpleExpression(pattern, Path.AsSpan(Path.LastIndexOf('/') + 1))
        : Path.Contains(pattern, StringComparison.OrdinalIgnoreCase);

    /// <summary>All parts.</summary>
    /// <exception cref="HubException">Some are missing.</exception>
    public IReadOnlyList<HubFile> Parts(string name) => Files.Length == PartCount && Files[0].Path == Path && (PartCount == 1 || NumberOf(Files[^1].Path) == PartCount)
        ? Files
        : throw new HubException($"{name}, {Path}: found the parts {string.Join(", ", Files.Select(file => file.Path[(file.Path.LastIndexOf('/') + 1)..]))}; expected {PartCount}.");

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Path} ({Files.Sum(file => (double)file.Size) / 1e9:0.00} GB{(PartCount == 1 ? "" : $" in {PartCount} parts")})");

    static int NumberOf(string path) => int.Parse(SplitPattern().Match(path).Groups["number"].ValueSpan, CultureInfo.InvariantCulture);

    // name-00002-of-00005.gguf belongs to name-00001-of-00005.gguf.
    static (string Path, int PartCount) KeyOf(string path)
    {
        Match split = SplitPattern().Match(path);
        return split.Success && int.Parse(split.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) is > 0 and var count
            ? ($"{split.Groups["stem"].Value}-00001-of-{split.Groups["count"].Value}{split.Groups["end"].Value}", count)
            : (path, 1);
    }

    [GeneratedRegex(@"^(?<stem>.+)-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})(?<end>\.gguf)\z", RegexOptions.IgnoreCase)]
    private static partial Regex SplitPattern();
}
