// One thread's working memory for attention: grown once, kept as long as the thread lives, never on the collected heap.
using System.Runtime.InteropServices;

namespace Fathom.Numerics.Kernels;

/// <summary>Hands out 64-byte aligned pieces of one native block; asking anew invalidates what was handed out before.</summary>
sealed unsafe class AttentionScratch
{
    [ThreadStatic]
    static AttentionScratch? t_own;

    float* _memory;
    nuint _capacity;
    nuint _used;

    /// <summary>The calling thread's memory, with room for at least <paramref name="floats"/> floats.</summary>
    public static AttentionScratch Take(long floats)
    {
        AttentionScratch own = t_own ??= new AttentionScratch();
        own._used = 0;
        if (own._capacity < (nuint)floats)
        {
            NativeMemory.AlignedFree(own._memory);
            own._capacity = 0;
            own._memory = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64);
            own._capacity = (nuint)floats;
        }
        return own;
    }

    /// <summary>The next <paramref name="rows"/> x <paramref name="rowLength"/> floats; the row length is a multiple of 16.</summary>
    public float* Next(long rows, int rowLength)
    {
        float* piece = _memory + _used;
        _used += (nuint)(rows * rowLength);
        System.Diagnostics.Debug.Assert(_used <= _capacity, "the scratch was asked for less than is used");
        return piece;
    }

    /// <summary><paramref name="length"/> rounded up to an odd number of cache lines, so that columns do not fall into the same cache sets.</summary>
    public static int RowLength(int length) => ((length + 15) / 16 | 1) * 16;

    /// <summary><paramref name="length"/> rounded up to a multiple of 16.</summary>
    public static int Padded(int length) => (length + 15) & ~15;

    ~AttentionScratch() => NativeMemory.AlignedFree(_memory);
}
