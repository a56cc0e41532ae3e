// "Did you mean": the known name that a mistyped one is closest to.
namespace Fathom.Models.Configs;

/// <summary>Finds the known name nearest to a given one.</summary>
public static class NearestName
{
    /// <summary>The candidate with the fewest insertions, deletions and replacements (Levenshtein), ignoring case; the first of equals.</summary>
    /// <exception cref="InvalidOperationException">There are no candidates.</exception>
    public static string Of(string name, IEnumerable<string> candidates) => candidates.MinBy(candidate => Distance(name.ToLowerInvariant(), candidate.ToLowerInvariant()))
        ?? throw new InvalidOperationException("no candidates");

    static int Distance(string a, string b)
    {
        // row[j]: distance of the first i characters of a to the first j of b.
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
