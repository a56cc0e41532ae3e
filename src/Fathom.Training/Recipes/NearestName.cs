// "Did you mean": the nearest of some names by edit distance.

namespace Fathom.Training.Recipes;

/// <summary>Finds the name a user probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the least edit distance to <paramref name="given"/> (case ignored, the first wins a tie), or null where there are no candidates.</summary>
    public static string? Of(string given, IEnumerable<string> candidates) =>
        candidates.MinBy(candidate => Distance(given, candidate));

    /// <summary>The tail of an error message: <c>; the nearest is 'x'</c>, followed by all allowed names.</summary>
    public static string Hint(string given, IReadOnlyCollection<string> candidates) =>
        candidates.Count == 0 ? "" : $"; the nearest is '{Of(given, candidates)}' (allowed: {string.Join(", ", candidates)})";

    /// <summary>Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours, each 1.</summary>
    static int Distance(string a, string b)
    {
        a = a.ToLowerInvariant();
        b = b.ToLowerInvariant();
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
            distance[i, 0] = i;
        for (int j = 0; j <= b.Length; j++)
            distance[0, j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replace = distance[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int best = Math.Min(replace, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    best = Math.Min(best, distance[i - 2, j - 2] + 1);
                distance[i, j] = best;
            }
        }
        return distance[a.Length, b.Length];
    }
}
