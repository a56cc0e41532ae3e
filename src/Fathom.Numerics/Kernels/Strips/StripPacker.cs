// From rows as a file stores them to strips. The same number of bits per code; scales of 6 bits take 8.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
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
        for (int g = 0; g < StripFormat.BlockLength / format.GroupLength; g++)
        {
            byte* at = segment + g / format.GroupsPerSegment * format.SegmentBytes + g % format.GroupsPerSegment * StripFormat.Rows + row;
            *at = (byte)(format.Type switch
            {
                ElementType.Q2_K => block[g] & 15,
                ElementType.Q3_K => BlockLayout.Q3KScaleAt(block + BlockLayout.Q3KScales, g),
                ElementType.Q6_K => ((sbyte*)block)[BlockLayout.Q6KScales + g],
                ElementType.IQ4_XS => BlockLayout.Iq4XsScaleAt(block, g),
                _ => BlockLayout.Scale(block + BlockLayout.Q4KScales, g),
            });
            if (format.HasMinima)
                at[format.ScaleBytes] = (byte)(format.Type == ElementType.Q2_K ? block[g] >> 4 : BlockLayout.Minimum(block + BlockLayout.Q4KScales, g));
        }
    }

    // lines: [8 quads, 32 rows] dwords from codes [32 rows, 256].
    static void Interleave(byte* codes, uint* lines)
    {
        for (int row = 0; row < StripFormat.Rows; row++)
        {
            var quads = (uint*)(codes + row * StripFormat.BlockLength);
            for (int quad = 0; quad < StripFormat.SegmentsPerBlock; quad++)
                lines[quad * StripFormat.Rows + row] = quads[quad];
        }
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
