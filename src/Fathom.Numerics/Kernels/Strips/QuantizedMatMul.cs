// y = x Wᵀ for weights in strips: activations to 8 bits once, then strip by strip unpack and multiply. The contract, and the division of
// the work among threads. Letters: m rows of x, n rows and k columns of a weight, g groups.
using System.Collections.Immutable;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.Assembly;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>Products with block-quantised weights, alone or one per group of rows.</summary>
/// <remarks>
/// Activations are rounded to 8 bits, one scale per 256 columns. A row's result depends on that row alone: the same bits whatever
/// stands beside it, on every rung and with any number of threads.
/// </remarks>
static unsafe class QuantizedMatMul
{
    /// <summary>Rows of x that are taken through a strip at a time: their sums stay in the cache.</summary>
    const int RowsAtOnce = 256;

    /// <summary>Bytes of a panel while several rows use it: a share of a first-level cache.</summary>
    const int PanelBytes = 32 << 10;

    static readonly Rung[] s_implemented =
        !MachineCode.HasVnni ? [Rung.Scalar, Rung.Vector256]
        : MachineCode.HasInt8Tiles ? [Rung.Scalar, Rung.Vector256, Rung.Assembled, Rung.Tiles]
        : [Rung.Scalar, Rung.Vector256, Rung.Assembled];

    [ThreadStatic]
    static ThreadBuffers? t_buffers;

    /// <summary>The implementation that calls take at present.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <summary>Whether the groups' weights are to be interleaved: all are of one type.</summary>
    public static bool Takes(ImmutableArray<Weight> weights)
    {
        ElementType type = weights[0].Type;
        if (!weights[0].Interleaves || !StripFormat.Has(type))
            return false;
        foreach (Weight weight in weights)
        {
            if (weight.Type != type || !weight.Interleaves)
                return false;
        }
        return true;
    }

    /// <summary>y[m,n] = x[m,k] · Wᵀ for one weight, or several that read the same x, their results side by side.</summary>
    /// <param name="x">[m, k], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least k.</param>
    /// <param name="weight">[n, k].</param>
    /// <param name="second">[n, k] or null: its results follow those of <paramref name="weight"/> in each row of y.</param>
    /// <param name="y">[m, n] or [m, 2n], rows <paramref name="ldy"/> apart.</param>
    /// <param name="ldy">At least n or 2n.</param>
    /// <param name="m">Rows of x, 0 or more.</param>
    public static void NT(float* x, int ldx, WeightStrips weight, WeightStrips? second, float* y, int ldy, int m)
    {
        if (m == 0)
            return;
        int* offsets = stackalloc int[2] { 0, m };
        int active = 0;
        Run(new Work { First = weight, Second = second, Offsets = offsets, Active = &active, Y = y, LdY = ldy }, x, ldx, weight, m, 1);
    }

    /// <summary>y[r,n] = x[r,k] · W[g]ᵀ for the rows r of each group g.</summary>
    /// <param name="x">[rows, k], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least k.</param>
    /// <param name="weights">One [n, k] per group, all of one type and shape.</param>
    /// <param name="seconds">One more [n, k] per group, or default: its results follow in each row of y.</param>
    /// <param name="y">[rows, n] or [rows, 2n], rows <paramref name="ldy"/> apart.</param>
    /// <param name="ldy">At least n or 2n.</param>
    /// <param name="offsets">[groups + 1], ascending: where each group's rows begin, and the end.</param>
    public static void NT(float* x, int ldx, ImmutableArray<Weight> weights, ImmutableArray<Weight> seconds, float* y, int ldy, int* offsets)
    {
        int* active = stackalloc int[weights.Length];
        int count = 0;
        WeightStrips? shape = null;
        for (int g = 0; g < weights.Length; g++)
        {
            if (offsets[g + 1] == offsets[g])
                continue;
            active[count++] = g;
            // Made here, on all threads, not within a part.
            shape = weights[g].Strips;
            if (!seconds.IsDefault)
                seconds[g].Interleave();
        }
        if (shape is not null)
            Run(new Work { Weights = weights, Seconds = seconds, Offsets = offsets, Active = active, Y = y, LdY = ldy }, x, ldx, shape, offsets[weights.Length], count);
    }

    static void Run(Work work, float* x, int ldx, WeightStrips shape, int m, int groups)
    {
        ThreadBuffers mine = t_buffers ??= new ThreadBuffers();
        work.Blocks = ActivationBlocks.Count(shape.Columns);
        work.X = mine.Activations.Grow((nuint)Padded(m) * (nuint)(work.Blocks * ActivationBlocks.Bytes));
        ActivationBlocks.Quantize(x, ldx, m, shape.Columns, work.X);
        work.Rung = Chosen;
        work.Strips = shape.Count * (work.Second is null && work.Seconds.IsDefault ? 1 : 2);
        // Whole strips, several parts per thread: groups are unequal and processors are taken away now and then.
        int wanted = Math.Max(1, (8 * ThreadTeam.Shared.ThreadCount + groups - 1) / groups);
        work.StripsPerPart = (work.Strips + wanted - 1) / wanted;
        work.PartsPerGroup = (work.Strips + work.StripsPerPart - 1) / work.StripsPerPart;
        ThreadTeam.Shared.Run(groups * work.PartsPerGroup, ref work);
    }

    // Tiles take sixteen rows, whether there are as many or not.
    static int Padded(int rows) => (rows + PanelProductTiles.Rows - 1) / PanelProductTiles.Rows * PanelProductTiles.Rows + PanelProductTiles.Rows;

    struct Work : IParallelAction
    {
        public WeightStrips? First, Second;
        public ImmutableArray<Weight> Weights, Seconds;
        public int* Offsets;
        public int* Active;
        public byte* X;
        public float* Y;
        public int LdY, Blocks, Strips, StripsPerPart, PartsPerGroup;
        public Rung Rung;

        public readonly void Run(int part)
        {
            int group = Active[part / PartsPerGroup], from = part % PartsPerGroup * StripsPerPart;
            ThreadBuffers mine = t_buffers ??= new ThreadBuffers();
            WeightStrips first = First ?? Weights[group].Strips!;
            for (int strip = from; strip < Math.Min(from + StripsPerPart, Strips); strip++)
            {
                bool isSecond = strip >= first.Count;
                WeightStrips weight = !isSecond ? first : Second ?? Seconds[group].Strips!;
                int index = isSecond ? strip - first.Count : strip, column = index * StripFormat.Rows;
                float* y = Y + (isSecond ? first.Rows : 0) + column;
                for (int row = Offsets[group]; row < Offsets[group + 1]; row += RowsAtOnce)
                    Strip(weight, index, row, Math.Min(RowsAtOnce, Offsets[group + 1] - row), Math.Min(StripFormat.Rows, weight.Rows - column), y, mine);
            }
        }

        // One strip times some rows: panels of some blocks, each multiplied with all the rows while it lies in the first-level cache.
        readonly void Strip(WeightStrips weight, int index, int row, int rows, int width, float* y, ThreadBuffers mine)
        {
            StripFormat format = weight.Format;
            Rung rung = Rung == Rung.Tiles && (rows < PanelProductTiles.FewestRows || !PanelProductTiles.Takes(format)) ? Rung.Assembled : Rung;
            int blocksAtOnce = rows == 1 ? 1 : Math.Max(1, PanelBytes / format.PanelBlockBytes);
            byte* panel = mine.Panel.Grow((nuint)(blocksAtOnce * format.PanelBlockBytes));
            float* sums = (float*)mine.Sums.Grow((nuint)Padded(rows) * StripFormat.LineBytes); // [rows, 32]
            new Span<float>(sums, rows * StripFormat.Rows).Clear();
            byte* strip = weight.At(index);
            int segments = weight.Columns / StripFormat.SegmentLength;
            nint stride = Blocks * ActivationBlocks.Bytes;
            for (int block = 0; block < Blocks; block += blocksAtOnce, strip += blocksAtOnce * (nint)format.BlockBytes)
            {
                int count = Math.Min(blocksAtOnce * StripFormat.SegmentsPerBlock, segments - block * StripFormat.SegmentsPerBlock);
                if (rung >= Rung.Assembled)
                    StripPanelAssembled.Unpack(format, strip, count, panel, signed: rung == Rung.Tiles);
                else
                    StripPanel.Unpack(format, strip, count, panel);
                PanelProduct.Run(rung, format, new PanelCall
                {
                    Panel = panel,
                    X = X + row * stride + block * ActivationBlocks.Bytes,
                    XStride = stride,
                    Sums = sums,
                    Segments = count,
                }, rows);
            }
            for (int r = 0; r < rows; r++)
                new ReadOnlySpan<float>(sums + r * StripFormat.Rows, width).CopyTo(new Span<float>(y + (nint)(row + r) * LdY, width));
        }
    }

    sealed class ThreadBuffers
    {
        public AlignedBuffer Activations, Panel, Sums;

        ~ThreadBuffers()
        {
            Activations.Free();
            Panel.Free();
            Sums.Free();
        }
    }
}
