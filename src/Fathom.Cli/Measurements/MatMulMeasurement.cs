// Matrix products beside the multiply-add limit, sample by sample in turn: whatever else runs on the machine hits both.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Kernels.MatMul;
using Fathom.Numerics.Statistics;
using Fathom.Numerics.Threading;

namespace Fathom.Cli.Measurements;

/// <summary>Measures matrix products y = x·Wᵀ in FP32 and BF16.</summary>
static unsafe class MatMulMeasurement
{
    const int Samples = 15;
    const double PeakSeconds = 0.002, SampleSeconds = 0.01, MostSeconds = 2;

    static readonly (int M, int N, int K)[] s_shapes = [(512, 512, 512), (1024, 1024, 1024), (2048, 2048, 2048), (16, 4096, 1024)];

    /// <summary>All shapes in both formats with the shared team; the fraction is the best sample's of the limit.</summary>
    /// <param name="limits">What the same number of threads reached so far; raised where the loops between the samples are faster.</param>
    public static List<BenchResult> Run(ref MachineLimits limits)
    {
        List<BenchResult> results = [];
        foreach (ElementType type in new[] { ElementType.F32, ElementType.BF16 })
        {
            double limit = type == ElementType.F32 ? limits.Single : limits.Bf16;
            var measured = new BenchResult[s_shapes.Length];
            for (int i = 0; i < measured.Length; i++)
                measured[i] = Measure(type, s_shapes[i].M, s_shapes[i].N, s_shapes[i].K, ref limit);
            results.AddRange(measured.Select(result => result with { FractionOfLimit = limit > 0 ? result.Maximum / limit : null }));
            if (type == ElementType.BF16)
                limits = limits with { Bf16 = limit };
            else if (limits.Fma512 > 0)
                limits = limits with { Fma512 = limit };
            else
                limits = limits with { Fma256 = limit };
        }
        return results;
    }

    static BenchResult Measure(ElementType type, int m, int n, int k, ref double limit)
    {
        nuint size = (nuint)Math.Max((long)m * n, Math.Max((long)m * k, (long)n * k));
        float* a = Allocate(size), b = Allocate(size), c = Allocate(size);
        try
        {
            double flops = 2.0 * m * n * k, once = Time(type, a, b, c, m, n, k, 1);
            int repeats = (int)Math.Clamp(SampleSeconds / once, 1, 10_000);
            var rates = new List<double>(Samples);
            long begin = Stopwatch.GetTimestamp();
            while (rates.Count < Samples && (rates.Count < 3 || Stopwatch.GetElapsedTime(begin).TotalSeconds < MostSeconds))
            {
                limit = Math.Max(limit, Peak(type));
                rates.Add(flops * repeats / Time(type, a, b, c, m, n, k, repeats) * 1e-9);
            }
            return new BenchResult
            {
                Test = $"{(type == ElementType.F32 ? "FP32" : "BF16")} matrix product {m} x {n} x {k}",
                Threads = ThreadTeam.Shared.ThreadCount,
                Gflops = Quantiles.Median(rates),
                Minimum = rates.Min(),
                Maximum = rates.Max(),
            };
        }
        finally
        {
            NativeMemory.AlignedFree(a);
            NativeMemory.AlignedFree(b);
            NativeMemory.AlignedFree(c);
        }
    }

    static double Peak(ElementType type)
    {
        ThreadTeam team = ThreadTeam.Shared;
        if (type == ElementType.BF16)
            return MachineLimits.MeasureBf16(team, PeakSeconds);
        return Math.Max(MachineLimits.MeasureFma512(team, PeakSeconds), MachineLimits.MeasureFma256(team, PeakSeconds));
    }

    static double Time(ElementType type, float* a, float* b, float* c, int m, int n, int k, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
        {
            if (type == ElementType.F32)
                MatMul.NT(a, k, b, k, c, n, m, n, k, accumulate: false);
            else
                MatMulBf16.NT((ushort*)a, k, (ushort*)b, k, c, n, m, n, k, accumulate: false);
        }
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    static float* Allocate(nuint size)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc(size * sizeof(float), 64);
        // 1.0039: an ordinary number as FP32, and as two BF16 halves.
        for (nuint i = 0; i < size; i++)
            memory[i] = BitConverter.UInt32BitsToSingle(0x3f803f80);
        return memory;
    }
}
