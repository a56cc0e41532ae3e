// How often a model is right: pass@1 and pass@k from several samples per problem.
namespace Fathom.Evaluation.Metrics;

/// <summary>pass@1 and pass@k over problems with several samples each.</summary>
public static class PassAtK
{
    /// <summary>pass@1: the mean over problems of the share of right samples (n samples stand in for one).</summary>
    /// <param name="correct">Right samples per problem, at least one problem.</param>
    /// <param name="samples">Samples per problem, the same for all.</param>
    public static Estimate PassAt1(ReadOnlySpan<int> correct, int samples) => PassAt(1, correct, samples);

    /// <summary>pass@k: the mean over problems of <see cref="Unbiased"/>.</summary>
    /// <param name="k">1 to <paramref name="samples"/>.</param>
    /// <param name="correct">Right samples per problem, at least one problem.</param>
    /// <param name="samples">Samples per problem, the same for all.</param>
    public static Estimate PassAt(int k, ReadOnlySpan<int> correct, int samples)
    {
        double[] scores = new double[correct.Length];
        for (int i = 0; i < scores.Length; i++)
            scores[i] = Unbiased(samples, correct[i], k);
        return Estimate.OfShares(scores);
    }

    /// <summary>The chance that k samples drawn without replacement from n, of which c are right, contain a right one:
    /// 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374, eq. 1), an unbiased estimate of pass@k.</summary>
    /// <param name="samples">n, at least k.</param>
    /// <param name="correct">c, 0 to n.</param>
    /// <param name="k">At least 1.</param>
    public static double Unbiased(int samples, int correct, int k)
    {
        Check(samples, correct, k);
        if (samples - correct < k)
            return 1;

        // C(n-c, k) / C(n, k) as a product of factors below one: no overflow whatever n is. For k = 1 the mean is exact.
        if (k == 1)
            return (double)correct / samples;
        double allWrong = 1;
        for (int i = samples - correct + 1; i <= samples; i++)
            allWrong *= 1 - (double)k / i;
        return 1 - allWrong;
    }

    /// <summary>The chance that of k samples drawn without replacement from n, of which c are right, at least the share
    /// <paramref name="share"/> is right: G-Pass@k (Liu et al. 2024, arXiv 2412.13147, eq. 3), which rewards being right every time.</summary>
    /// <param name="samples">n, at least k.</param>
    /// <param name="correct">c, 0 to n.</param>
    /// <param name="k">At least 1.</param>
    /// <param name="share">Above 0, at most 1; 1 asks for k right samples of k.</param>
    public static double GPassAt(int samples, int correct, int k, double share)
    {
        Check(samples, correct, k);
        if (!(share > 0 && share <= 1))
            throw new ArgumentOutOfRangeException(nameof(share), share, "The share is above 0 and at most 1.");
        var draws = new Hypergeometric(samples);
        // A share like 2/3 is rounded: its product with k must not fall above the whole number that is meant.
        double chance = 0;
        for (int right = (int)Math.Ceiling(share * k - 1e-9); right <= Math.Min(k, correct); right++)
            chance += draws.Chance(right, k, correct, samples);
        return Math.Min(1, chance);
    }

    static void Check(int samples, int correct, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, samples);
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, samples);
    }
}
