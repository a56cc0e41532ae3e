// Products of panels with blocks of activations: the contract, the plain loops that the others are tested against, and the choice.
//
// For one row of a strip and one row of activations, with codes w and x of a block b, scales s of its groups g:
//   float scales:   t = Σ_g s_g · (Σ w x)_g, with minima alternately + m_g · (Σ x)_g;              y += t · scale_x
//   integer scales: t = d · Σ_g s_g (Σ w x)_g, with minima - dmin · Σ_g m_g (Σ x)_g;               y += t · scale_x
// Sums in brackets and those over integers are exact in 32 bits; the others are chains of fused multiply-adds in the order of the
// columns. So all rungs, whatever the number of rows at once, give the same bits.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>One call: a strip's panel times some rows of activations. Its layout is known to assembled code.</summary>
unsafe struct PanelCall
{
    /// <summary>Panel, from the first block on.</summary>
    public byte* Panel;

    /// <summary>First row's activation block that belongs to it.</summary>
    public byte* X;

    /// <summary>Bytes from one row of activations to the next.</summary>
    public nint XStride;

    /// <summary>[rows, 32] sums, added to.</summary>
    public float* Sums;

    /// <summary>Segments, 1 or more.</summary>
    public long Segments;
}

/// <summary>Multiplies panels.</summary>
static unsafe class PanelProduct
{
    /// <summary>Adds the products of <paramref name="rows"/> rows of activations with a panel.</summary>
    /// <param name="rung">Scalar, Vector256, Assembled or Tiles; with tiles the panel's codes are signed, and whole sixteens of rows are read and written.</param>
    /// <param name="format">The weights' type.</param>
    /// <param name="call">What to multiply.</param>
    /// <param name="rows">Rows, 0 or more.</param>
    public static void Run(Rung rung, in StripFormat format, PanelCall call, int rows)
    {
        int most = rung switch { Rung.Tiles => PanelProductTiles.Rows, Rung.Assembled => PanelProductAssembled.MostRows, Rung.Vector256 => PanelProductVector256.MostRows, _ => 1 };
        while (rows > 0)
        {
            int now = Math.Min(rows, most);
            switch (rung)
            {
                case Rung.Tiles: PanelProductTiles.Run(format, &call); break;
                case Rung.Assembled: PanelProductAssembled.Run(format, &call, now); break;
                case Rung.Vector256: PanelProductVector256.Run(format, call, now); break;
                default: Scalar(format, call); break;
            }
            call.X += now * call.XStride;
            call.Sums += now * StripFormat.Rows;
            rows -= now;
        }
    }

    static void Scalar(in StripFormat format, in PanelCall call)
    {
        for (int row = 0; row < StripFormat.Rows; row++)
        {
            byte* panel = call.Panel, x = call.X;
            for (long left = call.Segments; left > 0; left -= StripFormat.SegmentsPerBlock, x += ActivationBlocks.Bytes)
            {
                int segments = (int)Math.Min(left, StripFormat.SegmentsPerBlock);
                float t = format.IntegerScales ? IntegerBlock(format, panel, x, row) : FloatBlock(format, panel, x, row, segments);
                call.Sums[row] = MathF.FusedMultiplyAdd(t, *(float*)(x + ActivationBlocks.Scale), call.Sums[row]);
                panel += format.PanelHeaderBytes + segments * format.PanelSegmentBytes;
            }
        }
    }

    static float FloatBlock(in StripFormat format, byte* segment, byte* x, int row, int segments)
    {
        float t = 0;
        for (int s = 0; s < segments; s++, segment += format.PanelSegmentBytes)
        {
            t = MathF.FusedMultiplyAdd(Dot(format, segment + format.PanelScaleBytes, x, s, 0, row), ((float*)segment)[row], t);
            if (format.HasMinima)
                t = MathF.FusedMultiplyAdd(((float*)(x + ActivationBlocks.FloatSums32))[s], ((float*)(segment + StripFormat.LineBytes))[row], t);
        }
        return t;
    }

    static float IntegerBlock(in StripFormat format, byte* panel, byte* x, int row)
    {
        int total = 0, minima = 0;
        byte* segment = panel + format.PanelHeaderBytes;
        for (int s = 0; s < StripFormat.SegmentsPerBlock; s++, segment += format.PanelSegmentBytes)
        {
            for (int g = 0; g < format.GroupsPerSegment; g++)
                total += ((int*)segment)[g * StripFormat.Rows + row] * Dot(format, segment + format.PanelScaleBytes, x, s, g, row);
        }
        float t = total * ((float*)panel)[row];
        if (!format.HasMinima)
            return t;
        var sums = (short*)(x + (format.GroupLength == 32 ? ActivationBlocks.Sums32 : ActivationBlocks.Sums16));
        for (int g = 0; g < StripFormat.BlockLength / format.GroupLength; g++)
            minima += sums[g] * ((short*)(panel + 2 * StripFormat.LineBytes))[(g / 2 * StripFormat.Rows + row) * 2 + g % 2];
        return MathF.FusedMultiplyAdd(-((float*)(panel + StripFormat.LineBytes))[row], minima, t);
    }

    // Σ w x over a group of segment s.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int Dot(in StripFormat format, byte* codes, byte* x, int s, int group, int row)
    {
        int quads = format.GroupLength / 4, sum = 0, offset = format.HasMinima ? 0 : 128;
        for (int quad = group * quads; quad < (group + 1) * quads; quad++)
        {
            for (int i = 0; i < 4; i++)
                sum += (codes[quad * StripFormat.LineBytes + 4 * row + i] - offset) * ((sbyte*)x)[s * StripFormat.SegmentLength + 4 * quad + i];
        }
        return sum;
    }
}
