// What all stages of a recipe share: the kind, the name, and for those that train, the optimizer.

namespace Fathom.Training.Recipes;

/// <summary>A group of options that can be wrong as a whole although every option is right by itself.</summary>
interface IChecked
{
    /// <summary>What is wrong, without the final full stop, or null.</summary>
    string? Problem();
}

/// <summary>A group that may be written as a text alone, which then is the value of its first option.</summary>
interface IShorthand;

/// <summary>One stage of a recipe.</summary>
public abstract record StageOptions
{
    internal const string KindKey = "stage";

    /// <summary>The stages there are, by the text in the key <c>stage</c>.</summary>
    public static IReadOnlyDictionary<string, Type> Kinds { get; } = new Dictionary<string, Type>
    {
        ["pretrain"] = typeof(PretrainOptions),
        ["sft"] = typeof(SftOptions),
        ["rl"] = typeof(RlOptions),
        ["evaluate"] = typeof(EvaluateOptions),
    };

    /// <summary>The text in the key <c>stage</c>: <c>pretrain</c>, <c>sft</c>, <c>rl</c> or <c>evaluate</c>.</summary>
    public string Kind => Kinds.First(kind => kind.Value == GetType()).Key;

    /// <summary>Name of the stage, one of its own within the recipe; metrics, the summary and `--set name.key=value` use it.</summary>
    [Option(Required = true)]
    public string Name { get; init; } = "";
}

/// <summary>How the learning rate moves after the warm-up.</summary>
public enum LearningRateSchedule
{
    /// <summary>Stays at its peak.</summary>
    Constant,

    /// <summary>Falls along half a cosine from the peak to the final learning rate at the last step.</summary>
    Cosine,
}

/// <summary>What a stage that trains with AdamW sets. Defaults are DeepSeek-V3's where it has them (V3 section 4.2).</summary>
public abstract record TrainingStageOptions : StageOptions
{
    /// <summary>Greatest learning rate, reached at the end of the warm-up.</summary>
    [Option(Minimum = 0, Maximum = 1)]
    public double PeakLearningRate { get; init; } = 1e-3;

    /// <summary>Steps in which the learning rate rises linearly from 0 to its peak.</summary>
    [Option(Minimum = 0)]
    public int WarmupSteps { get; init; }

    /// <summary>How the learning rate moves after the warm-up: constant or cosine.</summary>
    [Option]
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Learning rate at the last step of the cosine schedule; a constant schedule does not use it.</summary>
    [Option(Minimum = 0, Maximum = 1)]
    public double FinalLearningRate { get; init; } = 1e-4;

    /// <summary>AdamW's decoupled weight decay, per step as a share of the learning rate; norms and biases are not decayed.</summary>
    [Option(Minimum = 0, Maximum = 1)]
    public double WeightDecay { get; init; } = 0.1;

    /// <summary>AdamW's decay of the first moment.</summary>
    [Option(Minimum = 0, Maximum = 1, ExclusiveMaximum = true)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>AdamW's decay of the second moment.</summary>
    [Option(Minimum = 0, Maximum = 1, ExclusiveMaximum = true)]
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Greatest global norm of the gradient; a greater one is scaled down to it.</summary>
    [Option(Minimum = 0, ExclusiveMinimum = true)]
    public double ClipNorm { get; init; } = 1;

    /// <summary>Tokens in one forward and backward pass; a step's batch is split into passes of at most this size (a longer sequence stays whole). Bounds memory; does not change the result.</summary>
    [Option(Minimum = 1)]
    public int MicroBatchTokens { get; init; } = 4096;

    /// <summary>Step of the router's selection bias per optimizer step, gamma of loss-free balancing (V3 section 2.1.2); 0 leaves the bias alone.</summary>
    [Option(Minimum = 0, Maximum = 1)]
    public double BiasUpdateRate { get; init; } = 1e-3;

    /// <summary>Weight alpha of the sequence-wise balance loss (V3 equations 17 to 20).</summary>
    [Option(Minimum = 0)]
    public double BalanceLossWeight { get; init; } = 1e-4;

    /// <summary>Steps between checkpoints; one is written at the end of every stage as well.</summary>
    [Option(Minimum = 1)]
    public int CheckpointEverySteps { get; init; } = 100;
}
