// Decoding one block with plain loops: the truth that the vectors are tested against. n counts elements of the block.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Formats;

public static unsafe partial class ElementDecoder
{
    static void DecodeScalar(ElementType type, byte* block, float* y)
    {
        switch (type)
        {
            case ElementType.Q4_0:
                for (int n = 0; n < 32; n++)
                    y[n] = BlockLayout.Half(block) * (Nibble(block + 2, n, 16) - 8);
                break;
            case ElementType.Q4_1:
                for (int n = 0; n < 32; n++)
                    y[n] = BlockLayout.Half(block) * Nibble(block + 4, n, 16) + BlockLayout.Half(block + 2);
                break;
            case ElementType.Q5_0:
                for (int n = 0; n < 32; n++)
                    y[n] = BlockLayout.Half(block) * ((Nibble(block + 6, n, 16) | Bit(block + 2, n) << 4) - 16);
                break;
            case ElementType.Q5_1:
                for (int n = 0; n < 32; n++)
                    y[n] = BlockLayout.Half(block) * (Nibble(block + 8, n, 16) | Bit(block + 4, n) << 4) + BlockLayout.Half(block + 2);
                break;
            case ElementType.Q8_0:
                for (int n = 0; n < 32; n++)
                    y[n] = BlockLayout.Half(block) * ((sbyte*)block)[2 + n];
                break;
            case ElementType.IQ4_NL:
                for (int n = 0; n < 32; n++)
                    y[n] = BlockLayout.Half(block) * BlockLayout.Iq4Steps[Nibble(block + 2, n, 16)];
                break;
            case ElementType.MXFP4:
                for (int n = 0; n < 32; n++)
                    y[n] = BlockLayout.HalvedPower(block[0]) * BlockLayout.E2M1Doubled[Nibble(block + 1, n, 16)];
                break;
            case ElementType.IQ4_XS:
                for (int n = 0; n < 256; n++)
                {
                    float scale = BlockLayout.Half(block) * BlockLayout.Iq4XsScaleAt(block, n / 32);
                    y[n] = scale * BlockLayout.Iq4Steps[Nibble(block + BlockLayout.Iq4XsCodes, n, 16)];
                }
                break;
            default:
                DecodeScalarK(type, block, y);
                break;
        }
    }

    static void DecodeScalarK(ElementType type, byte* block, float* y)
    {
        for (int n = 0; n < 256; n++)
        {
            // 128 elements share 32 bytes of two-bit fields: element n lies at byte n mod 32, in field n / 32 mod 4.
            int part = n / 128, field = n / 32 % 4, at = n % 32;
            switch (type)
            {
                case ElementType.Q2_K:
                    byte both = block[n / 16];
                    int two = (block[BlockLayout.Q2KCodes + 32 * part + at] >> (2 * field)) & 3;
                    y[n] = BlockLayout.Half(block + BlockLayout.Q2KScale) * (both & 15) * two
                        - BlockLayout.Half(block + BlockLayout.Q2KScale + 2) * (both >> 4);
                    break;
                case ElementType.Q3_K:
                    int three = (block[BlockLayout.Q3KCodes + 32 * part + at] >> (2 * field)) & 3 | ((block[at] >> (4 * part + field)) & 1) << 2;
                    y[n] = BlockLayout.Half(block + BlockLayout.Q3KScale) * BlockLayout.Q3KScaleAt(block + BlockLayout.Q3KScales, n / 16) * (three - 4);
                    break;
                case ElementType.Q4_K:
                case ElementType.Q5_K:
                    byte* codes = block + (type == ElementType.Q4_K ? BlockLayout.Q4KCodes : BlockLayout.Q5KCodes), packed = block + BlockLayout.Q4KScales;
                    int code = Nibble(codes, n, 32);
                    if (type == ElementType.Q5_K)
                        code |= ((block[BlockLayout.Q5KHigh + at] >> (n / 32)) & 1) << 4;
                    y[n] = BlockLayout.Half(block) * BlockLayout.Scale(packed, n / 32) * code - BlockLayout.Half(block + 2) * BlockLayout.Minimum(packed, n / 32);
                    break;
                case ElementType.Q6_K:
                    // Low nibbles of 128 elements fill 64 bytes: elements 0 to 63 the lower halves, 64 to 127 the upper ones.
                    int six = Nibble(block, n, 64) | ((block[BlockLayout.Q6KHigh + 32 * part + at] >> (2 * field)) & 3) << 4;
                    y[n] = BlockLayout.Half(block + BlockLayout.Q6KScale) * ((sbyte*)block)[BlockLayout.Q6KScales + n / 16] * (six - 32);
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(type), type, "not a block type");
            }
        }
    }

    // Runs of 2 * width elements share width bytes: the first half of a run the lower nibbles, the second the upper ones.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Nibble(byte* codes, int n, int width) => (codes[n / (2 * width) * width + n % width] >> (n / width % 2 * 4)) & 15;

    static int Bit(byte* bits, int n) => (bits[n / 8] >> (n % 8)) & 1;
}
