// How often a model is right, and how sure the figure is. Problems are the unit of sampling: samples of one problem are not independent
// of each other, so the standard error comes from the spread of the per-problem means.
namespace Fathom.Evaluation.Benchmarks;

/// <summary>A mean with its standard error.</summary>
/// <param name="Mean">The mean over problems, 0 to 1.</param>
/// <param name="StandardError">s / sqrt(problems), s with n-1; null for a single problem.</param>
public readonly record struct Estimate(double Mean, double? StandardError);

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
        ArgumentOutOfRangeException.ThrowIfZero(correct.Length, nameof(correct));
        double sum = 0;
        foreach (int count in correct)
            sum += Unbiased(samples, count, k);
        double mean = sum / correct.Length;
        if (correct.Length == 1)
            return new Estimate(mean, null);

        double squares = 0;
        foreach (int count in correct)
        {
            double deviation = Unbiased(samples, count, k) - mean;
            squares += deviation * deviation;
        }
        return new Estimate(mean, Math.Sqrt(squares / (correct.Length - 1) / correct.Length));
    }

    /// <summary>The chance that k samples drawn without replacement from n, of which c are right, contain a right one:
    /// 1 - C(n-c, k) / C(n, k) (Chen et al. 2021, arXiv 2107.03374, eq. 1), an unbiased estimate of pass@k.</summary>
    /// <param name="samples">n, at least k.</param>
    /// <param name="correct">c, 0 to n.</param>
    /// <param name="k">At least 1.</param>
    public static double Unbiased(int samples, int correct, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, samples);
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, samples);
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
}
