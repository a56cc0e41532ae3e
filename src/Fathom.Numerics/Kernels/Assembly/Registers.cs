// Registers by number, and the shapes of tiles.
using System.Runtime.InteropServices;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.Assembly;

/// <summary>Registers of the processor for code that counts them.</summary>
static unsafe class Registers
{
    /// <summary>The 32 vectors of 512 bits.</summary>
    public static readonly AssemblerRegisterZMM[] Zmm =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15,
        zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27, zmm28, zmm29, zmm30, zmm31,
    ];

    /// <summary>The 8 tiles.</summary>
    public static readonly AssemblerRegisterTMM[] Tmm = [tmm0, tmm1, tmm2, tmm3, tmm4, tmm5, tmm6, tmm7];

    /// <summary>A configuration of the tiles, as <c>ldtilecfg</c> reads it. The memory is kept until the process ends.</summary>
    /// <param name="shape">Rows (1 to 16) and bytes of a row (a multiple of 4 up to 64) of each of the 8 tiles.</param>
    public static byte* TileShapes(Func<int, (int Rows, int RowBytes)> shape)
    {
        var bytes = (byte*)NativeMemory.AlignedAlloc(64, 64);
        new Span<byte>(bytes, 64).Clear();
        // Palette 1; from byte 16 the bytes per row of each tile, two bytes each, from byte 48 its rows.
        bytes[0] = 1;
        for (int tile = 0; tile < 8; tile++)
        {
            (int rows, int rowBytes) = shape(tile);
            bytes[16 + 2 * tile] = (byte)rowBytes;
            bytes[48 + tile] = (byte)rows;
        }
        return bytes;
    }
}
