// The short answer in a response, and the normal form in which short answers are compared (that of DROP, after SQuAD's).
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Benchmarks.ShortAnswers;

/// <summary>Short answers.</summary>
public static partial class ShortAnswer
{
    // A short answer that is longer than this is none; what stands further from the end of a response is not looked at.
    const int MaxLength = 2_000, LookedAt = 20_000;

    /// <summary>What a response gives as its answer: what stands behind the last "Answer:" in its line (or in the next one), else in the last box, else
    /// the last line. Safe for any text.</summary>
    public static string Of(string response)
    {
        string text = response.Length <= LookedAt ? response : response[^LookedAt..];
        string answer = Announced().Match(text) is { Success: true } match ? match.Groups[1].Value
            : Boxes.Content(text) ?? text.TrimEnd().Split('\n')[^1];
        answer = answer.Trim(' ', '\t', '\r', '*', '_', '`');
        // Some write the announced answer into a box.
        answer = Boxes.Content(answer) is { } boxed && answer.Contains('\\') ? boxed : answer;
        return answer.Length <= MaxLength ? answer : answer[..MaxLength];
    }

    /// <summary>Small letters, no punctuation, no articles, numbers in one form, single spaces; hyphens separate words.</summary>
    public static string Normal(string text)
    {
        var words = new List<string>();
        foreach (string part in text.Split(' ', '-'))
        {
            string word = part.ToLowerInvariant();
            if (Number(word) is null)
                word = WithoutPunctuation(word);
            word = Number(word)?.ToString("R", CultureInfo.InvariantCulture) ?? word;
            words.AddRange(Article().Replace(word, " ").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }
        return string.Join(' ', words);
    }

    /// <summary>The number that a word is; null where it is none.</summary>
    public static double? Number(string word) =>
        double.TryParse(word, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double number)
            && word.Any(char.IsAsciiDigit) ? number : null;

    static string WithoutPunctuation(string word)
    {
        var kept = new StringBuilder(word.Length);
        foreach (char c in word)
            if (c >= 0x80 || !(char.IsPunctuation(c) || char.IsSymbol(c)))
                kept.Append(c);
        return kept.ToString();
    }

    [GeneratedRegex(@"(?:\banswer\b[*_]{0,3}\s?(?::|is\b)[ \t:*_]{0,8}|答案\s?(?:是|为|:|：)[ \t:：*_]{0,8})(?:\n[ \t*_]{0,8})?([^\n]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.RightToLeft)]
    private static partial Regex Announced();

    [GeneratedRegex(@"\b(?:a|an|the)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Article();
}
