// Each thread's buffers for packed panels: grown when first needed, kept for the life of the thread.

namespace Fathom.Numerics.Kernels.MatMul;

static unsafe class Scratch
{
    /// <summary>Words of the largest tile: 24 rows by 48 columns are more than any rung has.</summary>
    const int TileWords = 24 * 48;

    [ThreadStatic]
    static Buffers? t_buffers;

    static Buffers Mine => t_buffers ??= new Buffers();

    /// <summary>At least <paramref name="words"/> words for panels of A, 64-byte aligned.</summary>
    public static uint* A(nuint words) => (uint*)Mine.A.Grow(words * sizeof(uint));

    /// <summary>At least <paramref name="words"/> words for panels of B, 64-byte aligned.</summary>
    public static uint* B(nuint words) => (uint*)Mine.B.Grow(words * sizeof(uint));

    /// <summary>At least <paramref name="words"/> words for decoded rows of a weight, 64-byte aligned.</summary>
    public static uint* Decoded(nuint words) => (uint*)Mine.Decoded.Grow(words * sizeof(uint));

    /// <summary>Room for one tile of C.</summary>
    public static float* Tile => (float*)Mine.Tile.Grow(TileWords * sizeof(float));

    sealed class Buffers
    {
        public AlignedBuffer A, B, Decoded, Tile;

        ~Buffers()
        {
            A.Free();
            B.Free();
            Decoded.Free();
            Tile.Free();
        }
    }
}
