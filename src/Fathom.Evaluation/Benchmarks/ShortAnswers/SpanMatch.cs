// DROP's metrics (Dua et al. 2019, arXiv 1903.00161): exact match and F1 over bags of words, the spans of answer and reference matched one to one so that
// the sum of their F1 is greatest. A bag in which the reference has a number scores only where the answer has one of its numbers.
namespace Fathom.Evaluation.Benchmarks.ShortAnswers;

/// <summary>Compares answers of one or several spans.</summary>
public static class SpanMatch
{
    // Nobody's answer has more spans; the matching takes cubic time.
    const int MaxSpans = 64;

    /// <summary>Both metrics.</summary>
    /// <param name="reference">The spans of the right answer.</param>
    /// <param name="answer">The spans of the answer; more than 64 score nothing.</param>
    /// <returns>Exact match (0 or 1) and F1 (0 to 1, rounded to two digits as the authors do).</returns>
    public static (double ExactMatch, double F1) Score(IReadOnlyList<string> reference, IReadOnlyList<string> answer)
    {
        if (answer.Count > MaxSpans || reference.Count == 0 || answer.Count == 0)
            return (0, 0);
        string[] wanted = [.. reference.Select(ShortAnswer.Normal)], given = [.. answer.Select(ShortAnswer.Normal)];
        bool exact = given.Length == wanted.Length && given.ToHashSet().SetEquals(wanted);

        HashSet<string>[] wantedBags = [.. wanted.Select(Bag)], givenBags = [.. given.Select(Bag)];
        int size = Math.Max(wanted.Length, given.Length);
        var scores = new double[size, size];
        for (int i = 0; i < wanted.Length; i++)
            for (int j = 0; j < given.Length; j++)
                scores[i, j] = NumbersAgree(wantedBags[i], givenBags[j]) ? F1(wantedBags[i], givenBags[j]) : 0;
        return (exact ? 1 : 0, Math.Round(GreatestSum(scores) / size, 2, MidpointRounding.ToEven));
    }

    /// <summary>F1 of two sets of words; an empty set has full precision or recall.</summary>
    public static double F1(IReadOnlySet<string> reference, IReadOnlySet<string> answer)
    {
        double common = answer.Count(reference.Contains);
        double precision = answer.Count == 0 ? 1 : common / answer.Count, recall = reference.Count == 0 ? 1 : common / reference.Count;
        return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }

    static HashSet<string> Bag(string normal) => [.. normal.Split(' ', StringSplitOptions.RemoveEmptyEntries)];

    static bool NumbersAgree(HashSet<string> reference, HashSet<string> answer)
    {
        string[] numbers = [.. reference.Where(word => ShortAnswer.Number(word) is not null)];
        return numbers.Length == 0 || numbers.Any(answer.Contains);
    }

    /// <summary>The greatest sum of one entry per row and column of a square matrix: the assignment problem by shortest augmenting paths with potentials
    /// (Kuhn 1955; Jonker and Volgenant 1987), in cubic time.</summary>
    internal static double GreatestSum(double[,] scores)
    {
        int n = scores.GetLength(0);
        // Row and column 0 are the sentinel; costs are negated scores.
        double[] rowPotential = new double[n + 1], columnPotential = new double[n + 1];
        int[] rowOf = new int[n + 1], previous = new int[n + 1];
        for (int row = 1; row <= n; row++)
        {
            rowOf[0] = row;
            int column = 0;
            double[] least = [.. Enumerable.Repeat(double.PositiveInfinity, n + 1)];
            var used = new bool[n + 1];
            do
            {
                used[column] = true;
                int current = rowOf[column], next = 0;
                double delta = double.PositiveInfinity;
                for (int j = 1; j <= n; j++)
                {
                    if (used[j])
                        continue;
                    double cost = -scores[current - 1, j - 1] - rowPotential[current] - columnPotential[j];
                    if (cost < least[j])
                        (least[j], previous[j]) = (cost, column);
                    if (least[j] < delta)
                        (delta, next) = (least[j], j);
                }
                for (int j = 0; j <= n; j++)
                {
                    if (used[j])
                    {
                        rowPotential[rowOf[j]] += delta;
                        columnPotential[j] -= delta;
                    }
                    else
                        least[j] -= delta;
                }
                column = next;
            }
            while (rowOf[column] != 0);
            for (; column != 0; column = previous[column])
                rowOf[column] = rowOf[previous[column]];
        }
        double sum = 0;
        for (int j = 1; j <= n; j++)
            sum += scores[rowOf[j] - 1, j - 1];
        return sum;
    }
}
