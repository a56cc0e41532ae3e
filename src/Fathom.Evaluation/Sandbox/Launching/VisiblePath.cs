// What of the machine's files a program in the sandbox sees.
namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>A file or folder that is visible under its own name, read-only; or a symbolic link.</summary>
/// <param name="Target">Its full path.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="LinkTo">What the link leads to; null for files and folders.</param>
readonly record struct VisiblePath(string Target, bool IsFolder, string? LinkTo)
{
    // The operating system's programs and libraries, and how libraries are found.
    static readonly string[] s_system = ["/usr", "/bin", "/lib", "/lib64", "/lib32", "/sbin", "/etc/ld.so.cache", "/etc/alternatives"];

    /// <summary>All that <paramref name="command"/> sees, parents before children.</summary>
    /// <exception cref="SandboxException">A path that should be readable does not exist.</exception>
    public static IReadOnlyList<VisiblePath> Of(SandboxCommand command)
    {
        List<VisiblePath> paths = [];
        foreach (string path in s_system)
            if (Look(path) is { } visible)
                paths.Add(visible);
        foreach (string path in command.ReadablePaths.Order(StringComparer.Ordinal))
        {
            string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
            if (!paths.Exists(p => p.LinkTo is null && (full == p.Target || full.StartsWith(p.Target + "/", StringComparison.Ordinal))))
                paths.Add(Look(full) ?? throw new SandboxException($"{full} is to be readable in the sandbox, but does not exist."));
        }
        return paths;
    }

    /// <summary>Whether nothing that is visible lies below a folder, so that a link may take its place.</summary>
    public static bool LeaveFree(IReadOnlyList<VisiblePath> paths, string folder) =>
        paths.All(path => !path.Target.StartsWith(folder + "/", StringComparison.Ordinal));

    static VisiblePath? Look(string path)
    {
        if (new DirectoryInfo(path).LinkTarget is { } link)
            return new VisiblePath(path, false, link);
        return Directory.Exists(path) ? new VisiblePath(path, true, null)
            : File.Exists(path) ? new VisiblePath(path, false, null)
            : null;
    }
}
