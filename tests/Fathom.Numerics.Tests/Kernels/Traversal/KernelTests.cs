// Runs a kernel in every way it can run (rungs, thread counts) and asserts that all give the same bits.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels.Traversal;

/// <summary>Base of the tests of traversed kernels. Restores the ceiling and the thread count.</summary>
[Collection("ladder")]
public abstract class KernelTests : IDisposable
{
    readonly Rung _ceiling = Ladder.Ceiling;
    readonly int _threads = ThreadTeam.Shared.ThreadCount;

    public void Dispose()
    {
        Ladder.Ceiling = _ceiling;
        ThreadTeam.SetSharedThreadCount(_threads);
        GC.SuppressFinalize(this);
    }

    /// <summary>The outputs of <paramref name="run"/>, which gave the same bits on every rung, and with three threads as with one.</summary>
    protected static double[][] EveryWay(Func<float[][]> run)
    {
        float[][]? first = null;
        ThreadTeam.SetSharedThreadCount(1);
        foreach (Rung rung in Ladder.Supported)
        {
            Ladder.Ceiling = rung;
            Assert.Equal(rung > Rung.Vector512 ? Rung.Vector512 : rung, Fathom.Numerics.Kernels.Traversal.Chosen);
            Compare($"{rung}");
        }
        ThreadTeam.SetSharedThreadCount(3);
        Compare("three threads");
        return [.. first!.Select(o => o.Select(x => (double)x).ToArray())];

        void Compare(string way)
        {
            float[][] outputs = run();
            first ??= outputs;
            for (int o = 0; o < outputs.Length; o++)
                EqualBits(first[o], outputs[o], $"{way}, output {o}");
        }
    }

    protected static void EqualBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string where)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i]),
                $"{where}, element {i}: {actual[i]:R} instead of {expected[i]:R}");
        }
    }

    /// <summary>|actual - expected| at most <paramref name="relative"/> * |expected| + <paramref name="absolute"/>, element by element.</summary>
    protected static void Near(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double relative, double absolute, string where)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (int i = 0; i < expected.Count; i++)
        {
            double bound = relative * Math.Abs(expected[i]) + absolute;
            Assert.True(Math.Abs(actual[i] - expected[i]) <= bound, $"{where}, element {i}: {actual[i]:R}, expected {expected[i]:R} ± {bound:E2}");
        }
    }

    /// <summary>Normal numbers, a function of <paramref name="seed"/> and the length.</summary>
    protected static float[] Normal(int count, ulong seed, double scale = 1, double mean = 0)
    {
        var random = new Fathom.Numerics.Random.CounterRandom(seed, (ulong)count);
        return [.. Enumerable.Range(0, count).Select(i => (float)(mean + scale * random.Normal((ulong)i)))];
    }

    protected static GuardedMemory<T> Guarded<T>(T[] values)
        where T : unmanaged
        => new(values.AsSpan());

    /// <summary>Central differences of <paramref name="f"/> at <paramref name="x"/>.</summary>
    protected static double[] Slopes(Func<double[], double> f, float[] x, double step = 1e-5)
    {
        double[] at = [.. x.Select(v => (double)v)];
        double[] slopes = new double[at.Length];
        for (int i = 0; i < at.Length; i++)
        {
            double old = at[i];
            at[i] = old + step;
            double above = f(at);
            at[i] = old - step;
            double below = f(at);
            at[i] = old;
            slopes[i] = (above - below) / (2 * step);
        }
        return slopes;
    }

    /// <summary>The double of every float.</summary>
    protected static double[] Exact(float[] x) => [.. x.Select(v => (double)v)];

    protected static double Dot(double[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();

    /// <summary>Widths around every vector length and the 32 chains of a row sum.</summary>
    protected static IEnumerable<int> Widths => [0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40, 63, 64, 65, 70];
}
