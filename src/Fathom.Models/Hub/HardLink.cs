// One file under two names.
using System.Runtime.InteropServices;

namespace Fathom.Models.Hub;

static partial class HardLink
{
    /// <summary>Gives a file a second name; where the file system cannot, a copy.</summary>
    /// <exception cref="IOException">Neither is possible.</exception>
    public static void Create(string existing, string path)
    {
        if (OperatingSystem.IsWindows() || Link(existing, path) != 0)
        {
            File.Copy(existing, path);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string path);
}
