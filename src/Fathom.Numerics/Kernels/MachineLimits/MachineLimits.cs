// What this machine can do at most, measured: the yardstick beside every throughput figure.
// Leaves out latencies and cache bandwidths.

using System.Diagnostics;
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
/// <param name="Vnni512">8-bit products, summed by four (<c>vpdpbusd</c>, eight operations per 32-bit lane), in 512-bit vectors, Gop/s; 0 where the processor has none.</param>
/// <param name="Vnni256">The same in 256-bit vectors.</param>
/// <param name="AmxBf16">BF16 products of tiles (<c>tdpbf16ps</c>), GFLOP/s; 0 where the processor has none or the system forbids them.</param>
/// <param name="AmxInt8">8-bit products of tiles (<c>tdpbssd</c>), Gop/s; 0 where the processor has none or the system forbids them.</param>
/// <param name="Read">Reading memory from end to end, GB/s.</param>
/// <param name="Triad">a = b + s·c over memory, GB/s, counting the 12 bytes per element that the program asks for.</param>
public sealed record MachineLimits(int Threads, double Fma512, double Fma256, double Bf16, double Vnni512, double Vnni256, double AmxBf16, double AmxInt8, double Read, double Triad)
{
    const double SecondsEach = 0.2;

    /// <summary>The highest FP32 rate of this processor's vectors, GFLOP/s.</summary>
    public double Single => Math.Max(Fma512, Fma256);

    /// <summary>The highest rate of BF16 products, GFLOP/s; that of FP32 where the processor has none that are faster.</summary>
    public double BFloat => Math.Max(Single, Math.Max(Bf16, AmxBf16));

    /// <summary>The highest rate of 8-bit products, Gop/s; 0 where the processor has none that are summed to 32 bits in one instruction.</summary>
    public double Int8 => Math.Max(AmxInt8, Math.Max(Vnni512, Vnni256));

    /// <summary>Measures for about two seconds: each limit is the best of many short rounds within 0.2 s.</summary>
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
            MeasureVnni512(team, SecondsEach),
            MeasureVnni256(team, SecondsEach),
            MeasureAmx(team, bf16: true, SecondsEach),
            MeasureAmx(team, bf16: false, SecondsEach),
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

    /// <summary>The 512-bit limit of 8-bit products alone; 0 where there is none.</summary>
    /// <param name="team">The threads to use.</param>
    /// <param name="seconds">How long to measure.</param>
    public static double MeasureVnni512(ThreadTeam team, double seconds)
        => MachineCode.HasVnni
            ? Best(team, new PeakLoop { Kind = PeakKind.Vnni512 }, 8.0 * 16 * PeakLoop.FmaPerPart * 1e-9, seconds)
            : 0;

    /// <summary>The 256-bit limit of 8-bit products alone; 0 where there is none.</summary>
    /// <param name="team">The threads to use.</param>
    /// <param name="seconds">How long to measure.</param>
    public static double MeasureVnni256(ThreadTeam team, double seconds)
        => AvxVnni.IsSupported
            ? Best(team, new PeakLoop { Kind = PeakKind.Vnni256 }, 8.0 * 8 * PeakLoop.FmaPerPart * 1e-9, seconds)
            : 0;

    /// <summary>The limit of products of tiles alone; 0 where there is none.</summary>
    /// <param name="team">The threads to use.</param>
    /// <param name="bf16">Products of BF16; else of 8 bits.</param>
    /// <param name="seconds">How long to measure.</param>
    public static double MeasureAmx(ThreadTeam team, bool bf16, double seconds)
    {
        var loop = new TileLoop { IsBf16 = bf16 };
        return (bf16 ? MachineCode.HasBf16Tiles : MachineCode.HasInt8Tiles) ? Best(team, loop, loop.OperationsPerPart * 1e-9, seconds) : 0;
    }

    static double MeasureMemory(ThreadTeam team, bool triad)
    {
        using var probe = new MemoryProbe(team);
        return probe.Measure(triad, SecondsEach);
    }

    /// <summary>The best rate of rounds of one part per thread.</summary>
    internal static double Best<TAction>(ThreadTeam team, TAction loop, double unitsPerPart, double seconds)
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
