// A file that a test writes and that is gone after it.
using System.IO.Compression;
using System.Text;

namespace Fathom.Evaluation.Tests.Benchmarks;

sealed class TextFile : IDisposable
{
    public TextFile(string ending, byte[] content)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"fathom-{Guid.NewGuid():n}{ending}");
        File.WriteAllBytes(Path, content);
    }

    public TextFile(string ending, string content)
        : this(ending, Encoding.UTF8.GetBytes(content))
    {
    }

    public string Path { get; }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(content);
        return packed.ToArray();
    }

    public void Dispose() => File.Delete(Path);
}
