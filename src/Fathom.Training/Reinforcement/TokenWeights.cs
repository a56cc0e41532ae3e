// How the losses of tokens become the loss of a batch. The weights are computed once, over the whole batch of a step, so that the
// gradient does not depend on how the batch is split into parts.
namespace Fathom.Training.Reinforcement;

/// <summary>Ways to average token losses.</summary>
public enum LossAggregation
{
    /// <summary>Mean over a sequence's tokens, then over sequences (GRPO, DeepSeekMath eq. 3). Long wrong answers weigh less per token.</summary>
    SequenceMean,

    /// <summary>Mean over all tokens of the batch (DAPO, arXiv 2503.14476 eq. 8).</summary>
    TokenMean,

    /// <summary>Sum over tokens divided by sequences times the largest length allowed (Dr. GRPO, arXiv 2503.20783): no length bias.</summary>
    DrGrpo,
}

/// <summary>The factor on every token's loss, which is the same for all tokens of a sequence.</summary>
public static class TokenWeights
{
    /// <summary>Writes one weight per sequence; the batch loss is the sum over tokens of weight times token loss.</summary>
    /// <param name="lengths">[sequences]: tokens that count in each sequence; a sequence may have none and then counts as one whose
    /// loss is zero.</param>
    /// <param name="aggregation">How to average.</param>
    /// <param name="maxLength">The largest length allowed; only <see cref="LossAggregation.DrGrpo"/> looks at it.</param>
    /// <param name="weights">[sequences], written.</param>
    public static void Compute(ReadOnlySpan<int> lengths, LossAggregation aggregation, int maxLength, Span<double> weights)
    {
        if (weights.Length != lengths.Length)
            throw new ArgumentException($"{lengths.Length} sequences but room for {weights.Length} weights.");
        if (aggregation == LossAggregation.DrGrpo)
            ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);

        long tokens = 0;
        foreach (int length in lengths)
            tokens += length;
        for (int i = 0; i < lengths.Length; i++)
            weights[i] = aggregation switch
            {
                LossAggregation.SequenceMean => 1.0 / lengths.Length / Math.Max(1, lengths[i]),
                LossAggregation.TokenMean => 1.0 / Math.Max(1, tokens),
                _ => 1.0 / lengths.Length / maxLength,
            };
    }
}
