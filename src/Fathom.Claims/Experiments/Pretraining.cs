// The pre-training that A4, A5 and A6 compare: nano models on worked solutions of twelve kinds of problems.
// The three share their models' runs where they are the same: a run that is in the folder is taken as it is.

using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Claims.Experiments;

static class Pretraining
{
    /// <summary>The only stage.</summary>
    public const string Stage = "pretrain";

    /// <summary>Loss-free balancing's step: 0.001 over V3's many steps; a few hundred steps need a longer one to move a bias at all.</summary>
    public const double BiasUpdateRate = 1e-2;

    /// <summary>1 shared expert and 7 of 63: the paper's validation model (DeepSeekMoE, table 1) on nano's width. Active width 256 of 2,048.</summary>
    public static readonly ModelOptions FineAndShared = Experts(routed: 63, shared: 1, perToken: 7, width: 32);

    /// <summary>8 of 64 small experts, none shared: the same sizes in all and per token.</summary>
    public static readonly ModelOptions FineOnly = Experts(routed: 64, shared: 0, perToken: 8, width: 32);

    /// <summary>2 of 16 experts of four times the width, none shared, as in GShard: the same sizes in all and per token.</summary>
    public static readonly ModelOptions GShardLike = Experts(routed: 16, shared: 0, perToken: 2, width: 128);

    // Every area of the tasks that a nano model can begin to learn in half a million tokens.
    static readonly string[] s_tasks =
    [
        "addition", "subtraction", "multiplication", "comparison", "progression", "base-conversion", "counting", "sorting", "merging", "reversal", "letter-count", "caesar",
    ];

    /// <summary>nano without experts: every layer has a feed-forward of this width.</summary>
    public static ModelOptions Dense(int width) => Nano with { FirstDenseLayerCount = 4, IntermediateSize = width };

    /// <summary>The recipe of one run.</summary>
    /// <param name="name">The model's name within the experiments.</param>
    /// <param name="seed">Seed of weights, tokenizer and data.</param>
    /// <param name="model">The model.</param>
    /// <param name="biasUpdateRate">Gamma of loss-free balancing; 0 switches it off.</param>
    /// <param name="balanceLossWeight">Alpha of the sequence-wise auxiliary loss; 0 switches it off.</param>
    public static Recipe Recipe(string name, ulong seed, ModelOptions model, double biasUpdateRate = BiasUpdateRate, double balanceLossWeight = 0) => new()
    {
        Name = name,
        Seed = checked((long)seed),
        Model = model,
        Tokenizer = new TokenizerOptions { VocabularySize = 512 },
        Tasks = [.. s_tasks.Select(task => new TaskOptions { Task = task, MaxDifficulty = 2 })],
        Stages =
        [
            new PretrainOptions
            {
                Name = Stage,
                Steps = 500,
                TokensPerStep = 1280,
                PeakLearningRate = 2e-3,
                FinalLearningRate = 2e-4,
                WarmupSteps = 30,
                BiasUpdateRate = biasUpdateRate,
                BalanceLossWeight = balanceLossWeight,
                CheckpointEverySteps = 250,
                ValidationEverySteps = 50,
                Data = new DataMixOptions { CarefulShare = 1, HastyShare = 0, TextShare = 0 },
            },
        ],
    };

    /// <summary>One run of each seed.</summary>
    public static RecipeRun[] Runs(ExperimentSettings settings, Func<ulong, Recipe> recipe, double from, double to) =>
        [.. settings.Seeds.Select((seed, i) => RecipeRun.Of(
            settings, recipe(seed), from + (to - from) * i / settings.Seeds.Count, from + (to - from) * (i + 1) / settings.Seeds.Count))];

    /// <summary>Each run's loss on held-out documents at its end, in bits per byte: comparable between tokenizers, and so between seeds.</summary>
    public static double[] FinalLosses(IReadOnlyList<RecipeRun> runs) => [.. runs.Select(run => run.Last(Stage, MetricNames.BitsPerByte))];

    /// <summary>A run's loss on held-out documents over the tokens it had learnt from.</summary>
    public static IReadOnlyList<(double Tokens, double Loss)> LossOverTokens(RecipeRun run)
    {
        // A step with a validation counts the validation's tokens too; the others tell how many a step learns from.
        double perStep = run.Metrics.Where(step => step.Find(MetricNames.BitsPerByte) is null).Select(step => (double)step.Tokens)
            .DefaultIfEmpty(((PretrainOptions)run.Recipe.Stages[0]).TokensPerStep).Average();
        return [.. run.Values(Stage, MetricNames.BitsPerByte).Select(point => (point.Step.Step * perStep, point.Value))];
    }

    // A nano model is narrow: weights of 0.06 start it near the scale that fits its width.
    static ModelOptions Nano => new() { Preset = "nano", InitializerRange = 0.06 };

    static ModelOptions Experts(int routed, int shared, int perToken, int width) =>
        Nano with { RoutedExpertCount = routed, SharedExpertCount = shared, ExpertsPerToken = perToken, ExpertIntermediateSize = width };
}
