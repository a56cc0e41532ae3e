// Panels times activations in 256-bit vectors: eight rows of the strip at a time, with AVX-VNNI where the processor has it.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels.Strips;

static unsafe class PanelProductVector256
{
    /// <summary>Rows of activations at a time.</summary>
    public const int MostRows = 4;

    const int Lanes = 8, Line = StripFormat.LineBytes;

    public static void Run(in StripFormat format, in PanelCall call, int rows)
    {
        for (int lane = 0; lane < StripFormat.Rows; lane += Lanes)
        {
            for (int r = 0; r < rows; r++)
            {
                byte* panel = call.Panel, x = call.X + r * call.XStride;
                float* sums = call.Sums + r * StripFormat.Rows + lane;
                Vector256<float> sum = Vector256.Load(sums);
                for (long left = call.Segments; left > 0; left -= StripFormat.SegmentsPerBlock, x += ActivationBlocks.Bytes)
                {
                    int segments = (int)Math.Min(left, StripFormat.SegmentsPerBlock);
                    Vector256<float> t = format.IntegerScales ? IntegerBlock(format, panel, x, lane) : FloatBlock(format, panel, x, lane, segments);
                    sum = Vector256.FusedMultiplyAdd(t, Vector256.Create(*(float*)(x + ActivationBlocks.Scale)), sum);
                    panel += format.PanelHeaderBytes + segments * format.PanelSegmentBytes;
                }
                sum.Store(sums);
            }
        }
    }

    static Vector256<float> FloatBlock(in StripFormat format, byte* segment, byte* x, int lane, int segments)
    {
        Vector256<float> t = Vector256<float>.Zero;
        for (int s = 0; s < segments; s++, segment += format.PanelSegmentBytes)
        {
            int start = format.HasMinima ? 0 : ((int*)(x + ActivationBlocks.Corrections32))[s];
            Vector256<int> dot = Dot(segment + format.PanelScaleBytes + 4 * lane, x + s * StripFormat.SegmentLength, 8, start);
            t = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(dot), Vector256.Load((float*)segment + lane), t);
            if (format.HasMinima)
                t = Vector256.FusedMultiplyAdd(Vector256.Create(((float*)(x + ActivationBlocks.FloatSums32))[s]), Vector256.Load((float*)(segment + Line) + lane), t);
        }
        return t;
    }

    static Vector256<float> IntegerBlock(in StripFormat format, byte* panel, byte* x, int lane)
    {
        Vector256<int> total = Vector256<int>.Zero, minima = Vector256<int>.Zero;
        byte* segment = panel + format.PanelHeaderBytes;
        int groups = format.GroupsPerSegment, quads = format.GroupLength / 4;
        var corrections = (int*)(x + (groups == 1 ? ActivationBlocks.Corrections32 : ActivationBlocks.Corrections16));
        for (int s = 0; s < StripFormat.SegmentsPerBlock; s++, segment += format.PanelSegmentBytes)
        {
            for (int g = 0; g < groups; g++)
            {
                int start = format.HasMinima ? 0 : corrections[s * groups + g];
                Vector256<int> dot = Dot(
                    segment + format.PanelScaleBytes + g * quads * Line + 4 * lane, x + s * StripFormat.SegmentLength + g * format.GroupLength, quads, start);
                total += dot * Vector256.Load((int*)segment + g * StripFormat.Rows + lane);
            }
        }
        Vector256<float> t = Vector256.ConvertToSingle(total) * Vector256.Load((float*)panel + lane);
        if (!format.HasMinima)
            return t;
        var pairs = (int*)(x + (groups == 1 ? ActivationBlocks.Sums32 : ActivationBlocks.Sums16));
        for (int p = 0; p < StripFormat.BlockLength / format.GroupLength / 2; p++)
        {
            minima += Avx2.MultiplyAddAdjacent(
                Vector256.Load((short*)(panel + (2 + p) * Line) + 2 * lane), Vector256.Create(pairs[p]).AsInt16());
        }
        return Vector256.FusedMultiplyAdd(-Vector256.Load((float*)(panel + Line) + lane), Vector256.ConvertToSingle(minima), t);
    }

    // start + Σ w x over `quads` quads of eight rows.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Dot(byte* codes, byte* x, int quads, int start)
    {
        Vector256<int> sum = Vector256.Create(start);
        for (int j = 0; j < quads; j++)
        {
            Vector256<byte> w = Vector256.Load(codes + j * Line);
            Vector256<sbyte> four = Vector256.Create(((int*)x)[j]).AsSByte();
            if (AvxVnni.IsSupported)
            {
                sum = AvxVnni.MultiplyWideningAndAdd(sum, w, four);
                continue;
            }
            // Products of neighbours would saturate in 16 bits: even and odd bytes apart.
            Vector256<short> wEven = (w.AsInt16() & Vector256.Create((short)255)), wOdd = Vector256.ShiftRightLogical(w.AsUInt16(), 8).AsInt16();
            Vector256<short> xEven = Vector256.ShiftRightArithmetic(Vector256.ShiftLeft(four.AsInt16(), 8), 8), xOdd = Vector256.ShiftRightArithmetic(four.AsInt16(), 8);
            sum += Avx2.MultiplyAddAdjacent(wEven, xEven) + Avx2.MultiplyAddAdjacent(wOdd, xOdd);
        }
        return sum;
    }
}
