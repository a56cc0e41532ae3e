// One stage of training with gradients: what is trained on what, where.

using Fathom.Models.Configs;
using Fathom.Planning.Hardware;

namespace Fathom.Planning.Training;

/// <summary>A run to plan.</summary>
/// <param name="Name">Name of the stage.</param>
/// <param name="Work">The model.</param>
/// <param name="Tokens">Tokens to train on.</param>
/// <param name="SequenceLength">Tokens per sequence.</param>
/// <param name="Batch">Sequences per step.</param>
/// <param name="Device">The devices.</param>
/// <param name="Devices">How many.</param>
/// <param name="Layout">How they are used.</param>
/// <param name="Precision">What matrices are multiplied in.</param>
public sealed record TrainingRun(string Name, ModelWork Work, long Tokens, int SequenceLength, int Batch, Device Device, int Devices, TrainingLayout Layout, Precision Precision)
{
    /// <summary>Bytes of one AdamW moment: 2 as V3 keeps them (section 3.3.3), 4 as is usual.</summary>
    public int MomentBytes { get; init; } = 4;

    /// <summary>Published device hours to compare with, or null.</summary>
    public Figure? Published { get; init; }

    /// <summary>Forward passes of other models per trained token, as the reference of RL.</summary>
    public int ExtraForwards { get; init; }

    /// <summary>Mean length of the documents or answers in a sequence, where attention keeps them apart; the sequence itself by default.</summary>
    public int AttentionLength { get; init; } = SequenceLength;

    /// <summary>Data-parallel ranks.</summary>
    public int Data => Devices / (Layout.Pipeline * Layout.Tensor);

    /// <summary>Micro-batches of a step on each pipeline.</summary>
    public int MicroBatches => Batch / (Data * Layout.MicroBatch);

    /// <summary>Whether matrices are multiplied in FP8.</summary>
    public bool IsFp8 => Precision == Precision.Fp8;

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="PlanException">The layout does not divide, or the numbers are no run; the message says what would work.</exception>
    public void Validate()
    {
        if (Tokens < 1 || SequenceLength < 1 || Batch < 1 || Devices < 1)
            throw new PlanException($"{Name}: {Tokens} tokens in sequences of {SequenceLength}, {Batch} per step, on {Devices} devices; each has to be at least 1.");
        Device.Rate(Precision);
        if (Layout.Refuse(Work.Config, Device, Devices, Batch) is { } refusal)
            throw new PlanException($"{Name}: {refusal}");
    }
}
