// A buffer that ends where an inaccessible page begins: a read or write past its end stops the process at once.

using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Fathom.Testing;

/// <summary>Native memory for <see cref="Length"/> elements whose last byte lies just before a page without access rights.</summary>
/// <typeparam name="T">Element type.</typeparam>
public sealed unsafe class GuardedMemory<T> : IDisposable
    where T : unmanaged
{
    const int ProtNone = 0, ProtReadWrite = 3, MapPrivateAnonymous = 0x22;

    readonly byte* _mapping;
    readonly nuint _mappingBytes;

    /// <summary>Maps the buffer, filled with <paramref name="values"/>.</summary>
    public GuardedMemory(ReadOnlySpan<T> values)
        : this(values.Length) => values.CopyTo(Span);

    /// <summary>Maps a buffer of zeros. On Linux the guard is real; elsewhere this is plain memory.</summary>
    public GuardedMemory(int length)
    {
        Length = length;
        nuint bytes = checked((nuint)length * (nuint)sizeof(T)), page = (nuint)Environment.SystemPageSize;
        if (!OperatingSystem.IsLinux())
        {
            Pointer = (T*)NativeMemory.AllocZeroed(Math.Max(1, bytes));
            return;
        }
        nuint whole = (bytes + page - 1) / page * page;
        _mappingBytes = whole + page;
        _mapping = (byte*)MemoryMap.Map(null, _mappingBytes, ProtReadWrite, MapPrivateAnonymous, -1, 0);
        if ((nint)_mapping == -1)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Mapping {_mappingBytes} bytes failed.");
        if (MemoryMap.Protect(_mapping + whole, page, ProtNone) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "Protecting the guard page failed.");
        Pointer = (T*)(_mapping + whole - bytes);
    }

    /// <summary>The first element.</summary>
    public T* Pointer { get; }

    /// <summary>Elements in the buffer.</summary>
    public int Length { get; }

    /// <summary>The whole buffer.</summary>
    public Span<T> Span => new(Pointer, Length);

    /// <summary>Unmaps the buffer.</summary>
    public void Dispose()
    {
        if (_mapping is not null)
            _ = MemoryMap.Unmap(_mapping, _mappingBytes);
        else
            NativeMemory.Free(Pointer);
    }
}

static unsafe class MemoryMap
{
    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    internal static extern void* Map(void* address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    internal static extern int Protect(void* address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "munmap", SetLastError = true)]
    internal static extern int Unmap(void* address, nuint length);
}
