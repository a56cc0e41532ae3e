// Whether something fits into memory: better said before than by the system's killer half way.
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Fathom.Cli;

/// <summary>Memory of this machine.</summary>
static class Memory
{
    /// <summary>The most memory this process has held at a time, files mapped into it included.</summary>
    public static long Peak()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>Memory that this process holds now, files mapped into it included, after allocators gave back what they had kept for later.</summary>
    public static long Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        try
        {
            _ = Trim(0);
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            // Not glibc: its allocator is asked for nothing.
        }
        return Environment.WorkingSet;
    }

    [DllImport("libc", EntryPoint = "malloc_trim")]
    static extern int Trim(nuint pad);

    /// <summary>Refuses what needs more memory than the machine has.</summary>
    /// <exception cref="CommandException">It does not fit; the message has both sizes.</exception>
    public static void Require(string what, long bytes)
    {
        long present = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        if (bytes > present)
            throw CommandException.Failure($"{what} takes at least {Terminal.Scaled(bytes)}B of memory; this machine has {Terminal.Scaled(present)}B.");
    }
}
