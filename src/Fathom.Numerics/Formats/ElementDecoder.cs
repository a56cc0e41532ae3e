// Elements of any floating-point format to binary32: the contract, and the choice between the plain loops and the vectors.
using Fathom.Numerics.Kernels;

namespace Fathom.Numerics.Formats;

/// <summary>
/// Decodes elements of F64, F32, F16, BF16, FP8 and all block types to binary32. F64 is rounded to nearest; a block type gives
/// d · sc · q - dmin · mn with one rounding, that of the subtraction: the products fit binary32 exactly. All rungs give the same bits
/// (of a NaN only that it is one).
/// </summary>
public static unsafe partial class ElementDecoder
{
    static readonly Rung[] s_implemented = [Rung.Scalar, Rung.Vector256, Rung.Vector512];

    /// <summary>The implementation that calls take at present for block types.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <summary>Whether <see cref="ToSingle"/> reads the type.</summary>
    public static bool Reads(ElementType type) => type is >= ElementType.F64 and <= ElementType.F8E5M2 || type.IsBlock();

    /// <summary>Decodes on the calling thread.</summary>
    /// <param name="type">Format of the source.</param>
    /// <param name="source">[count] elements, at any address.</param>
    /// <param name="destination">[count]; does not overlap the source.</param>
    /// <param name="count">A multiple of the type's block length.</param>
    /// <exception cref="ArgumentException">The count is no whole number of blocks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The type is not a floating-point type.</exception>
    public static void ToSingle(ElementType type, byte* source, float* destination, long count)
    {
        switch (type)
        {
            case ElementType.F32:
                Buffer.MemoryCopy(source, destination, count * sizeof(float), count * sizeof(float));
                break;
            case ElementType.F16:
                Float16.ToSingle((ushort*)source, destination, count);
                break;
            case ElementType.BF16:
                BFloat16.ToSingle((ushort*)source, destination, count);
                break;
            case ElementType.F64:
                for (long i = 0; i < count; i++)
                    destination[i] = (float)((double*)source)[i];
                break;
            case ElementType.F8E4M3:
                Float8.FromE4M3(source, destination, count);
                break;
            case ElementType.F8E5M2:
                for (long i = 0; i < count; i++)
                    destination[i] = Float8.E5M2Values[source[i]];
                break;
            default:
                if (!type.IsBlock())
                    throw new ArgumentOutOfRangeException(nameof(type), type, "not a floating-point type");
                _ = type.ByteLength(count);
                DecodeBlocks(type, source, destination, count);
                break;
        }
    }

    static void DecodeBlocks(ElementType type, byte* source, float* destination, long count)
    {
        int length = type.BlockLength(), bytes = type.BlockBytes();
        long blocks = count / length;
        switch (Chosen)
        {
            case Rung.Vector512:
                Decode<Lanes512>(type, source, destination, blocks);
                break;
            case Rung.Vector256:
                Decode<Lanes256>(type, source, destination, blocks);
                break;
            default:
                for (long b = 0; b < blocks; b++)
                    DecodeScalar(type, source + b * bytes, destination + b * length);
                break;
        }
    }
}
