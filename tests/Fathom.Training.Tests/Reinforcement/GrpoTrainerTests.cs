// GRPO's step on a small model: what was sampled is what is recomputed, the divergence starts at zero, and the split changes no bit.

using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Models.Layers;
using Fathom.Testing;
using Fathom.Text.Tokenizers;
using Fathom.Training.Data;
using Fathom.Training.Optimizers;
using Fathom.Training.Pretraining;
using Fathom.Training.Recipes;
using Fathom.Training.Reinforcement;

namespace Fathom.Training.Tests.Reinforcement;

public sealed unsafe class GrpoTrainerTests
{
    static readonly Recipe s_recipe = RecipeFile.Parse(MiniRun.Recipe, "mini");
    static readonly Tokenizer s_tokenizer = BpeTrainer.Train(["What is 12 + 34?"], 262, DeepSeekTokens.All);
    static readonly OptimizerStep s_settings = new(1e-3, 0, 0.9, 0.95, 1);

    static (List<GrpoStep> Steps, float[] Parameters) Run(RlOptions options, int steps)
    {
        using DecoderModel model = DecoderModel.Initialize(s_recipe.Model.ToConfig(s_tokenizer.VocabularySize), 3);
        using ModelTrainer trainer = new(model);
        using Generator generator = new(model, s_tokenizer);
        using GrpoTrainer grpo = new(trainer, generator, s_tokenizer, new ProblemStream(s_recipe, Split.Train, "rl"), options, 5);
        var results = new List<GrpoStep>();
        for (int step = 0; step < steps; step++)
            results.Add(grpo.Step(step, s_settings));
        return (results, new ReadOnlySpan<float>(model.Parameters.Values, (int)model.Parameters.Length).ToArray());
    }

    // A model that knows nothing closes its thoughts and ends its answer by chance, in a few of many samples: some groups have signal.
    static readonly RlOptions s_options = new()
    {
        Name = "rl",
        Steps = 10,
        QuestionsPerStep = 24,
        GroupSize = 16,
        MaxNewTokens = 60,
        KlWeight = 0.05,
        MicroBatchTokens = 1 << 20,
    };

    [Fact]
    public void FirstStep_GapIsRounding_DivergenceIsZero_NothingIsClipped()
    {
        (List<GrpoStep> steps, _) = Run(s_options, 2);
        GrpoStep first = steps[0], second = steps[1];
        Assert.InRange(first.MaxLogProbGap, 0, 1e-4);
        Assert.InRange(second.MaxLogProbGap, 0, 1e-4);
        // The reference is the policy itself, run by the same kernels: equal to the bit.
        Assert.Equal(0, first.Kl);
        Assert.Equal(0, first.ClipShare);
        // Not trained yet: nearly uniform over 262 tokens.
        Assert.InRange(first.Entropy, Math.Log(262) - 0.1, Math.Log(262));
        Assert.InRange(first.NoSignalShare, 0.1, 0.99);
        Assert.True(first.GradientNorm > 0);
        // The step moved the policy away from the reference.
        Assert.True(second.Kl > 0, $"KL {second.Kl}");
        Assert.Equal(24 * 16, first.Rollouts.Count);
        Assert.Equal(first.Rollouts.Sum(r => r.Completion.Tokens.Count), first.Tokens.Generated);
        Assert.Equal(first.Rollouts.Sum(r => r.Sequence.Tokens.Length - 1), first.Tokens.Trained);
        Assert.Equal(first.Tokens.Trained, first.Tokens.Scored);
        foreach (Rollout[] group in first.Rollouts.Chunk(16))
        {
            Assert.Single(group.Select(r => r.Problem.Prompt).Distinct());
            Assert.Equal(0, group.Sum(r => r.Advantage), 1e-9);
            Assert.All(group, r => Assert.Equal(r.Accuracy + r.Format, r.Reward));
            Assert.All(group, r => Assert.Equal(r.Completion.Tokens.Count, r.ReferenceLogProbabilities.Length));
        }
    }

    [Fact]
    public void Step_SplitIntoPasses_GivesTheSameParameters()
    {
        (List<GrpoStep> whole, float[] parameters) = Run(s_options, 2);
        (List<GrpoStep> split, float[] same) = Run(s_options with { MicroBatchTokens = 300 }, 2);
        Assert.Equal(parameters, same);
        Assert.Equal(whole[1].GradientNorm, split[1].GradientNorm);
        Assert.Equal(whole[1].MaxLogProbGap, split[1].MaxLogProbGap);
        Assert.Equal(whole[1].Kl, split[1].Kl, 1e-12);
    }

    [Fact]
    public void DynamicSampling_LearnsFromGroupsWithSignalOnly()
    {
        GrpoStep step = Run(s_options with { QuestionsPerStep = 8, DynamicSampling = true, KlWeight = 0 }, 1).Steps[0];
        Assert.True(step.Rollouts.Count is > 0 and <= 8 * 16);
        Assert.All(step.Rollouts.Chunk(16), group => Assert.Contains(group, r => r.Reward != group[0].Reward));
        Assert.All(step.Rollouts, r => Assert.Empty(r.ReferenceLogProbabilities));
    }

    [Fact]
    public void ReferenceRefresh_BringsTheDivergenceBackToZero()
    {
        (List<GrpoStep> steps, _) = Run(s_options with { ReferenceRefreshSteps = 2 }, 3);
        Assert.Equal(0, steps[0].Kl);
        Assert.True(steps[1].Kl > 0);
        Assert.Equal(0, steps[2].Kl);
    }
}
