// How a model is laid out for serving, and what its kernels reach: the inputs of a serving plan that are not the model and not the device.

namespace Fathom.Planning.Costs;

/// <summary>A unit of nodes that serves together.</summary>
/// <param name="Nodes">Nodes of the unit.</param>
/// <param name="RedundantExperts">Copies of experts in each layer, beside the experts themselves.</param>
/// <param name="Source">Who says so.</param>
public sealed record ServingUnit(int Nodes, int RedundantExperts, string Source);

/// <summary>Layout of prefill and decode.</summary>
/// <param name="Prefill">Unit that reads prompts.</param>
/// <param name="Decode">Unit that writes.</param>
public sealed record ServingLayout(ServingUnit Prefill, ServingUnit Decode)
{
    const string Published = "DeepSeek, DeepSeek-V3/R1 Inference System Overview (open-infra-index, day 6)";

    /// <summary>Attention in parallel over sequences, experts spread over all devices of a unit: 4 nodes read, 18 nodes write, 32 redundant experts.</summary>
    public static ServingLayout DeepSeek { get; } = new(new(4, 32, Published), new(18, 32, Published));
}

/// <summary>What kernels reach of a device's peaks, by what they published on the H800; other devices are taken to be used as well.</summary>
public static class ServingEfficiency
{
    /// <summary>Matrix products in FP8.</summary>
    public static Figure Products { get; } = new("FP8 products, share of the peak", 1297e12 / 1978.9e12, "", "DeepGEMM's first README: 1297 TFLOP/s in grouped products (4 x 8192 tokens, 4096 x 7168) of the H800's 1978.9");

    /// <summary>Attention's arithmetic, in BF16.</summary>
    public static Figure Attention { get; } = new("attention, share of the BF16 peak", 660e12 / 989.4e12, "", "FlashMLA's README: 660 TFLOP/s where arithmetic bounds, of the H800's 989.4");

    /// <summary>Memory traffic.</summary>
    public static Figure Memory { get; } = new("memory, share of the bandwidth", 3000e9 / 3350e9, "", "FlashMLA's README: 3000 GB/s where memory bounds, of the H800's 3350");

    /// <summary>Exchange between nodes.</summary>
    public static Figure Network { get; } = new("network, share of the bandwidth", 44e9 / 50e9, "", "DeepEP's first README: 44 GB/s in dispatch over 32 devices (47 in combine), of 50");

    /// <summary>Memory left for weights and cache.</summary>
    public static Figure UsableMemory { get; } = new("usable memory", 0.9, "", Figure.AssumptionMark + "a tenth for activations, buffers and the system");
}
