// Words by which a model looks back on its own reasoning: how often they come is followed through reinforcement learning.

namespace Fathom.Training.Reinforcement;

/// <summary>Counts reflection words.</summary>
public static class ReflectionWords
{
    /// <summary>The words that the R1 report follows through R1-Zero's training (arXiv 2501.12948v2, supplement).</summary>
    public static IReadOnlyList<string> All { get; } = ["wait", "mistake", "however", "but", "retry", "error", "verify", "wrong", "evaluate", "check"];

    /// <summary>How many of them a text has: whole words, in capitals or not.</summary>
    public static int Count(string text)
    {
        int count = 0;
        for (int i = 0; i < text.Length;)
        {
            int start = i;
            while (i < text.Length && char.IsLetter(text[i]))
                i++;
            if (i == start)
                i++;
            else if (All.Contains(text[start..i], StringComparer.OrdinalIgnoreCase))
                count++;
        }
        return count;
    }
}
