// The cache experiment against bytes worked out by hand.
using Fathom.Claims.Experiments;

namespace Fathom.Claims.Tests.Experiments;

public sealed class CacheBytesTests
{
    [Fact]
    public void Caches_take_the_bytes_worked_out_by_hand()
    {
        Measurement result = ExperimentCatalog.Find("a1").Run(new ExperimentSettings([1], ""));
        double Value(string name) => result.Values.Single(value => value.Name == name).Mean;

        // nano: 4 layers; latent 48 + 8 elements; 4 heads of 32, keys and values. 8 bits: and 4 bytes of factor per 32 elements.
        Assert.Equal(4 * 56 * 4, Value("nano, latent, FP32"));
        Assert.Equal(4 * 56 * 2, Value("nano, latent, BF16"));
        Assert.Equal(4 * 256 * 4, Value("nano, multi-head, FP32"));
        Assert.Equal(4 * 256 * 36 / 32, Value("nano, multi-head, 8 bits"));
        Assert.Equal(4 * 128 * 2, Value("nano, grouped, 2 heads, BF16"));
        // The published figures of the claim, in bytes of BF16: 35,136 and 1,998,848 elements; 389,120 bytes.
        Assert.Equal(2 * 35_136, Value("V3, latent, BF16"));
        Assert.Equal(2 * 1_998_848, Value("V3's heads, multi-head, BF16"));
        Assert.Equal(389_120, Value("DeepSeek 67B, grouped, BF16"));
        Assert.Equal(0.982, Value("V3, latent against multi-head"), 3);
        Assert.Equal(0.822, Value("V2, latent against DeepSeek 67B"), 3);
        Assert.Equal(Verdict.Reproduced, result.Verdict);
        Assert.Equal(result.ToJson(), Measurement.Parse(result.ToJson(), "A1.json").ToJson());
    }

    [Theory]
    [InlineData(true, 10, 20, true)]
    [InlineData(false, 10, 20, false)]
    [InlineData(true, 20, 20, false)]
    public void The_rule_wants_exact_counts_and_the_smallest_cache(bool exact, double latent, double other, bool expected) =>
        Assert.Equal(expected, CacheBytes.IsReproduced(exact, latent, [other]));
}
