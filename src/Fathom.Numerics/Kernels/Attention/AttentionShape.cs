// What an attention kernel is told: head counts and widths, and where queries, keys, values and their gradients lie.
namespace Fathom.Numerics.Kernels;

/// <summary>
/// Head counts and widths of one attention. One description serves multi-head, grouped-query and expanded latent attention:
/// a query has a part that meets its head's own key and, for latent attention, a trailing part that meets one rotary key shared by all heads.
/// </summary>
public readonly record struct AttentionShape
{
    /// <summary>Query heads.</summary>
    public int HeadCount { get; init; }

    /// <summary>Key and value heads; divides <see cref="HeadCount"/>. Query head h reads key head h / (HeadCount / KeyValueHeadCount).</summary>
    public int KeyValueHeadCount { get; init; }

    /// <summary>Width of a head's own key.</summary>
    public int QkDim { get; init; }

    /// <summary>Width of the key shared by all heads (the rotary key of latent attention); 0 without one.</summary>
    public int SharedDim { get; init; }

    /// <summary>Width of a head's value.</summary>
    public int VDim { get; init; }

    /// <summary>Factor on the scores before the softmax; positive.</summary>
    public float Scale { get; init; }

    /// <summary>Width of a query: <see cref="QkDim"/> + <see cref="SharedDim"/>.</summary>
    public int QueryDim => QkDim + SharedDim;

    /// <summary>Query heads per key head.</summary>
    public int GroupSize => HeadCount / KeyValueHeadCount;
}

/// <summary>Queries, keys and values of a packed ragged batch of T query and S key tokens. Strides count floats.</summary>
public readonly unsafe struct AttentionInputs
{
    /// <summary>Queries, [T, HeadCount, QkDim + SharedDim].</summary>
    public float* Q { get; init; }

    /// <summary>From one token's queries to the next one's.</summary>
    public int QTokenStride { get; init; }

    /// <summary>From one head's query to the next one's.</summary>
    public int QHeadStride { get; init; }

    /// <summary>Keys, [S, KeyValueHeadCount, QkDim].</summary>
    public float* K { get; init; }

    /// <summary>From one token's keys to the next one's.</summary>
    public int KTokenStride { get; init; }

    /// <summary>From one head's key to the next one's.</summary>
    public int KHeadStride { get; init; }

    /// <summary>Keys shared by all heads, [S, SharedDim]; null where SharedDim is 0.</summary>
    public float* SharedK { get; init; }

    /// <summary>From one token's shared key to the next one's.</summary>
    public int SharedKTokenStride { get; init; }

    /// <summary>Values, [S, KeyValueHeadCount, VDim].</summary>
    public float* V { get; init; }

    /// <summary>From one token's values to the next one's.</summary>
    public int VTokenStride { get; init; }

    /// <summary>From one head's value to the next one's.</summary>
    public int VHeadStride { get; init; }
}

/// <summary>Where the gradients go; each has the shape and the strides of its input and is overwritten.</summary>
public readonly unsafe struct AttentionGradients
{
    /// <summary>Gradient of the queries, [T, HeadCount, QkDim + SharedDim].</summary>
    public float* Q { get; init; }

    /// <summary>Gradient of the keys, [T, KeyValueHeadCount, QkDim].</summary>
    public float* K { get; init; }

    /// <summary>Gradient of the shared keys, summed over heads, [T, SharedDim]; null where SharedDim is 0.</summary>
    public float* SharedK { get; init; }

    /// <summary>Gradient of the values, [T, KeyValueHeadCount, VDim].</summary>
    public float* V { get; init; }
}
