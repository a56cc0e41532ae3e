// Each thread's buffers for packed panels: grown when first needed, kept for the life of the thread.

using System.Runtime.InteropServices;

namespace Fathom.Numerics.Kernels.MatMul;

static unsafe class Scratch
{
    /// <summary>Words of the largest tile: 24 rows by 48 columns are more than any rung has.</summary>
    const int TileWords = 24 * 48;

    [ThreadStatic]
    static Buffers? t_buffers;

    static Buffers Mine => t_buffers ??= new Buffers();

    /// <summary>At least <paramref name="words"/> words for panels of A, 64-byte aligned.</summary>
    public static uint* A(nuint words) => Mine.A.Grow(words);

    /// <summary>At least <paramref name="words"/> words for panels of B, 64-byte aligned.</summary>
    public static uint* B(nuint words) => Mine.B.Grow(words);

    /// <summary>At least <paramref name="words"/> words for decoded rows of a weight, 64-byte aligned.</summary>
    public static uint* Decoded(nuint words) => Mine.Decoded.Grow(words);

    /// <summary>Room for one tile of C.</summary>
    public static float* Tile => (float*)Mine.Tile.Grow(TileWords);

    sealed class Buffers
    {
        public Buffer A, B, Decoded, Tile;

        ~Buffers()
        {
            A.Free();
            B.Free();
            Decoded.Free();
            Tile.Free();
        }
    }

    struct Buffer
    {
        uint* _data;
        nuint _words;

        public uint* Grow(nuint words)
        {
            if (words > _words)
            {
                Free();
                _data = (uint*)NativeMemory.AlignedAlloc(words * sizeof(uint), 64);
                _words = words;
            }
            return _data;
        }

        public void Free()
        {
            NativeMemory.AlignedFree(_data);
            _data = null;
            _words = 0;
        }
    }
}
