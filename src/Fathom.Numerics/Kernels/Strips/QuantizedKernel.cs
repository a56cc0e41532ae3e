// Block-quantised weights times activations of 8 bits: strips are unpacked some blocks at a time, each panel is multiplied with all rows.
using Fathom.Numerics.Kernels.Assembly;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>8-bit products. Every rung gives the same bits (PanelProduct.cs).</summary>
readonly unsafe struct QuantizedKernel : IStripKernel
{
    /// <summary>Bytes of a panel while several rows use it: a share of a first-level cache.</summary>
    const int PanelBytes = 32 << 10;

    static readonly Rung[] s_implemented =
        !MachineCode.HasVnni ? [Rung.Scalar, Rung.Vector256]
        : MachineCode.HasInt8Tiles ? [Rung.Scalar, Rung.Vector256, Rung.Assembled, Rung.Tiles]
        : [Rung.Scalar, Rung.Vector256, Rung.Assembled];

    /// <summary>The implementation that calls take at present.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <inheritdoc/>
    public static nint RowBytes(int columns) => (nint)ActivationBlocks.Count(columns) * ActivationBlocks.Bytes;

    /// <inheritdoc/>
    public static void Convert(float* x, int ldx, int rows, int columns, byte* destination) => ActivationBlocks.Quantize(x, ldx, rows, columns, destination);

    /// <inheritdoc/>
    public static void Multiply(Rung rung, WeightStrips weight, int first, int count, byte* x, int rows, float* sums, ref AlignedBuffer panel)
    {
        StripFormat format = weight.Format;
        if (rung == Rung.Tiles && (rows < PanelProductTiles.FewestRows || !PanelProductTiles.Takes(format)))
            rung = Rung.Assembled;
        int blocks = ActivationBlocks.Count(weight.Columns), blocksAtOnce = rows == 1 ? 1 : Math.Max(1, PanelBytes / format.PanelBlockBytes);
        byte* unpacked = panel.Grow((nuint)(blocksAtOnce * format.PanelBlockBytes));
        nint stripSums = StripMatMul.Padded(rows) * StripFormat.Rows;
        for (int strip = 0; strip < count; strip++)
            new Span<float>(sums + strip * stripSums, rows * StripFormat.Rows).Clear();
        int segments = weight.Columns / StripFormat.SegmentLength;
        for (int block = 0; block < blocks; block += blocksAtOnce)
        {
            int now = Math.Min(blocksAtOnce * StripFormat.SegmentsPerBlock, segments - block * StripFormat.SegmentsPerBlock);
            for (int strip = 0; strip < count; strip++)
            {
                byte* packed = weight.At(first + strip) + block * (nint)format.BlockBytes;
                if (rung >= Rung.Assembled)
                    StripPanelAssembled.Unpack(format, packed, now, unpacked, signed: rung == Rung.Tiles);
                else
                    StripPanel.Unpack(format, packed, now, unpacked);
                PanelProduct.Run(rung, format, new PanelCall
                {
                    Panel = unpacked,
                    X = x + block * ActivationBlocks.Bytes,
                    XStride = blocks * ActivationBlocks.Bytes,
                    Sums = sums + strip * stripSums,
                    Segments = now,
                }, rows);
            }
        }
    }
}
