// Throughput of attention, forward and backward in training and decoding over caches, beside the multiply-add limit measured in the same run.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Threading;

namespace Fathom.Benchmarks;

static unsafe class AttentionBenchmark
{
    static readonly List<nint> s_memory = [];

    /// <summary>Prints one line per shape, pass and thread count.</summary>
    public static int Run(string[] args)
    {
        Console.WriteLine($"rung {CausalAttention.Chosen}. Operations count scores a token sees only; peak: best multiply-add loop of the same samples.");
        Console.WriteLine($"{"case",-58} {"threads",7} {"ms (min)",9} {"median",9} {"GFLOP/s",8} {"of peak",8}");
        foreach (int threads in args.Length > 0 ? args.Select(int.Parse).ToArray() : [1, Environment.ProcessorCount])
        {
            ThreadTeam.SetSharedThreadCount(threads);
            Train("latent, expanded", 16, 256, 8, 8, 32, 16, 32);
            Train("multi-head", 16, 256, 8, 8, 32, 0, 32);
            Train("grouped-query", 16, 256, 8, 2, 32, 0, 32);
            Train("latent, expanded", 64, 64, 8, 8, 32, 16, 32);
            Train("grouped-query", 1, 2048, 4, 2, 128, 0, 128);
            DecodeLatent(512, 100, 4, 32, 8);
            DecodeLatent(512, 100, 4, 64, 16);
            DecodeLatent(1, 4096, 16, 512, 64);
            DecodeGrouped(512, 100, 8, 4, 32);
            DecodeGrouped(1, 4096, 16, 2, 128);
        }
        return 0;
    }

    static void Train(string name, int sequences, int length, int heads, int keyHeads, int qk, int shared, int v)
    {
        long tokens = (long)sequences * length;
        var shape = new AttentionShape { HeadCount = heads, KeyValueHeadCount = keyHeads, QkDim = qk, SharedDim = shared, VDim = v, Scale = 1f / MathF.Sqrt(qk + shared) };
        long qSize = tokens * heads * (qk + shared), kSize = tokens * keyHeads * qk, vSize = tokens * keyHeads * v, sharedSize = tokens * shared, oSize = tokens * heads * v;
        var inputs = new AttentionInputs
        {
            Q = Random(qSize),
            QTokenStride = heads * (qk + shared),
            QHeadStride = qk + shared,
            K = Random(kSize),
            KTokenStride = keyHeads * qk,
            KHeadStride = qk,
            SharedK = shared == 0 ? null : Random(sharedSize),
            SharedKTokenStride = shared,
            V = Random(vSize),
            VTokenStride = keyHeads * v,
            VHeadStride = v,
        };
        var gradients = new AttentionGradients { Q = Random(qSize), K = Random(kSize), SharedK = shared == 0 ? null : Random(sharedSize), V = Random(vSize) };
        float* o = Random(oSize), dO = Random(oSize), logSumExp = Random(tokens * heads);
        int* starts = (int*)Random(sequences + 1);
        for (int s = 0; s <= sequences; s++)
            starts[s] = s * length;
        double pairs = (double)sequences * heads * length * (length + 1) / 2;
        string label = $"{name} {sequences} x {length}, {heads}/{keyHeads} heads, {qk}+{shared}, {v}";
        Measure(label + " forward", 2 * pairs * (qk + shared + v), () => CausalAttention.Forward(shape, inputs, starts, sequences, o, heads * v, logSumExp));
        Measure(label + " backward", 2 * pairs * ((3 * (qk + shared)) + (2 * v)), () => CausalAttention.Backward(shape, inputs, starts, sequences, o, heads * v, logSumExp, dO, gradients));
        Free();
    }

    static void DecodeLatent(int sequences, int cached, int heads, int rank, int rope)
    {
        int width = rank + rope, blocks = (cached + LatentAttention.BlockLength - 1) / LatentAttention.BlockLength;
        float* q = Random((long)sequences * heads * width), context = Random((long)sequences * heads * rank);
        float** table = Blocks(sequences * blocks, LatentAttention.BlockLength * width);
        (nint starts, nint past) = Steps(sequences, cached);
        Measure($"latent decode {sequences} x {cached}, {heads} heads, {rank}+{rope}", 2.0 * sequences * heads * cached * (width + rank), () => LatentAttention.Forward(
            heads, rank, rope, 0.1f, q, heads * width, (int*)starts, (int*)past, sequences, table, blocks, context, heads * rank));
        Free();
    }

    static void DecodeGrouped(int sequences, int cached, int heads, int keyHeads, int dim)
    {
        int blocks = (cached + CausalAttention.CacheBlockLength - 1) / CausalAttention.CacheBlockLength;
        var shape = new AttentionShape { HeadCount = heads, KeyValueHeadCount = keyHeads, QkDim = dim, VDim = dim, Scale = 0.1f };
        float* q = Random((long)sequences * heads * dim), o = Random((long)sequences * heads * dim);
        float** keys = Blocks(sequences * blocks, CausalAttention.CacheBlockLength * keyHeads * dim), values = Blocks(sequences * blocks, CausalAttention.CacheBlockLength * keyHeads * dim);
        (nint starts, nint past) = Steps(sequences, cached);
        Measure($"grouped-query decode {sequences} x {cached}, {heads}/{keyHeads} heads, {dim}", 4.0 * sequences * heads * cached * dim, () => CausalAttention.ForwardCached(
            shape, q, heads * dim, dim, (int*)starts, (int*)past, sequences, keys, values, blocks, o, heads * dim));
        Free();
    }

    static void Measure(string label, double operations, Action action)
    {
        const int Samples = 15;
        action();
        var watch = Stopwatch.StartNew();
        action();
        int repeat = Math.Max(1, (int)(0.005 / watch.Elapsed.TotalSeconds));
        var seconds = new double[Samples];
        double peak = 0;
        for (int s = 0; s < Samples; s++)
        {
            peak = Math.Max(peak, MachineLimits.MeasureFma512(ThreadTeam.Shared, 0.002));
            watch.Restart();
            for (int r = 0; r < repeat; r++)
                action();
            seconds[s] = watch.Elapsed.TotalSeconds / repeat;
        }
        Array.Sort(seconds);
        double rate = operations / seconds[0] * 1e-9;
        Console.WriteLine($"{label,-58} {ThreadTeam.Shared.ThreadCount,7} {seconds[0] * 1e3,9:F3} {seconds[Samples / 2] * 1e3,9:F3} {rate,8:F0} {rate / peak,8:P0}");
    }

    // One new token per sequence at the end of what is cached.
    static (nint Starts, nint Past) Steps(int sequences, int cached)
    {
        int* starts = (int*)Random(sequences + 1), past = (int*)Random(sequences);
        for (int s = 0; s <= sequences; s++)
            starts[s] = s;
        new Span<int>(past, sequences).Fill(cached - 1);
        return ((nint)starts, (nint)past);
    }

    static float** Blocks(int count, int size)
    {
        float** table = (float**)Random(2L * count);
        for (int b = 0; b < count; b++)
            table[b] = Random(size);
        return table;
    }

    static float* Random(long size)
    {
        float* memory = (float*)NativeMemory.AlignedAlloc((nuint)size * sizeof(float), 64);
        s_memory.Add((nint)memory);
        var random = new Random(1);
        for (long i = 0; i < size; i++)
            memory[i] = (2 * random.NextSingle()) - 1;
        return memory;
    }

    static void Free()
    {
        s_memory.ForEach(m => NativeMemory.AlignedFree((void*)m));
        s_memory.Clear();
    }
}
