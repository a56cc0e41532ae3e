// A tensor about to be written: its name, format and shape, and where its bytes come from.
using System.Runtime.InteropServices;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Checkpoints;

/// <summary>A tensor to write to a checkpoint. Its bytes are produced when the file is written, so nothing is held twice in memory.</summary>
public sealed class TensorSource
{
    // Elements converted at a time: small enough for the second-level cache.
    const int ChunkElements = 1 << 16;

    readonly Action<Stream> write;

    /// <summary>A tensor whose little-endian bytes <paramref name="write"/> puts into the stream, row-major.</summary>
    /// <exception cref="OverflowException">The shape's size does not fit 63 bits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    public TensorSource(string name, ElementType type, long[] shape, Action<Stream> write)
    {
        foreach (long size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
        }

        (Name, Type, Shape, this.write) = (name, type, shape, write);
        ByteLength = SafetensorsHeader.ByteLength(type, shape);
    }

    /// <summary>Name in the file.</summary>
    public string Name { get; }

    /// <summary>Format in the file.</summary>
    public ElementType Type { get; }

    /// <summary>Sizes, outermost first.</summary>
    public long[] Shape { get; }

    /// <summary>Bytes in the file.</summary>
    public long ByteLength { get; }

    /// <summary>FP32 values in native memory, stored as F32 or BF16. The memory must stay valid until the file is written.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither F32 nor BF16.</exception>
    public static unsafe TensorSource Floats(string name, long[] shape, float* values, ElementType type = ElementType.F32)
    {
        CheckFloatType(type);
        long count = SafetensorsHeader.ByteLength(ElementType.U8, shape);
        return new TensorSource(name, type, shape, stream => WriteFloats(stream, values, count, type));
    }

    /// <summary>FP32 values in managed memory, stored as F32 or BF16.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="type"/> is neither F32 nor BF16.</exception>
    public static unsafe TensorSource Floats(string name, long[] shape, ReadOnlyMemory<float> values, ElementType type = ElementType.F32)
    {
        CheckFloatType(type);
        return new TensorSource(name, type, shape, stream =>
        {
            fixed (float* source = values.Span)
            {
                WriteFloats(stream, source, values.Length, type);
            }
        });
    }

    /// <summary>Elements stored as they are in memory: any unmanaged type whose size is that of <paramref name="type"/>.</summary>
    /// <exception cref="ArgumentException">The sizes differ.</exception>
    public static TensorSource Raw<T>(string name, ElementType type, long[] shape, ReadOnlyMemory<T> values) where T : unmanaged
    {
        return System.Runtime.CompilerServices.Unsafe.SizeOf<T>() == type.ByteSize()
            ? new TensorSource(name, type, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.Span)))
            : throw new ArgumentException($"{typeof(T).Name} does not have the size of {type}", nameof(type));
    }

    /// <summary>Puts the tensor's bytes into a stream.</summary>
    public void WriteTo(Stream stream) => write(stream);

    static void CheckFloatType(ElementType type)
    {
        if (type is not (ElementType.F32 or ElementType.BF16))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "FP32 values are stored as F32 or BF16");
        }
    }

    static unsafe void WriteFloats(Stream stream, float* values, long count, ElementType type)
    {
        var chunk = type == ElementType.BF16 ? new ushort[(int)Math.Min(count, ChunkElements)] : [];
        for (long i = 0; i < count; i += ChunkElements)
        {
            int elements = (int)Math.Min(ChunkElements, count - i);
            var source = new ReadOnlySpan<float>(values + i, elements);
            if (type == ElementType.BF16)
            {
                BFloat16.FromSingle(source, chunk);
                stream.Write(MemoryMarshal.AsBytes(chunk.AsSpan(0, elements)));
            }
            else
            {
                stream.Write(MemoryMarshal.AsBytes(source));
            }
        }
    }
}
