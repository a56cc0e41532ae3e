// Attention over a cache in every format: against double precision at the borders of blocks and splits, and its bits across widths,
// threads, batches and chunks.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

[Collection("ladder")]
public sealed unsafe class CachedAttentionTests : IDisposable
{
    const int Split = CachedAttention.SplitLength;

    // Around blocks and splits.
    static readonly int[] s_borders = [1, 63, 64, 65, Split - 1, Split, Split + 1, (3 * Split) + 7];

    // Query heads, key-value heads (0: latent), width of a key (rank), width of a value (rotary key).
    static readonly (int Heads, int KeyHeads, int First, int Second)[] s_shapes =
    [
        (6, 1, 32, 32), (14, 2, 24, 16), (4, 4, 16, 48), (3, 1, 5, 7), (10, 2, 40, 72),
        (4, 0, 32, 8), (16, 0, 80, 16), (3, 0, 5, 0), (20, 0, 33, 2), (16, 0, 64, 32), (20, 0, 64, 0), (9, 0, 128, 32),
    ];

    readonly Rung _ceiling = Ladder.Ceiling;
    readonly int _threads = ThreadTeam.Shared.ThreadCount;

    public void Dispose()
    {
        Ladder.Ceiling = _ceiling;
        ThreadTeam.SetSharedThreadCount(_threads);
    }

    static CacheLayout Layout(int shape, ElementType type)
    {
        (_, int keyHeads, int first, int second) = s_shapes[shape];
        return keyHeads == 0 ? CacheLayout.Latent(type, first, second) : CacheLayout.Grouped(type, keyHeads, first, second);
    }

    static bool TakesTiles(int shape, ElementType type)
        => type == ElementType.BF16 && s_shapes[shape] is { KeyHeads: 0, Heads: >= 8 } latent && latent.First % 64 == 0 && latent.Second % 32 == 0;

    [Fact]
    public void Tiles_OfLatentsInBFloat16_GiveOtherBitsThanVectors()
    {
        const int shape = 9;
        Assert.True(TakesTiles(shape, ElementType.BF16));
        if (CachedAttention.Chosen != Rung.Tiles)
            return;
        using CachedCase tiles = new(Layout(shape, ElementType.BF16), s_shapes[shape].Heads, [100], seed: 1), vectors = new(Layout(shape, ElementType.BF16), s_shapes[shape].Heads, [100], seed: 1);
        tiles.RunAll(100);
        Ladder.Ceiling = Rung.Vector512;
        vectors.RunAll(100);
        // Equal bits everywhere would mean that the tiles never ran.
        Assert.NotEqual(tiles.Results[0].SelectMany(r => r), vectors.Results[0].SelectMany(r => r));
    }

    public static TheoryData<int, ElementType> Cases()
    {
        var data = new TheoryData<int, ElementType>();
        for (int shape = 0; shape < s_shapes.Length; shape++)
        {
            foreach (ElementType type in new[] { ElementType.F32, ElementType.BF16, ElementType.I8 })
                data.Add(shape, type);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void LastTokens_AtBordersOfBlocksAndSplits_MatchDoublePrecision(int shape, ElementType type)
    {
        using var problem = new CachedCase(Layout(shape, type), s_shapes[shape].Heads, s_borders, seed: 3);
        foreach (Rung rung in Ladder.Supported)
        {
            Ladder.Ceiling = rung;
            Assert.Equal(rung is Rung.Assembled or Rung.Tiles && CachedAttention.Chosen != Rung.Tiles ? Rung.Vector512 : rung, CachedAttention.Chosen);
            int[] done = new int[s_borders.Length];
            problem.Run([.. s_borders.Select(n => Math.Max(0, n - 3))], done, attend: false);
            problem.Run([.. s_borders.Select(n => Math.Min(n, 3))], done, attend: true);
            for (int s = 0; s < s_borders.Length; s++)
            {
                problem.Check(s, s_borders[s] - 1, $"{rung}");
                problem.Check(s, Math.Max(0, s_borders[s] - 3), $"{rung}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void WidthsThreadsChunksAndBatches_GiveTheSameBits(int shape, ElementType type)
    {
        int[] lengths = [29, 1, Split + 9, 64];
        Ladder.Ceiling = Rung.Scalar;
        ThreadTeam.SetSharedThreadCount(1);
        using var expected = new CachedCase(Layout(shape, type), s_shapes[shape].Heads, lengths, seed: 11);
        expected.RunAll(1000);
        foreach (Rung rung in Ladder.Supported)
        {
            Ladder.Ceiling = rung;
            if (TakesTiles(shape, type) && CachedAttention.Chosen == Rung.Tiles)
            {
                // Another order of summation: other bits, of which the same is asked.
                ThreadTeam.SetSharedThreadCount(1);
                expected.RunAll(1000);
            }
            foreach ((int threads, int chunk) in new[] { (2, 1), (5, 1000), (1, 13) })
            {
                ThreadTeam.SetSharedThreadCount(threads);
                using var other = new CachedCase(Layout(shape, type), s_shapes[shape].Heads, lengths, seed: 11);
                other.RunAll(chunk);
                expected.Same(other, $"{rung}, {threads} threads, chunks of {chunk}");
            }
        }
        using var alone = new CachedCase(Layout(shape, type), s_shapes[shape].Heads, lengths, seed: 11);
        for (int s = 0; s < lengths.Length; s++)
        {
            for (int[] done = new int[lengths.Length]; done[s] < lengths[s];)
                alone.Run([.. lengths.Select((n, i) => i == s ? Math.Min(41, n - done[s]) : 0)], done, attend: true);
        }
        expected.Same(alone, "sequences one by one");
    }

    // Many splits of one sequence: each is a unit of its own, and the merge must give what one thread gives split after split.
    [Theory]
    [MemberData(nameof(Cases))]
    public void OneLongSequence_SplitAmongThreads_HasTheBitsOfOneThread(int shape, ElementType type)
    {
        int[] lengths = [(3 * Split) + 7];
        using var problem = new CachedCase(Layout(shape, type), s_shapes[shape].Heads, lengths, seed: 5);
        float[][] results = new float[4][];
        foreach (int threads in new[] { 1, 2, 3, 4 })
        {
            ThreadTeam.SetSharedThreadCount(threads);
            int[] done = [0];
            problem.Run([lengths[0] - 2], done, attend: false);
            problem.Run([2], done, attend: true);
            results[threads - 1] = [.. problem.Results[0][^2], .. problem.Results[0][^1]];
            CausalAttentionBitsTests.Same(results[0], results[threads - 1], $"{threads} threads");
        }
        problem.Check(0, lengths[0] - 1, "four threads");
    }

    [Theory]
    [InlineData(4, 4, 32, 32)]
    [InlineData(6, 2, 24, 40)]
    [InlineData(2, 1, 5, 7)]
    public void WithinTheFirstSplit_HasTheBitsOfTheTrainingForward(int heads, int keyHeads, int qk, int v)
    {
        int[] lengths = [Split, 3, 64];
        using var training = new AttentionCase(CausalAttentionTests.Shape(heads, keyHeads, qk, 0, v), lengths, seed: 5);
        training.Forward();
        using var cached = new CachedCase(CacheLayout.Grouped(ElementType.F32, keyHeads, qk, v), heads, lengths, seed: 1);
        for (int s = 0; s < lengths.Length; s++)
        {
            for (int t = 0; t < lengths[s]; t++)
            {
                int token = training.Starts[s] + t;
                training.K.Span.Slice(token * training.KStride, keyHeads * qk).CopyTo(cached.Keys[s][t]);
                training.V.Span.Slice(token * training.VStride, keyHeads * v).CopyTo(cached.Values[s][t]);
                training.Q.Span.Slice(token * training.QStride, heads * qk).CopyTo(cached.Queries[s][t]);
            }
        }
        cached.RunAll(50);
        for (int s = 0; s < lengths.Length; s++)
        {
            for (int t = 0; t < lengths[s]; t++)
                CausalAttentionBitsTests.Same(training.O.Span.Slice((training.Starts[s] + t) * training.OStride, heads * v), cached.Results[s][t], $"sequence {s}, position {t}");
        }
    }

    // The cache's own accounts: elements, and for 8 bit a factor per 32 of them.
    [Theory]
    [InlineData(ElementType.F32, 4 * 576, 4 * 512)]
    [InlineData(ElementType.BF16, 2 * 576, 2 * 512)]
    [InlineData(ElementType.I8, 576 + (4 * 18), 512 + (4 * 16))]
    public void Layout_OfPublishedShapes_TakesTheBytesOfItsElements(ElementType type, int latent, int grouped)
    {
        Assert.Equal(latent, CacheLayout.Latent(type, 512, 64).BytesPerToken);
        Assert.Equal(grouped, CacheLayout.Grouped(type, 2, 128, 128).BytesPerToken);
        Assert.Equal(0, CacheLayout.Latent(type, 5, 2).Bytes % 64);
    }

    [Fact]
    public void Layout_OfAnotherFormat_IsRefusedByName()
        => Assert.Contains("Q4_K", Assert.Throws<ArgumentException>(() => CacheLayout.Latent(ElementType.Q4_K, 512, 64)).Message);

    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.I8)]
    public void ReadLatents_GivesWhatTheFormatKeeps(ElementType type)
    {
        using var problem = new CachedCase(CacheLayout.Latent(type, 70, 10), 1, [130], seed: 2);
        problem.Run([130], [0], attend: false);
        using GuardedMemory<float> latents = new(67 * 70), rotary = new(67 * 10);
        problem.Read(0, 63, 67, latents.Pointer, rotary.Pointer);
        for (int i = 0; i < 67; i++)
        {
            float[] row = problem.Keys[0][63 + i];
            double[] expected = CachedCase.Rounded(type, row);
            for (int d = 0; d < 80; d++)
            {
                float actual = d < 70 ? latents.Span[(i * 70) + d] : rotary.Span[(i * 10) + d - 70];
                Assert.Equal((float)expected[d], actual);
                // Half a step: 2^-9 of the element, or 1/254 of the largest in its group, which is below 1; and the roundings of the two factors.
                double bound = type switch { ElementType.F32 => 0, ElementType.BF16 => Math.Abs(row[d]) / 256, _ => 1.001 / 254 };
                Assert.True(Math.Abs(actual - row[d]) <= bound);
            }
        }
    }

    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.I8)]
    public void RowsThatAreNotFinite_StayNotFinite(ElementType type)
    {
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            using var problem = new CachedCase(CacheLayout.Latent(type, 32, 0), 1, [3], seed: 2);
            problem.Keys[0][1][9] = bad;
            problem.RunAll(1);
            Assert.All(problem.Results[0][0], x => Assert.True(float.IsFinite(x)));
            Assert.Contains(problem.Results[0][1], x => !float.IsFinite(x));
            Assert.Contains(problem.Results[0][2], x => !float.IsFinite(x));
        }
    }
}
