// y = x Wᵀ for weights in strips: activations to the kernel's form once, then strip by strip. The contract, the choice of kernel and the
// division of the work among threads. Letters: m rows of x, n rows and k columns of a weight, g groups.
using System.Collections.Immutable;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>Products with interleaved weights, alone or one per group of rows.</summary>
/// <remarks>A row's result depends on that row alone: the same bits whatever stands beside it and with any number of threads.</remarks>
static unsafe class StripMatMul
{
    /// <summary>Rows of x that are taken through a strip at a time: their sums stay in the cache.</summary>
    const int RowsAtOnce = 256;

    /// <summary>From so many rows on activations are what fills the cache, not weights.</summary>
    const int ManyRows = 64;

    /// <summary>Strips that take turns with some columns of many rows.</summary>
    const int StripsAtOnce = 8;

    [ThreadStatic]
    static ThreadBuffers? t_buffers;

    /// <summary>Whether the type is multiplied in strips on the present rung.</summary>
    public static bool Has(ElementType type) => type.IsBlock() || type is ElementType.BF16 or ElementType.F8E4M3;

    /// <summary>Rows of activations and sums that a kernel may touch for <paramref name="rows"/> rows: tiles take sixteen or thirty-two.</summary>
    public static int Padded(int rows) => (rows + 31) / 32 * 32 + 32;

    /// <summary>Whether the groups' weights are to be interleaved: all are of one type.</summary>
    public static bool Takes(ImmutableArray<Weight> weights)
    {
        ElementType type = weights[0].Type;
        if (!weights[0].Interleaves || !Has(type))
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
        if (shape.Type.IsBlock())
            Run<QuantizedKernel>(work, x, ldx, shape, m, groups, QuantizedKernel.Chosen);
        else
            Run<Bf16Kernel>(work, x, ldx, shape, m, groups, Bf16Kernel.Chosen);
    }

    static void Run<TKernel>(Work work, float* x, int ldx, WeightStrips shape, int m, int groups, Rung rung)
        where TKernel : IStripKernel
    {
        ThreadBuffers mine = t_buffers ??= new ThreadBuffers();
        work.RowBytes = TKernel.RowBytes(shape.Columns);
        work.X = mine.Activations.Grow((nuint)Padded(m) * (nuint)work.RowBytes);
        TKernel.Convert(x, ldx, m, shape.Columns, work.X);
        work.Rung = rung;
        work.Strips = shape.Count * (work.Second is null && work.Seconds.IsDefault ? 1 : 2);
        // Whole strips, several parts per thread: groups are unequal and processors are taken away now and then.
        int wanted = Math.Max(1, (4 * ThreadTeam.Shared.ThreadCount + groups - 1) / groups);
        work.StripsPerPart = (work.Strips + wanted - 1) / wanted;
        work.PartsPerGroup = (work.Strips + work.StripsPerPart - 1) / work.StripsPerPart;
        var action = new StripAction<TKernel> { Work = work };
        ThreadTeam.Shared.Run(groups * work.PartsPerGroup, ref action);
    }

    struct Work
    {
        public WeightStrips? First, Second;
        public ImmutableArray<Weight> Weights, Seconds;
        public int* Offsets;
        public int* Active;
        public byte* X;
        public float* Y;
        public nint RowBytes;
        public int LdY, Strips, StripsPerPart, PartsPerGroup;
        public Rung Rung;
    }

    struct StripAction<TKernel> : IParallelAction
        where TKernel : IStripKernel
    {
        public Work Work;

        public readonly void Run(int part)
        {
            int group = Work.Active[part / Work.PartsPerGroup], from = part % Work.PartsPerGroup * Work.StripsPerPart, end = Math.Min(from + Work.StripsPerPart, Work.Strips);
            WeightStrips first = Work.First ?? Work.Weights[group].Strips!;
            int rowsEnd = Work.Offsets[group + 1], atOnce = rowsEnd - Work.Offsets[group] >= ManyRows ? StripsAtOnce : 1;
            for (int strip = from; strip < end;)
            {
                bool isSecond = strip >= first.Count;
                WeightStrips weight = !isSecond ? first : Work.Second ?? Work.Seconds[group].Strips!;
                int index = isSecond ? strip - first.Count : strip, count = Math.Min(Math.Min(atOnce, end - strip), weight.Count - index);
                for (int row = Work.Offsets[group]; row < rowsEnd; row += RowsAtOnce)
                    Multiply(weight, index, count, row, Math.Min(RowsAtOnce, rowsEnd - row), isSecond ? first.Rows : 0);
                strip += count;
            }
        }

        readonly void Multiply(WeightStrips weight, int strip, int count, int row, int rows, int column)
        {
            ThreadBuffers mine = t_buffers ??= new ThreadBuffers();
            int stripSums = Padded(rows) * StripFormat.Rows;
            float* sums = (float*)mine.Sums.Grow((nuint)(count * stripSums * sizeof(float))); // [count, padded rows, 32]
            TKernel.Multiply(Work.Rung, weight, strip, count, Work.X + row * Work.RowBytes, rows, sums, ref mine.Panel);
            int first = strip * StripFormat.Rows;
            float* y = Work.Y + (nint)row * Work.LdY + column + first;
            for (int r = 0; r < rows; r++, y += Work.LdY)
            {
                for (int s = 0; s < count; s++)
                {
                    int width = Math.Min(StripFormat.Rows, weight.Rows - first - s * StripFormat.Rows);
                    new ReadOnlySpan<float>(sums + s * stripSums + r * StripFormat.Rows, width).CopyTo(new Span<float>(y + s * StripFormat.Rows, width));
                }
            }
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
