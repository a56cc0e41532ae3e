// FP8 with scales beside it, as DeepSeek-V3's checkpoints have it: activations in tiles of 1 x 128, weights in blocks of 128 x 128
// (DeepSeek-V3 report, section 3.3.2). Blocks at the lower and right edge may be partial.
namespace Fathom.Numerics.Formats;

/// <summary>E4M3 codes with FP32 factors: number = code value * factor of its block.</summary>
public static unsafe class Float8Blocks
{
    /// <summary>Columns of a tile, and rows and columns of a weight's block in the published models.</summary>
    public const int Side = 128;

    // A tile of zeros still gets a factor that can be divided by (inference/kernel.py of the V3 release).
    const float SmallestPeak = 1e-4f;

    /// <summary>Blocks that cover <paramref name="size"/> rows or columns.</summary>
    public static int Count(int size, int block) => size / block + (size % block == 0 ? 0 : 1);

    /// <summary>
    /// Quantises activations: per row and 128 columns, factor = max(largest magnitude, 1e-4) / 448, code = the number divided by it.
    /// </summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="codes">[rows, columns] E4M3.</param>
    /// <param name="scales">[rows, <see cref="Count"/>(columns, 128)].</param>
    /// <param name="rows">0 or more.</param>
    /// <param name="columns">0 or more; the last tile of a row may be partial.</param>
    /// <param name="powersOfTwo">Rounds factors up to powers of two (UE8M0).</param>
    public static void QuantizeTiles(float* x, byte* codes, float* scales, int rows, int columns, bool powersOfTwo = false)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column += Side)
            {
                int width = Math.Min(Side, columns - column);
                float* from = x + (long)row * columns + column;
                float scale = Math.Max(Peak(from, columns, 1, width), SmallestPeak) / Float8.MaxE4M3;
                if (powersOfTwo)
                    scale = PowerAbove(scale);
                *scales++ = scale;
                Float8.ToE4M3(from, scale, codes + (long)row * columns + column, width);
            }
        }
    }

    /// <summary>Quantises one row of blocks of a weight: factor = largest magnitude of the block / 448 (1 where all are 0).</summary>
    /// <param name="w">[rows, columns], one row of blocks.</param>
    /// <param name="codes">[rows, columns] E4M3.</param>
    /// <param name="scales">[<see cref="Count"/>(columns, blockColumns)]: <c>weight_scale_inv</c> of this row of blocks.</param>
    /// <param name="rows">1 to the height of a block.</param>
    /// <param name="columns">0 or more.</param>
    /// <param name="blockColumns">Width of a block.</param>
    public static void QuantizeBlocks(float* w, byte* codes, float* scales, int rows, int columns, int blockColumns = Side)
    {
        for (int column = 0; column < columns; column += blockColumns)
        {
            int width = Math.Min(blockColumns, columns - column);
            float peak = Peak(w + column, columns, rows, width), scale = peak == 0 ? 1 : peak / Float8.MaxE4M3;
            *scales++ = scale;
            for (int row = 0; row < rows; row++)
                Float8.ToE4M3(w + (long)row * columns + column, scale, codes + (long)row * columns + column, width);
        }
    }

    /// <summary>Decodes some rows that lie in one row of blocks: [rows, columns] numbers, each code's value times its block's factor.</summary>
    /// <param name="codes">[rows, columns] E4M3.</param>
    /// <param name="scales">[<see cref="Count"/>(columns, blockColumns)]: the factors of this row of blocks.</param>
    /// <param name="w">[rows, columns].</param>
    /// <param name="rows">0 to the height of a block.</param>
    /// <param name="columns">0 or more.</param>
    /// <param name="blockColumns">Width of a block.</param>
    public static void Dequantize(byte* codes, float* scales, float* w, int rows, int columns, int blockColumns = Side)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column += blockColumns)
            {
                long at = (long)row * columns + column;
                Float8.FromE4M3(codes + at, w + at, Math.Min(blockColumns, columns - column), scales[column / blockColumns]);
            }
        }
    }

    // Largest magnitude of a NaN-free block; a NaN is not larger than anything.
    static float Peak(float* x, int stride, int rows, int width)
    {
        float peak = 0;
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < width; i++)
            {
                float magnitude = MathF.Abs(x[(long)row * stride + i]);
                peak = magnitude > peak ? magnitude : peak;
            }
        }
        return peak;
    }

    static float PowerAbove(float scale)
    {
        uint bits = BitConverter.SingleToUInt32Bits(scale);
        return BitConverter.UInt32BitsToSingle((bits + 0x007F_FFFF) & 0xFF80_0000);
    }
}
