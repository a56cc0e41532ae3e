// The product cut into blocks that fit the caches, on one thread: panels of B stay in the second-level cache while
// slivers of A pass through the first. Leaves out the division among threads (Partition.cs).

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>C (+)= A·B by the tile kernel <typeparamref name="TTile"/>.</summary>
static unsafe class Blocked<TTile>
    where TTile : struct, ITile
{
    /// <summary>Columns packed at a time, and words of B: 0.8 MB of a second-level cache of 1 to 2 MB.</summary>
    const int ColumnBlock = 768, PanelWords = ColumnBlock * 256;

    /// <summary>Steps at a time at most: a sliver of A, 8 rows long, must stay in the first-level cache.</summary>
    const int MaxSteps = 1024;

    /// <summary>Rows of A packed at a time, where A must be packed: each of its pages is visited once for many slivers.</summary>
    const int PackedRows = 256;

    /// <summary>With fewer rows than this, reading B where it lies beats packing it.</summary>
    const int DirectRows = 16;

    /// <summary>Steps at a time for few rows: 24 KB of panel.</summary>
    const int FewRowsSteps = 128;

    /// <summary>Computes the product.</summary>
    public static void Run(in Product x)
    {
        if (x.M <= 0 || x.N <= 0)
            return;
        if (x.K <= 0)
        {
            if (!x.Accumulate)
                Clear(x);
            return;
        }
        // Few rows use each panel once: it should not leave the first-level cache between packing and use.
        bool few = x.M < DirectRows && x.B.Layout != WordLayout.LanesAdjacent;
        int columnBlock = few ? TTile.Lanes * TTile.MaxVectors : ColumnBlock;
        for (int j = 0; j < x.N; j += columnBlock)
        {
            int columns = Math.Min(columnBlock, x.N - j);
            int stepBlock = StepBlock(x.K, few ? FewRowsSteps : Math.Min(MaxSteps, PanelWords / columns));
            for (int p = 0; p < x.K; p += stepBlock)
            {
                int steps = Math.Min(stepBlock, x.K - p);
                RunBlock(x.A.At(0, p), x.B.At(j, p), x.C.At(0, j), x.M, columns, steps, x.Accumulate || p > 0);
            }
        }
    }

    /// <summary>Steps at a time: at most so many, in blocks of about equal length, even because of BF16 pairs.</summary>
    static int StepBlock(int k, int most)
    {
        int blocks = (k + most - 1) / most;
        return ((k + blocks - 1) / blocks + 15) / 16 * 16;
    }

    static void Clear(in Product x)
    {
        for (int i = 0; i < x.M; i++)
        {
            for (int j = 0; j < x.N; j++)
                *x.C.At(i, j).Data = 0f;
        }
    }

    static void RunBlock(Words a, Words b, Destination c, int m, int columns, int steps, bool load)
    {
        int lanes = TTile.Lanes, vectors = (columns + lanes - 1) / lanes;
        bool direct = b.Layout == WordLayout.LanesAdjacent && m < DirectRows;
        uint* packedB = Scratch.B((nuint)vectors * (nuint)lanes * (nuint)steps);
        for (int v = 0; v < vectors;)
        {
            int width = PanelWidth(vectors - v), first = v * lanes, count = Math.Min(width * lanes, columns - first);
            if (!direct || count < width * lanes)
                Panel.Pack(b.At(first, 0), count, width * lanes, steps, packedB + (nint)first * steps);
            v += width;
        }

        int rows = TTile.MaxRows(vectors), rowBlock = m;
        uint* packedA = null;
        if (a.Layout != WordLayout.StepsAdjacent)
        {
            rowBlock = Math.Min(m, PackedRows / rows * rows);
            packedA = Scratch.A((nuint)(rowBlock + rows) * (nuint)steps);
        }
        TileCall call = new() { Steps = steps, Load = load ? 1 : 0 };
        for (int i0 = 0; i0 < m; i0 += rowBlock)
        {
            int block = Math.Min(rowBlock, m - i0);
            if (packedA is not null)
                Panel.Pack(a.At(i0, 0), block, rows, steps, packedA);
            for (int i = 0; i < block; i += rows)
            {
                int count = Math.Min(rows, block - i);
                bool inPlace = packedA is null;
                call.A = inPlace ? a.At(i0 + i, 0).Data : (byte*)(packedA + (nint)i * steps);
                call.ALaneStride = inPlace ? a.LaneStride : sizeof(uint);
                call.AStepStride = inPlace ? a.StepStride : rows * sizeof(uint);
                for (int v = 0; v < vectors;)
                {
                    int width = PanelWidth(vectors - v), first = v * lanes, present = Math.Min(width * lanes, columns - first);
                    inPlace = direct && present == width * lanes;
                    call.B = inPlace ? b.At(first, 0).Data : (byte*)(packedB + (nint)first * steps);
                    call.BStepStride = inPlace ? b.StepStride : width * lanes * sizeof(uint);
                    RunTile(&call, c.At(i0 + i, first), count, width, present);
                    v += width;
                }
            }
        }
    }

    /// <summary>Panels are as wide as tiles can be, but a single vector is not left over: 4 are 2 and 2.</summary>
    static int PanelWidth(int vectorsLeft)
        => vectorsLeft == TTile.MaxVectors + 1 ? (vectorsLeft + 1) / 2 : Math.Min(vectorsLeft, TTile.MaxVectors);

    static void RunTile(TileCall* call, Destination c, int rows, int vectors, int columns)
    {
        int width = vectors * TTile.Lanes;
        if (c.ColumnStride == 1 && columns == width)
        {
            call->C = c.Data;
            call->CRowStride = c.RowStride * sizeof(float);
            TTile.Run(call, rows, vectors);
            return;
        }

        // Ragged or exchanged: the tile works on a copy.
        float* copy = Scratch.Tile;
        if (call->Load != 0)
            TileCopy.Load(c, rows, columns, copy, width);
        call->C = copy;
        call->CRowStride = width * sizeof(float);
        TTile.Run(call, rows, vectors);
        TileCopy.Store(copy, width, rows, columns, c);
    }
}
