// Small numbers written as words.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Reads number words.</summary>
internal static class NumberWords
{
    static readonly string[] small = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"];

    static readonly string[] tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

    /// <summary>The number up to 99 that a text spells, or null.</summary>
    public static Rational? Value(string text)
    {
        string[] parts = text.Trim().ToLowerInvariant().Split([' ', '-'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length is 0 or > 2)
            return null;
        int first = Array.IndexOf(small, parts[0]), ten = Array.IndexOf(tens, parts[0]);
        if (parts.Length == 1)
            return first >= 0 ? first : ten >= 0 ? 20 + 10 * ten : null;
        int unit = Array.IndexOf(small, parts[1]);
        return ten >= 0 && unit is > 0 and < 10 ? 20 + 10 * ten + unit : null;
    }
}
