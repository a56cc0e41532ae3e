// Marks in a text that IFEval counts. Written as scans, where the published patterns would take quadratic time on hostile text.
namespace Fathom.Evaluation.Benchmarks.InstructionFollowing;

/// <summary>Counts marks.</summary>
static class Markup
{
    /// <summary>Lines that begin with a dash, or with one star and something behind it.</summary>
    public static int Bullets(string text)
    {
        int count = 0;
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            ReadOnlySpan<char> line = lines[i].AsSpan().TrimStart();
            if (line.StartsWith('-') || line is ['*', not '*', ..])
                count++;
            else if (line is ['*'] && i + 1 < lines.Length)
            {
                // In the published pattern, what stands behind a lone star is the end of its line, and the next line belongs to the bullet.
                count++;
                i++;
            }
        }
        return count;
    }

    /// <summary>Stretches between stars, <c>*so*</c>, and once more those between double stars, that are not blank.</summary>
    public static int Highlights(string text)
    {
        int count = 0;
        for (int i = 0; i < text.Length;)
        {
            int end = text[i] == '*' ? End(text, i + 1) : -1;
            if (end >= 0 && !text.AsSpan(i + 1, end - i - 1).IsWhiteSpace())
                count++;
            i = end >= 0 ? end + 1 : i + 1;
        }
        for (int i = 0; i + 1 < text.Length;)
        {
            bool open = text[i] == '*' && text[i + 1] == '*';
            int end = open ? End(text, i + 2) : -1;
            bool closed = end >= 0 && end + 1 < text.Length && text[end + 1] == '*';
            if (closed && !text.AsSpan(i + 2, end - i - 2).IsWhiteSpace())
                count++;
            i = closed ? end + 2 : i + 1;
        }
        return count;
    }

    /// <summary>Stretches in square brackets within one line.</summary>
    public static int Placeholders(string text)
    {
        int count = 0;
        foreach (ReadOnlySpan<char> line in text.AsSpan().EnumerateLines())
        {
            ReadOnlySpan<char> rest = line;
            for (int open; (open = rest.IndexOf('[')) >= 0;)
            {
                int close = rest[open..].IndexOf(']');
                if (close < 0)
                    break;
                count++;
                rest = rest[(open + close + 1)..];
            }
        }
        return count;
    }

    /// <summary>Whether something stands in double angular brackets within one line.</summary>
    public static bool HasTitle(string text)
    {
        foreach (string line in text.Split('\n'))
        {
            int open = line.IndexOf("<<", StringComparison.Ordinal), close = line.LastIndexOf(">>", StringComparison.Ordinal);
            if (open >= 0 && close > open + 2 && !line.AsSpan(open, close + 2 - open).TrimStart('<').TrimEnd('>').IsWhiteSpace())
                return true;
        }
        return false;
    }

    // The next star in the same line; -1 where there is none.
    static int End(string text, int start)
    {
        int end = text.AsSpan(start).IndexOfAny('*', '\n');
        return end >= 0 && text[start + end] == '*' ? start + end : -1;
    }
}
