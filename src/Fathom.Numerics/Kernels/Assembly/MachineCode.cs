// Machine code made at run time, for instructions .NET has no intrinsics for.
// Linux on x64 only: elsewhere kernels take a lower rung.

using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Iced.Intel;

namespace Fathom.Numerics.Kernels.Assembly;

/// <summary>Assembles functions into memory that is written first and made executable afterwards, never both at once.</summary>
static unsafe class MachineCode
{
    const int ProtReadWrite = 3, ProtReadExecute = 5, MapPrivateAnonymous = 0x22;

    /// <summary>Whether this process can run assembled kernels: x64 Linux (the calling convention the kernels are written in).</summary>
    public static bool Supported { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && Avx512F.IsSupported;

    /// <summary>Whether the processor has <c>vdpbf16ps</c> (CPUID leaf 7, subleaf 1, EAX bit 5).</summary>
    public static bool HasBf16 { get; } = Supported && (X86Base.CpuId(7, 1).Eax & 1 << 5) != 0;

    /// <summary>Whether the processor has <c>vpdpbusd</c> on 512 bits (CPUID leaf 7, ECX bit 11).</summary>
    public static bool HasVnni { get; } = Supported && (X86Base.CpuId(7, 0).Ecx & 1 << 11) != 0;

    /// <summary>Whether the processor has 8-bit tiles (AMX: CPUID leaf 7, EDX bits 24 and 25) and the system lets this process use them.</summary>
    public static bool HasInt8Tiles { get; } = HasTiles(25);

    /// <summary>Whether the processor has BF16 tiles (CPUID leaf 7, EDX bits 24 and 22) and the system lets this process use them.</summary>
    public static bool HasBf16Tiles { get; } = HasTiles(22);

    /// <summary>
    /// Whether <c>vdpbf16ps</c> runs at half the rate of FP32 multiply-adds, so that it gains nothing over them: so on Intel's
    /// processors (measured on Emerald Rapids: 90 against 179 GFLOP/s), while AMD's run it at the full rate.
    /// </summary>
    public static bool HasSlowBf16 { get; } = HasBf16 && X86Base.CpuId(0, 0).Ebx == 0x756e6547; // "Genu"

    /// <summary>Assembles one function and returns its address. The memory is kept until the process ends.</summary>
    /// <exception cref="Win32Exception">The system refused executable memory.</exception>
    public static void* Assemble(Action<Assembler> emit)
    {
        var assembler = new Assembler(64);
        emit(assembler);
        using var code = new MemoryStream();
        // Position-independent code: the address given here does not matter.
        assembler.Assemble(new StreamCodeWriter(code), rip: 0);
        return Publish(code.GetBuffer().AsSpan(0, (int)code.Length));
    }

    // Linux gives tiles only to processes that ask: arch_prctl(ARCH_REQ_XCOMP_PERM, tile data).
    static bool HasTiles(int bit)
    {
        const int sysArchPrctl = 158, requestPermission = 0x1023, tileData = 18;
        return Supported && (X86Base.CpuId(7, 0).Edx & 1 << 24) != 0 && (X86Base.CpuId(7, 0).Edx & 1 << bit) != 0
            && SysCall(sysArchPrctl, requestPermission, tileData) == 0;
    }

    static void* Publish(ReadOnlySpan<byte> code)
    {
        nuint bytes = (nuint)code.Length;
        void* memory = MMap(null, bytes, ProtReadWrite, MapPrivateAnonymous, -1, 0);
        if ((nint)memory == -1)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Mapping {bytes} bytes for machine code failed.");
        code.CopyTo(new Span<byte>(memory, code.Length));
        if (MProtect(memory, bytes, ProtReadExecute) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "Making machine code executable failed.");
        return memory;
    }

    [DllImport("libc", EntryPoint = "mmap", SetLastError = true)]
    static extern void* MMap(void* address, nuint length, int protection, int flags, int file, nint offset);

    [DllImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    static extern int MProtect(void* address, nuint length, int protection);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    static extern long SysCall(long number, long first, long second);
}
