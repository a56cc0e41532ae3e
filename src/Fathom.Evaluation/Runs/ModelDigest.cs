// Which model a score was measured on: a hash over the files that decide what it says.
using System.Security.Cryptography;
using System.Text;

namespace Fathom.Evaluation.Runs;

/// <summary>Hashes models.</summary>
public static class ModelDigest
{
    const int PieceBytes = 1 << 22;

    /// <summary>SHA-256, in hexadecimal, of a GGUF file; of a folder, over names and contents of its <c>.json</c>, <c>.jinja</c> and <c>.safetensors</c> files in the order of their names.</summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="progress">Told after every piece: bytes done, bytes in all.</param>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static string Of(string path, Action<long, long>? progress = null)
    {
        string[] files = File.Exists(path) ? [path]
            : [.. Directory.EnumerateFiles(path).Where(file => Path.GetExtension(file) is ".json" or ".jinja" or ".safetensors").Order(StringComparer.Ordinal)];
        long total = files.Sum(file => new FileInfo(file).Length), done = 0;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] piece = new byte[PieceBytes];
        foreach (string file in files)
        {
            if (files.Length > 1)
                hash.AppendData(Encoding.UTF8.GetBytes($"{Path.GetFileName(file)}\n{new FileInfo(file).Length}\n"));
            using FileStream stream = File.OpenRead(file);
            for (int read; (read = stream.Read(piece)) > 0; progress?.Invoke(done, total))
            {
                hash.AppendData(piece, 0, read);
                done += read;
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
