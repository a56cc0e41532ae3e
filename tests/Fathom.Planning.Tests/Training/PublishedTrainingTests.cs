// The planner against published trainings, all with the same constants. Bounds are those that the project set itself.

using Fathom.Models.Configs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Training;

namespace Fathom.Planning.Tests.Training;

public class PublishedTrainingTests
{
    [Theory]
    [InlineData("deepseek-v3", 0, 2_664_000, 0.10)]
    [InlineData("deepseek-v2", 0, 172_800 * 8.1, 0.20)]
    [InlineData("deepseek-67b", 0, 300_600 * 2, 0.20)]
    [InlineData("llama-3.1-405b", 0, 30_840_000, 0.20)]
    [InlineData("r1-zero", 0, 101_000, 0.25)]
    public void Plan_IsNearPublishedHours(string preset, int stage, double hours, double tolerance)
    {
        StagePlan plan = TrainingPresets.Plan(preset).Stages[stage];
        Assert.Equal(hours, plan.Published!.Value, 1);
        Assert.True(Math.Abs(plan.Deviation!.Value) <= tolerance, $"{preset}: planned {plan.Hours:0}, published {hours:0}, {plan.Deviation:P1}\n{string.Join('\n', plan.Parts)}\n{string.Join('\n', plan.Memory)}");
        Assert.True(plan.Fits, $"{preset}: {string.Join('\n', plan.Memory)}");
    }

    [Fact]
    public void Sustained_IsCalibratedOnLlama405B()
    {
        // Table 4 of the Llama 3 report: 8,192 GPUs, 2,048 sequences of 8,192 tokens, 430 TFLOP/s; on 16,384 GPUs 400.
        foreach ((int devices, double rate) in new[] { (8192, 430e12), (16384, 400e12) })
        {
            TrainingRun run = new("calibration", new(PlannedModels.Llama405B), 1_000_000_000, 8192, 2048, Device.Find("h100"), devices,
                new() { Pipeline = 16, Tensor = 8, Schedule = "interleaved", StagesPerRank = 8, ZeroStage = 2 }, Precision.Bf16);
            double planned = StagePlan.Of(run).Utilisation * 989.4e12;
            Assert.True(Math.Abs(planned / rate - 1) < 0.03, $"{devices}: {planned / 1e12:0} TFLOP/s, published {rate / 1e12:0}");
        }
    }
}
