// Memory for interleaved weights: large pieces in large pages, since a model's weights are written once and streamed for ever after.
using System.Runtime.InteropServices;

namespace Fathom.Numerics.Tensors;

/// <summary>A piece of memory that weights share; freed when none of them is left.</summary>
sealed unsafe class StripMemory
{
    const long PageBytes = 2 << 20, PieceBytes = 32 * PageBytes, Alignment = 64;

    // madvise: pages of 2 MB where the system has them. A quarter of the faults' time, and fewer walks of page tables.
    const int HugePage = 14;

    static readonly Lock s_gate = new();
    static StripMemory? s_current;

    readonly byte* _start;
    readonly long _bytes;
    long _used;

    StripMemory(long bytes)
    {
        _bytes = bytes;
        _start = (byte*)NativeMemory.AlignedAlloc(checked((nuint)bytes), (nuint)PageBytes);
        if (OperatingSystem.IsLinux())
            _ = Advise(_start, (nuint)bytes, HugePage);
    }

    /// <summary>Frees the memory.</summary>
    ~StripMemory() => NativeMemory.AlignedFree(_start);

    /// <summary>Takes memory, 64-byte aligned, for as long as <paramref name="owner"/> is held.</summary>
    public static byte* Take(long bytes, out StripMemory owner)
    {
        bytes = checked((bytes + Alignment - 1) & -Alignment);
        lock (s_gate)
        {
            if (s_current is null || s_current._used + bytes > s_current._bytes)
                s_current = new StripMemory(checked((Math.Max(bytes, PieceBytes) + PageBytes - 1) & -PageBytes));
            owner = s_current;
            byte* start = owner._start + owner._used;
            owner._used += bytes;
            return start;
        }
    }

    [DllImport("libc", EntryPoint = "madvise")]
    static extern int Advise(void* address, nuint length, int advice);
}
