// Throughput of matrix products at training, prefill and decode shapes, as a fraction of the multiply-add limit
// measured in the same run, sample by sample in turn.

using System.Diagnostics;
using System.Runtime.InteropServices;
using Fathom.Numerics.Kernels.GroupedMatMul;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Kernels.MatMul;
using Fathom.Numerics.Statistics;
using Fathom.Numerics.Threading;

namespace Fathom.Benchmarks;

static unsafe class MatMulBenchmark
{
    sealed record Shape(string Kernel, int M, int N, int K, int Groups = 1)
    {
        public bool Bf16 => Kernel.StartsWith("bf16", StringComparison.Ordinal);

        /// <summary>Reads KERNEL:M,N,K or KERNEL:M,N,K,GROUPS.</summary>
        public static Shape Parse(string text)
        {
            string[] parts = text.Split(':', ',');
            return new(parts[0], int.Parse(parts[1]), int.Parse(parts[2]), int.Parse(parts[3]), parts.Length > 4 ? int.Parse(parts[4]) : 1);
        }

        public override string ToString() => $"{Kernel,-10} {(Groups > 1 ? $"{Groups} x " : "")}{M} x {N} x {K}";
    }

    static readonly Shape[] s_shapes =
    [
        new("NN", 512, 512, 512), new("NT", 512, 512, 512), new("TN", 512, 512, 512),
        new("NN", 1024, 1024, 1024), new("NT", 1024, 1024, 1024), new("TN", 1024, 1024, 1024),
        new("NN", 2048, 2048, 2048), new("NT", 2048, 2048, 2048), new("TN", 2048, 2048, 2048),
        new("NT", 16, 4096, 1024),
        new("NT", 4096, 64, 256), new("NT", 4096, 256, 256), new("NT", 4096, 1024, 256), new("NT", 4096, 256, 1024),
        new("NN", 4096, 256, 64), new("NN", 4096, 256, 256), new("NN", 4096, 256, 1024), new("NN", 4096, 1024, 256),
        new("TN", 64, 256, 4096), new("TN", 256, 256, 4096), new("TN", 1024, 256, 4096), new("TN", 256, 1024, 4096),
        new("groupedNT", 1000, 256, 128, 16), new("groupedNN", 1000, 256, 128, 16), new("groupedTN", 1000, 256, 128, 16),
        new("groupedNT", 8, 256, 128, 16),
        new("NT", 1, 512, 512), new("NT", 1, 128, 128), new("NT", 4, 512, 512), new("NT", 8, 256, 256),
        new("NT", 16, 512, 512), new("NT", 32, 512, 512), new("NT", 64, 512, 512), new("NT", 96, 512, 512),
        new("NT", 128, 128, 128), new("NT", 128, 512, 512), new("NT", 256, 512, 256), new("NT", 512, 256, 512),
        new("NN", 1, 512, 512), new("NN", 8, 512, 512), new("NN", 32, 512, 512),
        new("bf16NN", 1024, 1024, 1024), new("bf16NT", 1024, 1024, 1024), new("bf16TN", 1024, 1024, 1024),
        new("bf16NT", 2048, 2048, 2048), new("bf16NT", 16, 4096, 1024), new("bf16NT", 4096, 256, 256),
    ];

    /// <summary>Prints one line per shape and thread count.</summary>
    public static int Run(string[] args)
    {
        var rest = new List<string>(args);
        bool quick = rest.Remove("--quick");
        int[] threads = [.. rest.Where(a => int.TryParse(a, out _)).Select(int.Parse)];
        Shape[] shapes = [.. rest.Where(a => a.Contains(':', StringComparison.Ordinal)).Select(Shape.Parse)];
        if (threads.Length == 0)
            threads = [1, Environment.ProcessorCount];
        if (shapes.Length == 0)
            shapes = s_shapes;
        Console.WriteLine($"FP32 rung {MatMul.Chosen}, BF16 rung {MatMulBf16.Chosen}. Peak: best multiply-add loop of the same samples.");
        Console.WriteLine($"{"shape (m x n x k)",-34} {"threads",7} {"min",8} {"median",8} {"max",8}  GFLOP/s {"of peak (median, max)",24}");
        foreach (Shape shape in shapes)
        {
            foreach (int count in threads)
                Measure(shape, count, quick ? 7 : 25);
        }
        return 0;
    }

    static void Measure(Shape shape, int threads, int samples)
    {
        ThreadTeam.SetSharedThreadCount(threads);
        nuint rows = (nuint)(shape.M * shape.Groups);
        nuint size = Math.Max(Math.Max(rows * (nuint)shape.K, rows * (nuint)shape.N), (nuint)shape.N * (nuint)shape.K * (nuint)shape.Groups);
        float* a = Allocate(size, shape.Bf16), b = Allocate(size, shape.Bf16), c = Allocate(size, false);
        int* offsets = stackalloc int[shape.Groups + 1];
        float** weights = stackalloc float*[shape.Groups];
        for (int g = 0; g < shape.Groups; g++)
        {
            offsets[g + 1] = offsets[g] + shape.M;
            weights[g] = b + (nint)g * shape.N * shape.K;
        }

        double flops = 2.0 * shape.M * shape.N * shape.K * shape.Groups;
        int repeat = Math.Max(1, (int)(2e9 * threads / flops / 2)); // About 5 to 10 ms a sample.
        var rates = new double[samples];
        double peak = 0;
        Call(shape, a, b, c, weights, offsets);
        for (int s = 0; s < samples; s++)
        {
            peak = Math.Max(peak, shape.Bf16
                ? MachineLimits.MeasureBf16(ThreadTeam.Shared, 0.002)
                : MachineLimits.MeasureFma512(ThreadTeam.Shared, 0.002));
            long start = Stopwatch.GetTimestamp();
            for (int r = 0; r < repeat; r++)
                Call(shape, a, b, c, weights, offsets);
            rates[s] = flops * repeat / Stopwatch.GetElapsedTime(start).TotalSeconds * 1e-9;
        }
        Array.Sort(rates);
        double median = Quantiles.Median(rates);
        Console.WriteLine($"{shape,-34} {threads,7} {rates[0],8:F1} {median,8:F1} {rates[^1],8:F1} {peak,10:F1} {median / peak,14:P1} {rates[^1] / peak,8:P1}");
        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
    }

    static void Call(Shape shape, float* a, float* b, float* c, float** weights, int* offsets)
    {
        (int m, int n, int k) = (shape.M, shape.N, shape.K);
        switch (shape.Kernel)
        {
            case "NN": MatMul.NN(a, k, b, n, c, n, m, n, k, accumulate: false); break;
            case "NT": MatMul.NT(a, k, b, k, c, n, m, n, k, accumulate: false); break;
            case "TN": MatMul.TN(a, m, b, n, c, n, m, n, k, accumulate: false); break;
            case "bf16NN": MatMulBf16.NN((ushort*)a, k, (ushort*)b, n, c, n, m, n, k, accumulate: false); break;
            case "bf16NT": MatMulBf16.NT((ushort*)a, k, (ushort*)b, k, c, n, m, n, k, accumulate: false); break;
            case "bf16TN": MatMulBf16.TN((ushort*)a, m, (ushort*)b, n, c, n, m, n, k, accumulate: false); break;
            case "groupedNT": GroupedMatMul.NT(a, k, weights, c, n, offsets, shape.Groups, n, k, accumulate: false); break;
            case "groupedNN": GroupedMatMul.NN(a, n, weights, c, k, offsets, shape.Groups, n, k, accumulate: false); break;
            default: GroupedMatMul.TN(a, n, c, k, weights, offsets, shape.Groups, n, k, accumulate: false); break;
        }
    }

    static float* Allocate(nuint size, bool bf16)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc(size * sizeof(float), 64);
        var random = new Random(1);
        for (nuint i = 0; i < size; i++)
        {
            float value = random.NextSingle() - 0.5f;
            // Two BF16 numbers of ordinary size in one word.
            memory[i] = bf16
                ? BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xffff0000 | BitConverter.SingleToUInt32Bits(value) >> 16)
                : value;
        }
        return memory;
    }
}
