// Where tests find the shared reference data (vectors, real files), which lies outside the repository,
// and the attributes that skip a test, with a message, where that data is absent.

using Xunit;

namespace Fathom.Testing;

/// <summary>The shared data folder: the one that holds <c>vectors/</c> and <c>real/</c>.</summary>
public static class SharedData
{
    /// <summary>Path of the folder, or null where there is none. The environment variable FATHOM_SHARED overrides the search.</summary>
    public static string? Root { get; } = Find();

    /// <summary>The full path of a file or folder below <see cref="Root"/>.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no shared folder (use the skip attributes on the test).</exception>
    public static string Path(params string[] parts) =>
        System.IO.Path.Combine([Root ?? throw new DirectoryNotFoundException(Absent), .. parts]);

    internal const string Absent =
        "The shared data folder is absent: set FATHOM_SHARED, or put a folder `shared` that has `vectors` in it beside the repository.";

    static string? Find()
    {
        // A set variable is taken at its word: a wrong one must not be papered over by the search.
        if (Environment.GetEnvironmentVariable("FATHOM_SHARED") is { Length: > 0 } given)
            return Directory.Exists(given) ? System.IO.Path.GetFullPath(given) : null;

        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string shared = System.IO.Path.Combine(folder.FullName, "shared");
            if (Directory.Exists(System.IO.Path.Combine(shared, "vectors")))
                return shared;
        }
        return null;
    }
}

/// <summary>A fact that needs the shared data folder and is skipped where that is absent.</summary>
public sealed class SharedDataFactAttribute : FactAttribute
{
    public SharedDataFactAttribute()
    {
        if (SharedData.Root is null)
            Skip = SharedData.Absent;
    }
}

/// <summary>A theory that needs the shared data folder and is skipped where that is absent.</summary>
public sealed class SharedDataTheoryAttribute : TheoryAttribute
{
    public SharedDataTheoryAttribute()
    {
        if (SharedData.Root is null)
            Skip = SharedData.Absent;
    }
}
