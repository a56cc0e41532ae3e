// Causal softmax attention over packed ragged sequences: contracts and the choice of the implementation.
// Leaves out projections, rotary embedding and caches (see CachedAttention); knows nothing of layers.
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels;

/// <summary>
/// o = softmax(scale q K^T, causal) V for every sequence of a packed batch and every head, and its gradients (Vaswani et al. 2017,
/// section 3.2.1; the backward recomputes the probabilities from the saved log-sum-exp as in FlashAttention, Dao et al. 2022).
/// </summary>
/// <remarks>
/// No [T, T] matrix is stored: eight query rows at a time keep their scores in cache. The numbers of a query row depend on its
/// sequence's keys and its position only: dot products are single chains of fused multiply-adds, the sum of exponentials runs in
/// 16 lanes by key position, and the weighted values are one chain over the keys. So a token gets the same bits in a whole
/// sequence, in a chunk behind a cache, or alone, in any batch, on any number of threads and at any vector width.
/// </remarks>
public static unsafe partial class CausalAttention
{
    static readonly Rung[] s_implemented = [Rung.Scalar, Rung.Vector256, Rung.Vector512];

    /// <summary>The implementation in use.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <summary>Attention of whole sequences: every sequence has as many keys as queries.</summary>
    /// <param name="shape">Head counts and widths.</param>
    /// <param name="inputs">Queries, keys and values.</param>
    /// <param name="sequenceStarts">[sequenceCount + 1] first token of each sequence; the last entry is the token count.</param>
    /// <param name="sequenceCount">Sequences in the batch.</param>
    /// <param name="o">Result, [T, HeadCount, VDim]; a token's heads lie together.</param>
    /// <param name="oTokenStride">From one token's result to the next one's, in floats.</param>
    /// <param name="logSumExp">[T, HeadCount] logarithm of each row's sum of exponentials, for <see cref="Backward"/>; null where no gradient is wanted.</param>
    public static void Forward(
        in AttentionShape shape, in AttentionInputs inputs, int* sequenceStarts, int sequenceCount, float* o, int oTokenStride, float* logSumExp)
        => Forward(shape, inputs, sequenceStarts, sequenceStarts, sequenceCount, o, oTokenStride, logSumExp);

    /// <summary>
    /// Attention where a sequence may have more keys than queries: its queries are its last tokens, so query i of n stands at
    /// position (keys - n + i) and sees the keys up to there (a chunk of a prompt, or decoding, with expanded keys).
    /// </summary>
    /// <param name="shape">Head counts and widths.</param>
    /// <param name="inputs">Queries [T, ...], keys and values [S, ...].</param>
    /// <param name="queryStarts">[sequenceCount + 1] first query token of each sequence.</param>
    /// <param name="keyStarts">[sequenceCount + 1] first key token of each sequence.</param>
    /// <param name="sequenceCount">Sequences in the batch.</param>
    /// <param name="o">Result, [T, HeadCount, VDim].</param>
    /// <param name="oTokenStride">From one token's result to the next one's, in floats.</param>
    /// <param name="logSumExp">[T, HeadCount], or null.</param>
    public static void Forward(
        in AttentionShape shape, in AttentionInputs inputs, int* queryStarts, int* keyStarts, int sequenceCount, float* o, int oTokenStride, float* logSumExp)
    {
        var part = new ForwardTask
        {
            Shape = shape,
            Keys = new KeySource(shape, inputs),
            Q = inputs.Q,
            QTokenStride = inputs.QTokenStride,
            QHeadStride = inputs.QHeadStride,
            QueryStarts = queryStarts,
            KeyStarts = keyStarts,
            O = o,
            OTokenStride = oTokenStride,
            LogSumExp = logSumExp,
        };
        Run(ref part, sequenceCount);
    }

    /// <summary>The gradients of <see cref="Forward(in AttentionShape, in AttentionInputs, int*, int, float*, int, float*)"/> with respect to its inputs.</summary>
    /// <param name="shape">As in the forward.</param>
    /// <param name="inputs">As in the forward.</param>
    /// <param name="sequenceStarts">As in the forward.</param>
    /// <param name="sequenceCount">As in the forward.</param>
    /// <param name="o">The forward's result.</param>
    /// <param name="oTokenStride">The stride of <paramref name="o"/> and <paramref name="dO"/>.</param>
    /// <param name="logSumExp">Saved by the forward.</param>
    /// <param name="dO">Gradient of the loss with respect to o, [T, HeadCount, VDim].</param>
    /// <param name="gradients">Overwritten with the gradients of q, k, the shared key and v.</param>
    public static void Backward(
        in AttentionShape shape, in AttentionInputs inputs, int* sequenceStarts, int sequenceCount, float* o, int oTokenStride, float* logSumExp, float* dO,
        in AttentionGradients gradients)
    {
        var part = new BackwardTask
        {
            Shape = shape,
            Inputs = inputs,
            SequenceStarts = sequenceStarts,
            O = o,
            OTokenStride = oTokenStride,
            LogSumExp = logSumExp,
            OGradient = dO,
            Gradients = gradients,
        };
        Run(ref part, sequenceCount);
    }

    static void Run(ref ForwardTask task, int sequenceCount)
    {
        int parts = sequenceCount * task.Shape.KeyValueHeadCount;
        switch (Chosen)
        {
            case Rung.Vector512:
                var wide = new ForwardPart<Lanes16> { Task = task };
                ThreadTeam.Shared.Run(parts, ref wide);
                break;
            case Rung.Vector256:
                var narrow = new ForwardPart<Lanes8> { Task = task };
                ThreadTeam.Shared.Run(parts, ref narrow);
                break;
            default:
                var scalar = new ForwardPart<Lanes1> { Task = task };
                ThreadTeam.Shared.Run(parts, ref scalar);
                break;
        }
    }
}
