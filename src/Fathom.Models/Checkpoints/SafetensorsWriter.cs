// Writing a safetensors file: streamed, atomic, and the same bytes for the same tensors.
using System.Buffers;
using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Checkpoints;

/// <summary>Writes safetensors files. Layout: widest type first, then by name (ordinal), header padded with spaces to 8 bytes, so all data is aligned.</summary>
public static class SafetensorsWriter
{
    static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes all tensors to <paramref name="path"/>, atomically (temporary file, flush to disk, rename); metadata in ordinal order of its keys.</summary>
    /// <exception cref="CheckpointException">A name occurs twice, or a source wrote another number of bytes than its shape says.</exception>
    /// <exception cref="IOException">The folder is missing, not writable or full; an existing file stays as it was.</exception>
    public static void Write(string path, IEnumerable<TensorSource> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var ordered = tensors.OrderByDescending(tensor => tensor.Type.ByteSize()).ThenBy(tensor => tensor.Name, StringComparer.Ordinal).ToArray();
        byte[] header = Header(path, ordered, metadata);
        AtomicFile.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var tensor in ordered)
            {
                long before = stream.Position;
                tensor.WriteTo(stream);
                if (stream.Position - before != tensor.ByteLength)
                {
                    throw new CheckpointException(path, tensor.Name, $"{stream.Position - before} bytes written", $"{tensor.ByteLength}");
                }
            }
        });
    }

    static byte[] Header(string path, TensorSource[] ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject("__metadata__");
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(key, value);
                }

                json.WriteEndObject();
            }

            long offset = 0;
            var seen = new HashSet<string> { "__metadata__" };
            foreach (var tensor in ordered)
            {
                if (!seen.Add(tensor.Name))
                {
                    throw new CheckpointException(path, tensor.Name, "the name twice (or reserved)", "each name once");
                }

                json.WriteStartObject(tensor.Name);
                json.WriteString("dtype", SafetensorsHeader.NameOf(tensor.Type));
                json.WriteStartArray("shape");
                foreach (long size in tensor.Shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(checked(offset += tensor.ByteLength));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        var padded = new byte[(buffer.WrittenCount + 7) / 8 * 8];
        padded.AsSpan().Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(padded);
        return padded;
    }
}
