// The last \boxed{...} of a worked solution.
namespace Fathom.Evaluation.Benchmarks.Mathematics;

/// <summary>Finds boxed answers.</summary>
static class BoxedAnswer
{
    /// <summary>What stands in the last <c>\boxed{}</c> (or <c>\fbox{}</c>, or <c>\boxed 5</c>); null where there is none that is closed.</summary>
    public static string? Last(string text)
    {
        int boxed = text.LastIndexOf(@"\boxed", StringComparison.Ordinal), framed = text.LastIndexOf(@"\fbox", StringComparison.Ordinal);
        int start = Math.Max(boxed, framed);
        if (start < 0)
            return null;
        int open = start + (boxed > framed ? @"\boxed".Length : @"\fbox".Length);
        while (open < text.Length && text[open] == ' ')
            open++;
        if (open == text.Length)
            return null;
        if (text[open] != '{')
        {
            int end = text.AsSpan(open).IndexOfAny('$', '\n', ' ');
            return end < 0 ? text[open..].Trim() : end == 0 ? null : text.Substring(open, end).Trim();
        }
        int depth = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[i] == '\\')
                i++;
            else if (text[i] == '{')
                depth++;
            else if (text[i] == '}' && --depth == 0)
                return text[(open + 1)..i].Trim() is { Length: > 0 } inside ? inside : null;
        }
        return null;
    }
}
