// Counter-based random numbers: the published values of Philox, uniformity, normality, independence of streams.

using Fathom.Numerics.Random;

namespace Fathom.Numerics.Tests.Random;

public sealed class CounterRandomTests
{
    // Random123's known answers (file kat_vectors, philox2x64, 10 rounds): counter words, key, first word of the result.
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0xca00a0459843d731UL)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x65b021d60cd8310fUL)]
    [InlineData(0x243f6a8885a308d3UL, 0x13198a2e03707344UL, 0xa4093822299f31d0UL, 0x0a5e742c2997341cUL)]
    public void UInt64_EqualsThePublishedPhilox(ulong index, ulong stream, ulong seed, ulong expected)
        => Assert.Equal(expected, new CounterRandom(seed, stream).UInt64(index));

    [Fact]
    public void Double_IsUniform()
    {
        // Chi-square over 64 cells, 63 degrees of freedom: mean 63, deviation 11.2; 120 is five deviations up.
        const int draws = 64_000, cells = 64;
        for (ulong stream = 0; stream < 3; stream++)
        {
            var counts = new int[cells];
            var random = new CounterRandom(11, stream);
            for (ulong i = 0; i < draws; i++)
            {
                double value = random.Double(i);
                Assert.InRange(value, 0, 1 - 1e-16);
                counts[(int)(value * cells)]++;
            }
            double chi = counts.Sum(n => Math.Pow(n - draws / cells, 2) / (draws / cells));
            Assert.InRange(chi, 20, 120);
        }
    }

    [Fact]
    public void UInt64_EveryBitIsSetHalfTheTime()
    {
        const int draws = 20_000;
        var counts = new int[64];
        var random = new CounterRandom(5, 6);
        for (ulong i = 0; i < draws; i++)
        {
            ulong bits = random.UInt64(i);
            for (int b = 0; b < 64; b++)
                counts[b] += (int)(bits >> b & 1);
        }
        // Deviation sqrt(n) / 2 = 71; six of them.
        Assert.All(counts, n => Assert.InRange(n, draws / 2 - 425, draws / 2 + 425));
    }

    [Fact]
    public void Streams_AndSeeds_AreIndependent()
    {
        const int draws = 20_000;
        var reference = new CounterRandom(1, 1);
        foreach (CounterRandom other in new CounterRandom[] { new(1, 2), new(2, 1), new(1, 1UL << 63) })
        {
            double correlation = 0;
            for (ulong i = 0; i < draws; i++)
            {
                Assert.NotEqual(reference.UInt64(i), other.UInt64(i));
                correlation += (reference.Double(i) - 0.5) * (other.Double(i) - 0.5) * 12 / draws;
            }
            // Deviation 1 / sqrt(n) = 0.0071; five of them.
            Assert.InRange(correlation, -0.036, 0.036);
        }
    }

    [Fact]
    public void Normal_HasMeanZeroAndDeviationOne()
    {
        const int draws = 40_000;
        var random = new CounterRandom(9, 9);
        double sum = 0, squares = 0, within = 0;
        for (ulong i = 0; i < draws; i++)
        {
            double value = random.Normal(i);
            sum += value;
            squares += value * value;
            within += Math.Abs(value) < 1 ? 1 : 0;
        }
        Assert.InRange(sum / draws, -0.025, 0.025); // deviation 0.005
        Assert.InRange(squares / draws, 0.965, 1.035); // deviation 0.007
        Assert.InRange(within / draws, 0.6827 - 0.012, 0.6827 + 0.012); // deviation 0.0023
    }

    [Fact]
    public void RandomStream_ContinuesFromItsPosition()
    {
        var whole = new RandomStream(4, 2);
        for (int i = 0; i < 10; i++)
            whole.NextUInt64();
        var continued = new RandomStream(4, 2) { Position = 10 };
        for (int i = 0; i < 10; i++)
            Assert.Equal(whole.NextUInt64(), continued.NextUInt64());
    }

    [Fact]
    public void NextInt_CoversItsRangeEvenly_AndRefusesAnEmptyOne()
    {
        var random = new RandomStream(4, 3);
        var counts = new int[7];
        for (int i = 0; i < 14_000; i++)
            counts[random.NextInt(-3, 4) + 3]++;
        // Deviation sqrt(14000 * 1/7 * 6/7) = 41; five of them.
        Assert.All(counts, n => Assert.InRange(n, 2000 - 207, 2000 + 207));
        Assert.Throws<ArgumentOutOfRangeException>(() => random.NextInt(0));
    }

    [Fact]
    public void Shuffle_IsAPermutation_AndEveryPlaceIsReached()
    {
        var random = new RandomStream(4, 5);
        var places = new int[5, 5];
        for (int round = 0; round < 5000; round++)
        {
            int[] items = [0, 1, 2, 3, 4];
            random.Shuffle<int>(items);
            Assert.Equal([0, 1, 2, 3, 4], items.Order());
            for (int i = 0; i < 5; i++)
                places[items[i], i]++;
        }
        foreach (int n in places)
            Assert.InRange(n, 1000 - 142, 1000 + 142); // deviation 28.3; five of them
    }
}
