// Throughput of attention, forward and backward in training and decoding over caches, beside the multiply-add limit measured in the same run.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Statistics;
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
        foreach (int threads in args.Length > 0 ? args.Where(a => int.TryParse(a, out _)).Select(int.Parse).ToArray() : [1, Environment.ProcessorCount])
        {
            ThreadTeam.SetSharedThreadCount(threads);
            Train("latent, expanded", 16, 256, 8, 8, 32, 16, 32);
            Train("multi-head", 16, 256, 8, 8, 32, 0, 32);
            Train("grouped-query", 16, 256, 8, 2, 32, 0, 32);
            Train("latent, expanded", 64, 64, 8, 8, 32, 16, 32);
            Train("grouped-query", 1, 2048, 4, 2, 128, 0, 128);
            foreach (ElementType type in new[] { ElementType.F32, ElementType.BF16, ElementType.I8 })
            {
                Decode(512, 100, 4, CacheLayout.Latent(type, 48, 8));
                Decode(1, 4096, 16, CacheLayout.Latent(type, 512, 64));
                Decode(8, 1024, 16, CacheLayout.Latent(type, 512, 64));
                Decode(512, 100, 8, CacheLayout.Grouped(type, 4, 32, 32));
                Decode(1, 4096, 12, CacheLayout.Grouped(type, 2, 128, 128));
                Decode(1, 4096, 28, CacheLayout.Grouped(type, 4, 128, 128));
                Prompt(512, 0, 12, CacheLayout.Grouped(type, 2, 128, 128));
                Prompt(512, 4096, 12, CacheLayout.Grouped(type, 2, 128, 128));
                Prompt(64, 1024, 16, CacheLayout.Latent(type, 512, 64));
            }
            Expanded(512, 0);
            Expanded(512, 4096);
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

    static void Decode(int sequences, int cached, int heads, CacheLayout layout)
        => Cached($"decode {sequences} x {cached}", sequences, 1, cached - 1, heads, layout);

    static void Prompt(int tokens, int past, int heads, CacheLayout layout)
        => Cached($"prompt {tokens} behind {past}", 1, tokens, past, heads, layout);

    // Bytes are those of the rows that the tokens see, read once per sequence and head of the cache.
    static void Cached(string name, int sequences, int tokens, int past, int heads, CacheLayout layout)
    {
        int blocks = (past + tokens + CacheLayout.BlockLength - 1) / CacheLayout.BlockLength, t = sequences * tokens;
        float* q = Random((long)t * heads * layout.KeyWidth), o = Random((long)t * heads * layout.ValueWidth);
        byte** table = (byte**)Random(2L * sequences * blocks);
        for (int b = 0; b < sequences * blocks; b++)
            table[b] = (byte*)Random(layout.Bytes / sizeof(float));
        int* starts = (int*)Random(sequences + 1), pasts = (int*)Random(sequences);
        for (int s = 0; s <= sequences; s++)
            starts[s] = s * (past + tokens);
        new Span<int>(pasts, sequences).Clear();
        CachedBatch batch = new() { Layout = layout, Blocks = table, TableStride = blocks, Starts = starts, PastLengths = pasts, SequenceCount = sequences };
        float* rows = Random((long)sequences * (past + tokens) * layout.HeadCount * layout.KeyWidth), values = Random((long)sequences * (past + tokens) * layout.HeadCount * layout.KeyWidth);
        if (layout.IsLatent)
            CacheRows.WriteLatents(batch, rows, values);
        else
            CacheRows.Write(batch, rows, values);
        for (int s = 0; s <= sequences; s++)
            starts[s] = s * tokens;
        new Span<int>(pasts, sequences).Fill(past);
        double pairs = sequences * ((double)tokens * past + (tokens * (tokens + 1.0) / 2)), bytes = (double)sequences * (past + tokens) * layout.BytesPerToken;
        Measure(
            $"{layout.Type} {(layout.IsLatent ? "latent" : "grouped")} {name}, {heads}/{layout.HeadCount} heads, {layout.KeyWidth}", 2 * pairs * heads * (layout.KeyWidth + layout.ValueWidth),
            () => CachedAttention.Forward(batch, heads, 0.1f, q, heads * layout.KeyWidth, layout.KeyWidth, o, heads * layout.ValueWidth, layout.ValueWidth), bytes);
        Free();
    }

    // DeepSeek-V2-Lite's heads.
    static void Expanded(int tokens, int past)
    {
        AttentionShape shape = new() { HeadCount = 16, KeyValueHeadCount = 16, QkDim = 128, SharedDim = 64, VDim = 128, Scale = 0.1f };
        int keys = past + tokens;
        float* q = Random((long)tokens * 16 * 192), expanded = Random((long)keys * 16 * 256), shared = Random(keys * 64L), o = Random((long)tokens * 16 * 128);
        float* state = Random(CachedAttention.StateFloats(shape, tokens));
        double pairs = ((double)tokens * past) + (tokens * (tokens + 1.0) / 2);
        Measure(
            $"expanded {tokens} behind {past}, 16 heads, 128+64, 128", 2 * pairs * 16 * 320,
            () => CachedAttention.ForwardExpanded(shape, q, 16 * 192, tokens, past, expanded, shared, 0, keys, state, o, 16 * 128));
        Free();
    }

    static void Measure(string label, double operations, Action action, double bytes = 0)
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
        Console.WriteLine($"{label,-58} {ThreadTeam.Shared.ThreadCount,7} {seconds[0] * 1e3,9:F3} {Quantiles.Median(seconds) * 1e3,9:F3} {rate,8:F0} {rate / peak,8:P0}{(bytes == 0 ? "" : $" {bytes / seconds[0] * 1e-9,8:F1} GB/s of cache")}");
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
