// The numbers GGUF files use for tensor formats, and the names people know them by.
using Fathom.Numerics.Formats;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>Tensor formats of GGUF by number (ggml.h).</summary>
static class GgufTypes
{
    static readonly Dictionary<uint, ElementType> s_read = new()
    {
        [0] = ElementType.F32,
        [1] = ElementType.F16,
        [2] = ElementType.Q4_0,
        [3] = ElementType.Q4_1,
        [6] = ElementType.Q5_0,
        [7] = ElementType.Q5_1,
        [8] = ElementType.Q8_0,
        [10] = ElementType.Q2_K,
        [11] = ElementType.Q3_K,
        [12] = ElementType.Q4_K,
        [13] = ElementType.Q5_K,
        [14] = ElementType.Q6_K,
        [20] = ElementType.IQ4_NL,
        [23] = ElementType.IQ4_XS,
        [24] = ElementType.I8,
        [25] = ElementType.I16,
        [26] = ElementType.I32,
        [27] = ElementType.I64,
        [28] = ElementType.F64,
        [30] = ElementType.BF16,
        [39] = ElementType.MXFP4,
    };

    static readonly Dictionary<ElementType, uint> s_numbers = s_read.ToDictionary(pair => pair.Value, pair => pair.Key);

    // Known, but not read.
    static readonly Dictionary<uint, string> s_names = new()
    {
        [4] = "Q4_2 (abandoned in 2023)",
        [5] = "Q4_3 (abandoned in 2023)",
        [9] = "Q8_1",
        [15] = "Q8_K",
        [16] = "IQ2_XXS",
        [17] = "IQ2_XS",
        [18] = "IQ3_XXS",
        [19] = "IQ1_S",
        [21] = "IQ3_S",
        [22] = "IQ2_S",
        [29] = "IQ1_M",
        [31] = "Q4_0_4_4 (abandoned in 2024)",
        [32] = "Q4_0_4_8 (abandoned in 2024)",
        [33] = "Q4_0_8_8 (abandoned in 2024)",
        [34] = "TQ1_0",
        [35] = "TQ2_0",
        [36] = "IQ4_NL_4_4 (abandoned in 2024)",
        [37] = "IQ4_NL_4_8 (abandoned in 2024)",
        [38] = "IQ4_NL_8_8 (abandoned in 2024)",
        [40] = "NVFP4",
        [41] = "Q1_0",
        [42] = "Q2_0",
    };

    // From here on ik_llama.cpp has formats of its own, which ggml does not know.
    const uint FirstOfIk = 97;

    /// <summary>The formats that are read, for messages.</summary>
    public static string Read { get; } = string.Join(", ", s_read.Values);

    /// <summary>The format with this number, or null where it is not read.</summary>
    public static ElementType? Find(uint number) => s_read.TryGetValue(number, out ElementType type) ? type : null;

    /// <summary>The number of a format; null where GGUF has none.</summary>
    public static uint? NumberOf(ElementType type) => s_numbers.TryGetValue(type, out uint number) ? number : null;

    /// <summary>What a number that is not read stands for.</summary>
    public static string NameOf(uint number) => s_names.TryGetValue(number, out string? name) ? name
        : number >= FirstOfIk ? $"number {number}, one of ik_llama.cpp's own" : $"number {number}, which is unknown";
}
