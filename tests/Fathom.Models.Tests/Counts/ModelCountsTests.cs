using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Numerics.Formats;
using Fathom.Testing;

namespace Fathom.Models.Tests.Counts;

public class ModelCountsTests
{
    // Exact values by closed formulas outside this code base; beside them what the model cards say, in billions.
    [Theory]
    [InlineData("deepseek-v3", 671_026_419_200, 671, 37_552_297_472)]
    [InlineData("deepseek-v2", 235_741_434_880, 236, 21_375_800_320)]
    [InlineData("deepseek-v2-lite", 15_706_484_224, 15.7, 2_661_150_208)]
    [InlineData("deepseek-r1-distill-qwen-1.5b", 1_777_088_000, 1.78, 1_777_088_000)]
    [InlineData("deepseek-r1-distill-qwen-7b", 7_615_616_512, 7.62, 7_615_616_512)]
    [InlineData("deepseek-r1-distill-qwen-14b", 14_770_033_664, 14.8, 14_770_033_664)]
    [InlineData("deepseek-r1-distill-qwen-32b", 32_763_876_352, 32.8, 32_763_876_352)]
    [InlineData("deepseek-r1-distill-llama-8b", 8_030_261_248, 8.03, 8_030_261_248)]
    [InlineData("deepseek-r1-distill-llama-70b", 70_553_706_496, 70.6, 70_553_706_496)]
    [InlineData("bench-moe", 12_566_224, 0.01257, 6_667_984)]
    [InlineData("bench-dense", 6_843_648, 0.00684, 6_843_648)]
    public void Parameters_Preset_ArePublished(string name, long parameters, double billions, long active)
    {
        var counts = new ModelCounts(Presets.Get(name));
        Assert.Equal(parameters, counts.Parameters);
        Assert.Equal(active, counts.ActiveParameters);
        Assert.Equal(billions, parameters / 1e9, billions * 0.003);
    }

    // The published active sizes leave the embedding out, which is looked up and not multiplied with, and keep the head.
    [Theory]
    [InlineData("deepseek-v3", 36.7, 0.1)]
    [InlineData("deepseek-v2", 21, 0.5)]
    [InlineData("deepseek-v2-lite", 2.4, 0.06)]
    public void MatrixParametersPerToken_Preset_IsThePublishedActiveSize(string name, double billions, double tolerance) =>
        Assert.Equal(billions, new ModelCounts(Presets.Get(name)).MatrixParametersPerToken / 1e9, tolerance);

    [Fact]
    public void DeepSeekV3_EveryCount_IsExact()
    {
        var counts = new ModelCounts(Presets.DeepSeekV3);
        Assert.Equal(129280L * 7168, counts.EmbeddingParameters);
        Assert.Equal(129280L * 7168, counts.HeadParameters);
        Assert.Equal(35_698_939_392, counts.ActiveParametersWithoutEmbeddings);
        // One decoder layer with experts, three norms and the 7168 x 14336 projection (the release's 11.5B leaves that projection out).
        Assert.Equal(11_610_068_224, counts.MtpParameters);
        Assert.Equal(35_136, counts.CacheElementsPerToken);
        Assert.Equal(1_998_848, counts.FullAttentionCacheElementsPerToken);
        Assert.Equal(70_272, counts.CacheBytesPerToken(ElementType.BF16));
        // Norms: 2 per layer, 2 latents per layer, 1 final; selection biases.
        long vectors = 61L * (2 * 7168 + 1536 + 512) + 7168 + 58 * 256;
        Assert.Equal(counts.ActiveParameters - vectors - 129280L * 7168, counts.MatrixParametersPerToken);
    }

    [Fact]
    public void DeepSeekV2_Cache_IsPublished() => Assert.Equal(34_560, new ModelCounts(Presets.DeepSeekV2).CacheElementsPerToken);

    [Fact]
    public void Flops_BenchMoe_AreTheSumOfItsMatrixProducts()
    {
        // Per token: every matrix twice, and per layer and head 48 for a score and 32 for a value, each twice, per position attended to.
        double matrices = 6 * (256.0 * 8 * 48 + 256 * 80 + 64 * 8 * 64 + 256 * 256) + 3 * 256 * 1024 + 5 * (256 * 16 + 5 * 3 * 256 * 128) + 256 * 4096;
        var counts = new ModelCounts(Presets.BenchMoe);
        Assert.Equal(matrices, counts.MatrixParametersPerToken);
        Assert.Equal(2 * matrices + 6 * 8 * (48 + 32) * 2 * 100.0, counts.ForwardFlopsPerToken(100));
        Assert.Equal(2 * matrices + 6 * 8 * (64 + 16 + 64) * 2 * 100.0, counts.DecodeFlopsPerToken(100));
        Assert.Equal(Enumerable.Range(1, 256).Sum(position => counts.ForwardFlopsPerToken(position)), counts.ForwardFlops(256));
        Assert.Equal(3 * counts.ForwardFlops(256), counts.TrainingFlops(256));
    }

    [Fact]
    public void TiedEmbedding_IsCountedOnceAndMultipliedWith()
    {
        var untied = new ModelCounts(Presets.BenchDense);
        var tied = new ModelCounts(Presets.BenchDense with { TieWordEmbeddings = true });
        Assert.Equal(untied.Parameters - 4096 * 256, tied.Parameters);
        Assert.Equal(0, tied.HeadParameters);
        Assert.Equal(untied.MatrixParametersPerToken, tied.MatrixParametersPerToken);
    }

    [SharedDataTheory]
    [MemberData(nameof(Configs.ModelConfigTests.Folders), MemberType = typeof(Configs.ModelConfigTests))]
    public void Parameters_OfficialFolder_AreTheElementsInItsFiles(string folder)
    {
        using var model = ModelFolder.Open(SharedData.Path(folder));
        var config = model.Config;
        string mtp = TensorNames.Layer(config.LayerCount);
        long elements = model.Names.Where(name => !name.EndsWith("_scale_inv", StringComparison.Ordinal) && !name.StartsWith(mtp, StringComparison.Ordinal)).Sum(name => model.Entry(name).ElementCount);
        Assert.Equal(elements, new ModelCounts(config).Parameters);
    }
}
