// The number formats a tensor's elements can have, and their sizes: plain types, and the block types of GGUF, in which a run of elements
// shares scales. FP8 with its factors in a tensor beside it is a plain type here (Float8Blocks.cs).
namespace Fathom.Numerics.Formats;

/// <summary>The format of one element of a tensor.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary64.</summary>
    F64,
    /// <summary>IEEE 754 binary32.</summary>
    F32,
    /// <summary>IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits.</summary>
    F16,
    /// <summary>bfloat16: the upper half of binary32, 8 exponent and 7 fraction bits.</summary>
    BF16,
    /// <summary>FP8 E4M3 without infinities (largest value 448).</summary>
    F8E4M3,
    /// <summary>FP8 E5M2 with infinities (largest finite value 57344).</summary>
    F8E5M2,
    /// <summary>64-bit signed integer.</summary>
    I64,
    /// <summary>32-bit signed integer.</summary>
    I32,
    /// <summary>16-bit signed integer.</summary>
    I16,
    /// <summary>8-bit signed integer.</summary>
    I8,
    /// <summary>64-bit unsigned integer.</summary>
    U64,
    /// <summary>32-bit unsigned integer.</summary>
    U32,
    /// <summary>16-bit unsigned integer.</summary>
    U16,
    /// <summary>8-bit unsigned integer.</summary>
    U8,
    /// <summary>One byte, 0 or 1.</summary>
    Bool,
    /// <summary>32 codes of 4 bits and a binary16 scale d: d (q - 8).</summary>
    Q4_0,
    /// <summary>32 codes of 4 bits, a binary16 scale d and minimum m: d q + m.</summary>
    Q4_1,
    /// <summary>32 codes of 5 bits and a binary16 scale d: d (q - 16).</summary>
    Q5_0,
    /// <summary>32 codes of 5 bits, a binary16 scale d and minimum m: d q + m.</summary>
    Q5_1,
    /// <summary>32 codes of 8 bits, signed, and a binary16 scale d: d q.</summary>
    Q8_0,
    /// <summary>256 codes of 2 bits; groups of 16 with 4-bit scales and minima.</summary>
    Q2_K,
    /// <summary>256 codes of 3 bits; groups of 16 with 6-bit signed scales.</summary>
    Q3_K,
    /// <summary>256 codes of 4 bits; groups of 32 with 6-bit scales and minima.</summary>
    Q4_K,
    /// <summary>256 codes of 5 bits; groups of 32 with 6-bit scales and minima.</summary>
    Q5_K,
    /// <summary>256 codes of 6 bits; groups of 16 with 8-bit signed scales.</summary>
    Q6_K,
    /// <summary>32 codes of 4 bits into a table of 16 uneven steps, and a binary16 scale.</summary>
    IQ4_NL,
    /// <summary>256 codes of 4 bits into the table of <see cref="IQ4_NL"/>; groups of 32 with 6-bit signed scales.</summary>
    IQ4_XS,
    /// <summary>32 codes E2M1 and a power of two (OCP microscaling): 2^(e - 127) times 0, 0.5, 1, 1.5, 2, 3, 4 or 6 with a sign.</summary>
    MXFP4,
}

/// <summary>Sizes of the element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element (1, 2, 4 or 8) of a plain type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is a block type or not one of the enumeration.</exception>
    public static int ByteSize(this ElementType type) => !type.IsBlock()
        ? type.BlockBytes()
        : throw new ArgumentOutOfRangeException(nameof(type), type, "elements of a block type have no size of their own");

    /// <summary>Whether elements come in blocks that share scales, so that a row is a whole number of blocks.</summary>
    public static bool IsBlock(this ElementType type) => type >= ElementType.Q4_0;

    /// <summary>Elements in a block: 32 or 256; 1 for a plain type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the enumeration.</exception>
    public static int BlockLength(this ElementType type) => type switch
    {
        >= ElementType.F64 and <= ElementType.Bool => 1,
        ElementType.Q4_0 or ElementType.Q4_1 or ElementType.Q5_0 or ElementType.Q5_1 or ElementType.Q8_0 or ElementType.IQ4_NL or ElementType.MXFP4 => 32,
        ElementType.Q2_K or ElementType.Q3_K or ElementType.Q4_K or ElementType.Q5_K or ElementType.Q6_K or ElementType.IQ4_XS => 256,
        _ => throw Unknown(type),
    };

    /// <summary>Bytes of a block of <see cref="BlockLength"/> elements; of one element for a plain type.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the enumeration.</exception>
    public static int BlockBytes(this ElementType type) => type switch
    {
        ElementType.F64 or ElementType.I64 or ElementType.U64 => 8,
        ElementType.F32 or ElementType.I32 or ElementType.U32 => 4,
        ElementType.F16 or ElementType.BF16 or ElementType.I16 or ElementType.U16 => 2,
        ElementType.F8E4M3 or ElementType.F8E5M2 or ElementType.I8 or ElementType.U8 or ElementType.Bool => 1,
        ElementType.Q4_0 or ElementType.IQ4_NL => 18,
        ElementType.Q4_1 => 20,
        ElementType.Q5_0 => 22,
        ElementType.Q5_1 => 24,
        ElementType.Q8_0 => 34,
        ElementType.Q2_K => 84,
        ElementType.Q3_K => 110,
        ElementType.Q4_K => 144,
        ElementType.Q5_K => 176,
        ElementType.Q6_K => 210,
        ElementType.IQ4_XS => 136,
        ElementType.MXFP4 => 17,
        _ => throw Unknown(type),
    };

    /// <summary>Bytes of <paramref name="count"/> elements that lie one after the other.</summary>
    /// <exception cref="ArgumentException">The count is negative or not a whole number of blocks.</exception>
    /// <exception cref="OverflowException">The bytes do not fit 63 bits.</exception>
    public static long ByteLength(this ElementType type, long count)
    {
        (long blocks, long rest) = Math.DivRem(count, type.BlockLength());
        return count >= 0 && rest == 0
            ? checked(blocks * type.BlockBytes())
            : throw new ArgumentException($"{count} elements are no whole number of blocks of {type.BlockLength()} ({type})", nameof(count));
    }

    static ArgumentOutOfRangeException Unknown(ElementType type) => new(nameof(type), type, "not an element type");
}
