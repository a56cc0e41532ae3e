// Writing a GGUF file (version 3): streamed tensor by tensor, atomic, and the same bytes for the same content; optionally in parts.
using System.Buffers.Binary;
using System.Text;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>Writes GGUF files.</summary>
public static class GgufWriter
{
    /// <summary>
    /// Writes metadata and tensors, both in the order given. Where the tensors take more than <paramref name="partBytes"/>, to parts
    /// <c>NAME-00001-of-0000N.gguf</c>, the first last, so that it never stands without the others.
    /// </summary>
    /// <param name="path">The file, ending in <c>.gguf</c>; with parts, what their names are made of.</param>
    /// <param name="metadata">Values: <see cref="string"/>, <see cref="bool"/>, integers, floating-point numbers, and arrays of these.</param>
    /// <param name="tensors">Shapes outermost first, rows whole blocks, names of at most 63 bytes.</param>
    /// <param name="partBytes">Bytes of tensor data after which the next part begins; at least one tensor goes to each.</param>
    /// <returns>The files written, in order.</returns>
    /// <exception cref="CheckpointException">A key or name occurs twice, a type or value has no place in the format, or a source does not write what its shape says.</exception>
    /// <exception cref="IOException">The folder is missing, not writable or full.</exception>
    public static IReadOnlyList<string> Write(string path, IEnumerable<KeyValuePair<string, object>> metadata, IEnumerable<TensorSource> tensors, long partBytes = long.MaxValue)
    {
        TensorSource[] all = [.. tensors];
        KeyValuePair<string, object>[] values = [.. metadata];
        Check(path, values, all);
        List<TensorSource>[] parts = Divide(all, partBytes);
        if (parts.Length == 1)
        {
            WritePart(path, values, all);
            return [path];
        }

        string prefix = path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase) ? path[..^GgufFile.Extension.Length] : path;
        string[] paths = [.. Enumerable.Range(1, parts.Length).Select(part => GgufFile.PartPath(prefix, part, parts.Length))];
        for (int i = parts.Length - 1; i >= 0; i--)
        {
            IEnumerable<KeyValuePair<string, object>> place =
            [
                new(GgufFile.PartKey, (ushort)i), new(GgufFile.PartCountKey, checked((ushort)parts.Length)), new(GgufFile.SplitTensorsKey, all.Length),
            ];
            // Each part is read by itself, so each says its alignment.
            WritePart(paths[i], [.. i == 0 ? values : values.Where(pair => pair.Key == GgufFile.AlignmentKey), .. place], [.. parts[i]]);
        }
        return paths;
    }

    static List<TensorSource>[] Divide(TensorSource[] tensors, long partBytes)
    {
        List<List<TensorSource>> parts = [[]];
        long inPart = 0;
        foreach (TensorSource tensor in tensors)
        {
            if (inPart > 0 && tensor.ByteLength > partBytes - inPart)
            {
                parts.Add([]);
                inPart = 0;
            }
            parts[^1].Add(tensor);
            inPart = checked(inPart + tensor.ByteLength);
        }
        return [.. parts];
    }

    static void Check(string path, KeyValuePair<string, object>[] metadata, TensorSource[] tensors)
    {
        var keys = new HashSet<string>();
        foreach ((string key, _) in metadata)
        {
            if (!keys.Add(key))
                throw new CheckpointException(path, null, $"key '{key}' twice", "each key once");
        }
        var names = new HashSet<string>();
        foreach (TensorSource tensor in tensors)
        {
            if (!names.Add(tensor.Name))
                throw new CheckpointException(path, tensor.Name, "the name twice", "each name once");
            if (Encoding.UTF8.GetByteCount(tensor.Name) > GgufFile.MaxNameBytes)
                throw new CheckpointException(path, tensor.Name, "a longer name", $"at most {GgufFile.MaxNameBytes} bytes");
            if (tensor.Shape.Length > GgufFile.MaxDimensions)
                throw new CheckpointException(path, tensor.Name, $"{tensor.Shape.Length} dimensions", $"at most {GgufFile.MaxDimensions}");
            if (GgufTypes.NumberOf(tensor.Type) is null)
                throw new CheckpointException(path, tensor.Name, $"type {tensor.Type}", $"one of {GgufTypes.Read}");
        }
    }

    static void WritePart(string path, KeyValuePair<string, object>[] metadata, TensorSource[] tensors)
    {
        long alignment = metadata.FirstOrDefault(pair => pair.Key == GgufFile.AlignmentKey).Value is uint wish ? wish : GgufFile.DefaultAlignment;
        byte[] header = Header(path, metadata, tensors, alignment);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            foreach (TensorSource tensor in tensors)
            {
                long before = stream.Position;
                tensor.WriteTo(stream);
                if (stream.Position - before != tensor.ByteLength)
                    throw new CheckpointException(path, tensor.Name, $"{stream.Position - before} bytes written", $"{tensor.ByteLength}");
                for (long rest = GgufFile.Padded(tensor.ByteLength, alignment) - tensor.ByteLength; rest > 0; rest--)
                    stream.WriteByte(0);
            }
        });
    }

    // Everything before the data, padded to where that begins.
    static byte[] Header(string path, KeyValuePair<string, object>[] metadata, TensorSource[] tensors, long alignment)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8, leaveOpen: true);
        writer.Write(GgufFile.Magic);
        writer.Write(GgufFile.Version);
        writer.Write((ulong)tensors.Length);
        writer.Write((ulong)metadata.Length);
        foreach ((string key, object value) in metadata)
        {
            WriteText(writer, key);
            WriteValue(writer, path, key, value);
        }
        long offset = 0;
        foreach (TensorSource tensor in tensors)
        {
            WriteText(writer, tensor.Name);
            writer.Write((uint)tensor.Shape.Length);
            foreach (long size in tensor.Shape.Reverse())
                writer.Write(size);
            writer.Write(GgufTypes.NumberOf(tensor.Type)!.Value);
            writer.Write(offset);
            offset = GgufFile.Padded(checked(offset + tensor.ByteLength), alignment);
        }
        writer.Flush();
        memory.SetLength(GgufFile.Padded(memory.Length, alignment));
        return memory.ToArray();
    }

    static void WriteText(BinaryWriter writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    static void WriteValue(BinaryWriter writer, string path, string key, object value)
    {
        if (value is not Array array)
        {
            writer.Write((uint)KindOf(path, key, value.GetType()));
            WriteElement(writer, value);
            return;
        }
        writer.Write((uint)GgufValueKind.Array);
        writer.Write((uint)KindOf(path, key, value.GetType().GetElementType()!));
        writer.Write((ulong)array.LongLength);
        foreach (object element in array)
            WriteElement(writer, element);
    }

    static GgufValueKind KindOf(string path, string key, Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte => GgufValueKind.UInt8,
        TypeCode.SByte => GgufValueKind.Int8,
        TypeCode.UInt16 => GgufValueKind.UInt16,
        TypeCode.Int16 => GgufValueKind.Int16,
        TypeCode.UInt32 => GgufValueKind.UInt32,
        TypeCode.Int32 => GgufValueKind.Int32,
        TypeCode.UInt64 => GgufValueKind.UInt64,
        TypeCode.Int64 => GgufValueKind.Int64,
        TypeCode.Single => GgufValueKind.Float32,
        TypeCode.Double => GgufValueKind.Float64,
        TypeCode.Boolean => GgufValueKind.Bool,
        TypeCode.String => GgufValueKind.String,
        _ => throw new CheckpointException(path, null, $"key '{key}' of type {type.Name}", "a string, a truth value, a number, or an array of these"),
    };

    static void WriteElement(BinaryWriter writer, object value)
    {
        switch (value)
        {
            case byte v: writer.Write(v); break;
            case sbyte v: writer.Write(v); break;
            case ushort v: writer.Write(v); break;
            case short v: writer.Write(v); break;
            case uint v: writer.Write(v); break;
            case int v: writer.Write(v); break;
            case ulong v: writer.Write(v); break;
            case long v: writer.Write(v); break;
            case float v: writer.Write(v); break;
            case double v: writer.Write(v); break;
            case bool v: writer.Write(v); break;
            case string v: WriteText(writer, v); break;
        }
    }
}
