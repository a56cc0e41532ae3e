// Decoding blocks with vectors: codes are unpacked 16 at a time as bytes, then widened, scaled and shifted at the rung's own width.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Formats;

public static unsafe partial class ElementDecoder
{
    /// <summary>The last step of decoding 16 elements at one vector width.</summary>
    interface ICodeLanes
    {
        /// <summary>y[i] = scale * codes[i].</summary>
        static abstract void Scale(Vector128<sbyte> codes, float scale, float* y);

        /// <summary>y[i] = scale * codes[i] + offset.</summary>
        static abstract void Affine(Vector128<byte> codes, float scale, float offset, float* y);
    }

    struct Lanes512 : ICodeLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scale(Vector128<sbyte> codes, float scale, float* y) =>
            (Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(codes)) * scale).Store(y);

        // The product is exact, so the fused form rounds as the two steps do.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Affine(Vector128<byte> codes, float scale, float offset, float* y) => Vector512.FusedMultiplyAdd(
            Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(codes)), Vector512.Create(scale), Vector512.Create(offset)).Store(y);
    }

    struct Lanes256 : ICodeLanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Scale(Vector128<sbyte> codes, float scale, float* y)
        {
            (Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(codes)) * scale).Store(y);
            (Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Sse2.ShiftRightLogical128BitLane(codes, 8))) * scale).Store(y + 8);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Affine(Vector128<byte> codes, float scale, float offset, float* y)
        {
            var (by, plus) = (Vector256.Create(scale), Vector256.Create(offset));
            Fma.MultiplyAdd(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(codes)), by, plus).Store(y);
            Fma.MultiplyAdd(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(Sse2.ShiftRightLogical128BitLane(codes, 8))), by, plus).Store(y + 8);
        }
    }

    static Vector128<byte> Low(Vector128<byte> codes) => codes & Vector128.Create((byte)15);

    static Vector128<byte> High(Vector128<byte> codes) => codes >>> 4;

    // Bits first to first + 15 of a field, each as 16 or 0 in its byte.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<byte> FifthBits(byte* bits)
    {
        var spread = Vector128.Shuffle(Vector128.CreateScalar(Unsafe.ReadUnaligned<ushort>(bits)).AsByte(), Vector128.Create((byte)0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
        var select = Vector128.Create(0x8040201008040201).AsByte();
        return Vector128.Equals(spread & select, select) & Vector128.Create((byte)16);
    }

    static void Decode<TLanes>(ElementType type, byte* x, float* y, long blocks)
        where TLanes : struct, ICodeLanes
    {
        int bytes = type.BlockBytes();
        switch (type)
        {
            case ElementType.Q4_0:
                for (; blocks > 0; blocks--, x += bytes, y += 32)
                    Symmetric<TLanes>(Vector128.Load(x + 2), default, default, 8, BlockLayout.Half(x), y);
                break;
            case ElementType.Q5_0:
                for (; blocks > 0; blocks--, x += bytes, y += 32)
                    Symmetric<TLanes>(Vector128.Load(x + 6), FifthBits(x + 2), FifthBits(x + 4), 16, BlockLayout.Half(x), y);
                break;
            case ElementType.Q4_1:
                for (; blocks > 0; blocks--, x += bytes, y += 32)
                    Shifted<TLanes>(Vector128.Load(x + 4), default, default, BlockLayout.Half(x), BlockLayout.Half(x + 2), y);
                break;
            case ElementType.Q5_1:
                for (; blocks > 0; blocks--, x += bytes, y += 32)
                    Shifted<TLanes>(Vector128.Load(x + 8), FifthBits(x + 4), FifthBits(x + 6), BlockLayout.Half(x), BlockLayout.Half(x + 2), y);
                break;
            case ElementType.Q8_0:
                for (; blocks > 0; blocks--, x += bytes, y += 32)
                {
                    float d = BlockLayout.Half(x);
                    TLanes.Scale(Vector128.Load((sbyte*)x + 2), d, y);
                    TLanes.Scale(Vector128.Load((sbyte*)x + 18), d, y + 16);
                }
                break;
            case ElementType.IQ4_NL:
                var steps = Vector128.Create(BlockLayout.Iq4Steps);
                for (; blocks > 0; blocks--, x += bytes, y += 32)
                    FromTable<TLanes>(steps, Vector128.Load(x + 2), BlockLayout.Half(x), y);
                break;
            case ElementType.MXFP4:
                var values = Vector128.Create(BlockLayout.E2M1Doubled);
                for (; blocks > 0; blocks--, x += bytes, y += 32)
                    FromTable<TLanes>(values, Vector128.Load(x + 1), BlockLayout.HalvedPower(x[0]), y);
                break;
            case ElementType.IQ4_XS:
                var uneven = Vector128.Create(BlockLayout.Iq4Steps);
                for (; blocks > 0; blocks--, x += bytes, y += 256)
                {
                    for (int j = 0; j < 8; j++)
                        FromTable<TLanes>(uneven, Vector128.Load(x + BlockLayout.Iq4XsCodes + 16 * j), BlockLayout.Half(x) * BlockLayout.Iq4XsScaleAt(x, j), y + 32 * j);
                }
                break;
            default:
                for (; blocks > 0; blocks--, x += bytes, y += 256)
                    DecodeK<TLanes>(type, x, y);
                break;
        }
    }

    static void DecodeK<TLanes>(ElementType type, byte* x, float* y)
        where TLanes : struct, ICodeLanes
    {
        switch (type)
        {
            case ElementType.Q2_K:
                DecodeQ2K<TLanes>(x, y);
                break;
            case ElementType.Q3_K:
                DecodeQ3K<TLanes>(x, y);
                break;
            case ElementType.Q4_K:
                DecodeQ45K<TLanes>(x, null, x + BlockLayout.Q4KCodes, y);
                break;
            case ElementType.Q5_K:
                DecodeQ45K<TLanes>(x, x + BlockLayout.Q5KHigh, x + BlockLayout.Q5KCodes, y);
                break;
            case ElementType.Q6_K:
                DecodeQ6K<TLanes>(x, y);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "not a block type");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Symmetric<TLanes>(Vector128<byte> codes, Vector128<byte> first, Vector128<byte> second, byte middle, float d, float* y)
        where TLanes : struct, ICodeLanes
    {
        var zero = Vector128.Create(middle);
        TLanes.Scale(((Low(codes) | first) - zero).AsSByte(), d, y);
        TLanes.Scale(((High(codes) | second) - zero).AsSByte(), d, y + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Shifted<TLanes>(Vector128<byte> codes, Vector128<byte> first, Vector128<byte> second, float d, float m, float* y)
        where TLanes : struct, ICodeLanes
    {
        TLanes.Affine(Low(codes) | first, d, m, y);
        TLanes.Affine(High(codes) | second, d, m, y + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void FromTable<TLanes>(Vector128<sbyte> table, Vector128<byte> codes, float scale, float* y)
        where TLanes : struct, ICodeLanes
    {
        TLanes.Scale(Vector128.Shuffle(table, Low(codes).AsSByte()), scale, y);
        TLanes.Scale(Vector128.Shuffle(table, High(codes).AsSByte()), scale, y + 16);
    }

    static void DecodeQ2K<TLanes>(byte* x, float* y)
        where TLanes : struct, ICodeLanes
    {
        float d = BlockLayout.Half(x + BlockLayout.Q2KScale), dmin = BlockLayout.Half(x + BlockLayout.Q2KScale + 2);
        var two = Vector128.Create((byte)3);
        for (int j = 0; j < 16; j++)
        {
            // Group j: half j % 2 of the 32 bytes of its part, field j / 2 % 4.
            var bytes = Vector128.Load(x + BlockLayout.Q2KCodes + j / 8 * 32 + j % 2 * 16);
            TLanes.Affine((bytes >>> (j / 2 % 4 * 2)) & two, d * (x[j] & 15), -(dmin * (x[j] >> 4)), y + 16 * j);
        }
    }

    static void DecodeQ3K<TLanes>(byte* x, float* y)
        where TLanes : struct, ICodeLanes
    {
        float d = BlockLayout.Half(x + BlockLayout.Q3KScale);
        var (two, one, four) = (Vector128.Create((byte)3), Vector128<byte>.One, Vector128.Create((byte)4));
        for (int j = 0; j < 16; j++)
        {
            var low = (Vector128.Load(x + BlockLayout.Q3KCodes + j / 8 * 32 + j % 2 * 16) >>> (j / 2 % 4 * 2)) & two;
            var high = (Vector128.Load(x + j % 2 * 16) >>> (j / 2)) & one;
            TLanes.Scale(((low | (high << 2)) - four).AsSByte(), d * BlockLayout.Q3KScaleAt(x + BlockLayout.Q3KScales, j), y + 16 * j);
        }
    }

    // high: the fifth bits, or null for four-bit codes.
    static void DecodeQ45K<TLanes>(byte* x, byte* high, byte* codes, float* y)
        where TLanes : struct, ICodeLanes
    {
        float d = BlockLayout.Half(x), dmin = BlockLayout.Half(x + 2);
        byte* packed = x + BlockLayout.Q4KScales;
        for (int j = 0; j < 8; j++)
        {
            float scale = d * BlockLayout.Scale(packed, j), offset = -(dmin * BlockLayout.Minimum(packed, j));
            for (int half = 0; half < 32; half += 16)
            {
                var bytes = Vector128.Load(codes + j / 2 * 32 + half);
                var code = j % 2 == 0 ? Low(bytes) : High(bytes);
                if (high != null)
                    code |= ((Vector128.Load(high + half) >>> j) & Vector128<byte>.One) << 4;
                TLanes.Affine(code, scale, offset, y + 32 * j + half);
            }
        }
    }

    static void DecodeQ6K<TLanes>(byte* x, float* y)
        where TLanes : struct, ICodeLanes
    {
        float d = BlockLayout.Half(x + BlockLayout.Q6KScale);
        var (two, zero) = (Vector128.Create((byte)3), Vector128.Create((byte)32));
        for (int j = 0; j < 16; j++)
        {
            // Group j of 16: part j / 8; its low nibbles are groups of 4 per half of 64 bytes.
            var bytes = Vector128.Load(x + j / 8 * 64 + j % 4 * 16);
            var low = j % 8 < 4 ? Low(bytes) : High(bytes);
            var high = (Vector128.Load(x + BlockLayout.Q6KHigh + j / 8 * 32 + j % 2 * 16) >>> (j % 8 / 2 * 2)) & two;
            TLanes.Scale(((low | (high << 4)) - zero).AsSByte(), d * ((sbyte*)x)[BlockLayout.Q6KScales + j], y + 16 * j);
        }
    }
}
