// What the block formats have in common: places of fields, packed scales, tables of uneven steps. Sources: the comments in ggml's
// ggml-common.h for the fields, OCP "Microscaling formats" (2023) for MXFP4.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Formats;

/// <summary>Fields of block formats, shared by decoder and encoder. Offsets are in bytes from the block's start.</summary>
static unsafe class BlockLayout
{
    /// <summary>Q2_K: 16 bytes of scale and minimum nibbles, 64 of codes, d, dmin.</summary>
    public const int Q2KCodes = 16, Q2KScale = 80;

    /// <summary>Q3_K: 32 bytes of high bits, 64 of low bits, 12 of scales, d.</summary>
    public const int Q3KCodes = 32, Q3KScales = 96, Q3KScale = 108;

    /// <summary>Q4_K: d, dmin, 12 bytes of scales and minima, 128 of codes.</summary>
    public const int Q4KScales = 4, Q4KCodes = 16;

    /// <summary>Q5_K: d, dmin, 12 bytes of scales and minima, 32 of fifth bits, 128 of codes.</summary>
    public const int Q5KHigh = 16, Q5KCodes = 48;

    /// <summary>Q6_K: 128 bytes of low nibbles, 64 of high bits, 16 scales, d.</summary>
    public const int Q6KHigh = 128, Q6KScales = 192, Q6KScale = 208;

    /// <summary>IQ4_XS: d, 16 high bits of scales, 4 bytes of their low nibbles, 128 of codes.</summary>
    public const int Iq4XsHigh = 2, Iq4XsLow = 4, Iq4XsCodes = 8;

    /// <summary>Steps of IQ4_NL and IQ4_XS.</summary>
    public static ReadOnlySpan<sbyte> Iq4Steps => [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];

    /// <summary>Twice the values of E2M1, so that they are whole.</summary>
    public static ReadOnlySpan<sbyte> E2M1Doubled => [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

    /// <summary>The binary16 at an address that need not be even.</summary>
    public static float Half(byte* at) => Float16.ToSingle(Unsafe.ReadUnaligned<ushort>(at));

    /// <summary>Half of 2^(e - 127), the scale for doubled values; a subnormal for e below 2.</summary>
    public static float HalvedPower(byte e) => BitConverter.UInt32BitsToSingle(e < 2 ? 0x0020_0000u << e : (uint)(e - 1) << 23);

    /// <summary>Scale <paramref name="j"/> (0 to 7) of the 12 bytes of Q4_K and Q5_K, 6 bits.</summary>
    public static int Scale(byte* packed, int j) => j < 4 ? packed[j] & 63 : (packed[j + 4] & 15) | (packed[j - 4] >> 6 << 4);

    /// <summary>Minimum <paramref name="j"/> (0 to 7) of the 12 bytes of Q4_K and Q5_K, 6 bits.</summary>
    public static int Minimum(byte* packed, int j) => j < 4 ? packed[j + 4] & 63 : (packed[j + 4] >> 4) | (packed[j] >> 6 << 4);

    /// <summary>Signed scale <paramref name="j"/> (0 to 15) of the 12 bytes of Q3_K, -32 to 31.</summary>
    public static int Q3KScaleAt(byte* packed, int j) => ((packed[j % 8] >> (j / 8 * 4)) & 15 | ((packed[8 + j % 4] >> (j / 4 * 2)) & 3) << 4) - 32;

    /// <summary>Signed scale <paramref name="j"/> (0 to 7) of an IQ4_XS block, -32 to 31.</summary>
    public static int Iq4XsScaleAt(byte* block, int j) =>
        ((block[Iq4XsLow + j / 2] >> (j % 2 * 4)) & 15 | ((Unsafe.ReadUnaligned<ushort>(block + Iq4XsHigh) >> (2 * j)) & 3) << 4) - 32;
}
