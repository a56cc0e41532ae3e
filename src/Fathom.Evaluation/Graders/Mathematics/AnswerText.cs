// The text of an answer without what only wraps it: dollar signs, boxes, fonts, full stops, the letter of a choice.
using System.Text;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Cleans the text of answers.</summary>
internal static class AnswerText
{
    static readonly string[] wrappers = ["\\boxed", "\\fbox", "\\framebox", "\\text", "\\textbf", "\\mathbf", "\\textit", "\\textrm", "\\mathrm", "\\mbox", "\\emph", "\\underline", "\\displaystyle", "\\large", "\\Large", "\\bf", "\\rm"];

    static readonly (string Open, string Close)[] pairs = [("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("**", "**"), ("`", "`"), ("\"", "\""), ("“", "”"), ("__", "__")];

    const int MaxRounds = 12;

    /// <summary>Removes everything that wraps the whole text.</summary>
    public static string Clean(string text)
    {
        string current = text;
        for (int round = 0; round < MaxRounds; round++)
        {
            string next = Unwrap(current);
            if (next.Length == current.Length)
                return next;
            current = next;
        }
        return current;
    }

    static string Unwrap(string text)
    {
        var span = text.AsSpan().Trim();
        span = span.TrimEnd(['.', '。', ',', ';', '，', '；', ' ', '\n', '\t']).TrimStart([':', '：', '=', ' ', '\n', '\t']);
        if (span.EndsWith("\\") && !span.EndsWith("\\\\"))
            span = span[..^1].TrimEnd();
        foreach (var (open, close) in pairs)
        {
            if (span.Length >= open.Length + close.Length && span.StartsWith(open) && span.EndsWith(close) && span[open.Length..^close.Length].IndexOf(close) < 0)
                return span[open.Length..^close.Length].ToString();
        }
        foreach (string wrapper in wrappers)
        {
            if (!span.StartsWith(wrapper))
                continue;
            var rest = span[wrapper.Length..].TrimStart();
            if (rest.Length > 1 && rest[0] == '{' && GroupEnd(rest, 0) == rest.Length - 1)
                return rest[1..^1].ToString();
        }
        return span.Length == text.Length ? text : span.ToString();
    }

    /// <summary>The index of the brace that closes the one at <paramref name="open"/>, or -1. A brace behind a backslash does not count.</summary>
    public static int GroupEnd(ReadOnlySpan<char> text, int open)
    {
        int level = 0;
        for (int i = open; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case '{':
                    level++;
                    break;
                case '}' when --level == 0:
                    return i;
            }
        }
        return -1;
    }

    /// <summary>What is compared where a text is no mathematics: its letters in lower case, its digits and operators, without fonts, spaces and full stops.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\\')
            {
                int end = i + 1;
                while (end < text.Length && char.IsAsciiLetter(text[end]))
                    end++;
                string name = text[(i + 1)..end];
                if (name.Length > 0 && !Vocabulary.IsFont(name) && !Vocabulary.IsLayout(name))
                    folded.Append('\\').Append(name);
                i = name.Length == 0 ? i : end - 1;
            }
            else if (!char.IsWhiteSpace(c) && c is not ('$' or '.' or '"' or '\'' or '’' or '{' or '}' or '~' or '!' or ',' or ';'))
            {
                folded.Append(char.ToLowerInvariant(c));
            }
        }
        return folded.ToString();
    }

    /// <summary>The letter of a multiple choice that a text names: <c>B</c>, <c>(B)</c>, <c>B. 12</c>, <c>\textbf{(B)}\ 12</c>, <c>option B</c>; null where it names none.</summary>
    public static char? Choice(string text)
    {
        string plain = Label(text);
        foreach (string prefix in new[] { "option ", "choice ", "answer " })
        {
            if (plain.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
                plain = plain[prefix.Length..].TrimStart();
        }
        bool bracket = plain.StartsWith('(');
        int at = bracket ? 1 : 0;
        if (at >= plain.Length || plain[at] is not (>= 'A' and <= 'J') and not (>= 'a' and <= 'j'))
            return null;
        char letter = char.ToUpperInvariant(plain[at]);
        string rest = plain[(at + 1)..];
        if (bracket)
            return rest.StartsWith(')') ? letter : null;
        // A small letter alone may be a variable, but where a letter is asked for it is the choice.
        return rest.Length == 0 || plain[0] is >= 'A' and <= 'J' && rest[0] is '.' or ')' or ':' or '：' or '、' or '．' ? letter : null;
    }

    /// <summary>The text behind the letter of a choice, <c>12</c> of <c>\textbf{(B)}\ 12</c>; null where it does not begin with one.</summary>
    public static string? BehindChoice(string text)
    {
        string plain = Label(text);
        if (plain.Length < 4 || plain[0] != '(' || plain[1] is not (>= 'A' and <= 'J') || plain[2] != ')')
            return null;
        string rest = plain[3..].TrimStart(' ', '\\', ':', '$', '~', ',');
        return rest.Length == 0 ? null : rest;
    }

    // The text with the fonts at its beginning removed.
    static string Label(string text)
    {
        string plain = text.Trim();
        for (int round = 0; round < MaxRounds; round++)
        {
            string? wrapper = Array.Find(wrappers, w => plain.StartsWith(w, StringComparison.Ordinal) && plain.Length > w.Length && plain[w.Length] == '{');
            if (wrapper is null)
                break;
            int end = GroupEnd(plain, wrapper.Length);
            if (end < 0)
                break;
            plain = (plain[(wrapper.Length + 1)..end].Trim() + plain[(end + 1)..]).Trim();
        }
        return plain.TrimStart('$', '*').TrimStart();
    }
}
