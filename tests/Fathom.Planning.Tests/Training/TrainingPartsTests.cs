// The parts of a plan against small computations by hand, and the search against trying everything.

using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Planning.Hardware;
using Fathom.Planning.Training;

namespace Fathom.Planning.Tests.Training;

public class TrainingPartsTests
{
    static readonly Device s_h800 = Device.Find("h800");

    static TrainingRun Micro(TrainingLayout layout, int devices, int batch = 64) =>
        new("test", new(Presets.Micro), 1_000_000, 512, batch, s_h800, devices, layout, Precision.Bf16);

    [Theory]
    [MemberData(nameof(Models))]
    public void Work_CountsWhatTheModelCounts(string name)
    {
        ModelConfig config = PlannedModels.All[name];
        ModelWork work = new(config);
        ModelCounts counts = new(config);
        Assert.Equal(counts.Parameters + counts.MtpParameters, work.Parameters);
        if (config.MtpLayerCount > 0)
            return;
        // Biases are no products; all else agrees with the independent count over tensors.
        Assert.Equal(counts.MatrixParametersPerToken * 2.0, work.Products.Sum(product => product.FlopsPerToken), counts.MatrixParametersPerToken * 1e-9);
        Assert.Equal(counts.ForwardFlopsPerToken(2048), work.ForwardFlopsPerToken(4096), counts.MatrixParametersPerToken * 1e-6);
    }

    public static TheoryData<string> Models => [.. PlannedModels.All.Keys];

    [Theory]
    [InlineData("deepseek-67b", 67.4e9)]
    [InlineData("llama-3.1-405b", 405.9e9)]
    public void PlannedModels_HavePublishedSizes(string name, double parameters) =>
        Assert.Equal(parameters, new ModelWork(PlannedModels.Find(name)).Parameters, parameters * 0.002);

    [Fact]
    public void ProductSeconds_IsOperationsPlusTraffic()
    {
        TrainingRun run = Micro(new(), 1);
        MatrixWork product = new("test", 1000, 500, Layers: 3);
        (double forward, double input, double weight) = TrainingTime.ProductSeconds(product, run, 200);
        double flops = 2.0 * 200 * 1000 * 500 / (989.4e12 * 0.75), bandwidth = 3.35e12 * 0.8;
        Assert.Equal(3 * (flops + 2 * (200 * 500 + 1000 * 500 + 200 * 1000) / bandwidth), forward, 1e-15);
        Assert.Equal(forward, input, 1e-15);
        Assert.Equal(3 * (flops + (2 * 200 * 1500 + 8 * 500_000) / bandwidth), weight, 1e-15);
    }

    [Fact]
    public void ExchangeSeconds_OfV3_IsFourNodesPerToken()
    {
        TrainingRun run = TrainingPresets.PreTraining("deepseek-v3");
        Assert.Equal(4.0, Exchanges.Nodes(Presets.DeepSeekV3.Experts!, 8), 1e-12);
        // A token leaves for 4 x 7/8 nodes with 7,168 bytes and comes back with twice as many, in 58 + 1 layers.
        // The fullest device has 4% more of them.
        Assert.Equal(1.04 * 4 * 7 / 8.0 * 7168 * 3 / 50e9 / 0.9 * 59, Exchanges.ExpertSeconds(run, 1), 1e-12);
        // Without the limit: 8 experts hit 8 x (1 - (7/8)^8) = 5.25 of 8 nodes.
        Assert.Equal(8 * (1 - Math.Pow(7 / 8.0, 8)), Exchanges.Nodes(Presets.DeepSeekV3.Experts! with { ExpertGroupCount = 1 }, 8), 1e-12);
    }

    [Fact]
    public void Nodes_WithoutLimit_IsTheMeanOfDraws()
    {
        Random random = new(1);
        double mean = Enumerable.Range(0, 100_000).Average(_ => Enumerable.Range(0, 6).Select(_ => random.Next(4)).Distinct().Count());
        // Standard error below 0.7 / sqrt(100,000) = 0.0022.
        Assert.Equal(mean, Exchanges.Nodes(Presets.DeepSeekV2.Experts! with { ExpertGroupCount = 1 }, 4), 0.01);
    }

    [Theory]
    [InlineData(0, 16, 16)]
    [InlineData(1, 16, 4)]
    [InlineData(2, 4, 4)]
    [InlineData(3, 4, 4)]
    public void Memory_ZeroStagesShareWhatTheySay(int stage, int gradientFactor, int masterFactor)
    {
        // Four data-parallel ranks: what is shared takes a quarter.
        TrainingMemory memory = TrainingMemory.Of(Micro(new() { ZeroStage = stage }, 4));
        double parameters = new ModelWork(Presets.Micro).Parameters;
        Assert.Equal(parameters * 2 / (stage == 3 ? 4 : 1), memory.Parts[0].Value, 1);
        Assert.Equal(parameters * gradientFactor / 4, memory.Parts[1].Value, 1);
        Assert.Equal(parameters * masterFactor / 4, memory.Parts[2].Value, 1);
        Assert.Equal(2 * memory.Parts[2].Value, memory.Parts[3].Value, 1);
    }

    [Fact]
    public void Memory_OfV3_ByHand()
    {
        TrainingMemory memory = TrainingMemory.Of(TrainingPresets.PreTraining("deepseek-v3"));
        // Kept per token and layer: two residual sums in BF16, latents in BF16, attention's output in 12 bits, dispatched tokens and gates in FP8.
        double kept = 2 * 7168 * 2 + 2 * (1536 + 512 + 64) + 128 * 128 * 1.5 + 8 * 7168 + 9 * 2048 * 2;
        Assert.Equal(17 * 4096 * kept * 62 / 16, memory.Parts[4].Value, 1);
        Assert.InRange(memory.Total, 50e9, 80e9);
    }

    [Theory]
    [InlineData(Recomputation.None, Recomputation.Selective)]
    [InlineData(Recomputation.Selective, Recomputation.Full)]
    public void Recomputation_TradesMemoryForTime(Recomputation less, Recomputation more)
    {
        foreach (string name in new[] { "deepseek-v3", "deepseek-v2" })
        {
            TrainingRun run = TrainingPresets.PreTraining(name);
            TrainingRun A(Recomputation recomputation) => run with { Layout = run.Layout with { Recomputation = recomputation } };
            Assert.True(TrainingMemory.Of(A(more)).Parts[4].Value < TrainingMemory.Of(A(less)).Parts[4].Value);
            Assert.True(TrainingTime.Of(A(more)).Step > TrainingTime.Of(A(less)).Step);
        }
    }

    [Fact]
    public void Plan_PartsAddUpToStepsAndAvailability()
    {
        TrainingRun run = TrainingPresets.PreTraining("deepseek-v2");
        StagePlan plan = StagePlan.Of(run);
        double steps = 8.1e12 / (9216.0 * 4096);
        Assert.Equal(steps * plan.StepSeconds * 2048 / 3600 / 0.9, plan.Hours, plan.Hours * 1e-9);
        Assert.Equal(plan.Hours / 2048 / 24, plan.Days, 1e-9);
        TrainingPlan whole = new("v2", [plan], s_h800.Rents[0]);
        Assert.Equal(Math.Round((decimal)plan.Hours * 2, 2), whole.Cost);
        Assert.All(plan.Parts.Concat(plan.Memory).Concat(whole.Totals), figure => Assert.NotEmpty(figure.Source));
    }

    [Fact]
    public void Bubble_ShrinksWithMicroBatches_AndFromOneScheduleToTheNext()
    {
        TrainingRun run = TrainingPresets.PreTraining("deepseek-v3");
        double Bubble(string schedule) => TrainingTime.Of(run with { Layout = run.Layout with { Schedule = schedule } }).Parts.Single(part => part.Name == "pipeline bubble").Value;
        Assert.True(Bubble("dualpipe") < Bubble("zb1p") && Bubble("zb1p") < Bubble("1f1b"));
        double Share(int batch) => TrainingTime.Of(run with { Batch = batch }) is var time ? time.Parts.Single(part => part.Name == "pipeline bubble").Value / time.Step : 0;
        Assert.True(Share(15360) < Share(4096));
    }

    [Theory]
    [InlineData(7, 1, 1, 1, "do")]
    [InlineData(4, 8, 1, 1, "pipelines of 8")]
    [InlineData(8, 1, 1, 3, "experts cannot be divided")]
    [InlineData(16, 1, 16, 1, "at most 8")]
    [InlineData(16, 16, 1, 1, "too few for 16 pipeline stages")]
    public void Validate_LayoutThatCannotBe_SaysWhatWouldWork(int devices, int pipeline, int tensor, int expert, string words)
    {
        PlanException error = Assert.Throws<PlanException>(() => StagePlan.Of(Micro(new() { Pipeline = pipeline, Tensor = tensor, Expert = expert }, devices)));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Matches("works?\\.|would do\\.", error.Message);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public void Search_FindsTheFastestOfAll(int devices)
    {
        TrainingRun run = Micro(new(), devices);
        LayoutSearch found = LayoutSearch.Best(run);
        int seen = 0;
        // Independent of Candidates: every number in range, kept where a plan comes of it.
        foreach (string schedule in new[] { "gpipe", "1f1b", "interleaved", "zb1p", "zbv", "dualpipe", "dualpipev" })
        {
            for (int code = 0; code < 8 * 8 * 8 * 4 * 4 * 3; code++)
            {
                TrainingLayout layout = new()
                {
                    Pipeline = code % 8 + 1,
                    Tensor = code / 8 % 8 + 1,
                    Expert = code / 64 % 8 + 1,
                    MicroBatch = 1 << code / 512 % 4,
                    ZeroStage = code / 2048 % 4,
                    Recomputation = (Recomputation)(code / 8192),
                    Schedule = schedule,
                };
                if (layout.Pipeline == 1 && schedule != "1f1b" || layout.Refuse(Presets.Micro, s_h800, devices, 64, 512) is not null)
                    continue;
                seen++;
                Assert.True(TrainingTime.Of(run with { Layout = layout }).Step >= found.Plan.StepSeconds, layout.ToString());
            }
        }
        Assert.Equal(seen, found.Tried);
    }

    [Fact]
    public void Search_WhatCannotFit_SaysHowMuchIsMissing()
    {
        PlanException error = Assert.Throws<PlanException>(() => LayoutSearch.Best(TrainingPresets.PreTraining("deepseek-v3") with { Devices = 8, Batch = 64 }));
        Assert.Contains("GB", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rollouts_AreCostedByTheirLongest()
    {
        TrainingRun policy = TrainingPresets.PreTraining("deepseek-v3") with { Devices = 512, Batch = 128, SequenceLength = 32768, Layout = new() { Pipeline = 16, Tensor = 8, Expert = 32, Schedule = "dualpipe" } };
        double Hours(int longest) => new ReinforcementRun("rl", policy, [new(1000, longest, 4000, "test")], 512, 8192).Plan().Parts[0].Value;
        // Twice the steps; each a little shorter, as half as many answers are in flight and need fewer of the experts.
        Assert.InRange(Hours(32768) / Hours(16384), 1.6, 2.0);
        ReinforcementRun run = new("rl", policy, [new(1000, 32768, 4000, "test")], 512, 8192);
        Assert.Equal(1000L * 512 * 4000, run.Tokens);
        // 671 GB of FP8 weights need two nodes of 8 x 80 GB.
        Assert.Equal(16, run.ReplicaDevices(4000));
    }

    [Fact]
    public void MemoryPlan_OfV3_NeedsTwoNodesInFp8AndFourInBf16()
    {
        bool Fits(string format, int devices) => MemoryPlan.Of(Presets.DeepSeekV3, s_h800, devices, 4096).Single(plan => plan.Use == "serve" && plan.Format.StartsWith("weights " + format, StringComparison.Ordinal) && plan.Format.EndsWith("bf16", StringComparison.Ordinal)).Fits;
        Assert.False(Fits("fp8", 8));
        Assert.True(Fits("fp8", 16));
        Assert.False(Fits("bf16", 16));
        Assert.True(Fits("bf16", 32));
    }

    [Fact]
    public void Presets_AllPlan()
    {
        foreach (string name in TrainingPresets.Names)
        {
            TrainingPlan plan = TrainingPresets.Plan(name);
            Assert.True(plan.Hours > 0 && double.IsFinite(plan.Hours) && plan.Cost > 0, name);
        }
        Assert.Contains("deepseek-v3", Assert.Throws<PlanException>(() => TrainingPresets.Plan("deepseek-v4")).Message, StringComparison.Ordinal);
    }
}
