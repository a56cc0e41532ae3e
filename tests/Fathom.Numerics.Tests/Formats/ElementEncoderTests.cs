// Encoding into block types: how much is lost, against plain methods and fine searches written here in double, and derived bounds.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Random;
using Fathom.Numerics.Tests.Kernels.Traversal;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Formats;

public sealed unsafe class ElementEncoderTests : KernelTests
{
    public static TheoryData<ElementType> Written => [.. Enum.GetValues<ElementType>().Where(ElementEncoder.Writes)];

    public static TheoryData<ElementType> Blocks => [.. Enum.GetValues<ElementType>().Where(type => type.IsBlock() && ElementEncoder.Writes(type))];

    static byte[] Encode(ElementType type, float[] x, float[]? importance = null)
    {
        using var source = new GuardedMemory<float>(x);
        using var destination = new GuardedMemory<byte>((int)type.ByteLength(x.Length));
        fixed (float* weights = importance)
            ElementEncoder.FromSingle(type, source.Pointer, destination.Pointer, x.Length, weights, importance?.Length ?? 0);
        return destination.Span.ToArray();
    }

    static float[] RoundTrip(ElementType type, float[] x, float[]? importance = null)
    {
        byte[] bytes = Encode(type, x, importance);
        var back = new float[x.Length];
        fixed (byte* source = bytes)
        fixed (float* y = back)
            ElementDecoder.ToSingle(type, source, y, x.Length);
        return back;
    }

    static double SquaredError(float[] x, float[] y, float[]? weights = null) =>
        x.Select((value, i) => (weights?[i % weights.Length] ?? 1) * Math.Pow((double)value - y[i], 2)).Sum();

    // The plain method of each format: the range of a group mapped onto the codes, everything rounded once.
    static double PlainError(ElementType type, float[] x)
    {
        int group = type == ElementType.Q6_K ? 16 : 32;
        double[][] groups = [.. x.Chunk(group).Select(g => g.Select(v => (double)v).ToArray())];
        double Symmetric(double[] g, double scale, double low, double high) =>
            g.Sum(v => Math.Pow(v - (scale == 0 ? 0 : scale * Math.Clamp(Math.Round(v / scale), low, high)), 2));
        double Extreme(double[] g) => g.MaxBy(Math.Abs);
        double Half(double v) => (double)(System.Half)v;
        switch (type)
        {
            case ElementType.Q8_0:
                return groups.Sum(g => Symmetric(g, Half(Math.Abs(Extreme(g)) / 127), -127, 127));
            case ElementType.Q4_0:
                return groups.Sum(g => Symmetric(g, Half(Extreme(g) / -8), -8, 7));
            case ElementType.Q5_0:
                return groups.Sum(g => Symmetric(g, Half(Extreme(g) / -16), -16, 15));
            case ElementType.Q6_K:
                return groups.Chunk(16).Sum(block =>
                {
                    double[] scales = [.. block.Select(g => Extreme(g) / -32)];
                    double d = Half(Extreme(scales) / -128);
                    return block.Zip(scales, (g, s) => Symmetric(g, d * Math.Clamp(Math.Round(s / d), -128, 127), -32, 31)).Sum();
                });
            default:
                int high = type == ElementType.Q5_K ? 31 : 15;
                return groups.Chunk(8).Sum(block =>
                {
                    double[] minima = [.. block.Select(g => -Math.Min(0, g.Min()))], scales = [.. block.Select((g, j) => (g.Max() + minima[j]) / high)];
                    double d = Half(scales.Max() / 63), dmin = Half(minima.Max() / 63), sum = 0;
                    for (int j = 0; j < 8; j++)
                    {
                        double s = d * Math.Min(63, Math.Round(scales[j] / d)), m = dmin * Math.Min(63, Math.Round(minima[j] / dmin));
                        sum += block[j].Sum(v => Math.Pow(v - (s * Math.Clamp(Math.Round((v + m) / s), 0, high) - m), 2));
                    }
                    return sum;
                });
        }
    }

    // Normal weights, 32 (16) to a group: the largest magnitude is 2.4 (2.1) deviations on average. A step of that range / codes, of which a
    // rounded number misses a twelfth in the square, gives the bounds; the affine types use 2 x 2.07 over 15 and 31 steps, and their six-bit
    // scales and minima cost 3 % more.
    [Theory]
    [InlineData(ElementType.Q8_0, 2.4 / 127)]
    [InlineData(ElementType.Q4_0, 2.4 / 7.5)]
    [InlineData(ElementType.Q5_0, 2.4 / 15.5)]
    [InlineData(ElementType.Q4_K, 1.03 * 2 * 2.07 / 15)]
    [InlineData(ElementType.Q5_K, 1.03 * 2 * 2.07 / 31)]
    [InlineData(ElementType.Q6_K, 1.03 * 2.1 / 31.5)]
    public void GaussianWeights_LoseLessThanAStepsTwelfth_AndLessThanThePlainMethod(ElementType type, double step)
    {
        float[] x = Normal(256 * 65, 7, 0.02);
        double error = SquaredError(x, RoundTrip(type, x)), plain = PlainError(type, x);
        double relative = Math.Sqrt(error / x.Sum(v => (double)v * v)), bound = step / Math.Sqrt(12);
        Assert.True(relative <= bound, $"{type}: relative error {relative:E3}, bound {bound:E3}");
        Assert.True(error <= plain * (1 + 1e-6), $"{type}: squared error {error:E4}, the plain method's {plain:E4}");
    }

    // The best scale of single Q4_0 blocks by a fine scan in double; the codec's scale is a binary16 number, which may cost 2^-11 of the range.
    [Fact]
    public void Q4_0_IsWithinTwoPercentOfAFineScan()
    {
        float[] x = Normal(32 * 64, 8, 0.5);
        double error = SquaredError(x, RoundTrip(ElementType.Q4_0, x)), best = 0;
        foreach (float[] block in x.Chunk(32))
        {
            double extreme = block.Max(MathF.Abs), least = double.MaxValue;
            for (int i = 0; i < 2000; i++)
            {
                double scale = extreme / (5 + i * 0.0025);
                foreach (double s in new[] { scale, -scale })
                    least = Math.Min(least, block.Sum(v => Math.Pow(v - s * Math.Clamp(Math.Round(v / s), -8, 7), 2)));
            }
            best += least;
        }
        Assert.InRange(error / best, 0.98, 1.02);
    }

    // The best scale and minimum of each group by a fine scan, free of the six-bit grid: a floor that the stored form misses by little.
    [Theory]
    [InlineData(ElementType.Q4_K, 15, 1.06)]
    [InlineData(ElementType.Q5_K, 31, 1.12)]
    public void AffineTypes_AreCloseToAFreeScan(ElementType type, int high, double factor)
    {
        float[] x = Normal(256 * 4, 9, 1);
        double error = SquaredError(x, RoundTrip(type, x)), best = 0;
        foreach (float[] group in x.Chunk(32))
        {
            double low = group.Min(), top = group.Max(), least = double.MaxValue;
            for (int a = -10; a <= 20; a++)
            {
                for (int b = -10; b <= 20; b++)
                {
                    double m = -(low + a * 0.01 * (top - low)), s = (top - b * 0.01 * (top - low) + m) / high;
                    least = Math.Min(least, group.Sum(v => Math.Pow(v - (s * Math.Clamp(Math.Round((v + m) / s), 0, high) - m), 2)));
                }
            }
            best += least;
        }
        Assert.True(error <= best * factor, $"{type}: {error:E4}, free scan {best:E4}, ratio {error / best:F3}");
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void Importance_LowersTheWeightedError(ElementType type)
    {
        const int Columns = 512;
        float[] x = Normal(Columns * 16, 10), importance = [.. Normal(Columns, 11).Select(v => MathF.Exp(2 * v))];
        double with = SquaredError(x, RoundTrip(type, x, importance), importance), without = SquaredError(x, RoundTrip(type, x), importance);
        // Q8_0 has nothing to weigh: its scale is the range's.
        Assert.True(type == ElementType.Q8_0 ? with == without : with < 0.97 * without, $"{type}: {with:E4} with, {without:E4} without");
        // No importance anywhere is the same as none given.
        Assert.Equal(Encode(type, x), Encode(type, x, new float[Columns]));
    }

    [Theory]
    [MemberData(nameof(Written))]
    public void AnyThreadCount_GivesTheSameBytes(ElementType type)
    {
        float[] x = Normal(256 * 301, 12);
        ThreadTeam.SetSharedThreadCount(1);
        byte[] one = Encode(type, x);
        ThreadTeam.SetSharedThreadCount(3);
        Assert.Equal(one, Encode(type, x));
    }

    // Recorded once: vectors of any width, and none, must choose the same codes (the gate runs this with instruction sets switched off).
    [Theory]
    [InlineData(ElementType.Q8_0, 0xDA089B8B2462ACC1)]
    [InlineData(ElementType.Q4_0, 0x4F38D5A1BBF398DD)]
    [InlineData(ElementType.Q5_0, 0x6A155830B5D224CD)]
    [InlineData(ElementType.Q4_K, 0x243E8EAFC525FEAA)]
    [InlineData(ElementType.Q5_K, 0x13895CF3C750F1F6)]
    [InlineData(ElementType.Q6_K, 0x6D9BE6414743ED24)]
    public void EveryProcessor_GivesTheSameBytes(ElementType type, ulong recorded)
    {
        var random = new CounterRandom(16, 0);
        // Uniform numbers are exact; a normal one would depend on the system's logarithm.
        float[] x = [.. Enumerable.Range(0, 256 * 64).Select(i => (float)(random.Double((ulong)(2 * i)) + random.Double((ulong)(2 * i + 1)) - 1))];
        float[] importance = [.. Enumerable.Range(0, 1024).Select(i => 1f + i % 7)];
        ulong hash = 14695981039346656037;
        foreach (byte b in Encode(type, x).Concat(Encode(type, x, importance)))
            hash = (hash ^ b) * 1099511628211;
        Assert.Equal($"{recorded:X16}", $"{hash:X16}");
    }

    // Blocks do not influence each other: a block alone has the codes it has among others.
    [Theory]
    [MemberData(nameof(Blocks))]
    public void ABlock_EncodesAloneAsAmongOthers(ElementType type)
    {
        float[] x = Normal(256 * 5, 13);
        byte[] all = Encode(type, x);
        int length = type.BlockLength(), bytes = type.BlockBytes();
        for (int b = 0; b < x.Length / length; b++)
            Assert.Equal(all[(b * bytes)..((b + 1) * bytes)], Encode(type, x[(b * length)..((b + 1) * length)]));
    }

    // Shapes that break careless searches; each number may miss by half a step of its block's range, as a plain method's would, and what
    // the factors' own rounding adds.
    [Theory]
    [MemberData(nameof(Blocks))]
    public void HardBlocks_StayWithinHalfAStepOfTheirRange(ElementType type)
    {
        var random = new CounterRandom(14, 0);
        (string Name, Func<int, float> Value)[] cases =
        [
            ("zeros", _ => 0), ("one value", _ => 0.37f), ("one negative value", _ => -0.37f), ("one in 256", i => i == 77 ? 5 : 0),
            ("positive", i => 1 + (float)random.Double((ulong)i)), ("negative", i => -1 - (float)random.Double((ulong)i)),
            ("two values", i => i % 3 == 0 ? 1 : -2), ("huge", i => 1e4f * (float)random.Normal((ulong)i)), ("small", i => 1e-3f * (float)random.Normal((ulong)i)),
            ("an outlier per group", i => i % 16 == 3 ? 100 : (float)random.Normal((ulong)i)), ("ramp", i => i / 256f),
        ];
        int codes = type switch { ElementType.Q8_0 => 127, ElementType.Q4_0 => 7, ElementType.Q5_0 => 15, ElementType.Q6_K => 31, ElementType.Q5_K => 31, _ => 15 };
        foreach ((string name, Func<int, float> value) in cases)
        {
            float[] x = [.. Enumerable.Range(0, 256).Select(value)], y = RoundTrip(type, x);
            // The affine types store how far the numbers reach below zero and above it.
            float range = type is ElementType.Q4_K or ElementType.Q5_K ? Math.Max(0, x.Max()) - Math.Min(0, x.Min()) : x.Max(MathF.Abs);
            double bound = range / codes * Math.Sqrt(256) / 2;
            Assert.True(Math.Sqrt(SquaredError(x, y)) <= bound + 1e-6, $"{type}, {name}: {Math.Sqrt(SquaredError(x, y)):E3} over {bound:E3}");
            Assert.All(y, v => Assert.True(float.IsFinite(v)));
        }
    }

    [Theory]
    [MemberData(nameof(Blocks))]
    public void NumbersBeyondTheFormat_EndFinite(ElementType type)
    {
        float[] x = [.. Normal(256, 15).Select((v, i) => i % 7 == 0 ? float.MaxValue : v * 1e30f)];
        Assert.All(RoundTrip(type, x), v => Assert.True(float.IsFinite(v)));
        _ = Encode(type, [.. x.Select((v, i) => i % 5 == 0 ? float.NaN : float.PositiveInfinity)]);
    }

    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.F16)]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.F8E4M3)]
    [InlineData(ElementType.F8E5M2)]
    public void PlainTypes_GiveBackNumbersTheyHold(ElementType type)
    {
        float[] x = [.. Enumerable.Range(0, 40_000).Select(i => (i % 8 - 4) / 4f * MathF.ScaleB(1, i % 3))];
        Assert.Equal(x, RoundTrip(type, x));
    }

    [Fact]
    public void FromSingle_WrongTypeCountOrColumns_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => ElementEncoder.FromSingle(ElementType.Q2_K, null, null, 256));
        Assert.Throws<ArgumentException>(() => ElementEncoder.FromSingle(ElementType.Q4_K, null, null, 255));
        Assert.Throws<ArgumentException>(() => ElementEncoder.FromSingle(ElementType.Q4_K, null, null, 512, (float*)64, 128));
    }
}
