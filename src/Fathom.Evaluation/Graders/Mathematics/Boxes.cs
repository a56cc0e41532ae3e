// \boxed{...} and ####.
using System.Text.RegularExpressions;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>The two marks that no prose has by chance.</summary>
internal static partial class Boxes
{
    // Boxes that are one answer.
    const int MaxBoxes = 30;

    // Characters between two of them, and of a line that may be a heading.
    const int MaxBetween = 100;

    static readonly string[] names = ["\\boxed", "\\fbox", "\\framebox"];

    /// <summary>Finds the content of the last box; of boxes that stand side by side ("\boxed{1} and \boxed{2}") the list of all.</summary>
    /// <returns>Whether there is a box at all. One that never closes has no content where the text ends with it.</returns>
    public static bool Find(string text, out string? content)
    {
        content = null;
        int at = Last(text, text.Length, out string name);
        if (at < 0)
            return false;
        if (Content(text, at + name.Length, out _) is not { } last)
            return true;
        content = last;
        // Boxes with nothing but "," or "and" between them are one answer.
        for (int joined = 1; joined < MaxBoxes; joined++)
        {
            int previous = Last(text, at, out string before);
            if (previous < 0 || Content(text, previous + before.Length, out int end) is not { } other || end > at || at - end > MaxBetween || !Between().IsMatch(text.AsSpan(end, at - end)))
                break;
            content = other + ", " + content;
            at = previous;
        }
        return true;
    }

    /// <summary>The content of the last box, as <see cref="Find"/> gives it; null where there is none.</summary>
    public static string? Content(string text) => Find(text, out string? content) ? content : null;

    static int Last(string text, int before, out string name)
    {
        int best = -1;
        name = "";
        foreach (string candidate in names)
        {
            int at = before == 0 ? -1 : text.LastIndexOf(candidate, before - 1, StringComparison.Ordinal);
            if (at > best)
                (best, name) = (at, candidate);
        }
        return best;
    }

    static string? Content(string text, int at, out int end)
    {
        while (at < text.Length && text[at] == ' ')
            at++;
        end = at;
        if (at >= text.Length)
            return null;
        if (text[at] != '{')
        {
            // \boxed 5
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && text[end] is not ('$' or '\\' or '.' or ','))
                end++;
            return end > at ? text[at..end] : null;
        }
        int close = AnswerText.GroupEnd(text, at);
        if (close >= 0)
        {
            end = close + 1;
            return text[(at + 1)..close].Trim() is { Length: > 0 } inside ? inside : null;
        }
        // Never closed: where the formula or the line ends before the text does, a brace was forgotten; otherwise the text was cut.
        int stop = text.AsSpan(at).IndexOfAny('$', '\n');
        end = stop < 0 ? text.Length : at + stop;
        return stop <= 1 ? null : text[(at + 1)..end].Trim().TrimEnd('.', '\\', ')', ']') is { Length: > 0 } open ? open : null;
    }

    /// <summary>What follows the last <c>####</c> on its line, or null.</summary>
    public static string? Hashes(string text)
    {
        int at = text.LastIndexOf("####", StringComparison.Ordinal);
        if (at < 0)
            return null;
        var rest = text.AsSpan(at + 4).TrimStart();
        int end = rest.IndexOf('\n');
        string line = AnswerText.Clean((end < 0 ? rest : rest[..end]).ToString());
        return line.Length == 0 || Heading().IsMatch(line.AsSpan(0, Math.Min(line.Length, MaxBetween))) ? null : line;
    }

    // "#### Step 2: ..." is a heading of Markdown.
    [GeneratedRegex(@"^(?:\*\*)?(?:step|final|solution|answer|conclusion|part)\b.*[a-z]{2}", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^(?:[\s,$;]|\\\)|\\\(|\\\]|\\\[|\\text\{ ?(?:and|or) ?\}|and|or|\\quad)*$", RegexOptions.CultureInvariant, 1_000)]
    private static partial Regex Between();
}
