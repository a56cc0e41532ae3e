// The two kinds of attention: DeepSeek's multi-head latent attention, and grouped-query attention (multi-head is its special case).
namespace Fathom.Models.Configs;

/// <summary>Sizes of the attention. The number of query heads is <see cref="ModelConfig.HeadCount"/>.</summary>
public abstract record AttentionConfig
{
    /// <summary>Size of a head's query and key, of which the score's scale is the inverse square root.</summary>
    public abstract int QkHeadDim { get; }

    /// <summary>How many dimensions of a head's query and key are rotated (even).</summary>
    public abstract int RotaryDim { get; }

    /// <summary>Size of a head's value.</summary>
    public abstract int ValueHeadDim { get; }

    /// <summary>Elements that one token leaves in the cache of one layer.</summary>
    public abstract int CacheElementsPerToken { get; }
}

/// <summary>Multi-head latent attention (DeepSeek-V2 report, section 2.1 and appendix C).</summary>
/// <param name="QLoraRank">Size of the query latent (<c>q_lora_rank</c>); null where queries come from one direct matrix, as in V2-Lite.</param>
/// <param name="KvLoraRank">Size of the key-value latent (<c>kv_lora_rank</c>).</param>
/// <param name="QkNopeHeadDim">Size of a head's query and key without position (<c>qk_nope_head_dim</c>).</param>
/// <param name="QkRopeHeadDim">Size of the rotated part, one shared key for all heads (<c>qk_rope_head_dim</c>, even).</param>
/// <param name="VHeadDim">Size of a head's value (<c>v_head_dim</c>).</param>
public sealed record LatentAttentionConfig(int? QLoraRank, int KvLoraRank, int QkNopeHeadDim, int QkRopeHeadDim, int VHeadDim) : AttentionConfig
{
    /// <inheritdoc/>
    public override int QkHeadDim => QkNopeHeadDim + QkRopeHeadDim;

    /// <inheritdoc/>
    public override int RotaryDim => QkRopeHeadDim;

    /// <inheritdoc/>
    public override int ValueHeadDim => VHeadDim;

    /// <summary>The compressed latent and the shared rotary key: <c>kv_lora_rank + qk_rope_head_dim</c>.</summary>
    public override int CacheElementsPerToken => KvLoraRank + QkRopeHeadDim;
}

/// <summary>Grouped-query attention: each key-value head serves <c>HeadCount / KeyValueHeadCount</c> query heads.</summary>
/// <param name="KeyValueHeadCount">Key-value heads (<c>num_key_value_heads</c>), a divisor of the head count; equal to it for multi-head attention.</param>
/// <param name="HeadDim">Size of a head (<c>head_dim</c>, even; absent: hidden size / heads).</param>
/// <param name="QkvBias">Whether the query, key and value projections have a bias (Qwen2: yes).</param>
public sealed record GroupedQueryAttentionConfig(int KeyValueHeadCount, int HeadDim, bool QkvBias) : AttentionConfig
{
    /// <inheritdoc/>
    public override int QkHeadDim => HeadDim;

    /// <inheritdoc/>
    public override int RotaryDim => HeadDim;

    /// <inheritdoc/>
    public override int ValueHeadDim => HeadDim;

    /// <summary>Key and value of every key-value head: <c>2 * num_key_value_heads * head_dim</c>.</summary>
    public override int CacheElementsPerToken => 2 * KeyValueHeadCount * HeadDim;
}
