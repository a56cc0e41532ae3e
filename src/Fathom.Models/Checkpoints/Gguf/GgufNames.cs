// Official (Hugging Face) tensor names and what GGUF files call the same tensors.
using System.Globalization;

namespace Fathom.Models.Checkpoints.Gguf;

/// <summary>Tensor names of the architectures <c>llama</c>, <c>qwen2</c>, <c>deepseek</c> and <c>deepseek2</c>.</summary>
static class GgufNames
{
    /// <summary>The embedding.</summary>
    public const string Embedding = "token_embd.weight";

    /// <summary>The head; absent where it is the embedding.</summary>
    public const string Head = "output.weight";

    /// <summary>Divisors of the rotary frequencies, for Llama 3's scaling.</summary>
    public const string RotaryFactors = "rope_freqs.weight";

    /// <summary>What the official name of latent attention's up-projection ends with.</summary>
    public const string KeyValueB = "self_attn.kv_b_proj.weight";

    /// <summary>The same in the dialect that keeps it whole.</summary>
    public const string JoinedB = "attn_kv_b.weight";

    /// <summary>Its keys' part, transposed per head, in the dialect that splits it.</summary>
    public const string KeyB = "attn_k_b.weight";

    /// <summary>Its values' part in that dialect.</summary>
    public const string ValueB = "attn_v_b.weight";

    /// <summary>Down projections of all experts, which every file with experts has.</summary>
    public const string DownExperts = "ffn_down_exps.weight";

    /// <summary>Gate and up projections of all experts in one tensor, which some files have instead of two.</summary>
    public const string FusedExperts = "ffn_gate_up_exps.weight";

    /// <summary>What joins embedding and hidden state of multi-token prediction: the sign that a block is one.</summary>
    public const string NextProjection = "nextn.eh_proj.weight";

    const string ExpertPrefix = "mlp.experts.", LayerPrefix = "model.layers.";

    static readonly Dictionary<string, string> s_global = new()
    {
        [TensorNames.Embedding] = Embedding,
        [TensorNames.FinalNorm] = "output_norm.weight",
        [TensorNames.Head] = Head,
    };

    static readonly Dictionary<string, string> s_layer = new()
    {
        ["input_layernorm.weight"] = "attn_norm.weight",
        ["post_attention_layernorm.weight"] = "ffn_norm.weight",
        ["self_attn.q_proj.weight"] = "attn_q.weight",
        ["self_attn.q_proj.bias"] = "attn_q.bias",
        ["self_attn.k_proj.weight"] = "attn_k.weight",
        ["self_attn.k_proj.bias"] = "attn_k.bias",
        ["self_attn.v_proj.weight"] = "attn_v.weight",
        ["self_attn.v_proj.bias"] = "attn_v.bias",
        ["self_attn.o_proj.weight"] = "attn_output.weight",
        ["self_attn.q_a_proj.weight"] = "attn_q_a.weight",
        ["self_attn.q_a_layernorm.weight"] = "attn_q_a_norm.weight",
        ["self_attn.q_b_proj.weight"] = "attn_q_b.weight",
        ["self_attn.kv_a_proj_with_mqa.weight"] = "attn_kv_a_mqa.weight",
        ["self_attn.kv_a_layernorm.weight"] = "attn_kv_a_norm.weight",
        [KeyValueB] = JoinedB,
        ["mlp.gate_proj.weight"] = "ffn_gate.weight",
        ["mlp.up_proj.weight"] = "ffn_up.weight",
        ["mlp.down_proj.weight"] = "ffn_down.weight",
        ["mlp.gate.weight"] = "ffn_gate_inp.weight",
        ["mlp.gate.e_score_correction_bias"] = "exp_probs_b.bias",
        ["mlp.shared_experts.gate_proj.weight"] = "ffn_gate_shexp.weight",
        ["mlp.shared_experts.up_proj.weight"] = "ffn_up_shexp.weight",
        ["mlp.shared_experts.down_proj.weight"] = "ffn_down_shexp.weight",
        ["eh_proj.weight"] = NextProjection,
        ["enorm.weight"] = "nextn.enorm.weight",
        ["hnorm.weight"] = "nextn.hnorm.weight",
        ["embed_tokens.weight"] = "nextn.embed_tokens.weight",
        ["shared_head.norm.weight"] = "nextn.shared_head_norm.weight",
        ["shared_head.head.weight"] = "nextn.shared_head_head.weight",
    };

    static readonly Dictionary<string, string> s_experts = new()
    {
        ["gate_proj.weight"] = "ffn_gate_exps.weight",
        ["up_proj.weight"] = "ffn_up_exps.weight",
        ["down_proj.weight"] = DownExperts,
    };

    /// <summary>What the names of a layer's tensors begin with.</summary>
    public static string Block(int layer) => string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.");

    /// <summary>The name in the file for an official one, and which expert of that tensor it is (null: the whole tensor). Null where there is none.</summary>
    public static (string Name, int? Expert)? Find(string official)
    {
        if (s_global.TryGetValue(official, out string? global))
            return (global, null);
        if (!official.StartsWith(LayerPrefix, StringComparison.Ordinal))
            return null;
        int dot = official.IndexOf('.', LayerPrefix.Length);
        if (dot < 0 || !int.TryParse(official.AsSpan(LayerPrefix.Length, dot - LayerPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int layer))
            return null;
        string rest = official[(dot + 1)..];
        if (s_layer.TryGetValue(rest, out string? name))
            return (Block(layer) + name, null);
        if (!rest.StartsWith(ExpertPrefix, StringComparison.Ordinal))
            return null;
        dot = rest.IndexOf('.', ExpertPrefix.Length);
        return dot > 0 && int.TryParse(rest.AsSpan(ExpertPrefix.Length, dot - ExpertPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int expert)
            && s_experts.TryGetValue(rest[(dot + 1)..], out name)
                ? (Block(layer) + name, expert)
                : null;
    }
}
