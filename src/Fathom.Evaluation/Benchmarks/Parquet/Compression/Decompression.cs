// Compressed pages to their bytes. What is allocated follows what is really there: a page that claims a size gets memory as it unpacks.
using System.IO.Compression;

namespace Fathom.Evaluation.Benchmarks.Parquet.Compression;

/// <summary>Unpacks pages.</summary>
static class Decompression
{
    const int Uncompressed = 0, SnappyCodec = 1, Gzip = 2, Brotli = 4, Zstd = 6;

    /// <summary>Whether a codec can be read.</summary>
    public static bool Knows(int codec) => codec is Uncompressed or SnappyCodec or Gzip or Brotli or Zstd;

    /// <summary>A codec's name.</summary>
    public static string Name(int codec) => codec switch { 3 => "LZO", 5 => "LZ4", 7 => "LZ4_RAW", _ => $"number {codec}" };

    /// <summary>Unpacks a page.</summary>
    /// <param name="codec">The number that Parquet gives it, one that is known.</param>
    /// <param name="packed">The bytes.</param>
    /// <param name="size">Bytes that come out.</param>
    /// <exception cref="InvalidDataException">The bytes are broken, or another number comes out.</exception>
    public static byte[] Unpack(int codec, ReadOnlyMemory<byte> packed, int size)
    {
        byte[] bytes = codec switch
        {
            Uncompressed => packed.ToArray(),
            SnappyCodec => Snappy.Decompress(packed.Span, size),
            Gzip => Drain(new GZipStream(Stream(packed), CompressionMode.Decompress), size),
            Brotli => Drain(new BrotliStream(Stream(packed), CompressionMode.Decompress), size),
            _ => Zstandard.Decompress(packed.Span, size),
        };
        return bytes.Length == size ? bytes : throw new InvalidDataException($"a page of {bytes.Length} bytes where its header says {size}");
    }

    static MemoryStream Stream(ReadOnlyMemory<byte> packed) => new(packed.ToArray());

    static byte[] Drain(Stream stream, int size)
    {
        using (stream)
        {
            var bytes = new GrowingBuffer(size);
            try
            {
                for (int read; (read = stream.Read(bytes.Room(1))) > 0;)
                    bytes.Advance(read);
            }
            catch (InvalidOperationException error)
            {
                // What BrotliStream throws for broken data.
                throw new InvalidDataException(error.Message, error);
            }
            return bytes.ToArray();
        }
    }
}
