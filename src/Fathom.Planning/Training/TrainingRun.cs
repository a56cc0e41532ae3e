// One stage of training with gradients: what is trained on what, where.

using Fathom.Models.Configs;
using Fathom.Numerics.Kernels;
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

    /// <summary>Where tokens, lengths and batch are from.</summary>
    public string DataSource { get; init; } = Given;

    /// <summary>Where devices and layout are from.</summary>
    public string LayoutSource { get; init; } = Given;

    /// <summary>Forward passes of other models per trained token, as the reference of RL.</summary>
    public int ExtraForwards { get; init; }

    /// <summary>Mean length of the documents or answers in a sequence, where attention keeps them apart; the sequence itself by default.</summary>
    public int AttentionLength { get; init; } = SequenceLength;

    /// <summary>Routed tokens of the device that gets most of them over those of the mean one; all others wait for it.</summary>
    public Figure Imbalance { get; init; } = ImbalanceOf(Work.Config);

    /// <summary>The imbalance that counts: 1 where every device holds all experts.</summary>
    public double Waiting => Layout.Expert > 1 ? Imbalance.Value : 1;

    /// <summary>Data-parallel ranks.</summary>
    public int Data => Devices / (Layout.Pipeline * Layout.Tensor * Layout.Context);

    /// <summary>Devices with the same weights, routed experts apart: those of context parallelism too.</summary>
    public int Sharing => Data * Layout.Context;

    /// <summary>Devices with the same routed experts.</summary>
    public int ExpertSharing => Sharing * Layout.Tensor / Layout.Expert;

    /// <summary>Tokens of a micro-batch on one device.</summary>
    public double TokensAtOnce => (double)Layout.MicroBatch * SequenceLength / Layout.Context;

    /// <summary>
    /// Tokens of a micro-batch whose keys and values a device needs: its own, and where a sequence is divided all others of it, or those of the documents
    /// in which its two pieces begin.
    /// </summary>
    public double KeysAtOnce => Layout.Context == 1 ? TokensAtOnce : Math.Min((double)Layout.MicroBatch * SequenceLength, TokensAtOnce + 2.0 * Layout.MicroBatch * AttentionLength);

    /// <summary>Micro-batches of a step on each pipeline.</summary>
    public int MicroBatches => Batch / (Data * Layout.MicroBatch);

    /// <summary>Whether matrices are multiplied in FP8.</summary>
    public bool IsFp8 => Precision == Precision.Fp8;

    /// <summary>What the plan took, with where it is from.</summary>
    public IReadOnlyList<Figure> Inputs =>
    [
        new("parameters", Work.Parameters, "", "the model's configuration, multi-token prediction included"),
        new("operations per token, forward", Work.ForwardFlopsPerToken(AttentionLength), "FLOP", FormattableString.Invariant($"the model's matrices, and attention over half of {AttentionLength} tokens")),
        new("tokens", Tokens, "", DataSource),
        new("tokens per sequence", SequenceLength, "", DataSource),
        new("tokens that attend to one another", AttentionLength, "", DataSource),
        new("sequences per step", Batch, "", DataSource),
        new("devices", Devices, "", LayoutSource),
        new("pipeline stages", Layout.Pipeline, "", LayoutSource),
        new("tensor-parallel devices", Layout.Tensor, "", LayoutSource),
        new("context-parallel devices", Layout.Context, "", LayoutSource),
        new("expert-parallel devices", Layout.Expert, "", LayoutSource),
        new("ZeRO stage", Layout.ZeroStage, "", LayoutSource),
        new("sequences of a micro-batch", Layout.MicroBatch, "", LayoutSource),
        new("data-parallel ranks", Data, "", "devices / (pipeline x tensor x context)"),
        new("micro-batches of a step", MicroBatches, "", "sequences per step / (data-parallel ranks x sequences of a micro-batch)"),
        new("bytes of an AdamW moment", MomentBytes, "bytes", MomentBytes == 2 ? "DeepSeek-V3 report (arXiv 2412.19437), section 3.3.3" : "FP32, as is usual"),
        Imbalance,
    ];

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="PlanException">The layout does not divide, or the numbers are no run; the message says what would work.</exception>
    public void Validate()
    {
        if (Tokens < 1 || SequenceLength < 1 || Batch < 1 || Devices < 1)
            throw new PlanException($"{Name}: {Tokens} tokens in sequences of {SequenceLength}, {Batch} per step, on {Devices} devices; each has to be at least 1.");
        if (!(Imbalance.Value is >= 1 and <= 1000))
            throw new PlanException(FormattableString.Invariant($"{Name}: the fullest device's routed tokens are {Imbalance.Value} times the mean; 1 to 1000 is allowed."));
        Device.Rate(Precision);
        if (Layout.Refuse(Work.Config, Device, Devices, Batch, SequenceLength) is { } refusal)
            throw new PlanException($"{Name}: {refusal}");
    }

    static Figure ImbalanceOf(ModelConfig config) => config.Experts switch
    {
        null => new(Uneven, 1, "", "no experts"),
        { SelectionMethod: SelectionMethod.BiasCorrected } => new(Uneven, 1.04, "", "Auxiliary-Loss-Free Load Balancing (arXiv 2408.15664), Table 2: MaxVio of 0.04 with the bias; over a whole test set, so a lower bound for a micro-batch"),
        _ => new(Uneven, 1, "", "DeepSeek-V2 report (arXiv 2405.04434), section 2.2.4: each device drops what exceeds the mean"),
    };

    const string Given = "given";

    const string Uneven = "fullest device's routed tokens over the mean";
}
