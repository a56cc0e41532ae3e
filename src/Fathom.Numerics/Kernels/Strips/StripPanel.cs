// From strips to panels: codes as bytes, scales as FP32 or 32-bit integers, in the first-level cache, ready for products.
//
// A panel has for each block, after StripFormat.PanelHeaderBytes of header, 8 segments (the last block of a row may have fewer) of
//     scales [32] FP32, with minima then minima [32] FP32         (float scales)
//     scales [32 / group][32] 32-bit integers                     (integer scales)
//     codes  [8 quads][32 rows][4] bytes: signed codes plus 128, or codes as they are in types with minima
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>Unpacks strips.</summary>
static unsafe class StripPanel
{
    const int Line = StripFormat.LineBytes;

    /// <summary>Unpacks whole blocks of a strip, and the partial one at a row's end.</summary>
    /// <param name="format">The type.</param>
    /// <param name="strip">The first block in the strip.</param>
    /// <param name="segments">Segments to unpack.</param>
    /// <param name="panel">⌈segments / 8⌉ times <see cref="StripFormat.PanelBlockBytes"/>, 64-byte aligned.</param>
    public static void Unpack(in StripFormat format, byte* strip, int segments, byte* panel)
    {
        Vector512<byte> steps = default;
        if (format.Steps is { Length: > 0 } table)
        {
            byte* biased = stackalloc byte[64];
            for (int i = 0; i < 64; i++)
                biased[i] = (byte)(table[i % 16] + 128);
            steps = Vector512.Load(biased);
        }
        Vector512<byte> bias = Vector512.Create(format.Bias);
        for (; segments > 0; segments -= StripFormat.SegmentsPerBlock)
        {
            int count = Math.Min(segments, StripFormat.SegmentsPerBlock);
            if (format.IntegerScales)
                Header(format, strip, panel);
            strip += format.HeaderBytes;
            panel += format.PanelHeaderBytes;
            for (int s = 0; s < count; s++, strip += format.SegmentBytes, panel += format.PanelSegmentBytes)
            {
                Scales(format, strip, panel);
                byte* codes = strip + format.CodesOffset, to = panel + format.PanelScaleBytes;
                switch (format.LowBits, format.HighBits)
                {
                    case (8, 0): Bytes(codes, to, bias); break;
                    case (4, 0) when format.Steps.Length > 0: SteppedNibbles(codes, to, steps); break;
                    case (4, 0): Nibbles(codes, to, bias); break;
                    case (4, 1): NibblesAndBits(codes, to, bias); break;
                    case (4, 2): NibblesAndPairs(codes, to, bias); break;
                    case (2, 0): Pairs(codes, to, bias); break;
                    default: PairsAndBits(codes, to, bias); break;
                }
            }
        }
    }

    // d and dmin to FP32, minima of two neighbouring groups side by side for the 16-bit dot product.
    static void Header(in StripFormat format, byte* strip, byte* panel)
    {
        Float16.ToSingle((ushort*)strip, (float*)panel, StripFormat.Rows);
        if (!format.HasMinima)
            return;
        Float16.ToSingle((ushort*)strip + StripFormat.Rows, (float*)(panel + Line), StripFormat.Rows);
        byte* minima = strip + format.HeaderBytes + format.ScaleBytes;
        byte* pairs = panel + 2 * Line;
        int stride = format.GroupsPerSegment == 1 ? format.SegmentBytes : StripFormat.Rows;
        int step = format.GroupsPerSegment == 1 ? 2 * format.SegmentBytes : format.SegmentBytes;
        for (int p = 0; p < StripFormat.BlockLength / format.GroupLength / 2; p++, minima += step, pairs += Line)
        {
            for (int half = 0; half < 2; half++)
            {
                Vector512<uint> even = Widen(minima + 16 * half).AsUInt32(), odd = Widen(minima + stride + 16 * half).AsUInt32();
                (even | Vector512.ShiftLeft(odd, 16)).Store((uint*)(pairs + 64 * half));
            }
        }
    }

    static void Scales(in StripFormat format, byte* strip, byte* panel)
    {
        if (!format.IntegerScales)
        {
            for (int part = 0; part < (format.HasMinima ? 2 : 1); part++)
            {
                if (format.Type == ElementType.MXFP4)
                    BFloat16.ToSingle((ushort*)strip, (float*)panel, StripFormat.Rows);
                else
                    Float16.ToSingle((ushort*)(strip + part * format.ScaleBytes), (float*)(panel + part * Line), StripFormat.Rows);
            }
            return;
        }
        for (int at = 0; at < format.ScaleBytes; at += 16)
            WidenSigned((sbyte*)strip + at).Store((int*)panel + at);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<int> WidenSigned(sbyte* values)
    {
        (Vector128<short> low, Vector128<short> high) = Vector128.Widen(Vector128.Load(values));
        return Vector512.Create(Vector256.Create(Vector128.WidenLower(low), Vector128.WidenUpper(low)), Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<int> Widen(byte* values)
    {
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(values));
        return Vector512.Create(
            Vector256.Create(Vector128.WidenLower(low), Vector128.WidenUpper(low)), Vector256.Create(Vector128.WidenLower(high), Vector128.WidenUpper(high))).AsInt32();
    }

    static void Bytes(byte* codes, byte* to, Vector512<byte> bias)
    {
        for (int at = 0; at < 8 * Line; at += 64)
            (Vector512.Load(codes + at) + bias).Store(to + at);
    }

    static void Nibbles(byte* codes, byte* to, Vector512<byte> bias)
    {
        Vector512<byte> mask = Vector512.Create((byte)15);
        for (int at = 0; at < 4 * Line; at += 64)
        {
            Vector512<byte> both = Vector512.Load(codes + at);
            ((both & mask) + bias).Store(to + at);
            (Shift(both, 4, mask) + bias).Store(to + 4 * Line + at);
        }
    }

    static void SteppedNibbles(byte* codes, byte* to, Vector512<byte> steps)
    {
        Vector512<byte> mask = Vector512.Create((byte)15);
        for (int at = 0; at < 4 * Line; at += 64)
        {
            Vector512<byte> both = Vector512.Load(codes + at);
            Look(steps, both & mask).Store(to + at);
            Look(steps, Shift(both, 4, mask)).Store(to + 4 * Line + at);
        }
    }

    static void NibblesAndBits(byte* codes, byte* to, Vector512<byte> bias)
    {
        Vector512<byte> mask = Vector512.Create((byte)15), one = Vector512.Create((byte)16);
        for (int half = 0; half < Line; half += 64)
        {
            // Bit j of the high line is quad j.
            Vector512<byte> high = Vector512.Load(codes + 4 * Line + half);
            for (int j = 0; j < 4; j++)
            {
                Vector512<byte> both = Vector512.Load(codes + j * Line + half);
                (((both & mask) | ShiftLeft(Vector512.ShiftRightLogical(high.AsUInt16(), j).AsByte(), 4, one)) + bias).Store(to + j * Line + half);
                ((Shift(both, 4, mask) | ShiftLeft(Vector512.ShiftRightLogical(high.AsUInt16(), j + 4).AsByte(), 4, one)) + bias).Store(to + (j + 4) * Line + half);
            }
        }
    }

    static void NibblesAndPairs(byte* codes, byte* to, Vector512<byte> bias)
    {
        Vector512<byte> mask = Vector512.Create((byte)15), two = Vector512.Create((byte)0x30);
        for (int half = 0; half < Line; half += 64)
        {
            for (int j = 0; j < 4; j++)
            {
                Vector512<byte> both = Vector512.Load(codes + j * Line + half), high = Vector512.Load(codes + (4 + j % 2) * Line + half);
                // Field f of high line j is quad j + 2 f: quads j and j + 4 are fields j / 2 and j / 2 + 2.
                Vector512<byte> first = j < 2 ? ShiftLeft(high, 4, two) : ShiftLeft(high, 2, two);
                Vector512<byte> second = j < 2 ? high & two : Shift(high, 2, two);
                (((both & mask) | first) + bias).Store(to + j * Line + half);
                ((Shift(both, 4, mask) | second) + bias).Store(to + (j + 4) * Line + half);
            }
        }
    }

    static void Pairs(byte* codes, byte* to, Vector512<byte> bias)
    {
        Vector512<byte> mask = Vector512.Create((byte)3);
        for (int j = 0; j < 2; j++)
        {
            for (int half = 0; half < Line; half += 64)
            {
                Vector512<byte> fields = Vector512.Load(codes + j * Line + half);
                for (int f = 0; f < 4; f++)
                    (Shift(fields, 2 * f, mask) + bias).Store(to + (j + 2 * f) * Line + half);
            }
        }
    }

    static void PairsAndBits(byte* codes, byte* to, Vector512<byte> bias)
    {
        Vector512<byte> mask = Vector512.Create((byte)3), one = Vector512.Create((byte)4);
        for (int half = 0; half < Line; half += 64)
        {
            Vector512<byte> high = Vector512.Load(codes + 2 * Line + half);
            for (int quad = 0; quad < 8; quad++)
            {
                Vector512<byte> low = Shift(Vector512.Load(codes + quad % 2 * Line + half), quad / 2 * 2, mask);
                ((low | ShiftLeft(Vector512.ShiftRightLogical(high.AsUInt16(), quad).AsByte(), 2, one)) + bias).Store(to + quad * Line + half);
            }
        }
    }

    // Bytes are shifted as 16-bit words; what crosses a byte's border the mask takes away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<byte> Shift(Vector512<byte> x, int bits, Vector512<byte> mask) => Vector512.ShiftRightLogical(x.AsUInt16(), bits).AsByte() & mask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<byte> ShiftLeft(Vector512<byte> x, int bits, Vector512<byte> mask) => Vector512.ShiftLeft(x.AsUInt16(), bits).AsByte() & mask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<byte> Look(Vector512<byte> table, Vector512<byte> index) => Vector512.Shuffle(table, index);
}
