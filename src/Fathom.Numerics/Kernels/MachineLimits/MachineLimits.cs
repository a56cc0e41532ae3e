// What this machine can do at most, measured: the yardstick beside every throughput figure.
// Leaves out latencies and cache bandwidths.

using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Kernels.Assembly;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.MachineLimits;

/// <summary>Measured limits with a given number of threads. One GFLOP/s is 10⁹ operations per second, one GB/s 10⁹ bytes.</summary>
/// <param name="Threads">Threads that ran at the same time.</param>
/// <param name="Fma512">FP32 multiply-adds (two operations each) in 512-bit vectors, GFLOP/s; 0 where the processor has none.</param>
/// <param name="Fma256">The same in 256-bit vectors.</param>
/// <param name="Bf16">BF16 pair products (<c>vdpbf16ps</c>, four operations per lane), GFLOP/s; 0 where the processor has none.</param>
/// <param name="Read">Reading memory from end to end, GB/s.</param>
/// <param name="Triad">a = b + s·c over memory, GB/s, counting the 12 bytes per element that the program asks for.</param>
public sealed record MachineLimits(int Threads, double Fma512, double Fma256, double Bf16, double Read, double Triad)
{
    const double SecondsEach = 0.2;

    /// <summary>Bytes walked in the memory measurements. A machine whose last cache holds them shows that cache instead.</summary>
    const long MemoryBytes = 256 << 20;

    /// <summary>The highest FP32 rate of this processor's vectors, GFLOP/s.</summary>
    public double Single => Math.Max(Fma512, Fma256);

    /// <summary>Measures for about a second: each limit is the best of many short rounds within 0.2 s.</summary>
    /// <param name="threads">1 to 1024.</param>
    /// <exception cref="ArgumentOutOfRangeException">The thread count is out of range.</exception>
    public static MachineLimits Measure(int threads)
    {
        using var team = new ThreadTeam(threads);
        return new MachineLimits(
            threads,
            MeasureFma512(team, SecondsEach),
            MeasureFma256(team, SecondsEach),
            MeasureBf16(team, SecondsEach),
            MeasureMemory(team, triad: false),
            MeasureMemory(team, triad: true));
    }

    /// <summary>The 512-bit FP32 limit alone, for comparisons within one run; 0 where there is none.</summary>
    /// <param name="team">The threads to use.</param>
    /// <param name="seconds">How long to measure; a few milliseconds do for one sample.</param>
    public static double MeasureFma512(ThreadTeam team, double seconds)
        => Vector512.IsHardwareAccelerated
            ? Best(team, new PeakLoop { Kind = PeakKind.Fma512 }, 2.0 * 16 * PeakLoop.FmaPerPart * 1e-9, seconds)
            : 0;

    /// <summary>The 256-bit FP32 limit alone; 0 where there is none.</summary>
    /// <param name="team">The threads to use.</param>
    /// <param name="seconds">How long to measure.</param>
    public static double MeasureFma256(ThreadTeam team, double seconds)
        => Fma.IsSupported
            ? Best(team, new PeakLoop { Kind = PeakKind.Fma256 }, 2.0 * 8 * PeakLoop.FmaPerPart * 1e-9, seconds)
            : 0;

    /// <summary>The BF16 limit alone; 0 where there is none.</summary>
    /// <param name="team">The threads to use.</param>
    /// <param name="seconds">How long to measure.</param>
    public static double MeasureBf16(ThreadTeam team, double seconds)
        => MachineCode.HasBf16
            ? Best(team, new PeakLoop { Kind = PeakKind.Bf16 }, 4.0 * 16 * PeakLoop.FmaPerPart * 1e-9, seconds)
            : 0;

    static unsafe double MeasureMemory(ThreadTeam team, bool triad)
    {
        nint floats = (nint)(MemoryBytes / sizeof(float) / team.ThreadCount / 3 / 64 * 64) * 3 * team.ThreadCount;
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)floats * sizeof(float), 64);
        try
        {
            // Pages must be touched, and by numbers that are not denormal.
            for (nint i = 0; i < floats; i++)
                memory[i] = 1f;
            var loop = new MemoryLoop { Memory = memory, Share = floats / team.ThreadCount, Triad = triad };
            return Best(team, loop, floats * sizeof(float) / (double)team.ThreadCount * 1e-9, SecondsEach);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    /// <summary>The best rate of rounds of one part per thread.</summary>
    static double Best<TAction>(ThreadTeam team, TAction loop, double unitsPerPart, double seconds)
        where TAction : struct, IParallelAction
    {
        team.Run(team.ThreadCount, ref loop); // Compiles and wakes.
        double best = 0;
        long begin = Stopwatch.GetTimestamp();
        do
        {
            long start = Stopwatch.GetTimestamp();
            team.Run(team.ThreadCount, ref loop);
            best = Math.Max(best, unitsPerPart * team.ThreadCount / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds);
        return best;
    }
}
