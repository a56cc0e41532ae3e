// Serving from first principles: DeepSeek-V3 on H800 against arithmetic by hand, and what must hold for any model.

using Fathom.Models.Configs;
using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;

namespace Fathom.Planning.Tests.Costs;

public class ServingPlanTests
{
    const double Context = 4989;

    static readonly ServingPlan s_v3 = new(Presets.DeepSeekV3, Device.Find("h800"), ServingLayout.DeepSeek);

    [Fact]
    public void Cache_OfV3_IsThePublishedElementsInTwoBytes()
    {
        Assert.Equal(2 * 35_136, s_v3.CacheBytesPerToken);
        Assert.Equal(2 * 1_998_848, s_v3.FullCacheBytesPerToken);
        Assert.Equal(2 * 2 * 61 * 8 * 128, s_v3.GroupedCacheBytesPerToken);
    }

    [Fact]
    public void Experts_PerDevice_AreThePublishedNineAndTwo()
    {
        Assert.Equal(9, s_v3.Prefill(Context / 2).ExpertsPerDevice);
        Assert.Equal(2, s_v3.Decode(Context, 21).ExpertsPerDevice);
    }

    [Fact]
    public void Decode_OfV3_IsTheSumOfItsPartsByHand()
    {
        ServingThroughput decode = s_v3.Decode(Context, 21);
        // Attention 187.1M, dense feed-forward 3 x 7168 x 18432, expert 3 x 7168 x 2048 per layer; one byte each; head in two.
        double attention = 7168.0 * 1536 + 1536 * 128 * 192 + 7168 * 576 + 512 * 128 * 256 + 128 * 128 * 7168, expert = 3.0 * 7168 * 2048;
        double weights = 61 * attention + 3 * 3.0 * 7168 * 18432 + 58 * (3 * expert + 7168 * 256) + 2.0 * 129280 * 7168;
        Assert.Equal(weights, decode.WeightBytes, weights * 1e-3); // norms are left out here
        double memory = 3000e9, batch = decode.Batch;
        // Each token is multiplied with 8 routed experts and the shared one, and with the head; 1297 TFLOP/s. The slower of reading and multiplying counts.
        double active = 61 * attention + 3 * 3.0 * 7168 * 18432 + 58 * (9 * expert + 7168 * 256) + 129280.0 * 7168;
        Assert.Equal(Math.Max(weights / memory, 2 * active * batch / 1297e12), decode.Parts[0].Seconds, decode.Parts[0].Seconds * 1e-3);
        // Per head and position 512 + 64 for the score and 512 for the value, two operations each; 660 TFLOP/s.
        Assert.Equal(batch * 2 * 61 * 128 * (512 + 64 + 512) * Context / 660e12, decode.Parts[1].Seconds, 1e-6);
        // To 8 experts in FP8 and back in BF16, 17 of 18 over the network at 44 GB/s, in 58 layers.
        Assert.Equal(batch * 8 * 17 / 18 * 7168 * 3 * 58 / 44e9, decode.Parts[2].Seconds, 1e-6);
        Assert.Equal(Math.Max(decode.Parts[0].Seconds + decode.Parts[1].Seconds, decode.Parts[2].Seconds), decode.StepSeconds, 12);
        Assert.Equal(8 * batch / decode.StepSeconds, decode.TokensPerSecond, 1e-6);
    }

    [Fact]
    public void Decode_Batch_IsTheGreatestThatFitsAndKeepsTheSpeed()
    {
        ServingThroughput roomy = s_v3.Decode(Context, 21), fast = s_v3.Decode(Context, 50);
        Assert.Equal("memory for the cache", roomy.BoundBy);
        double free = 80e9 * 0.9 - roomy.WeightBytes - 2.0 * 129280 * 7168;
        Assert.Equal((int)(free / (70_272 * Context)), roomy.Batch);
        Assert.Equal("speed of a sequence", fast.BoundBy);
        Assert.True(fast.Batch < roomy.Batch && 1 / fast.StepSeconds >= 50);
        // One sequence more would be too slow: the exchange, which bounds here, is proportional to the batch.
        Assert.True(fast.Parts[2].Seconds == fast.StepSeconds && fast.StepSeconds * (fast.Batch + 1) / fast.Batch > 1.0 / 50);
    }

    [Fact]
    public void Throughput_IsAboveTheDaysMean_WhichIncludesIdleHoursAndHits()
    {
        // The day's means are lower bounds of what a node can do: 14.8K written, and 73.7K read of which 43.7% were computed.
        Assert.InRange(s_v3.Decode(Context, 21).TokensPerSecond, 14_800, 4 * 14_800);
        Assert.InRange(s_v3.Prefill(Context / 2).TokensPerSecond, 73_700 * 266.0 / 608, 4 * 73_700 * 266.0 / 608);
    }

    [Fact]
    public void Prefill_OfADenseModel_HasNoExchange() =>
        Assert.Equal(0, new ServingPlan(Presets.DistillLlama8B, Device.Find("a100"), ServingLayout.DeepSeek).Prefill(1000).Parts[2].Seconds);

    [Fact]
    public void Plan_ThatCannotBe_SaysWhatWould()
    {
        ServingLayout five = ServingLayout.DeepSeek with { Decode = new(5, 32, "test") };
        Says("40 devices", "64 redundant ones would", () => new ServingPlan(Presets.DeepSeekV3, Device.Find("h800"), five).Decode(Context, 21));
        ServingLayout one = new(new(1, 0, "test"), new(1, 0, "test"));
        Says("of weights", "more nodes", () => new ServingPlan(Presets.DeepSeekV3, Device.Find("h800"), one).Decode(Context, 21));
        Says("one sequence alone", "10000 were asked", () => s_v3.Decode(Context, 10_000));
        Says("GB are left", "shorter context", () => s_v3.Decode(5e6, 1));
    }

    static void Says(string first, string second, Action plan)
    {
        string message = Assert.Throws<PlanException>(plan).Message;
        Assert.Contains(first, message, StringComparison.Ordinal);
        Assert.Contains(second, message, StringComparison.Ordinal);
    }
}
