// Packing: lanes of a factor rearranged so that a tile kernel reads them step by step without gaps.

using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>
/// A panel holds <c>width</c> lanes: word (lane, step) at <c>[step * width + lane]</c>. Several panels follow each other;
/// lanes beyond the last are zero.
/// </summary>
static unsafe class Panel
{
    /// <summary>Packs <paramref name="lanes"/> lanes by <paramref name="steps"/> steps into ⌈lanes / width⌉ panels.</summary>
    public static void Pack(Words from, int lanes, int width, int steps, uint* to)
    {
        int whole = lanes / width * width, rest = lanes - whole;
        if (from.Layout == WordLayout.LanesAdjacent)
            PackLanes(from, whole, width, steps, to);
        else
        {
            for (int first = 0; first < whole; first += width)
                PackOne(from.At(first, 0), width, width, steps, to + (nint)first * steps);
        }
        if (rest > 0)
        {
            uint* panel = to + (nint)whole * steps;
            new Span<uint>(panel, width * steps).Clear();
            PackOne(from.At(whole, 0), rest, width, steps, panel);
        }
    }

    static void PackOne(Words from, int lanes, int width, int steps, uint* to)
    {
        switch (from.Layout)
        {
            case WordLayout.StepsAdjacent:
                PackSteps(from, lanes, width, steps, to);
                break;
            case WordLayout.LanesAdjacent:
                PackRows(from, lanes, width, steps, to);
                break;
            case WordLayout.LanesAdjacentHalves:
                PackHalves(from, lanes, width, steps, to);
                break;
            case WordLayout.WidenedSteps:
            case WordLayout.WidenedLanes:
                PackWidened(from, lanes, width, steps, to);
                break;
            default:
                for (int lane = 0; lane < lanes; lane++)
                    to[lane] = *(ushort*)from.At(lane, 0).Data;
                break;
        }
    }

    /// <summary>Whole panels step by step: every page of the source is visited once.</summary>
    static void PackLanes(Words from, int lanes, int width, int steps, uint* to)
    {
        for (int step = 0; step < steps; step++)
        {
            byte* source = from.Data + step * from.StepStride;
            for (int first = 0; first < lanes; first += width)
                CopyLanes((uint*)source + first, width, to + (nint)first * steps + (nint)step * width);
        }
    }

    static void PackRows(Words from, int lanes, int width, int steps, uint* to)
    {
        for (int step = 0; step < steps; step++)
            CopyLanes((uint*)(from.Data + step * from.StepStride), lanes, to + (nint)step * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void CopyLanes(uint* from, int lanes, uint* to)
    {
        int lane = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; lane + 16 <= lanes; lane += 16)
                Vector512.Load(from + lane).Store(to + lane);
        }
        for (; lane + 8 <= lanes; lane += 8)
            Vector256.Load(from + lane).Store(to + lane);
        for (; lane < lanes; lane++)
            to[lane] = from[lane];
    }

    /// <summary>BF16 to FP32, the odd step of each pair before the even one: the order of <c>vdpbf16ps</c>.</summary>
    static void PackWidened(Words from, int lanes, int width, int steps, uint* to)
    {
        int pairs = steps / 2;
        if (from.Layout == WordLayout.WidenedSteps)
            PackSteps(new(from.Data, from.LaneStride, 4, WordLayout.StepsAdjacent), lanes, 2 * width, pairs, to);
        else
            PackHalves(new(from.Data, from.LaneStride, 2 * from.StepStride, WordLayout.LanesAdjacentHalves), lanes, 2 * width, pairs, to);
        for (int pair = 0; pair < pairs; pair++)
        {
            uint* odd = to + (nint)pair * 2 * width, even = odd + width;
            int lane = 0;
            for (; lane + 8 <= lanes; lane += 8)
            {
                Vector256<uint> word = Vector256.Load(odd + lane);
                (word & Vector256.Create(0xffff0000u)).Store(odd + lane);
                (word << 16).Store(even + lane);
            }
            for (; lane < lanes; lane++)
                (odd[lane], even[lane]) = (odd[lane] & 0xffff0000u, odd[lane] << 16);
        }
        if (steps % 2 != 0)
        {
            for (int lane = 0; lane < lanes; lane++)
                to[(nint)(steps - 1) * width + lane] = (uint)*(ushort*)from.At(lane, steps - 1).Data << 16;
        }
    }

    static void PackHalves(Words from, int lanes, int width, int steps, uint* to)
    {
        ushort* even = (ushort*)from.Data;
        nint row = from.StepStride / 4; // A step is two rows of two-byte numbers.
        for (int step = 0; step < steps; step++, even += 2 * row, to += width)
        {
            ushort* odd = even + row;
            int lane = 0;
            if (Avx512F.IsSupported)
            {
                for (; lane + 16 <= lanes; lane += 16)
                {
                    Vector512<uint> low = Avx512F.ConvertToVector512UInt32(Vector256.Load(even + lane));
                    Vector512<uint> high = Avx512F.ConvertToVector512UInt32(Vector256.Load(odd + lane));
                    (low | high << 16).Store(to + lane);
                }
            }
            for (; lane + 8 <= lanes; lane += 8)
            {
                (Vector128<uint> low0, Vector128<uint> low1) = Vector128.Widen(Vector128.Load(even + lane));
                (Vector128<uint> high0, Vector128<uint> high1) = Vector128.Widen(Vector128.Load(odd + lane));
                (low0 | high0 << 16).Store(to + lane);
                (low1 | high1 << 16).Store(to + lane + 4);
            }
            for (; lane < lanes; lane++)
                to[lane] = even[lane] | (uint)odd[lane] << 16;
        }
    }

    static void PackSteps(Words from, int lanes, int width, int steps, uint* to)
    {
        int lane = 0;
        if (Avx512F.IsSupported)
        {
            for (; lane + 16 <= lanes; lane += 16)
            {
                byte* source = from.At(lane, 0).Data;
                int step = 0;
                for (; step + 16 <= steps; step += 16)
                    Transpose16x16(source + step * 4, from.LaneStride, to + (nint)step * width + lane, width);
                for (; step < steps; step++)
                {
                    for (int l = 0; l < 16; l++)
                        to[(nint)step * width + lane + l] = *(uint*)(source + l * from.LaneStride + step * 4);
                }
            }
        }
        if (Sse.IsSupported)
        {
            for (; lane + 4 <= lanes; lane += 4)
            {
                byte* source = from.At(lane, 0).Data;
                int step = 0;
                for (; step + 4 <= steps; step += 4)
                    Transpose4x4(source + step * 4, from.LaneStride, (float*)to + (nint)step * width + lane, width);
                for (; step < steps; step++)
                {
                    for (int l = 0; l < 4; l++)
                        to[(nint)step * width + lane + l] = *(uint*)(source + l * from.LaneStride + step * 4);
                }
            }
        }
        for (; lane < lanes; lane++)
        {
            uint* source = (uint*)from.At(lane, 0).Data;
            for (int step = 0; step < steps; step++)
                to[(nint)step * width + lane] = source[step];
        }
    }

    /// <summary>to[j * width + i] = from[i][j] for 4 rows <paramref name="stride"/> bytes apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose4x4(byte* from, nint stride, float* to, nint width)
    {
        Vector128<float> r0 = Vector128.Load((float*)from), r1 = Vector128.Load((float*)(from + stride));
        Vector128<float> r2 = Vector128.Load((float*)(from + 2 * stride)), r3 = Vector128.Load((float*)(from + 3 * stride));
        Vector128<float> low01 = Sse.UnpackLow(r0, r1), low23 = Sse.UnpackLow(r2, r3);
        Vector128<float> high01 = Sse.UnpackHigh(r0, r1), high23 = Sse.UnpackHigh(r2, r3);
        Sse.MoveLowToHigh(low01, low23).Store(to);
        Sse.MoveHighToLow(low23, low01).Store(to + width);
        Sse.MoveLowToHigh(high01, high23).Store(to + 2 * width);
        Sse.MoveHighToLow(high23, high01).Store(to + 3 * width);
    }

    /// <summary>to[j * width + i] = from[i][j] for 16 rows <paramref name="stride"/> bytes apart.</summary>
    public static void Transpose16x16(byte* from, nint stride, uint* to, nint width)
    {
        // Four lanes of quarters each: quarter q of row i goes to lane group i / 4 of columns 4q.. 4q + 3. Loading the
        // quarters in place makes the cross-lane part of the transpose loads and inserts, and leaves two rounds of unpacking.
        for (int q = 0; q < 4; q++, from += 16, to += 4 * width)
        {
            Vector512<float> r0 = Quarters(from, stride * 4);
            Vector512<float> r1 = Quarters(from + stride, stride * 4);
            Vector512<float> r2 = Quarters(from + 2 * stride, stride * 4);
            Vector512<float> r3 = Quarters(from + 3 * stride, stride * 4);
            Vector512<double> low01 = Avx512F.UnpackLow(r0, r1).AsDouble(), low23 = Avx512F.UnpackLow(r2, r3).AsDouble();
            Vector512<double> high01 = Avx512F.UnpackHigh(r0, r1).AsDouble(), high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
            Avx512F.UnpackLow(low01, low23).AsUInt32().Store(to);
            Avx512F.UnpackHigh(low01, low23).AsUInt32().Store(to + width);
            Avx512F.UnpackLow(high01, high23).AsUInt32().Store(to + 2 * width);
            Avx512F.UnpackHigh(high01, high23).AsUInt32().Store(to + 3 * width);
        }
    }

    /// <summary>Four words each of rows 0, 4, 8 and 12 of the block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Quarters(byte* from, nint stride4)
    {
        Vector256<float> low = Avx.InsertVector128(
            Vector128.Load((float*)from).ToVector256Unsafe(), Vector128.Load((float*)(from + stride4)), 1);
        Vector256<float> high = Avx.InsertVector128(
            Vector128.Load((float*)(from + 2 * stride4)).ToVector256Unsafe(), Vector128.Load((float*)(from + 3 * stride4)), 1);
        return Avx512F.InsertVector256(low.ToVector512Unsafe(), high, 1);
    }
}
