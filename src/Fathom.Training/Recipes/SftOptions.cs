// Options of the stage `sft`.

namespace Fathom.Training.Recipes;

/// <summary>Supervised fine-tuning on prompts and completions; only the completion, its end token included, carries loss.</summary>
public sealed record SftOptions : TrainingStageOptions, IChecked
{
    /// <summary>Distinct examples: careful solutions of the recipe's tasks, or as many lines of the files.</summary>
    [Option(Minimum = 1)]
    public int Examples { get; init; } = 1000;

    /// <summary>Times each example is learnt from; the order is drawn anew each time.</summary>
    [Option(Minimum = 1)]
    public int Epochs { get; init; } = 2;

    /// <summary>Examples in one optimizer step.</summary>
    [Option(Minimum = 1)]
    public int ExamplesPerStep { get; init; } = 32;

    /// <summary>Longest example, prompt and completion together, in tokens; a longer one is an error that names it.</summary>
    [Option(Minimum = 2)]
    public int SequenceLength { get; init; } = 256;

    /// <summary>Share of careful solutions among the examples made from tasks; the others are hasty.</summary>
    [Option(Minimum = 0, Maximum = 1)]
    public double CarefulShare { get; init; } = 1;

    /// <summary>Share of hasty solutions whose answer is wrong.</summary>
    [Option(Minimum = 0, Maximum = 1)]
    public double HastyErrorRate { get; init; } = 0.5;

    /// <summary>Files of JSON lines (prompt and completion; messages; question and answer) in place of the recipe's tasks.</summary>
    [Option]
    public OptionList<string> Files { get; init; } = [];

    /// <summary>Optimizer steps of the whole stage; the last step of an epoch is filled from the next one.</summary>
    public int Steps => (int)(((long)Examples * Epochs + ExamplesPerStep - 1) / ExamplesPerStep);

    string? IChecked.Problem() =>
        (long)Examples * Epochs > int.MaxValue ? $"examples {Examples} times epochs {Epochs} is more than {int.MaxValue}"
        : WarmupSteps > Steps ? $"warmupSteps {WarmupSteps} is greater than the stage's {Steps} steps (examples {Examples} x epochs {Epochs} / examplesPerStep {ExamplesPerStep})"
        : null;
}
