// Counter-based random numbers (Philox 2x64 with 10 rounds, Salmon et al., SC'11): a value is a function of (seed, stream, index),
// so a resumed run continues the same bits without storing generator state.
namespace Fathom.Numerics.Random;

/// <summary>A random function of (seed, stream, index): the same arguments give the same bits, in any order, on any thread.</summary>
/// <param name="seed">The run's seed.</param>
/// <param name="stream">A number per purpose (data order, initialisation, one sampled sequence, ...).</param>
public readonly struct CounterRandom(ulong seed, ulong stream)
{
    const ulong Multiplier = 0xD2B74407B1CE6E93;
    const ulong Weyl = 0x9E3779B97F4A7C15;

    /// <summary>The number of a stream that has a name (FNV-1a: the same in every process).</summary>
    public static ulong StreamOf(string name)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in name)
            hash = (hash ^ c) * 1099511628211;
        return hash;
    }

    /// <summary>64 uniform bits for <paramref name="index"/>.</summary>
    public ulong UInt64(ulong index)
    {
        ulong left = index, right = stream, key = seed;
        for (int round = 0; round < 10; round++)
        {
            ulong high = Math.BigMul(left, Multiplier, out ulong low);
            left = high ^ key ^ right;
            right = low;
            key += Weyl;
        }
        return left;
    }

    /// <summary>A double in [0, 1) with 53 random bits.</summary>
    public double Double(ulong index) => (UInt64(index) >> 11) * (1.0 / (1UL << 53));

    /// <summary>A standard normal number (Box-Muller on the two halves of indices 2i and 2i+1).</summary>
    public double Normal(ulong index)
    {
        // 1 - u lies in (0, 1], so the logarithm is finite.
        double u = 1.0 - Double(2 * index), v = Double(2 * index + 1);
        return Math.Sqrt(-2.0 * Math.Log(u)) * Math.Cos(2.0 * Math.PI * v);
    }
}

/// <summary>Draws from one stream in order; the position is the only state.</summary>
/// <param name="seed">The run's seed.</param>
/// <param name="stream">A number per purpose.</param>
public struct RandomStream(ulong seed, ulong stream)
{
    readonly CounterRandom _random = new(seed, stream);

    /// <summary>Values drawn so far; set it to continue a stored stream.</summary>
    public ulong Position { get; set; }

    /// <summary>64 uniform bits.</summary>
    public ulong NextUInt64() => _random.UInt64(Position++);

    /// <summary>An integer in [0, <paramref name="exclusiveMax"/>), unbiased to 2^-64.</summary>
    /// <param name="exclusiveMax">At least 1.</param>
    public int NextInt(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMax, 1);
        return (int)Math.BigMul(NextUInt64(), (ulong)exclusiveMax, out _);
    }

    /// <summary>An integer in [<paramref name="min"/>, <paramref name="exclusiveMax"/>).</summary>
    public int NextInt(int min, int exclusiveMax) => min + NextInt(exclusiveMax - min);

    /// <summary>A double in [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Shuffles in place (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
