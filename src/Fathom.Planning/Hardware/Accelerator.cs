// Accelerators as accounting sees them: a name, a peak, and what real training reached.

using Fathom.Planning.Training;

namespace Fathom.Planning.Hardware;

/// <summary>A kind of accelerator.</summary>
/// <param name="Name">Its name.</param>
/// <param name="PeakFlops">Peak dense BF16 rate in FLOP/s, from the vendor.</param>
/// <param name="AchievedFlops">Rate in FLOP/s that a large training run reached per accelerator.</param>
/// <param name="Source">Where both numbers come from.</param>
public sealed record Accelerator(string Name, double PeakFlops, double AchievedFlops, string Source)
{
    /// <summary>Achieved over peak rate, 0 to 1.</summary>
    public double Utilisation => AchievedFlops / PeakFlops;

    /// <summary>
    /// NVIDIA H800. Achieved: DeepSeek-V3's pre-training, 6 FLOP x 37e9 active parameters x 14.8e12 tokens in 2,664,000 GPU hours, which
    /// is 343 TFLOP/s. V3 trained largely in FP8, so held against the BF16 peak this flatters BF16 training.
    /// </summary>
    public static Accelerator H800 { get; } = new(
        Device.Find("h800").Title, Device.Find("h800").Rate(Precision.Bf16), 6 * 37e9 * 14.8e12 / (PublishedHours.V3PreTraining.Value * 3600),
        "peak: NVIDIA H100/H800 SXM data sheet, BF16 dense; achieved: DeepSeek-V3 report (arXiv 2412.19437), Table 1 and section 4.2");
}
