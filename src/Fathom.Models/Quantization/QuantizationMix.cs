// Which format each tensor of a quantised model gets.
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;

namespace Fathom.Models.Quantization;

/// <summary>
/// A choice of formats. One format for all matrices; or, in the mix that users know as Q4_K_M, Q4_K with Q6_K where errors cost most: the head, and
/// value and down projections in the first and last eighth of the layers and in every third between.
/// </summary>
public sealed class QuantizationMix
{
    readonly ElementType _most, _best;

    QuantizationMix(string name, ElementType most, ElementType best) => (Name, _most, _best) = (name, most, best);

    /// <summary>Its name on the command line.</summary>
    public string Name { get; }

    /// <summary>All mixes by name.</summary>
    public static IReadOnlyDictionary<string, QuantizationMix> All { get; } = new QuantizationMix[]
    {
        new("f32", ElementType.F32, ElementType.F32),
        new("f16", ElementType.F16, ElementType.F16),
        new("bf16", ElementType.BF16, ElementType.BF16),
        new("q8_0", ElementType.Q8_0, ElementType.Q8_0),
        new("q4_0", ElementType.Q4_0, ElementType.Q4_0),
        new("q4_k", ElementType.Q4_K, ElementType.Q4_K),
        new("q5_k", ElementType.Q5_K, ElementType.Q5_K),
        new("q6_k", ElementType.Q6_K, ElementType.Q6_K),
        new("q4_k_m", ElementType.Q4_K, ElementType.Q6_K),
    }.ToDictionary(mix => mix.Name);

    /// <summary>The format of a tensor. Vectors and routers are small and decide much: they stay FP32.</summary>
    /// <param name="config">The model.</param>
    /// <param name="spec">The tensor.</param>
    public ElementType TypeOf(ModelConfig config, TensorSpec spec) => spec.Role switch
    {
        TensorRole.Norm or TensorRole.Bias or TensorRole.SelectionBias or TensorRole.Router => ElementType.F32,
        TensorRole.Head => _best,
        // A tied embedding is the head.
        TensorRole.Embedding => config.TieWordEmbeddings ? _best : _most,
        _ when IsSensitive(spec.Name) && IsChosen(spec.Layer, config.LayerCount) => _best,
        _ => _most,
    };

    static bool IsSensitive(string name) => name.EndsWith(".v_proj.weight", StringComparison.Ordinal)
        || name.EndsWith(".down_proj.weight", StringComparison.Ordinal) || name.EndsWith(".kv_b_proj.weight", StringComparison.Ordinal);

    static bool IsChosen(int layer, int layers)
    {
        int eighth = layers / 8;
        return layer < eighth || layer >= 7 * layers / 8 || (layer - eighth) % 3 == 2;
    }
}
