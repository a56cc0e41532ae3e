// The choice that a response makes. Rules in order; the first one that finds something decides:
//   1. the last \boxed{}: a letter (alone, in brackets, or before the text of its choice) or the text of a choice;
//   2. the last sentence that names the answer: "the answer is (B)", "Answer: B", "B is correct", 答案是B, 选B; what follows the words may also
//      be the text of a choice;
//   3. the last line, else the first, if it is a letter and nothing else, or a letter with a mark and then text ("B. because ...") while no other
//      line begins so with another letter (a list of the choices chooses nothing);
//   4. the one letter that is set in bold;
//   5. the whole answer or its last line, if it is the text of one choice.
// A letter is never taken out of running text: `A` and `I` are words, so bare ones count only where no word follows them. Naming two letters
// ("A or B") is no choice.
using System.Text;
using System.Text.RegularExpressions;
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Benchmarks.Choices;

/// <summary>Finds the choice a response makes.</summary>
public static partial class ChoiceAnswer
{
    // What decides stands at the end (or in the first line) of an answer; the rest of a very long one is not looked at.
    const int LookedAt = 20_000;

    // A response names its answer a few times at most; a choice is shorter than this.
    const int MaxStatements = 30, MaxChoice = 4_000;

    /// <summary>The index of the chosen choice; null where none is made. Safe for any text.</summary>
    /// <param name="answer">The response behind its reasoning.</param>
    /// <param name="choices">The choices' texts.</param>
    public static int? Find(string answer, IReadOnlyList<string> choices)
    {
        string text = answer.Length <= LookedAt ? answer : answer[^LookedAt..];
        text = Narrow(text);
        return Boxed(text, choices) ?? Stated(text, choices) ?? Line(text, choices.Count) ?? Bold(text, choices.Count) ?? Quoted(text, choices);
    }

    static int? Boxed(string text, IReadOnlyList<string> choices) =>
        Boxes.Content(text) is { } inside ? Alone(inside, choices.Count) ?? Labelled(inside, choices.Count) ?? TextOf(inside, choices) : null;

    static int? Stated(string text, IReadOnlyList<string> choices)
    {
        int statements = 0;
        for (Match match = Statement().Match(text); match.Success && statements < MaxStatements; match = match.NextMatch(), statements++)
        {
            // Right to left: the first one found is the last one written, and a negated or undecided one is passed over.
            int end = match.Index + match.Length;
            string behind = text[end..Math.Min(text.Length, end + MaxChoice)];
            if (match.Groups["letter"].Success)
            {
                if (!Negated().IsMatch(text[..match.Index]) && Index(match.Groups["letter"].ValueSpan[0], choices.Count) is { } named)
                    return named;
                continue;
            }
            int lineEnd = behind.IndexOf('\n');
            // The answer may stand on the line below "Answer:".
            if (lineEnd >= 0 && behind.AsSpan(0, lineEnd).Trim(" *_:").IsEmpty)
                (behind, lineEnd) = (behind.TrimStart(' ', '*', '_', ':', '\n', '\r'), behind.TrimStart(' ', '*', '_', ':', '\n', '\r').IndexOf('\n'));
            string line = lineEnd < 0 ? behind : behind[..lineEnd];
            if (Leading(line, choices) is { } index)
                return index;
            if (TextOf(line, choices) is { } quoted)
                return quoted;
        }
        return null;
    }

    // A letter that stands first behind the words that announce it, and is not the first of several.
    static int? Leading(string text, IReadOnlyList<string> choices)
    {
        Match match = FirstLetter().Match(text);
        if (!match.Success || Index(match.Groups["letter"].ValueSpan[0], choices.Count) is not { } index)
            return null;
        string behind = text[(match.Index + match.Length)..];
        bool marked = match.Groups["mark"].ValueSpan.IndexOfAny("([{*$`") >= 0;
        if (Another().IsMatch(behind))
            return null;
        return marked || match.Groups["letter"].ValueSpan[0] is not ('A' or 'I') || !Word().IsMatch(behind) || Reason().IsMatch(behind) || TextOf(behind, choices) == index ? index : null;
    }

    static int? Line(string text, int choices)
    {
        string[] lines = [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        if (lines.Length == 0)
            return null;
        int?[] labelled = [.. lines.Select(line => Labelled(line, choices))];
        bool list = labelled.Where(index => index is not null).Distinct().Count() > 1;
        return Alone(lines[^1], choices) ?? (list ? null : labelled[^1]) ?? Alone(lines[0], choices) ?? (list ? null : labelled[0]);
    }

    static int? Bold(string text, int choices)
    {
        int?[] bold = [.. BoldText().Matches(text).Select(match => Alone(match.Groups[1].Value, choices) ?? Labelled(match.Groups[1].Value, choices)).Where(index => index is not null).Distinct()];
        return bold is [{ } only] ? only : null;
    }

    static int? Quoted(string text, IReadOnlyList<string> choices) => TextOf(text, choices) ?? TextOf(text.TrimEnd().Split('\n')[^1], choices);

    // The whole text is one letter with marks around it.
    static int? Alone(string text, int choices) => OneLetter().Match(text) is { Success: true } match ? Index(match.Groups["letter"].ValueSpan[0], choices) : null;

    // A letter with a mark behind it, then text: "B. The sun", "(B) the sun", "**B:** the sun".
    static int? Labelled(string text, int choices) => LabelledText().Match(text) is { Success: true } match ? Index(match.Groups["letter"].ValueSpan[0], choices) : null;

    static int? TextOf(string text, IReadOnlyList<string> choices)
    {
        string wanted = Plain(text);
        if (wanted.Length == 0)
            return null;
        int found = -1;
        for (int i = 0; i < choices.Count; i++)
        {
            if (!string.Equals(Plain(choices[i]), wanted, StringComparison.OrdinalIgnoreCase))
                continue;
            if (found >= 0)
                return null;
            found = i;
        }
        return found >= 0 ? found : null;
    }

    static int? Index(char letter, int choices) => (letter & ~0x20) - 'A' is var index && index < choices ? index : null;

    // Without the marks around a text and the white space within it.
    static string Plain(string text) => Space().Replace(text, " ").Trim(' ', '*', '_', '"', '\'', '`', '.', '。', '$', '“', '”', ':', '：');

    // Full-width letters and brackets, as Chinese text has them, in their narrow form.
    static string Narrow(string text)
    {
        var narrow = new StringBuilder(text.Length);
        foreach (char c in text)
            narrow.Append(c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0) : c);
        return narrow.ToString();
    }

    // Runs of one class are atomic and white space is bounded wherever it could be matched in two ways: every pattern takes linear time.
    const string Open = @"(?>[\s*_$`""'“(\[{]*)(?:\\(?:text|textbf|mathrm|mathbf|rm|bf)\s?\{?\s?)?(?>[(\[{]*)";
    const string Close = @"(?>[\s*_$`""'”)\]}]*)";

    // Words that announce the answer, or a letter with words that say it is the answer.
    [GeneratedRegex(
        @"(?:\b(?:answer|choice|option)(?:\s{1,3}(?:choice|option|letter))?(?:\s{1,3}to\s{1,3}(?:the|this)\s{1,3}question)?[*_\s]{0,6}(?:\s(?:is|was|would\s{1,3}be|should\s{1,3}be|must\s{1,3}be|will\s{1,3}be)\b|:|=)\s{0,3}:?(?:\s{1,3}(?:therefore|thus|clearly|option|choice|letter))*(?!\s{1,3}not\b))" +
        @"|(?:答案|选项)(?:应该|应当|应)?(?:(?:是|为):?|:)(?:\s?(?:选项|选))?|(?<!不)(?:应该|应当|应|故|因此|所以)(?:选择|选)(?:选项)?|^\s?选(?:择)?" +
        @"|(?<![A-Za-z0-9'’])(?>[(*]{0,9})(?<letter>(?-i:[A-Z]))[)*]{0,9}\s{1,3}(?:is|must\s{1,3}be)\s{1,3}(?:the\s{1,3})?(?:correct|right|best|answer)\b|(?<![A-Za-z0-9'’])(?<letter>(?-i:[A-Z]))[)*]{0,9}\s?(?:是正确的|正确)",
        RegexOptions.IgnoreCase | RegexOptions.RightToLeft | RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Statement();

    [GeneratedRegex(@"(?:\b(?:not|nor|neither|than|or|and|why|whether|if)\s{1,3}|[A-Z][)*]{0,9}\s{0,3}[/,]\s{0,3})(?:(?:option|choice|answer)\s{1,3})?[(*]{0,9}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.RightToLeft)]
    private static partial Regex Negated();

    // Bare letters are capitals; in brackets or in type of their own they may be small.
    [GeneratedRegex(@"^(?<mark>" + Open + @")(?:(?<letter>[A-Z])|(?<=[(\[{*$`])(?<letter>[a-z]))(?![A-Za-z0-9'’_\-]|\.[A-Za-z0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex FirstLetter();

    [GeneratedRegex(@"^(?>[)\]}*_$`\s]*)(?:,|/|&|\+|\bor\b|\band\b|或|和|与|、)\s?(?:(?:option|choice)\s)?[(*]{0,9}[A-Z](?![A-Za-z0-9'’])", RegexOptions.CultureInvariant)]
    private static partial Regex Another();

    [GeneratedRegex(@"^[ \t]+[A-Za-z0-9]", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"^\s+(?:because|since|as|for|which|due|given|by|with|from)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Reason();

    [GeneratedRegex(@"^" + Open + @"(?:(?<letter>[A-Z])|(?<=[(\[{*$`])(?<letter>[a-z]))" + Close + @"[.。:]?(?>[*_\s]*)$", RegexOptions.CultureInvariant)]
    private static partial Regex OneLetter();

    [GeneratedRegex(@"^(?>[\s*_$`""'“]*)(?:\\(?:text|textbf|mathrm|mathbf)\s?\{)?(?:\((?<letter>[A-Za-z])\)|\[(?<letter>[A-Z])\]|(?<letter>[A-Z])[*_]{0,3}[.):、,])[*_}]{0,3}(?:\\?\s|[^\x00-\x7F])(?!\s*[A-Z](?![A-Za-z]))\s*[^\s]", RegexOptions.CultureInvariant)]
    private static partial Regex LabelledText();

    [GeneratedRegex(@"\*\*([^*\n]{1,400})\*\*", RegexOptions.CultureInvariant)]
    private static partial Regex BoldText();

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Space();
}
