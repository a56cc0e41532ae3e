// Strict readers of answers that are more than one integer. A model's text may be anything: what is too long, has too many parts or any
// word besides the form is refused, so an answer that lists candidates is wrong.
using System.Globalization;

namespace Fathom.Evaluation.Tasks;

static class AnswerForms
{
    const int MaxLength = 200;

    static readonly char[] s_separators = [' ', ',', '，', '、', ';'];

    /// <summary>Reads a list of integers: separated by spaces, commas or semicolons, in one pair of brackets or none, with a full stop or none.</summary>
    public static bool TryIntegers(string answer, out long[] values) => TryIntegers(answer, s_separators, out values);

    /// <summary>The same with other separators.</summary>
    public static bool TryIntegers(string answer, char[] separators, out long[] values)
    {
        string[] items = Items(answer, separators);
        values = new long[items.Length];
        for (int i = 0; i < items.Length; i++)
            if (!long.TryParse(items[i].Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out values[i]))
                return false;
        return items.Length > 0;
    }

    /// <summary>Whether the answer is this list of integers, in this order.</summary>
    public static bool AreIntegers(string answer, IReadOnlyList<long> expected) => TryIntegers(answer, out long[] values) && values.SequenceEqual(expected);

    /// <summary>Reads single capital letters, separated as integers are.</summary>
    public static bool TryLetters(string answer, out string letters)
    {
        string[] items = Items(answer, s_separators);
        letters = string.Concat(items);
        return items.Length > 0 && items.All(item => item is [>= 'A' and <= 'Z']);
    }

    /// <summary>Whether the answer is this text; white space around it, a pair of quotation marks and a full stop are left aside.</summary>
    public static bool IsText(string answer, string expected)
    {
        if (answer.Length > MaxLength)
            return false;
        string text = Bare(answer);
        if (text is ['"', .., '"'] or ['\'', .., '\''] or ['“', .., '”'])
            text = text[1..^1];
        return string.Equals(text, expected, StringComparison.Ordinal);
    }

    /// <summary>The answer without white space around it and without a full stop at its end.</summary>
    public static string Bare(string answer)
    {
        string text = answer.Trim();
        return text is [.., '.' or '。'] ? text[..^1].TrimEnd() : text;
    }

    static string[] Items(string answer, char[] separators)
    {
        if (answer.Length > MaxLength)
            return [];
        string text = Bare(answer);
        if (text is ['(', .., ')'] or ['[', .., ']'])
            text = text[1..^1];
        return text.Split(separators, StringSplitOptions.RemoveEmptyEntries);
    }
}
