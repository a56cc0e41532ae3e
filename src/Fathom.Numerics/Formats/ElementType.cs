// The number formats a tensor's elements can have, and their sizes. Block formats (FP8 with scales, GGUF) are built from these.
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
}

/// <summary>Sizes of the element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element (1, 2, 4 or 8).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the enumeration.</exception>
    public static int ByteSize(this ElementType type) => type switch
    {
        ElementType.F64 or ElementType.I64 or ElementType.U64 => 8,
        ElementType.F32 or ElementType.I32 or ElementType.U32 => 4,
        ElementType.F16 or ElementType.BF16 or ElementType.I16 or ElementType.U16 => 2,
        ElementType.F8E4M3 or ElementType.F8E5M2 or ElementType.I8 or ElementType.U8 or ElementType.Bool => 1,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an element type"),
    };
}
