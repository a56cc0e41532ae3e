// The constants of the time model. None is chosen per answer: kernels' from published measurements of kernels, the two of whole runs from
// Llama 3's report. DeepSeek's models are then predicted with them (docs/planning.md says how far off).

namespace Fathom.Planning.Training;

/// <summary>Constants of the model of time.</summary>
public static class Efficiencies
{
    const string Gemm = "DeepGEMM (deepseek-ai/DeepGEMM): up to 1,550 TFLOP/s in FP8 on H800, 78% of the peak; a little less for the shapes of its table";

    /// <summary>Share of the peak rate at which a matrix product multiplies.</summary>
    public static Figure MatrixProduct { get; } = new("matrix products, of the peak rate", 0.75, "", Gemm);

    /// <summary>Share of the memory bandwidth that kernels reach.</summary>
    public static Figure Memory { get; } = new("memory traffic, of the bandwidth", 0.80, "", "assumption: a streaming kernel reaches about 80% of the data sheet's bandwidth, as STREAM-like tests of HBM do");

    /// <summary>Share of the BF16 peak that attention reaches.</summary>
    public static Figure Attention { get; } = new("attention, of the BF16 peak", 0.35, "", "FlashAttention-3 (arXiv 2407.08608), abstract: FlashAttention-2 reaches 35% on H100; the models here were trained with its like");

    /// <summary>Share of a link's bandwidth that exchanges reach.</summary>
    public static Figure Links { get; } = new("exchanges, of the links' bandwidth", 0.90, "", "DeepEP (deepseek-ai/DeepEP), README: 43 to 58 GB/s of links of 50 between nodes (some of it stays inside), 153 to 158 of 160 inside");

    /// <summary>
    /// Kernels' time over the time of a step without bubble and exposed exchanges: the rest is gaps, lower clocks under load, and waiting for the
    /// slowest. The value at which this model gives Llama 3.1 405B's measured 430 TFLOP/s on 8,192 GPUs.
    /// </summary>
    public static Figure Sustained { get; } = new("kernels' benchmarked over their time in a step", 0.90, "", "calibrated on one published measurement: Llama 3 report (arXiv 2407.21783), Table 4, 8,192 H100, 430 TFLOP/s; not on any DeepSeek model");

    /// <summary>Share of the calendar time that training runs.</summary>
    public static Figure Availability { get; } = new("effective training time", 0.90, "", "Llama 3 report (arXiv 2407.21783), section 3.3.4: more than 90% effective training time");

    /// <summary>Share of the multiprocessors left to computation while exchanges are hidden under it.</summary>
    public static Figure OverlappedCompute { get; } = new("multiprocessors left beside hidden exchanges", 112.0 / 132, "", "DeepSeek-V3 report (arXiv 2412.19437), section 3.2.2: 20 of 132 multiprocessors move data");

    /// <summary>Share of a device's memory that plans use.</summary>
    public static Figure UsableMemory { get; } = new("usable memory", 0.92, "", "assumption: 8% for the driver, libraries' workspaces and fragmentation");

    /// <summary>Time of one dispatch and one combine of few tokens, per layer.</summary>
    public static Figure DecodeExchange { get; } = new("dispatch and combine in decoding", 313e-6, "s", "DeepEP (deepseek-ai/DeepEP), README of its first release: low-latency kernels, 16 ranks: 118 + 195 microseconds");

    /// <summary>Tokens per decoding step with multi-token prediction.</summary>
    public static Figure Speculation { get; } = new("tokens per step with multi-token prediction", 1.8, "", "DeepSeek-V3 report (arXiv 2412.19437), section 5.4.3: 1.8 times the tokens per second");

    /// <summary>Power of the data centre over that of its devices (PUE).</summary>
    public static Figure PowerUsage { get; } = new("power usage effectiveness", 1.3, "", "assumption: between the 1.1 of the largest operators and the 1.56 of Uptime Institute's survey of 2024");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Figure> All { get; } = [MatrixProduct, Memory, Attention, Links, Sustained, Availability, OverlappedCompute, UsableMemory, DecodeExchange, Speculation, PowerUsage];
}
