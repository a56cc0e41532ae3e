// Options of the stage `rl`.

using Fathom.Training.Reinforcement;

namespace Fathom.Training.Recipes;

/// <summary>Which policy gradient is used.</summary>
public enum RlMethod
{
    /// <summary>Group relative policy optimization (DeepSeekMath section 4.1).</summary>
    Grpo,
}

/// <summary>Reinforcement learning on the recipe's tasks. Defaults are DeepSeek-R1's where they carry over to small models (R1 supplement B).</summary>
public sealed record RlOptions : TrainingStageOptions, IChecked
{
    /// <summary>The defaults: a small constant learning rate and no weight decay.</summary>
    public RlOptions()
    {
        PeakLearningRate = 1e-4;
        Schedule = LearningRateSchedule.Constant;
        WeightDecay = 0;
        CheckpointEverySteps = 20;
    }

    /// <summary>Policy gradient: grpo.</summary>
    [Option]
    public RlMethod Method { get; init; } = RlMethod.Grpo;

    /// <summary>Steps: rounds of rollouts, rewards and updates.</summary>
    [Option(Minimum = 1)]
    public int Steps { get; init; } = 100;

    /// <summary>Different questions in one step.</summary>
    [Option(Minimum = 1)]
    public int QuestionsPerStep { get; init; } = 32;

    /// <summary>Responses sampled per question; their rewards are normalised against each other.</summary>
    [Option(Minimum = 2)]
    public int GroupSize { get; init; } = 16;

    /// <summary>Sampling temperature of rollouts.</summary>
    [Option(Minimum = 0, ExclusiveMinimum = true, Maximum = 10)]
    public double Temperature { get; init; } = 1;

    /// <summary>Longest response, in tokens.</summary>
    [Option(Minimum = 1)]
    public int MaxNewTokens { get; init; } = 128;

    /// <summary>Weight beta of the KL divergence to the reference policy in the loss; 0 needs no reference.</summary>
    [Option(Minimum = 0)]
    public double KlWeight { get; init; } = 1e-3;

    /// <summary>How far below 1 the importance ratio may fall before its gradient is cut.</summary>
    [Option(Minimum = 0, ExclusiveMinimum = true, Maximum = 1)]
    public double ClipLow { get; init; } = 0.2;

    /// <summary>How far above 1 the importance ratio may rise before its gradient is cut (DAPO's clip-higher where greater than clipLow).</summary>
    [Option(Minimum = 0, ExclusiveMinimum = true)]
    public double ClipHigh { get; init; } = 0.2;

    /// <summary>How token losses become one number: sequence-mean, token-mean or dr-grpo.</summary>
    [Option]
    public LossAggregation Aggregation { get; init; } = LossAggregation.SequenceMean;

    /// <summary>Whether advantages are divided by the group's standard deviation (GRPO) or only centred (Dr. GRPO).</summary>
    [Option]
    public bool NormalizeStd { get; init; } = true;

    /// <summary>Whether groups with equal rewards are dropped and new questions drawn in their place (DAPO's dynamic sampling).</summary>
    [Option]
    public bool DynamicSampling { get; init; }

    /// <summary>Steps after which the reference policy becomes the current one; 0 never.</summary>
    [Option(Minimum = 0)]
    public int ReferenceRefreshSteps { get; init; }

    /// <summary>Optimizer updates in one step: its responses are split into so many parts, each learnt from once.</summary>
    [Option(Minimum = 1)]
    public int Minibatches { get; init; } = 1;

    /// <summary>Rewards that are summed with their weights.</summary>
    [Option(Minimum = 1)]
    public OptionList<RewardOptions> Rewards { get; init; } = [new() { Name = "accuracy", Weight = 1 }, new() { Name = "format", Weight = 1 }];

    /// <summary>Responses in one step.</summary>
    public int ResponsesPerStep => QuestionsPerStep * GroupSize;

    string? IChecked.Problem() =>
        WarmupSteps > Steps ? $"warmupSteps {WarmupSteps} is greater than steps {Steps}"
        : (long)QuestionsPerStep * GroupSize > 1 << 24 ? $"questionsPerStep {QuestionsPerStep} times groupSize {GroupSize} is more than {1 << 24} responses"
        : Minibatches > ResponsesPerStep ? $"minibatches {Minibatches} is more than the step's {ResponsesPerStep} responses"
        : Rewards.GroupBy(reward => reward.Name).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"the reward '{twice.Key}' is listed twice"
        : null;
}

/// <summary>One reward and its weight.</summary>
public sealed record RewardOptions : IShorthand
{
    /// <summary>Which reward: accuracy (the answer is right) or format (reasoning and answer stand where they belong).</summary>
    [Option(Required = true, Values = ["accuracy", "format"])]
    public string Name { get; init; } = "";

    /// <summary>Factor of the reward in the sum.</summary>
    [Option]
    public double Weight { get; init; } = 1;
}
