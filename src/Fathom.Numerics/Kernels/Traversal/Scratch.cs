// Working memory of a kernel: grown to the largest size asked for and kept, one per thread that declares it [ThreadStatic].
using System.Runtime.InteropServices;

namespace Fathom.Numerics.Kernels;

/// <summary>Aligned native memory that only grows. Its content is undefined after <see cref="Get{T}"/>.</summary>
internal unsafe struct Scratch
{
    void* _memory;
    nuint _bytes;

    /// <summary>Room for <paramref name="count"/> values at a multiple of 64 bytes.</summary>
    public T* Get<T>(long count)
        where T : unmanaged
    {
        nuint bytes = checked((nuint)count * (nuint)sizeof(T));
        if (bytes > _bytes)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
            _bytes = 0;
            _memory = NativeMemory.AlignedAlloc(bytes, 64);
            _bytes = bytes;
        }
        return (T*)_memory;
    }
}
