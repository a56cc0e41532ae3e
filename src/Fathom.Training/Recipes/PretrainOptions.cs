// Options of the stage `pretrain`.

namespace Fathom.Training.Recipes;

/// <summary>Number format of the arithmetic in training.</summary>
public enum TrainingPrecision
{
    /// <summary>32-bit floating point throughout.</summary>
    Fp32,
}

/// <summary>Next-token training on a mix of documents, from the weights at hand.</summary>
public sealed record PretrainOptions : TrainingStageOptions, IChecked
{
    /// <summary>Optimizer steps.</summary>
    [Option(Minimum = 1)]
    public int Steps { get; init; } = 1000;

    /// <summary>Tokens that one optimizer step learns from.</summary>
    [Option(Minimum = 1)]
    public int TokensPerStep { get; init; } = 8192;

    /// <summary>Longest packed sequence, in tokens; longer documents are cut into pieces.</summary>
    [Option(Minimum = 2)]
    public int SequenceLength { get; init; } = 256;

    /// <summary>What the documents are.</summary>
    [Option]
    public DataMixOptions Data { get; init; } = new();

    /// <summary>Weight lambda of the multi-token prediction loss (V3 equation 25); unused by a model without such layers.</summary>
    [Option(Minimum = 0)]
    public double MtpWeight { get; init; } = 0.3;

    /// <summary>Number format of the arithmetic: fp32.</summary>
    [Option]
    public TrainingPrecision Precision { get; init; } = TrainingPrecision.Fp32;

    /// <summary>Steps between validations on held-out documents (loss and bits per byte).</summary>
    [Option(Minimum = 1)]
    public int ValidationEverySteps { get; init; } = 100;

    /// <summary>Tokens of held-out documents in one validation.</summary>
    [Option(Minimum = 1)]
    public int ValidationTokens { get; init; } = 16384;

    /// <summary>Tokens of the whole stage.</summary>
    public long Tokens => (long)Steps * TokensPerStep;

    string? IChecked.Problem() =>
        WarmupSteps > Steps ? $"warmupSteps {WarmupSteps} is greater than steps {Steps}" : null;
}

/// <summary>
/// What pre-training documents are. Careful solutions reason step by step inside <c>&lt;think&gt;</c> and are right; hasty ones answer at
/// once and are wrong at a given rate, so that the base model is right only sometimes and reinforcement learning has something to choose from.
/// The three shares are relative to their sum.
/// </summary>
public sealed record DataMixOptions : IChecked
{
    /// <summary>Share of careful solutions of the recipe's tasks, in documents, relative to the sum of the shares.</summary>
    [Option(Minimum = 0)]
    public double CarefulShare { get; init; } = 0.3;

    /// <summary>Share of hasty solutions of the recipe's tasks, in documents, relative to the sum of the shares.</summary>
    [Option(Minimum = 0)]
    public double HastyShare { get; init; } = 0.5;

    /// <summary>Share of hasty solutions whose answer is wrong.</summary>
    [Option(Minimum = 0, Maximum = 1)]
    public double HastyErrorRate { get; init; } = 0.5;

    /// <summary>Share of plain text, in documents, relative to the sum of the shares: from the files where there are any, else made up.</summary>
    [Option(Minimum = 0)]
    public double TextShare { get; init; } = 0.2;

    /// <summary>Files of plain text or JSON lines (text; prompt and completion; messages; question and answer); `train --data` sets them.</summary>
    [Option]
    public OptionList<string> Files { get; init; } = [];

    string? IChecked.Problem() =>
        CarefulShare + HastyShare + TextShare > 0 ? null : "carefulShare, hastyShare and textShare are all 0; at least one must be greater";
}
