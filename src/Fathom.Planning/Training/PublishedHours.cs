// Device hours of trainings as they were published, each with its source: what plans are held against and claims are computed from.

namespace Fathom.Planning.Training;

/// <summary>Published device hours.</summary>
public static class PublishedHours
{
    const string V3 = "DeepSeek-V3 report (arXiv 2412.19437), Table 1", V2 = "DeepSeek-V2 report (arXiv 2405.04434), section 3.2.3", R1Table = "DeepSeek-R1, version 2 (arXiv 2501.12948v2), Table 7";

    /// <summary>DeepSeek-V3's pre-training, of H800.</summary>
    public static Figure V3PreTraining { get; } = Of(2_664_000, V3);

    /// <summary>The extension of DeepSeek-V3's context to 32K and then 128K, of H800.</summary>
    public static Figure V3ContextExtension { get; } = Of(119_000, V3);

    /// <summary>All of DeepSeek-V3's post-training, supervised and reinforced, of H800.</summary>
    public static Figure V3PostTraining { get; } = Of(5_000, V3);

    /// <summary>DeepSeek-V2's pre-training, of H800.</summary>
    public static Figure V2PreTraining { get; } = Of(172_800 * 8.1, $"{V2}: 172.8K hours per trillion tokens, x 8.1");

    /// <summary>DeepSeek 67B's pre-training, of H800.</summary>
    public static Figure DeepSeek67B { get; } = Of(300_600 * 2, $"{V2}: 300.6K hours per trillion tokens, x 2");

    /// <summary>Llama 3.1 405B's training, of H100.</summary>
    public static Figure Llama405B { get; } = Of(30_840_000, "Llama 3.1 model card (meta-llama/Llama-3.1-405B)");

    /// <summary>R1-Zero's reinforcement learning, of H800.</summary>
    public static Figure R1Zero { get; } = Of(101_000, R1Table);

    /// <summary>Making the samples for R1's fine-tuning, of H800.</summary>
    public static Figure R1Samples { get; } = Of(5_000, R1Table);

    /// <summary>R1 from the cold start on, of H800.</summary>
    public static Figure R1 { get; } = Of(41_000, $"{R1Table}: 64 x 8 H800 for about 80 hours");

    /// <summary>s1's fine-tuning, of H100.</summary>
    public static Figure S1 { get; } = Of(7, "s1 (arXiv 2501.19393), section 4.1: 26 minutes on 16 H100");

    static Figure Of(double hours, string source) => new("published device hours", hours, "h", source);
}
