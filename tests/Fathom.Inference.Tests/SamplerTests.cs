// Draws against a naive sampler: which tokens can come, how often, and with what log-probability.

using Fathom.Numerics.Random;

namespace Fathom.Inference.Tests;

public sealed class SamplerTests
{
    const int V = 41;

    static float[] Logits(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, V).Select(_ => (float)(random.NextDouble() * 6 - 3))];
    }

    // Softmax by definition, in double.
    static double[] Probabilities(float[] logits, double temperature)
    {
        double[] weights = [.. logits.Select(logit => Math.Exp((logit - logits.Max()) / temperature))];
        return [.. weights.Select(weight => weight / weights.Sum())];
    }

    // Which tokens remain, likeliest first: min-p, then top-k, then the fewest whose share of the whole reaches top-p.
    static int[] Kept(double[] p, SamplingOptions options)
    {
        int[] order = [.. Enumerable.Range(0, p.Length).Where(i => p[i] >= options.MinP * p.Max()).OrderByDescending(i => p[i])];
        if (options.TopK > 0)
            order = [.. order.Take(options.TopK)];
        if (options.TopP == 1)
            return order;
        int count = 0;
        for (double sum = 0; count < order.Length && sum < options.TopP; count++)
            sum += p[order[count]];
        return order[..count];
    }

    public static readonly TheoryData<float, int, float, float> Cuts = new()
    {
        { 1, 0, 1, 0 }, { 1, 1, 1, 0 }, { 1, 5, 1, 0 }, { 1, 100, 1, 0 }, { 1, 0, 0.5f, 0 }, { 1, 0, 0.01f, 0 }, { 1, 0, 0.99f, 0 }, { 1, 0, 1, 0.2f }, { 1, 0, 1, 1 },
        { 0.6f, 8, 0.9f, 0 }, { 2, 12, 0.8f, 0.1f }, { 0.3f, 0, 0.95f, 0.02f },
    };

    [Theory]
    [MemberData(nameof(Cuts))]
    public void Draw_OverAllUniformNumbers_ReachesTheNaiveSet_InProportion(float temperature, int topK, float topP, float minP)
    {
        const int grid = 20_000;
        var sampler = new Sampler();
        var options = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, MinP = minP };
        for (int seed = 0; seed < 3; seed++)
        {
            float[] logits = Logits(seed);
            double[] p = Probabilities(logits, temperature);
            int[] kept = Kept(p, options);
            double total = kept.Sum(i => p[i]);
            var counts = new int[V];
            for (int i = 0; i < grid; i++)
                counts[sampler.Draw(logits, options, (i + 0.5) / grid, out _)]++;
            for (int i = 0; i < V; i++)
            {
                // An interval of length q holds q * grid points, one more or less at each end; FP32 weights move the ends by 1e-6.
                double expected = kept.Contains(i) ? p[i] / total * grid : 0;
                Assert.InRange(counts[i], expected - 2.5, expected + (expected > 0 ? 2.5 : 0));
            }
        }
    }

    [Fact]
    public void Draw_AHundredThousandTimes_HasTheFrequenciesOfSoftmax()
    {
        const int draws = 100_000;
        var sampler = new Sampler();
        foreach (float temperature in new[] { 0.7f, 1, 1.5f })
        {
            float[] logits = Logits(9);
            double[] p = Probabilities(logits, temperature);
            var options = new SamplingOptions { Temperature = temperature };
            var random = new CounterRandom(17, 3);
            var counts = new int[V];
            for (int i = 0; i < draws; i++)
                counts[sampler.Draw(logits, options, random.Double((ulong)i), out _)]++;
            // 40 degrees of freedom: mean 40, deviation 8.9; 90 is beyond five deviations.
            double chi = counts.Select((n, i) => Math.Pow(n - draws * p[i], 2) / (draws * p[i])).Sum();
            Assert.InRange(chi, 5, 90);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(3)]
    public void Draw_LogProbability_IsThatOfTheWholeSoftmax(double temperature)
    {
        var sampler = new Sampler();
        foreach (int topK in new[] { 0, 3 })
        {
            float[] logits = Logits(4);
            double[] p = Probabilities(logits, temperature > 0 ? temperature : 1);
            var options = new SamplingOptions { Temperature = (float)temperature, TopK = topK };
            for (int i = 0; i < 200; i++)
            {
                int token = sampler.Draw(logits, options, i / 200.0, out float logProbability);
                // The exponentials and their sum are FP32: 1e-6 relative is 1e-6 in the logarithm.
                Assert.Equal(Math.Log(p[token]), logProbability, 3e-6);
            }
        }
    }

    [Fact]
    public void Draw_TemperatureZero_IsTheFirstOfTheLargest()
    {
        var sampler = new Sampler();
        var greedy = new SamplingOptions { Temperature = 0 };
        float[] logits = Logits(2);
        int best = Array.IndexOf(logits, logits.Max());
        foreach (double uniform in new[] { 0, 0.5, 0.999999 })
            Assert.Equal(best, sampler.Draw(logits, greedy, uniform, out _));
        Assert.Equal(1, sampler.Draw([1, 5, 5, 2], greedy, 0.9, out _));
    }

    [Fact]
    public void Draw_ImpossibleTokens_NeverCome()
    {
        var sampler = new Sampler();
        float[] logits = Logits(2);
        for (int i = 0; i < V; i += 2)
            logits[i] = float.NegativeInfinity;
        foreach (SamplingOptions options in new SamplingOptions[] { new(), new() { TopK = 39 }, new() { TopP = 0.999f } })
            for (int i = 0; i <= 1000; i++)
                Assert.Equal(1, sampler.Draw(logits, options, Math.Min(i / 1000.0, 1 - 1e-16), out _) % 2);
    }

    [Fact]
    public void Draw_SteadyState_AllocatesNothing()
    {
        var sampler = new Sampler();
        float[] logits = Logits(2);
        SamplingOptions[] all = [new(), new() { TopK = 5 }, new() { TopP = 0.9f }, new() { MinP = 0.1f }, new() { Temperature = 0 }];
        foreach (SamplingOptions options in all)
            sampler.Draw(logits, options, 0.3, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (SamplingOptions options in all)
            sampler.Draw(logits, options, 0.3, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Options_OutOfRange_AreRefusedByName()
    {
        void Refused(SamplingOptions options, string name) => Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
        Refused(new() { Temperature = -1 }, "Temperature");
        Refused(new() { Temperature = float.NaN }, "Temperature");
        Refused(new() { Temperature = float.PositiveInfinity }, "Temperature");
        Refused(new() { TopP = 0 }, "TopP");
        Refused(new() { TopP = 1.01f }, "TopP");
        Refused(new() { TopK = -1 }, "TopK");
        Refused(new() { MinP = 1.5f }, "MinP");
        Refused(new() { MaxNewTokens = 0 }, "MaxNewTokens");
    }
}
