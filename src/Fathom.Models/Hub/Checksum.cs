// The sums by which the hub names content: SHA-256 of large files, git's blob id of small ones.
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fathom.Models.Hub;

/// <summary>How a sum is made.</summary>
public enum ChecksumKind
{
    /// <summary>SHA-256 of the content (files in large-file storage).</summary>
    Sha256,
    /// <summary>SHA-1 of <c>blob SIZE\0</c> and the content (files in git).</summary>
    GitSha1,
}

/// <summary>A sum of a file's content.</summary>
/// <param name="Kind">How it is made.</param>
/// <param name="Hex">Its value in lower-case hexadecimal digits.</param>
public readonly record struct Checksum(ChecksumKind Kind, string Hex)
{
    const int BufferBytes = 1 << 20;

    /// <summary>A sum from its <see cref="ToString"/> form; null where it is none.</summary>
    public static Checksum? TryParse(string text) => text.Split(':') switch
    {
        ["sha256", var hex] when IsHex(hex, 64) => new Checksum(ChecksumKind.Sha256, hex),
        ["git-sha1", var hex] when IsHex(hex, 40) => new Checksum(ChecksumKind.GitSha1, hex),
        _ => null,
    };

    /// <summary>Whether the text is so many lower-case hexadecimal digits.</summary>
    public static bool IsHex(string text, int digits) => text.Length == digits && text.All(char.IsAsciiHexDigitLower);

    /// <summary>The sum of a whole file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static Checksum Of(ChecksumKind kind, string path, CancellationToken cancel)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        using var hash = IncrementalHash.CreateHash(kind == ChecksumKind.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (kind == ChecksumKind.GitSha1)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {stream.Length}\0")));
        }

        byte[] buffer = new byte[BufferBytes];
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
        }

        return new Checksum(kind, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(Kind == ChecksumKind.Sha256 ? "sha256" : "git-sha1")}:{Hex}";
}
