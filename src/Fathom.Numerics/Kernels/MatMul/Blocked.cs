// The product cut into blocks that fit the caches, on one thread: panels of B stay in the second-level cache while
// slivers of A pass through the first. Leaves out the division among threads (Partition.cs).

using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>C[m,n] (+)= A·B by the tile kernel <typeparamref name="TTile"/>.</summary>
static unsafe class Blocked<TTile>
    where TTile : struct, ITile
{
    const int StepBlock = 384, ColumnBlock = 768, PackedRowBlock = 64;

    /// <summary>With fewer rows than this, reading B where it lies beats packing it.</summary>
    const int DirectRows = 16;

    /// <summary>Computes the product.</summary>
    /// <param name="a">Lanes are the rows of C.</param>
    /// <param name="b">Lanes are the columns of C.</param>
    /// <param name="c">[m, n].</param>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Words along the sums.</param>
    /// <param name="accumulate">Sums start from C, else from 0.</param>
    public static void Run(Words a, Words b, Destination c, int m, int n, int k, bool accumulate)
    {
        for (int j = 0; j < n; j += ColumnBlock)
        {
            int columns = Math.Min(ColumnBlock, n - j);
            for (int p = 0; p < k; p += StepBlock)
            {
                int steps = Math.Min(StepBlock, k - p);
                RunBlock(a.At(0, p), b.At(j, p), c.At(0, j), m, columns, steps, accumulate || p > 0);
            }
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
            rowBlock = Math.Min(m, PackedRowBlock / rows * rows);
            packedA = Scratch.A((nuint)(rowBlock + rows) * (nuint)steps);
        }
        TileCall call = new() { Steps = steps };
        for (int i0 = 0; i0 < m; i0 += rowBlock)
        {
            int block = Math.Min(rowBlock, m - i0);
            if (packedA is not null)
                Panel.Pack(a.At(i0, 0), block, rows, steps, packedA);
            for (int i = 0; i < block; i += rows)
            {
                int count = Math.Min(rows, block - i);
                if (packedA is null)
                {
                    call.A = a.At(i0 + i, 0).Data;
                    call.ALaneStride = a.LaneStride;
                    call.AStepStride = a.StepStride;
                }
                else
                {
                    call.A = (byte*)(packedA + (nint)i * steps);
                    call.ALaneStride = 4;
                    call.AStepStride = rows * 4;
                }
                for (int v = 0; v < vectors;)
                {
                    int width = PanelWidth(vectors - v), first = v * lanes, present = Math.Min(width * lanes, columns - first);
                    if (direct && present == width * lanes)
                    {
                        call.B = b.At(first, 0).Data;
                        call.BStepStride = b.StepStride;
                    }
                    else
                    {
                        call.B = (byte*)(packedB + (nint)first * steps);
                        call.BStepStride = width * lanes * 4;
                    }
                    RunTile(ref call, c.At(i0 + i, first), count, width, present, load);
                    v += width;
                }
            }
        }
    }

    /// <summary>Panels are as wide as tiles can be, but a single vector is not left over: 4 are 2 and 2.</summary>
    static int PanelWidth(int vectorsLeft)
        => vectorsLeft == TTile.MaxVectors + 1 ? (vectorsLeft + 1) / 2 : Math.Min(vectorsLeft, TTile.MaxVectors);

    [SkipLocalsInit]
    static void RunTile(ref TileCall call, Destination c, int rows, int vectors, int columns, bool load)
    {
        int width = vectors * TTile.Lanes;
        call.Load = load ? 1 : 0;
        fixed (TileCall* pointer = &call)
        {
            if (c.ColumnStride == 1 && columns == width)
            {
                call.C = c.Data;
                call.CRowStride = c.RowStride * sizeof(float);
                TTile.Run(pointer, rows, vectors);
                return;
            }

            // Ragged or transposed: the tile works on a copy.
            float* copy = Scratch.Tile;
            if (load)
            {
                for (int i = 0; i < rows; i++)
                {
                    for (int j = 0; j < columns; j++)
                        copy[i * width + j] = *c.At(i, j).Data;
                }
            }
            call.C = copy;
            call.CRowStride = width * sizeof(float);
            TTile.Run(pointer, rows, vectors);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                    *c.At(i, j).Data = copy[i * width + j];
            }
        }
    }
}
