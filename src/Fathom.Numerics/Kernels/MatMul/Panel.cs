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
        for (int first = 0; first < lanes; first += width)
        {
            int count = Math.Min(width, lanes - first);
            uint* panel = to + (nint)first * steps;
            if (count < width)
                new Span<uint>(panel, width * steps).Clear();
            Words part = from.At(first, 0);
            switch (from.Layout)
            {
                case WordLayout.StepsAdjacent:
                    PackSteps(part, count, width, steps, panel);
                    break;
                case WordLayout.LanesAdjacent:
                    PackLanes(part, count, width, steps, panel);
                    break;
                case WordLayout.LanesAdjacentHalves:
                    PackHalves(part, count, width, steps, panel);
                    break;
                default:
                    for (int lane = 0; lane < count; lane++)
                        panel[lane] = *(ushort*)part.At(lane, 0).Data;
                    break;
            }
        }
    }

    static void PackLanes(Words from, int lanes, int width, int steps, uint* to)
    {
        byte* source = from.Data;
        for (int step = 0; step < steps; step++, source += from.StepStride, to += width)
        {
            int lane = 0;
            if (Vector512.IsHardwareAccelerated)
            {
                for (; lane + 16 <= lanes; lane += 16)
                    Vector512.Load((uint*)source + lane).Store(to + lane);
            }
            for (; lane + 8 <= lanes; lane += 8)
                Vector256.Load((uint*)source + lane).Store(to + lane);
            for (; lane < lanes; lane++)
                to[lane] = ((uint*)source)[lane];
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
    static void Transpose4x4(byte* from, nint stride, float* to, nint width)
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
