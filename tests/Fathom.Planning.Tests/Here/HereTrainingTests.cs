// A plan for this machine: its parts, how it scales, and what it is made of. No test looks at a clock: times are only compared with each other.

using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Planning.Hardware;
using Fathom.Planning.Here;
using Fathom.Planning.Training;
using Fathom.Testing;

namespace Fathom.Planning.Tests.Here;

public class HereTrainingTests
{
    static readonly Figure s_runtime = new("runtime", 50e6, "bytes", "a test");

    static readonly Device s_device = ThisMachine.Describe(new MachineLimits(1, 100, 100, 0, 0, 0, 0, 0, 10, 10), 8L << 30);

    static StagePlan Plan(long tokens, int sequences = 4, int length = 32, Device? device = null) =>
        HereTraining.Plan("toy", ToyPresets.DeepSeekV3, tokens, sequences, length, device ?? s_device, 2, s_runtime);

    [Fact]
    public void Plan_PartsAreTheStepTimesTheSteps()
    {
        // 128 tokens per step: 1,000 steps.
        StagePlan plan = Plan(128_000);
        Assert.Equal(1000 * plan.StepSeconds / 3600, plan.Hours, 1e-9 * plan.Hours);
        Assert.Equal(["matrix products", "routed experts", "attention", "element-wise kernels", "head and loss", "update"], plan.Parts.Select(part => part.Name));
        Assert.All(plan.Parts, part => Assert.True(part.Value > 0, part.Name));
        Assert.All(plan.Parts, part => Assert.Contains("measured now", part.Source, StringComparison.Ordinal));
        Assert.Contains(s_runtime, plan.Memory);
    }

    [Theory]
    [InlineData(16, 256, 16, 1, 0)]
    [InlineData(20, 256, 16, 1, 4)]
    [InlineData(3, 300, 3, 1, 0)]
    [InlineData(40, 300, 13, 3, 1)]
    [InlineData(2, 10_000, 1, 2, 0)]
    public void Split_IsHowATrainerCutsAStep(int sequences, int length, int full, int passes, int left) =>
        Assert.Equal((full, passes, left), HereTraining.Split(sequences, length));

    [Fact]
    public void Plan_TooLargeForTheMachine_SaysHowMuch()
    {
        PlanException refused = Assert.Throws<PlanException>(() => Plan(128_000, device: s_device with { MemoryBytes = new("memory", 1e6, "bytes", "a test") }));
        Assert.Contains("this machine has 0.0 GB", refused.Message, StringComparison.Ordinal);
        Assert.Contains("runtime", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Measure_EveryOperatorOnce_LargeOnesCut()
    {
        TrainingPass pass = new(Presets.Micro with { LayerCount = 2 }, 1, 512);
        (IReadOnlyList<OperatorTime> times, int rounds) = OperatorTrials.Measure(pass, seconds: 0);
        Assert.Equal(pass.Operators, times.Select(time => time.Operator));
        Assert.True(rounds >= 5);
        Assert.All(times, time => Assert.True(time.Forward > 0 && time.Backward >= 0 && time.Scale >= 1));
        // The head's 6 x 512 x 256 x 2,048 = 1.6 GFLOP are more than the 1.5 of a trial.
        Assert.Equal(512 / 476.0, times.Single(time => time.Operator.Part == PassPart.Head).Scale, 0.01);
    }

    [Fact]
    public void Operators_HaveTheWorkOfTheModel()
    {
        // Multiplications are counted independently by ModelCounts; a causal pass sees half of the length (and half a token).
        TrainingPass pass = new(Presets.Nano, 2, 64);
        double work = pass.Operators.Where(op => op.Part is PassPart.MatrixProducts or PassPart.Attention || op is { Part: PassPart.Experts } and not { Name: "routing" or "dispatch" or "combine" })
            .Sum(op => op.Uses * op.Work) + pass.Operators.Single(op => op.Part == PassPart.Head).Work / 3;
        ModelCounts counts = new(Presets.Nano);
        Assert.Equal(128 * counts.ForwardFlopsPerToken(32), work, 1e-9 * work);
    }

    [Fact]
    public void Memory_OfTraining_IsWhatModelAndOptimizerHold()
    {
        using DecoderModel model = DecoderModel.Initialize(ToyPresets.Qwen2, 1);
        Assert.Equal(model.Parameters.Length, HereMemory.ParameterFloats(ToyPresets.Qwen2));
        IReadOnlyList<Figure> parts = HereMemory.OfTraining(ToyPresets.Qwen2, new(ToyPresets.Qwen2, 2, 16), s_runtime);
        double floats = model.Parameters.Length, embedding = 37 * 24;
        Assert.Equal(4 * floats, parts[0].Value);
        // The tied head collects a gradient of its own.
        Assert.Equal(4 * (floats + embedding), parts[1].Value);
        Assert.Equal(8 * floats, parts[2].Value);
    }
}
