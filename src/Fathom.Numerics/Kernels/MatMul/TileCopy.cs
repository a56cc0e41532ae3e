// Between C and a tile-shaped copy of part of it, for tiles that hang over C's edge or lie across its rows.

namespace Fathom.Numerics.Kernels.MatMul;

static unsafe class TileCopy
{
    /// <summary>copy[i * width + j] = C[i, j] for the part of C that is there.</summary>
    public static void Load(Destination c, int rows, int columns, float* copy, int width)
    {
        if (c.ColumnStride == 1)
        {
            for (int i = 0; i < rows; i++)
                new ReadOnlySpan<float>(c.Data + i * c.RowStride, columns).CopyTo(new(copy + i * width, columns));
        }
        else
        {
            Transpose(c.Data, c.ColumnStride, columns, rows, copy, width);
        }
    }

    /// <summary>C[i, j] = copy[i * width + j] for the part of C that is there.</summary>
    public static void Store(float* copy, int width, int rows, int columns, Destination c)
    {
        if (c.ColumnStride == 1)
        {
            for (int i = 0; i < rows; i++)
                new ReadOnlySpan<float>(copy + i * width, columns).CopyTo(new(c.Data + i * c.RowStride, columns));
        }
        else
        {
            Transpose(copy, width, rows, columns, c.Data, c.ColumnStride);
        }
    }

    /// <summary>to[j * toStride + i] = from[i * fromStride + j] for i below rows, j below columns.</summary>
    static void Transpose(float* from, nint fromStride, int rows, int columns, float* to, nint toStride)
    {
        int i = 0;
        for (; i + 4 <= rows; i += 4)
        {
            float* source = from + i * fromStride, target = to + i;
            int j = 0;
            for (; j + 4 <= columns; j += 4)
                Panel.Transpose4x4((byte*)(source + j), fromStride * sizeof(float), target + j * toStride, toStride);
            for (; j < columns; j++)
            {
                for (int r = 0; r < 4; r++)
                    target[j * toStride + r] = source[r * fromStride + j];
            }
        }
        for (; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
                to[j * toStride + i] = from[i * fromStride + j];
        }
    }
}
