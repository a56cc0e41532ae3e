// Long sequences: attention's operations against counting, and what dividing sequences among devices sends, hides and saves.

using Fathom.Models.Configs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Training;

namespace Fathom.Planning.Tests.Training;

public class ContextParallelTests
{
    static TrainingRun V3(int length, int batch, int context) => TrainingPresets.PreTraining("deepseek-v3") is var run
        ? run with { SequenceLength = length, AttentionLength = length, Batch = batch, Layout = run.Layout with { Context = context } } : null!;

    static double Part(TrainingRun run, string name) => TrainingTime.Of(run).Parts.Single(part => part.Name == name).Value;

    [Theory]
    [InlineData("deepseek-v3", 192, 128, 128)]
    [InlineData("llama-3.1-405b", 128, 128, 128)]
    public void Attention_ForwardAndBackward_IsWhatCountingGives(string model, int query, int value, int heads)
    {
        ModelConfig config = PlannedModels.Find(model);
        ModelWork work = new(config);
        const int Length = 512;
        double forward = 0, backward = 0;
        for (int token = 0; token < Length; token++)
        {
            for (int seen = 0; seen <= token; seen++)
            {
                forward += heads * 2.0 * (query + value);
                // Scores again; gradients of values, of probabilities, of queries and of keys.
                backward += heads * 2.0 * (query + value + value + query + query);
            }
        }
        // The diagonal makes the mean (length + 1) / 2 where the model takes length / 2.
        Assert.Equal(forward * work.Layers / Length, work.AttentionFlopsPerToken(Length + 1), 1);
        Assert.Equal(backward / forward, work.AttentionBackward, 1e-12);
    }

    [Fact]
    public void Ring_OfV3At128K_SendsTheLatentsOfTheOther31Pieces()
    {
        TrainingRun run = V3(131072, 480, 32);
        Assert.Equal(4096, run.TokensAtOnce);
        // 31 pieces of 4,096 tokens, 512 + 64 elements in BF16, 62 layers, over the network.
        Assert.Equal(31 * 4096.0 * 576 * 2 * 62 / (50e9 * 0.9), Exchanges.RingSeconds(run), 1e-9);
        Assert.Equal(0, Part(run, "exposed context-parallel exchange"));
        // Inside a node the faster links do it.
        TrainingRun inside = V3(32768, 1920, 8);
        Assert.Equal(7 * 4096.0 * 576 * 2 * 62 / (160e9 * 0.9), Exchanges.RingSeconds(inside), 1e-9);
        // Keys and values of 8 grouped heads instead of a latent.
        Assert.Equal(2 * 8 * 128, PlannedModels.Llama405B.Attention.CacheElementsPerToken);
    }

    [Fact]
    public void Ring_ThatTakesLongerThanAttention_IsExposed()
    {
        TrainingRun run = V3(32768, 1920, 8);
        TrainingRun slow = run with { Device = run.Device with { NodeBandwidth = run.Device.NodeBandwidth with { Value = 1e9 } } };
        double ring = Exchanges.RingSeconds(slow), attention = Part(slow, "attention") / slow.MicroBatches * 16 / 0.9;
        // Forward and backward together: the ring once and three times, attention once and 2.6 times.
        Assert.Equal((4 * ring - attention) * slow.MicroBatches / 16, Part(slow, "exposed context-parallel exchange"), ring * 1e-6);
        Assert.True(TrainingTime.Of(slow).Step > TrainingTime.Of(run).Step);
    }

    [Fact]
    public void Ring_OfPackedDocuments_SendsOnlyTheirTokens()
    {
        TrainingRun run = V3(32768, 1920, 8) with { AttentionLength = 1000 };
        Assert.Equal(4096 + 2 * 1000, run.KeysAtOnce);
        Assert.Equal(Exchanges.RingSeconds(run with { AttentionLength = 32768 }) * 2000 / (7 * 4096), Exchanges.RingSeconds(run), 1e-12);
    }

    [Fact]
    public void Context_DividesActivations_AndRepeatsOnlyTheUpProjection()
    {
        double Activations(TrainingRun run) => TrainingMemory.Of(run).Parts.Single(part => part.Name == "activations").Value;
        // A device has as many tokens at once as in pre-training.
        Assert.Equal(Activations(TrainingPresets.PreTraining("deepseek-v3")), Activations(V3(131072, 480, 32)), 1);
        TrainingRun whole = V3(32768, 1920, 8), undivided = whole with { Layout = whole.Layout with { Context = 1 } };
        foreach (MatrixWork product in whole.Work.Products)
        {
            double divided = TrainingTime.ProductSeconds(product, whole, whole.TokensAtOnce).Forward, once = TrainingTime.ProductSeconds(product, undivided, undivided.TokensAtOnce).Forward;
            if (product.IsOfKeys)
                Assert.Equal(once, divided, once * 1e-9);
            else
                // An eighth of the rows, but all of the matrix is read.
                Assert.InRange(divided / once, 1 / 8.0, 1 / 5.0);
        }
    }

    [Fact]
    public void Context_GradientsAreSharedByAllThatHoldTheSameWeights()
    {
        TrainingRun run = V3(32768, 1920, 8);
        Assert.Equal((16, 128, 2), (run.Data, run.Sharing, run.ExpertSharing));
        Assert.Equal(TrainingMemory.Of(TrainingPresets.PreTraining("deepseek-v3")).Parts[2].Value, TrainingMemory.Of(run).Parts[2].Value, 1);
    }

    [Theory]
    [InlineData(4096, 3, "4,096|4096", "4092 tokens would do")]
    [InlineData(4096, 4096, "pipelines", "would do")]
    public void Context_ThatDoesNotDivide_SaysWhatWould(int length, int context, string what, string would)
    {
        PlanException error = Assert.Throws<PlanException>(() => StagePlan.Of(V3(length, 15360, context) with { Devices = 16 * 3 * 64, Layout = new() { Pipeline = 16, Context = context } }));
        Assert.Matches(what, error.Message);
        Assert.Contains(would, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Extension_OfV3_IsWithinAQuarterOfThePublishedHours()
    {
        // 119K hours for both phases (V3 report, Table 1); the layout is an assumption of ours.
        double hours = TrainingPresets.Plan("deepseek-v3").Stages.Where(stage => stage.Kind == "extend-context").Sum(stage => stage.Hours);
        Assert.InRange(hours / 119_000, 0.75, 1.25);
    }

    [Fact]
    public void Search_OfLongSequences_DividesThem()
    {
        TrainingRun run = new("test", new(Presets.Micro), 1_000_000_000, 65536, 4, Device.Find("h800"), 64, new(), Precision.Bf16);
        LayoutSearch found = LayoutSearch.Best(run);
        Assert.True(found.Run.Layout.Context > 1, found.Run.Layout.ToString());
        Assert.All(LayoutSearch.Candidates(run with { SequenceLength = 4096, Batch = 64 }), layout => Assert.Equal(1, layout.Context));
    }
}
