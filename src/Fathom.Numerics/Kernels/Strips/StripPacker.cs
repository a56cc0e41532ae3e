// From rows as a file stores them to strips. The same number of bits per code; scales of 6 bits take 8.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>Packs 32 rows of a block type into a strip.</summary>
static unsafe class StripPacker
{
    /// <summary>Packs one strip. Rows that the matrix lacks get scales of zero.</summary>
    /// <param name="format">The type.</param>
    /// <param name="rows">First of the strip's rows, as the file has them.</param>
    /// <param name="rowBytes">Bytes from one row to the next.</param>
    /// <param name="count">Rows there are, 1 to 32.</param>
    /// <param name="columns">A multiple of the type's block length.</param>
    /// <param name="strip"><see cref="StripFormat.StripBytes"/> bytes.</param>
    public static void Pack(in StripFormat format, byte* rows, long rowBytes, int count, int columns, byte* strip)
    {
        byte* codes = stackalloc byte[StripFormat.Rows * StripFormat.BlockLength]; // [32, 256]
        byte* lines = stackalloc byte[StripFormat.SegmentsPerBlock * StripFormat.LineBytes]; // [8 quads, 32 rows, 4]
        new Span<byte>(codes, StripFormat.Rows * StripFormat.BlockLength).Clear();
        int fileBlock = format.Type.BlockLength(), fileBytes = format.Type.BlockBytes();
        for (int first = 0; first < columns; first += StripFormat.BlockLength)
        {
            int length = Math.Min(StripFormat.BlockLength, columns - first), segments = length / StripFormat.SegmentLength;
            byte* header = strip, segment = strip + format.HeaderBytes;
            new Span<byte>(strip, format.HeaderBytes + segments * format.SegmentBytes).Clear();
            for (int row = 0; row < count; row++)
            {
                byte* block = rows + row * rowBytes + first / fileBlock * fileBytes;
                for (int at = 0; at < length; at += fileBlock, block += fileBytes)
                {
                    StripCodes.Read(format.Type, block, codes + row * StripFormat.BlockLength + at);
                    if (format.IntegerScales)
                        IntegerScales(format, block, row, header, segment);
                    else
                        FloatScales(format, block, row, segment + at / StripFormat.SegmentLength * format.SegmentBytes);
                }
            }
            for (int s = 0; s < segments; s++)
            {
                Interleave(codes + s * StripFormat.SegmentLength, (uint*)lines);
                Planes(format, lines, segment + s * format.SegmentBytes + format.CodesOffset);
            }
            strip = segment + segments * format.SegmentBytes;
        }
    }

    static void FloatScales(in StripFormat format, byte* block, int row, byte* segment)
    {
        // A power of two below binary16's range is stored as the upper half of its FP32 form (StripPanel reads it so).
        ((ushort*)segment)[row] = format.Type == ElementType.MXFP4
            ? (ushort)(BitConverter.SingleToUInt32Bits(BlockLayout.HalvedPower(block[0])) >> 16)
            : Unsafe.ReadUnaligned<ushort>(block);
        if (format.HasMinima)
            ((ushort*)(segment + format.ScaleBytes))[row] = Unsafe.ReadUnaligned<ushort>(block + 2);
    }

    static void IntegerScales(in StripFormat format, byte* block, int row, byte* header, byte* segment)
    {
        ((ushort*)header)[row] = Unsafe.ReadUnaligned<ushort>(block + format.Type switch
        {
            ElementType.Q2_K => BlockLayout.Q2KScale,
            ElementType.Q3_K => BlockLayout.Q3KScale,
            ElementType.Q6_K => BlockLayout.Q6KScale,
            _ => 0,
        });
        if (format.HasMinima)
            ((ushort*)header)[StripFormat.Rows + row] = Unsafe.ReadUnaligned<ushort>(block + (format.Type == ElementType.Q2_K ? BlockLayout.Q2KScale + 2 : 2));
        byte* scales = stackalloc byte[16], minima = stackalloc byte[16];
        int groups = StripFormat.BlockLength / format.GroupLength;
        switch (format.Type)
        {
            case ElementType.Q4_K or ElementType.Q5_K:
                ScalesAndMinima(block + BlockLayout.Q4KScales, (uint*)scales, (uint*)minima);
                break;
            case ElementType.Q6_K:
                Vector128.Load(block + BlockLayout.Q6KScales).Store(scales);
                break;
            case ElementType.Q2_K:
                Vector128<byte> both = Vector128.Load(block);
                (both & Vector128.Create((byte)15)).Store(scales);
                Vector128.ShiftRightLogical(both, 4).Store(minima);
                break;
            case ElementType.Q3_K:
                for (int g = 0; g < groups; g++)
                    scales[g] = (byte)BlockLayout.Q3KScaleAt(block + BlockLayout.Q3KScales, g);
                break;
            default:
                for (int g = 0; g < groups; g++)
                    scales[g] = (byte)BlockLayout.Iq4XsScaleAt(block, g);
                break;
        }
        int perSegment = format.GroupsPerSegment, segmentBytes = format.SegmentBytes, scaleBytes = format.ScaleBytes;
        for (int g = 0; g < groups; g++)
        {
            byte* at = segment + g / perSegment * segmentBytes + g % perSegment * StripFormat.Rows + row;
            *at = scales[g];
            if (format.HasMinima)
                at[scaleBytes] = minima[g];
        }
    }

    // The 6-bit numbers of Q4_K and Q5_K, four at a time (BlockLayout.Scale and Minimum say where each stands).
    static void ScalesAndMinima(byte* packed, uint* scales, uint* minima)
    {
        const uint six = 0x3F3F3F3F, four = 0x0F0F0F0F, two = 0x03030303;
        uint first = Unsafe.ReadUnaligned<uint>(packed), second = Unsafe.ReadUnaligned<uint>(packed + 4), third = Unsafe.ReadUnaligned<uint>(packed + 8);
        scales[0] = first & six;
        minima[0] = second & six;
        scales[1] = third & four | (first >> 6 & two) << 4;
        minima[1] = third >> 4 & four | (second >> 6 & two) << 4;
    }

    // lines: [8 quads, 32 rows] dwords from codes [32 rows, 256].
    static void Interleave(byte* codes, uint* lines)
    {
        if (Avx.IsSupported)
        {
            for (int row = 0; row < StripFormat.Rows; row += 8)
                Turn((float*)(codes + row * StripFormat.BlockLength), (float*)lines + row);
            return;
        }
        for (int row = 0; row < StripFormat.Rows; row++)
        {
            var quads = (uint*)(codes + row * StripFormat.BlockLength);
            for (int quad = 0; quad < StripFormat.SegmentsPerBlock; quad++)
                lines[quad * StripFormat.Rows + row] = quads[quad];
        }
    }

    // 8 rows of 8 quads to 8 quads of 8 rows. Quads pass as bits: moves and shuffles change none.
    static void Turn(float* from, float* to)
    {
        const int stride = StripFormat.BlockLength / 4;
        Vector256<float> a = Vector256.Load(from), b = Vector256.Load(from + stride), c = Vector256.Load(from + 2 * stride), d = Vector256.Load(from + 3 * stride);
        Vector256<float> e = Vector256.Load(from + 4 * stride), f = Vector256.Load(from + 5 * stride), g = Vector256.Load(from + 6 * stride), h = Vector256.Load(from + 7 * stride);
        Fours(a, b, c, d, out Vector256<float> top0, out Vector256<float> top1, out Vector256<float> top2, out Vector256<float> top3);
        Fours(e, f, g, h, out Vector256<float> low0, out Vector256<float> low1, out Vector256<float> low2, out Vector256<float> low3);
        Halves(top0, low0, to, 0);
        Halves(top1, low1, to, 1);
        Halves(top2, low2, to, 2);
        Halves(top3, low3, to, 3);
    }

    // Quads i of four rows in the lower half, quads i + 4 in the upper one.
    static void Fours(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d,
        out Vector256<float> first, out Vector256<float> second, out Vector256<float> third, out Vector256<float> fourth)
    {
        Vector256<float> ab = Avx.UnpackLow(a, b), abHigh = Avx.UnpackHigh(a, b), cd = Avx.UnpackLow(c, d), cdHigh = Avx.UnpackHigh(c, d);
        first = Avx.Shuffle(ab, cd, 0x44);
        second = Avx.Shuffle(ab, cd, 0xEE);
        third = Avx.Shuffle(abHigh, cdHigh, 0x44);
        fourth = Avx.Shuffle(abHigh, cdHigh, 0xEE);
    }

    static void Halves(Vector256<float> top, Vector256<float> low, float* to, int quad)
    {
        Avx.Permute2x128(top, low, 0x20).Store(to + quad * StripFormat.Rows);
        Avx.Permute2x128(top, low, 0x31).Store(to + (quad + 4) * StripFormat.Rows);
    }

    static void Planes(in StripFormat format, byte* lines, byte* planes)
    {
        const int line = StripFormat.LineBytes;
        int lowMask = (1 << format.LowBits) - 1;
        for (int j = 0; j < format.LowBits; j++)
            Plane(lines + j * line, format.LowBits * line, 8 / format.LowBits, 0, (byte)lowMask, format.LowBits, planes + j * line);
        for (int j = 0; j < format.HighBits; j++)
            Plane(lines + j * line, format.HighBits * line, 8 / format.HighBits, format.LowBits, (byte)((1 << format.HighBits) - 1), format.HighBits, planes + (format.LowBits + j) * line);
    }

    // One line of a plane: `fields` lines of codes, `stride` bytes apart, shifted right by `from`, masked and set side by side.
    static void Plane(byte* lines, int stride, int fields, int from, byte mask, int bits, byte* plane)
    {
        for (int at = 0; at < StripFormat.LineBytes; at += 64)
        {
            Vector512<byte> packed = Vector512<byte>.Zero;
            for (int f = 0; f < fields; f++)
            {
                Vector512<byte> field = Vector512.ShiftRightLogical(Vector512.Load(lines + f * stride + at), from) & Vector512.Create(mask);
                packed |= Vector512.ShiftLeft(field, f * bits);
            }
            packed.Store(plane + at);
        }
    }
}
