// Whole iterations of GRPO: rollouts, reference, update. Random weights rarely end an answer, so nearly all run to the length limit.
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Statistics;
using Fathom.Numerics.Threading;
using Fathom.Text.Tokenizers;
using Fathom.Training.Data;
using Fathom.Training.Optimizers;
using Fathom.Training.Pretraining;
using Fathom.Training.Recipes;
using Fathom.Training.Reinforcement;

namespace Fathom.Cli.Measurements;

/// <summary>Measures reinforcement learning with the settings of a built-in recipe.</summary>
static class ReinforcementMeasurement
{
    const string RecipeName = "nano-r1";
    const int WarmupSteps = 1, Steps = 3;
    const int TokenizerDocuments = 2000, ConcurrentSequences = 256;

    /// <summary>Two results: rollouts alone, and whole iterations with the share of each part.</summary>
    public static IEnumerable<BenchResult> Run()
    {
        Recipe recipe = RecipeFile.Load(RecipeName);
        RlOptions options = recipe.Stages.OfType<RlOptions>().First();
        Tokenizer tokenizer = TrainTokenizer(recipe);
        ModelConfig config = recipe.Model.ToConfig(tokenizer.VocabularySize) with { BosTokenId = tokenizer.BosId, EosTokenIds = [tokenizer.EosId!.Value] };
        using DecoderModel model = DecoderModel.Initialize(config, seed: 1);
        using var trainer = new ModelTrainer(model);
        using var generator = new Generator(model, tokenizer, ConcurrentSequences);
        using var grpo = new GrpoTrainer(trainer, generator, tokenizer, new ProblemStream(recipe, Split.Train, "bench"), options, seed: 1);
        var settings = new OptimizerStep(options.PeakLearningRate, options.WeightDecay, options.Beta1, options.Beta2, options.ClipNorm);
        List<GrpoStep> steps = [];
        for (int step = 0; step < WarmupSteps + Steps; step++)
        {
            GrpoStep done = grpo.Step(step, settings);
            if (step >= WarmupSteps)
                steps.Add(done);
        }

        string test = $"GRPO {recipe.Model.Preset}, {options.QuestionsPerStep} x {options.GroupSize} answers";
        double[] rollouts = [.. steps.Select(s => s.Tokens.Generated / s.Seconds.Rollout)];
        double[] seconds = [.. steps.Select(s => s.Seconds.Rollout + s.Seconds.Reference + s.Seconds.Update)];
        double[] iterations = [.. steps.Select((s, i) => s.Tokens.Generated / seconds[i])];
        double total = seconds.Sum();
        yield return new BenchResult
        {
            Test = test + ", rollouts",
            Threads = ThreadTeam.Shared.ThreadCount,
            TokensPerSecond = Quantiles.Median(rollouts),
            Minimum = rollouts.Min(),
            Maximum = rollouts.Max(),
        };
        yield return new BenchResult
        {
            Test = test + ", whole iteration",
            Threads = ThreadTeam.Shared.ThreadCount,
            TokensPerSecond = Quantiles.Median(iterations),
            Minimum = iterations.Min(),
            Maximum = iterations.Max(),
            Seconds = Quantiles.Median(seconds),
            Shares = new Dictionary<string, double>
            {
                ["rollout"] = steps.Sum(s => s.Seconds.Rollout) / total,
                ["reference"] = steps.Sum(s => s.Seconds.Reference) / total,
                ["update"] = steps.Sum(s => s.Seconds.Update) / total,
            },
        };
    }

    static Tokenizer TrainTokenizer(Recipe recipe)
    {
        var documents = new DocumentStream(recipe, recipe.Stages.OfType<PretrainOptions>().First(), [], Split.Train);
        IEnumerable<string> texts = Enumerable.Range(0, TokenizerDocuments).Select(i => documents[i])
            .SelectMany(d => new[] { d.Prompt, d.Reasoning, d.Text }.OfType<string>());
        return BpeTrainer.Train(texts, recipe.Tokenizer.VocabularySize, DeepSeekTokens.All);
    }
}
