// Whether one model is better than another on the same problems. Problems that are hard for one are hard for the other, so the differences
// problem by problem say far more than two means do.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Metrics;

/// <summary>The paired comparison of two models' scores.</summary>
/// <param name="Difference">The second model's mean minus the first one's, with error and interval.</param>
/// <param name="FirstBetter">Problems on which the first model scores higher.</param>
/// <param name="SecondBetter">Problems on which the second one does.</param>
/// <param name="PValue">How often a difference at least this large, of either sign, comes about if on every problem it is a coin toss which
/// model got which score: Fisher's sign-flip test, and McNemar's exact test where scores are 0 or 1.</param>
/// <param name="Exact">Whether the p-value counts all 2^n flips; otherwise it is estimated from 100,000 seeded ones.</param>
public sealed record PairedComparison(Estimate Difference, int FirstBetter, int SecondBetter, double PValue, bool Exact)
{
    const int EstimatedFlips = 100_000;
    const int MaxDenominator = 4096;
    const double MaxExactSteps = 3e8;
    const double MaxExactSums = 5e6;

    /// <summary>
    /// Compares. The interval is Student's on the differences of the problems and two more, one for and one against, of the size that
    /// differences have here (their root mean square where they are not zero; 1 where all are zero). For scores of 0 or 1 these are
    /// Bonett and Price's (2012) two more pairs, which hold the interval open where few problems differ.
    /// </summary>
    /// <param name="first">The first model's scores, 0 to 1, one per problem.</param>
    /// <param name="second">The second model's scores on the same problems in the same order.</param>
    /// <exception cref="ArgumentException">No problem, or not the same number of them.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A score outside 0 to 1.</exception>
    public static PairedComparison Of(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.Length != second.Length || first.Length == 0)
            throw new ArgumentException($"There are {first.Length} scores of the first model and {second.Length} of the second; both need one for each problem.");
        double[] differences = new double[first.Length];
        for (int i = 0; i < differences.Length; i++)
            differences[i] = Score(second[i]) - Score(first[i]);
        (double p, bool exact) = SignFlip(differences);
        return new PairedComparison(Mean(differences), differences.Count(d => d < 0), differences.Count(d => d > 0), p, exact);
    }

    static double Score(double score) => score is >= 0 and <= 1 ? score : throw new ArgumentOutOfRangeException(nameof(score), score, "A score is 0 to 1.");

    static Estimate Mean(double[] differences)
    {
        double squares = differences.Sum(d => d * d);
        double size = squares > 0 ? Math.Sqrt(squares / differences.Count(d => d != 0)) : 1;
        Interval wider = Estimate.OfAmounts([.. differences, size, -size]).Interval!.Value;
        return Estimate.OfAmounts(differences) with { Interval = new Interval(Math.Max(-1, wider.Low), Math.Min(1, wider.High)) };
    }

    static (double P, bool Exact) SignFlip(double[] differences)
    {
        double[] sizes = [.. differences.Where(d => d != 0).Select(Math.Abs)];
        double observed = Math.Abs(differences.Sum());
        if (sizes.Length == 0)
            return (1, true);
        return WholeNumbers(sizes) is { } whole ? (Exactly(whole, differences), true) : (Estimated(sizes, observed), false);
    }

    // Shares of k samples have a common denominator: the differences as whole numbers, or null where there is none or they are too many to count.
    static int[]? WholeNumbers(double[] sizes)
    {
        for (int denominator = 1; denominator <= MaxDenominator; denominator++)
            if (sizes.All(size => Math.Abs(size * denominator - Math.Round(size * denominator)) < 1e-9 * denominator))
            {
                int[] whole = [.. sizes.Select(size => (int)Math.Round(size * denominator))];
                double sum = whole.Sum(size => (double)size);
                return sum <= MaxExactSums && sum * whole.Length <= MaxExactSteps ? whole : null;
            }
        return null;
    }

    // The distribution of the sum of those sizes that fall to the second model, one size after the other; a sum T means a difference 2T - S.
    static double Exactly(int[] sizes, double[] differences)
    {
        int total = sizes.Sum(), next = 0, reached = 0;
        foreach (double difference in differences)
            if (difference != 0)
                reached += difference > 0 ? sizes[next++] : -sizes[next++];
        double[] chance = new double[total + 1];
        chance[0] = 1;
        int top = 0;
        foreach (int size in sizes)
        {
            top += size;
            for (int sum = top; sum >= 0; sum--)
                chance[sum] = (chance[sum] + (sum >= size ? chance[sum - size] : 0)) / 2;
        }
        double p = 0;
        for (int sum = 0; sum <= total; sum++)
            p += Math.Abs(2L * sum - total) >= Math.Abs(reached) ? chance[sum] : 0;
        return Math.Min(1, p);
    }

    // (1 + hits) / (1 + flips): the observed assignment is one of them, so the p-value is never zero and the test stays valid.
    static double Estimated(double[] sizes, double observed)
    {
        RandomStream random = new(0, CounterRandom.StreamOf("sign-flip"));
        // Sums of the same numbers in another order may round differently.
        double threshold = observed - 1e-12 * sizes.Length;
        int hits = 0;
        for (int flip = 0; flip < EstimatedFlips; flip++)
        {
            double sum = 0;
            for (int i = 0; i < sizes.Length;)
            {
                ulong signs = random.NextUInt64();
                for (int bit = 0; bit < 64 && i < sizes.Length; bit++, signs >>= 1, i++)
                    sum += (signs & 1) == 0 ? sizes[i] : -sizes[i];
            }
            hits += Math.Abs(sum) >= threshold ? 1 : 0;
        }
        return (1.0 + hits) / (1 + EstimatedFlips);
    }
}
