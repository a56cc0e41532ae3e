// A native buffer that grows when first needed and is kept.
using System.Runtime.InteropServices;

namespace Fathom.Numerics.Kernels;

/// <summary>64-byte aligned memory with one owner, who frees it.</summary>
unsafe struct AlignedBuffer
{
    byte* _data;
    nuint _bytes;

    /// <summary>At least <paramref name="bytes"/> bytes; what was in the buffer is lost when it grows.</summary>
    public byte* Grow(nuint bytes)
    {
        if (bytes > _bytes)
        {
            Free();
            _data = (byte*)NativeMemory.AlignedAlloc(bytes, 64);
            _bytes = bytes;
        }
        return _data;
    }

    public void Free()
    {
        NativeMemory.AlignedFree(_data);
        _data = null;
        _bytes = 0;
    }
}
