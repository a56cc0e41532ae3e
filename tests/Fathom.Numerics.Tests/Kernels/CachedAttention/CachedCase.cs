// One problem of attention over a cache, every block in guarded memory of its own, and its naive solution in double precision from
// rows that the test rounds to the cache's format itself.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

/// <summary>Sequences of given lengths whose keys and values stand in a cache, and queries for every token.</summary>
sealed unsafe class CachedCase : IDisposable
{
    readonly List<IDisposable> _owned = [];
    readonly Dictionary<(int, int, int), double[]> _naive = [];
    readonly Dictionary<(int, int, int), (double[] Key, double[] Value)> _rounded = [];
    readonly byte** _table;
    readonly int _stride;

    public CachedCase(CacheLayout layout, int headCount, int[] lengths, int seed)
    {
        (Layout, HeadCount, Lengths) = (layout, headCount, lengths);
        Scale = 1f / MathF.Sqrt(layout.KeyWidth);
        var random = new System.Random(seed);
        _stride = (lengths.Max() + CacheLayout.BlockLength - 1) / CacheLayout.BlockLength;
        _table = (byte**)Own(new GuardedMemory<nint>(lengths.Length * _stride)).Pointer;
        for (int i = 0; i < lengths.Length * _stride; i++)
        {
            // What no token was written to holds NaN in every format, as what it holds must not matter.
            GuardedMemory<byte> block = Own(new GuardedMemory<byte>((int)layout.Bytes));
            block.Span.Fill(0xFF);
            _table[i] = block.Pointer;
        }
        foreach (int length in lengths)
        {
            Keys.Add(Rows(random, length, layout.HeadCount * layout.KeyWidth));
            Values.Add(layout.IsLatent
                ? [.. Keys[^1].Select(row => row[..layout.ValueWidth])]
                : Rows(random, length, layout.HeadCount * layout.ValueWidth));
            Queries.Add(Rows(random, length, headCount * layout.KeyWidth));
            Results.Add([.. Enumerable.Range(0, length).Select(_ => new float[headCount * layout.ValueWidth])]);
        }
    }

    public CacheLayout Layout { get; }
    public int HeadCount { get; }
    public int[] Lengths { get; }
    public float Scale { get; }

    // Per sequence, per token.
    public List<float[][]> Keys { get; } = [];
    public List<float[][]> Values { get; } = [];
    public List<float[][]> Queries { get; } = [];
    public List<float[][]> Results { get; } = [];

    static float[][] Rows(System.Random random, int count, int width)
        => [.. Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, width).Select(_ => (float)((random.NextDouble() * 2) - 1)).ToArray())];

    /// <summary>Writes the next counts[s] tokens of every sequence behind done[s] into the cache; attends them too if asked.</summary>
    public void Run(int[] counts, int[] done, bool attend)
    {
        int total = counts.Sum(), heads = Layout.HeadCount, second = Layout.IsLatent ? Layout.KeyWidth - Layout.ValueWidth : heads * Layout.ValueWidth;
        int first = Layout.IsLatent ? Layout.ValueWidth : heads * Layout.KeyWidth;
        using var starts = new GuardedMemory<int>([0, .. counts.Select((_, i) => counts.Take(i + 1).Sum())]);
        using var past = new GuardedMemory<int>(done);
        using GuardedMemory<float> keys = new(total * first), values = new(total * second);
        using GuardedMemory<float> q = new(total * HeadCount * Layout.KeyWidth), o = new(total * HeadCount * Layout.ValueWidth);
        for (int s = 0; s < counts.Length; s++)
        {
            for (int i = 0; i < counts[s]; i++)
            {
                int token = starts.Span[s] + i, position = done[s] + i;
                Keys[s][position].AsSpan(0, first).CopyTo(keys.Span[(token * first)..]);
                (Layout.IsLatent ? Keys[s][position].AsSpan(first) : Values[s][position]).CopyTo(values.Span[(token * second)..]);
                Queries[s][position].CopyTo(q.Span[(token * HeadCount * Layout.KeyWidth)..]);
            }
        }
        CachedBatch batch = new()
        {
            Layout = Layout,
            Blocks = _table,
            TableStride = _stride,
            Starts = starts.Pointer,
            PastLengths = past.Pointer,
            SequenceCount = counts.Length,
        };
        if (Layout.IsLatent)
            CacheRows.WriteLatents(batch, keys.Pointer, values.Pointer);
        else
            CacheRows.Write(batch, keys.Pointer, values.Pointer);
        if (attend)
        {
            CachedAttention.Forward(
                batch, HeadCount, Scale, q.Pointer, HeadCount * Layout.KeyWidth, Layout.KeyWidth, o.Pointer, HeadCount * Layout.ValueWidth, Layout.ValueWidth);
            for (int s = 0; s < counts.Length; s++)
            {
                for (int i = 0; i < counts[s]; i++)
                    o.Span.Slice((starts.Span[s] + i) * HeadCount * Layout.ValueWidth, HeadCount * Layout.ValueWidth).CopyTo(Results[s][done[s] + i]);
            }
        }
        for (int s = 0; s < counts.Length; s++)
            done[s] += counts[s];
    }

    /// <summary>Writes everything in chunks and attends the tokens of every chunk.</summary>
    public void RunAll(int chunk)
    {
        int[] done = new int[Lengths.Length];
        while (done.Zip(Lengths).Any(p => p.First < p.Second))
            Run([.. done.Zip(Lengths, (d, n) => Math.Min(chunk, n - d))], done, attend: true);
    }

    /// <summary>The latents and rotary keys of a sequence as the kernel reads them back.</summary>
    public void Read(int sequence, int first, int count, float* latents, float* rotary)
        => CacheRows.ReadLatents(new CachedBatch { Layout = Layout, Blocks = _table, TableStride = _stride }, sequence, first, count, latents, rotary);

    /// <summary>A stored row as the format rounds it, worked out here; a row is one head's key or value, or a latent with its rotary key.</summary>
    public static double[] Rounded(ElementType type, ReadOnlySpan<float> row)
    {
        double[] result = [.. row.ToArray().Select(x => (double)x)];
        for (int i = 0; i < result.Length; i++)
        {
            if (type == ElementType.BF16)
                result[i] = BFloat16.ToSingle(BFloat16.FromSingle(row[i]));
            if (type == ElementType.I8)
            {
                int from = i / 32 * 32;
                float largest = row[from..Math.Min(row.Length, from + 32)].ToArray().Max(Math.Abs);
                result[i] = Math.Round((double)(row[i] * (127 / largest)), MidpointRounding.ToEven) * (largest / 127);
            }
        }
        return result;
    }

    /// <summary>The result of one query row in double precision, straight from the definition.</summary>
    public double[] Naive(int sequence, int position, int head)
    {
        if (_naive.TryGetValue((sequence, position, head), out double[]? known))
            return known;
        int group = HeadCount / Layout.HeadCount, keyHead = head / group, width = Layout.KeyWidth, valueWidth = Layout.ValueWidth;
        double[] scores = new double[position + 1], o = new double[valueWidth];
        double[][] values = new double[position + 1][];
        ReadOnlySpan<float> q = Queries[sequence][position].AsSpan(head * width, width);
        for (int j = 0; j <= position; j++)
        {
            (double[] key, values[j]) = RoundedRow(sequence, j, keyHead);
            for (int d = 0; d < width; d++)
                scores[j] += q[d] * key[d];
            scores[j] *= Scale;
        }
        double max = scores.Max(), sum = scores.Sum(s => Math.Exp(s - max));
        for (int j = 0; j <= position; j++)
        {
            for (int d = 0; d < valueWidth; d++)
                o[d] += Math.Exp(scores[j] - max) / sum * values[j][d];
        }
        return _naive[(sequence, position, head)] = o;
    }

    (double[] Key, double[] Value) RoundedRow(int sequence, int position, int head)
    {
        if (!_rounded.TryGetValue((sequence, position, head), out (double[] Key, double[] Value) row))
        {
            double[] key = Rounded(Layout.Type, Keys[sequence][position].AsSpan(head * Layout.KeyWidth, Layout.KeyWidth));
            row = (key, Layout.IsLatent ? key[..Layout.ValueWidth] : Rounded(Layout.Type, Values[sequence][position].AsSpan(head * Layout.ValueWidth, Layout.ValueWidth)));
            _rounded[(sequence, position, head)] = row;
        }
        return row;
    }

    /// <summary>Holds a token's result against double precision.</summary>
    public void Check(int sequence, int position, string what)
    {
        // A score is a chain of width roundings of partial sums below sqrt(width) (scaled: below 1, thrice for safety), its exponential is off by
        // as much and 4 units; sums and contexts add a rounding per key and two per split, each weighed by what it rounds. 8 bit: code times
        // scale rounds once more per element. Tiles cut queries and weights at 2^-16: one such part of a score below sqrt(width) and of a value
        // below 1 each, and they sum without subnormal numbers.
        double bound = ((3 * (Layout.KeyWidth + 4)) + (2 * position) + 16) * Math.ScaleB(1, -24);
        if (CachedAttention.Chosen == Rung.Tiles && Layout.Type == ElementType.BF16)
            bound += (Math.Sqrt(Layout.KeyWidth) + 1) * Math.ScaleB(1, -16);
        for (int head = 0; head < HeadCount; head++)
        {
            double[] expected = Naive(sequence, position, head);
            for (int d = 0; d < expected.Length; d++)
            {
                float actual = Results[sequence][position][(head * expected.Length) + d];
                if (!(Math.Abs(expected[d] - actual) <= bound))
                    Assert.Fail($"{what}, sequence {sequence}, position {position}, head {head}, {d}: expected {expected[d]:R}, got {actual:R}, allowed {bound:E2} off");
            }
        }
    }

    /// <summary>Holds all results against those of another case, bit for bit.</summary>
    public void Same(CachedCase other, string what)
    {
        for (int s = 0; s < Lengths.Length; s++)
        {
            for (int t = 0; t < Lengths[s]; t++)
                CausalAttentionBitsTests.Same(Results[s][t], other.Results[s][t], $"{what}, sequence {s}, position {t}");
        }
    }

    public void Dispose() => _owned.ForEach(o => o.Dispose());

    GuardedMemory<T> Own<T>(GuardedMemory<T> memory)
        where T : unmanaged
    {
        _owned.Add(memory);
        return memory;
    }
}
