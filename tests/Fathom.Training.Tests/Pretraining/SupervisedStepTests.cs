// Optimizer steps: the split of a step changes no bit, losses fall, router biases move the right way, and nothing is allocated.

using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Testing;
using Fathom.Training.Data;
using Fathom.Training.Optimizers;
using Fathom.Training.Pretraining;

namespace Fathom.Training.Tests.Pretraining;

public sealed unsafe class SupervisedStepTests
{
    internal static readonly OptimizerStep Settings = new(LearningRate: 3e-3, WeightDecay: 0.1, Beta1: 0.9, Beta2: 0.95, ClipNorm: 1);

    internal static TrainingSequence[] Sequences { get; } =
        [.. new[] { 12, 2, 30, 7, 19, 3, 25 }.Select((length, i) => new TrainingSequence(ToyModel.Tokens(length, i), i % 3 == 2 ? 2 : 1))];

    internal static ModelConfig Balanced(string family)
    {
        ModelConfig config = ToyPresets.All[family];
        return config.Experts is null ? config : config with { Experts = config.Experts with { SequenceBalance = true, BalanceLossWeight = 0.05 } };
    }

    internal static SupervisedResult Step(ModelTrainer trainer, int microBatchTokens = 1 << 20, double biasRate = 0.01)
        => SupervisedStep.Run(trainer, Sequences, microBatchTokens, Settings, biasRate, trainer.Model.Mtp is null ? 0 : 0.3);

    static (float[] Parameters, SupervisedResult Last) Train(string family, int microBatchTokens)
    {
        using DecoderModel model = ToyModel.Build(Balanced(family));
        using ModelTrainer trainer = new(model);
        SupervisedResult result = default;
        for (int i = 0; i < 3; i++)
            result = Step(trainer, microBatchTokens);
        return (new ReadOnlySpan<float>(model.Parameters.Values, (int)model.Parameters.Length).ToArray(), result);
    }

    public static readonly TheoryData<string> Families = ["deepseek-v3", "deepseek-v2", "deepseek-v1", "llama", "qwen2"];

    [Theory]
    [MemberData(nameof(Families))]
    public void Step_SplitIntoPasses_GivesTheSameParameters(string family)
    {
        (float[] whole, SupervisedResult result) = Train(family, 1 << 20);
        foreach (int tokens in new[] { 40, 1 })
        {
            (float[] split, SupervisedResult of) = Train(family, tokens);
            Assert.Equal(whole, split);
            Assert.Equal(result.GradientNorm, of.GradientNorm);
            Assert.Equal(result.MaxViolation, of.MaxViolation);
            // Sums of doubles in another grouping.
            Assert.Equal(result.Loss, of.Loss, 1e-12);
            Assert.Equal(result.BalanceLoss, of.BalanceLoss, 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Loss_IsTheOracles_AndFallsOnAFixedBatch(string family)
    {
        using ToyModel toy = new(Balanced(family));
        using ModelTrainer trainer = new(toy.Model);
        double sum = 0, targets = 0;
        foreach (TrainingSequence sequence in Sequences)
        {
            double[] logProbabilities = NaiveModel.LogProbabilities(toy.Naive.Forward(sequence.Tokens));
            sum -= logProbabilities.Skip(sequence.FirstTarget - 1).Sum();
            targets += sequence.TargetCount;
        }
        double validated = SupervisedStep.Validate(trainer, Sequences, 40);
        Assert.Equal(sum / targets, validated, 2e-5 * validated);
        SupervisedResult first = Step(trainer), last = default;
        // The weight of a token, 1 / targets, is an FP32 number.
        Assert.Equal(validated, first.Loss, 1e-7 * validated);
        for (int i = 0; i < 40; i++)
            last = Step(trainer);
        Assert.True(last.Loss < 0.5 * first.Loss, $"loss fell from {first.Loss} to {last.Loss} only");
        if (toy.Model.Mtp is not null)
            Assert.True(last.MtpLoss < 0.7 * first.MtpLoss, $"MTP loss fell from {first.MtpLoss} to {last.MtpLoss} only");
    }

    [Fact]
    public void UpdateSelectionBias_LowersTheOverloaded_RaisesTheUnderloaded_LeavesTheMean()
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.DeepSeekV3);
        using ModelTrainer trainer = new(model);
        MixtureOfExperts layer = model.ExpertLayers[0];
        trainer.BeginStep(Sequences.Length);
        trainer.LoadPass(Sequences);
        var objective = new Numerics.Kernels.CrossEntropyObjective(null, 1);
        trainer.RunPass(ref objective);
        long[] load = layer.Load.ToArray();
        // 3 of 8 experts for each token run; a sequence's last token is a target only.
        Assert.Equal(3 * Sequences.Sum(s => s.Tokens.Length - 1), load.Sum());
        Assert.Equal(load.Max() * 8.0 / load.Sum() - 1, layer.MaxViolation(), 1e-12);
        Assert.Equal(Math.Max(layer.MaxViolation(), 0), trainer.MaxViolation(), 1e-12);
        float[] before = layer.SelectionBias!.Span.ToArray();
        layer.UpdateSelectionBias(0.25f);
        for (int e = 0; e < 8; e++)
        {
            int sign = (load[e] * 8).CompareTo(load.Sum());
            Assert.Equal(before[e] - 0.25f * sign, layer.SelectionBias.Data[e]);
        }
        Assert.All(layer.Load.ToArray(), n => Assert.Equal(0, n));
        layer.UpdateSelectionBias(0);
        Assert.Equal(0, layer.MaxViolation());
    }

    [Fact]
    public void SelectionBias_OverManySteps_EvensTheLoad()
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.DeepSeekV3);
        using ModelTrainer trainer = new(model);
        // Weights stand still; only the bias moves.
        OptimizerStep still = Settings with { LearningRate = 0 };
        SupervisedResult first = SupervisedStep.Run(trainer, Sequences, 4096, still, 0.01), last = first;
        for (int i = 0; i < 150; i++)
            last = SupervisedStep.Run(trainer, Sequences, 4096, still, 0.01);
        Assert.True(last.MaxViolation < 0.5 * first.MaxViolation, $"from {first.MaxViolation} to {last.MaxViolation}");
    }

    [Fact]
    public void Step_GradientNotFinite_ChangesNothing()
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.Llama);
        using ModelTrainer trainer = new(model);
        Step(trainer);
        model.Parameters["model.norm.weight"].Data[3] = float.NaN;
        float[] before = new ReadOnlySpan<float>(model.Parameters.Values, (int)model.Parameters.Length).ToArray();
        Assert.True(double.IsNaN(Step(trainer).GradientNorm));
        Assert.True(SameBits(before, model.Parameters.Values));
        Assert.Equal(1, trainer.Optimizer.StepCount);
    }

    static bool SameBits(float[] expected, float* actual)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(actual[i]))
                return false;
        }
        return true;
    }

    [Fact]
    public void Step_ClipsTheGlobalNorm()
    {
        using DecoderModel one = ToyModel.Build(ToyPresets.Llama), other = ToyModel.Build(ToyPresets.Llama);
        using ModelTrainer a = new(one), b = new(other);
        OptimizerStep loose = Settings with { ClipNorm = 1e9 }, tight = Settings with { ClipNorm = 1e-3 };
        double norm = SupervisedStep.Run(a, Sequences, 4096, loose, 0).GradientNorm;
        Assert.Equal(norm, SupervisedStep.Run(b, Sequences, 4096, tight, 0).GradientNorm);
        // AdamW's first step forgets the gradient's size but for epsilon: the moments tell.
        Assert.InRange(norm, 0.1, 1e4);
        using TemporaryFolder folder = new();
        float[] First(ModelTrainer trainer, string name)
        {
            Models.Checkpoints.SafetensorsWriter.Write(folder.In(name), trainer.Optimizer.ToSources());
            using var file = Models.Checkpoints.SafetensorsFile.Open(folder.In(name));
            return file.ReadFloats("first");
        }
        float[] full = First(a, "a"), clipped = First(b, "b");
        double ratio = 1e-3 / norm;
        for (int i = 0; i < full.Length; i++)
            Assert.Equal(full[i] * ratio, clipped[i], Math.Abs(full[i] * ratio) * 1e-5 + 1e-12);
    }

    [Fact]
    public void LoadPass_SequenceThatTeachesNothing_IsRefused()
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.Llama);
        using ModelTrainer trainer = new(model);
        Assert.Throws<ArgumentException>(() => trainer.LoadPass([new([1], 1)]));
        Assert.Throws<ArgumentException>(() => trainer.LoadPass([new([1, 2], 0)]));
    }

    [Fact]
    public void PassEnd_FillsPassesUpToTheLimit_AndTakesALongSequenceWhole()
    {
        TrainingSequence[] sequences = [.. new[] { 5, 5, 100, 5, 5, 5 }.Select(n => new TrainingSequence(new int[n], 1))];
        int[] Ends(int tokens)
        {
            var ends = new List<int>();
            for (int from = 0; from < sequences.Length; from = ends[^1])
                ends.Add(ModelTrainer.PassEnd(sequences, from, tokens));
            return [.. ends];
        }
        Assert.Equal([1, 2, 3, 4, 5, 6], Ends(1));
        Assert.Equal([2, 3, 5, 6], Ends(8));
        Assert.Equal([6], Ends(1000));
    }
}

[Collection("alone")]
public sealed class StepAllocationTests
{
    [Theory]
    [MemberData(nameof(SupervisedStepTests.Families), MemberType = typeof(SupervisedStepTests))]
    public void Step_SteadyState_AllocatesNothing(string family)
    {
        using DecoderModel model = ToyModel.Build(SupervisedStepTests.Balanced(family));
        using ModelTrainer trainer = new(model);
        for (int i = 0; i < 3; i++)
            SupervisedStepTests.Step(trainer, 40);
        Assert.Equal(0, Allocations.OnOneThread(() =>
        {
            for (int i = 0; i < 5; i++)
                SupervisedStepTests.Step(trainer, 40);
            SupervisedStep.Validate(trainer, SupervisedStepTests.Sequences, 40);
        }));
        Assert.Equal(0, Allocations.LeastOfAllThreads(() => SupervisedStepTests.Step(trainer, 40)));
    }
}
