// What a GGUF file's tensors are written as: one format for all, or the mix people call Q4_K_M.
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>A choice of formats.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Base">The format of most matrices.</param>
/// <param name="FileType">Its number in <c>general.file_type</c>.</param>
/// <param name="Mixed">Whether values and down projections of some layers get more bits.</param>
public sealed record GgufTarget(string Name, ElementType Base, uint FileType, bool Mixed = false)
{
    /// <summary>All targets.</summary>
    public static IReadOnlyList<GgufTarget> All { get; } =
    [
        new("f32", ElementType.F32, 0), new("f16", ElementType.F16, 1), new("bf16", ElementType.BF16, 32), new("q8_0", ElementType.Q8_0, 7),
        new("q4_0", ElementType.Q4_0, 2), new("q4_k", ElementType.Q4_K, 14), new("q4_k_m", ElementType.Q4_K, 15, Mixed: true),
        new("q5_k", ElementType.Q5_K, 16), new("q6_k", ElementType.Q6_K, 18),
    ];

    /// <summary>The target of that name, in any case of letters; null where there is none.</summary>
    public static GgufTarget? Find(string name) => All.FirstOrDefault(target => target.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The format of a tensor.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="shape">Sizes, outermost first.</param>
    /// <param name="layer">Its layer, or -1.</param>
    /// <param name="config">The model.</param>
    public ElementType TypeOf(string name, ReadOnlySpan<long> shape, int layer, ModelConfig config)
    {
        // Vectors and routers are small, and programs that read these files expect them in FP32.
        if (shape.Length < 2 || name.EndsWith("ffn_gate_inp.weight", StringComparison.Ordinal))
            return ElementType.F32;
        if (!Base.IsBlock())
            return Base;
        ElementType type = Base;
        bool isHead = name == (config.TieWordEmbeddings ? GgufNames.Embedding : GgufNames.Head), few = Base is not (ElementType.Q8_0 or ElementType.Q6_K);
        // Latent attention's up-projection is small, and its transposed form must not lose what a second rounding would cost.
        if (name.EndsWith(GgufNames.KeyB, StringComparison.Ordinal) || name.EndsWith(GgufNames.ValueB, StringComparison.Ordinal))
            type = ElementType.Q8_0;
        else if (few && (isHead || Mixed && HasMoreBits(layer, config.LayerCount) && (name.EndsWith("attn_v.weight", StringComparison.Ordinal) || name.Contains("ffn_down", StringComparison.Ordinal))))
            type = ElementType.Q6_K;
        long row = shape[^1];
        if (row % type.BlockLength() == 0)
            return type;
        // Rows that are no whole blocks of 256 take the next larger format of 32, as the published mix does.
        ElementType shorter = type == ElementType.Q4_K ? ElementType.Q5_0 : ElementType.Q8_0;
        return row % shorter.BlockLength() == 0 ? shorter : ElementType.F16;
    }

    // The first and last eighth of the layers, and every third between: where errors cost most (the published mix's rule).
    static bool HasMoreBits(int layer, int layers) => layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}
