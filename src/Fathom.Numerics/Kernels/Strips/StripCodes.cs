// The codes of a block as unsigned bytes in the order of the columns, whatever bits they are stored in.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>Spreads a block's codes. Layouts: BlockLayout.cs.</summary>
static unsafe class StripCodes
{
    static readonly Vector256<byte> s_nibble = Vector256.Create((byte)15);
    static readonly Vector256<byte> s_bit = Vector256.Create(0x8040201008040201ul).AsByte();
    static readonly Vector256<byte> s_byteOfBit = Vector256.Create(
        0x0000000000000000ul, 0x0101010101010101ul, 0x0202020202020202ul, 0x0303030303030303ul).AsByte();

    /// <summary>Writes one byte per column.</summary>
    /// <param name="type">A block type.</param>
    /// <param name="block">One block.</param>
    /// <param name="codes">[32] or [256], as the type's block length says.</param>
    public static void Read(ElementType type, byte* block, byte* codes)
    {
        switch (type)
        {
            case ElementType.Q8_0:
                Vector256.Load(block + 2).Store(codes);
                break;
            case ElementType.Q4_0 or ElementType.IQ4_NL:
                HalfNibbles(block + 2, codes);
                break;
            case ElementType.MXFP4:
                HalfNibbles(block + 1, codes);
                break;
            case ElementType.Q4_1:
                HalfNibbles(block + 4, codes);
                break;
            case ElementType.Q5_0:
                HalfNibbles(block + 6, codes);
                FifthBits(block + 2, codes);
                break;
            case ElementType.Q5_1:
                HalfNibbles(block + 8, codes);
                FifthBits(block + 4, codes);
                break;
            case ElementType.IQ4_XS:
                for (int s = 0; s < 8; s++)
                    HalfNibbles(block + BlockLayout.Iq4XsCodes + 16 * s, codes + 32 * s);
                break;
            case ElementType.Q4_K:
                for (int s = 0; s < 4; s++)
                    Nibbles(Vector256.Load(block + BlockLayout.Q4KCodes + 32 * s), codes + 64 * s, 32);
                break;
            case ElementType.Q5_K:
                Vector256<byte> fifth = Vector256.Load(block + BlockLayout.Q5KHigh);
                for (int s = 0; s < 4; s++)
                {
                    Nibbles(Vector256.Load(block + BlockLayout.Q5KCodes + 32 * s), codes + 64 * s, 32);
                    for (int half = 0; half < 2; half++)
                        Or(codes + 64 * s + 32 * half, Vector256.ShiftRightLogical(fifth, 2 * s + half) & Vector256<byte>.One, 4);
                }
                break;
            case ElementType.Q6_K:
                // 128 columns share 64 bytes of nibbles (the first 64 the lower ones) and 32 bytes of four 2-bit fields.
                for (int part = 0; part < 2; part++)
                {
                    for (int half = 0; half < 2; half++)
                        Nibbles(Vector256.Load(block + 64 * part + 32 * half), codes + 128 * part + 32 * half, 64);
                    Fields(block + BlockLayout.Q6KHigh + 32 * part, codes + 128 * part, 4);
                }
                break;
            case ElementType.Q2_K or ElementType.Q3_K:
                new Span<byte>(codes, 256).Clear();
                int at = type == ElementType.Q2_K ? BlockLayout.Q2KCodes : BlockLayout.Q3KCodes;
                for (int part = 0; part < 2; part++)
                    Fields(block + at + 32 * part, codes + 128 * part, 0);
                if (type == ElementType.Q3_K)
                {
                    for (int s = 0; s < 8; s++)
                        Or(codes + 32 * s, Vector256.ShiftRightLogical(Vector256.Load(block), s) & Vector256<byte>.One, 2);
                }
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a block type");
        }
    }

    // 16 bytes: the lower nibbles are columns 0 to 15, the upper ones 16 to 31.
    static void HalfNibbles(byte* packed, byte* codes)
    {
        Vector128<byte> both = Vector128.Load(packed);
        (both & Vector128.Create((byte)15)).Store(codes);
        Vector128.ShiftRightLogical(both, 4).Store(codes + 16);
    }

    static void Nibbles(Vector256<byte> both, byte* codes, int distance)
    {
        (both & s_nibble).Store(codes);
        Vector256.ShiftRightLogical(both, 4).Store(codes + distance);
    }

    // 32 bytes of four 2-bit fields: field f of byte b is column 32 f + b.
    static void Fields(byte* packed, byte* codes, int shift)
    {
        Vector256<byte> all = Vector256.Load(packed);
        for (int f = 0; f < 4; f++)
            Or(codes + 32 * f, Vector256.ShiftRightLogical(all, 2 * f) & Vector256.Create((byte)3), shift);
    }

    static void Or(byte* codes, Vector256<byte> bits, int shift) => (Vector256.Load(codes) | Vector256.ShiftLeft(bits, shift)).Store(codes);

    static void FifthBits(byte* packed, byte* codes)
    {
        // Each of the four bytes to eight lanes, each lane its own bit, to 16 where it is set.
        Vector256<byte> bytes = Vector256.Shuffle(Vector256.Create(Unsafe.ReadUnaligned<uint>(packed)).AsByte(), s_byteOfBit);
        Vector256<byte> set = Vector256.Equals(bytes & s_bit, s_bit) & Vector256.Create((byte)16);
        (Vector256.Load(codes) | set).Store(codes);
    }
}
