// Writes one answer in other notations, and writes answers that nearly are it. Works on texts and big integers only: it knows nothing of the grader.
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Fathom.Evaluation.Tests.Graders.Mathematics;

/// <summary>What an answer is; that decides what may be done to it.</summary>
public enum AnswerKind
{
    Expression,
    List,
    Tuple,
    Interval,
    Set,
    Matrix,
    Equation,
    Inequality,
    Text,
    Choice,
}

/// <summary>An answer with its other notations and its near misses.</summary>
internal static partial class Rewriting
{
    [GeneratedRegex(@"^-?\d+(\.\d+)?$")]
    private static partial Regex PlainNumber();

    /// <summary>Whether a text is an integer or decimal in digits.</summary>
    public static bool IsNumber(string text) => PlainNumber().IsMatch(text);

    // A decimal as numerator and number of decimals.
    static (BigInteger Scaled, int Decimals) Read(string number)
    {
        int point = number.IndexOf('.', StringComparison.Ordinal), decimals = point < 0 ? 0 : number.Length - point - 1;
        return (BigInteger.Parse(number.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), decimals);
    }

    static string Write(BigInteger scaled, int decimals)
    {
        string digits = BigInteger.Abs(scaled).ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return (scaled.Sign < 0 ? "-" : "") + (decimals == 0 ? digits : digits[..^decimals] + "." + digits[^decimals..]);
    }

    static string Grouped(BigInteger value, string separator)
    {
        string digits = BigInteger.Abs(value).ToString(CultureInfo.InvariantCulture);
        for (int i = digits.Length - 3; i > 0; i -= 3)
            digits = digits[..i] + separator + digits[i..];
        return (value.Sign < 0 ? "-" : "") + digits;
    }

    /// <summary>Other notations of a number.</summary>
    public static IEnumerable<string> Numbers(string number)
    {
        var (scaled, decimals) = Read(number);
        var scale = BigInteger.Pow(10, decimals);
        yield return number + ".";
        yield return number + (decimals == 0 ? ".0" : "0");
        yield return $@"\frac{{{scaled * 6}}}{{{scale * 6}}}";
        yield return $"{scaled * 7}/{scale * 7}";
        yield return $@"\boxed{{{number}}}";
        yield return $@"x = {number}";
        yield return $@"{number}\text{{ units}}";
        yield return $@"{Write(scaled, decimals + 2)}\times10^{{2}}";
        yield return $"{Write(scaled + scale, decimals)} - 1";
        yield return $@"\sqrt[3]{{{scaled * scaled * scaled}}} \cdot 10^{{-{decimals}}}";
        if (decimals == 0 && BigInteger.Abs(scaled) >= 1000)
        {
            yield return Grouped(scaled, ",");
            yield return Grouped(scaled, "{,}");
            yield return Grouped(scaled, @",\!");
        }
    }

    /// <summary>Numbers that are nearly a number: sign, factor, off by one, digits swapped, last place.</summary>
    public static IEnumerable<string> NearNumbers(string number)
    {
        var (scaled, decimals) = Read(number);
        var scale = BigInteger.Pow(10, decimals);
        yield return Write(scaled + scale, decimals);
        yield return Write(scaled - scale, decimals);
        yield return $"{number}, {Write(scaled + scale, decimals)}";
        if (decimals > 0)
            yield return Write(scaled + 1, decimals);
        if (scaled.IsZero)
            yield break;
        yield return Write(-scaled, decimals);
        yield return Write(2 * scaled, decimals);
        yield return Write(10 * scaled, decimals);
        yield return Write(scaled, decimals + 1);
        yield return $@"\frac{{{number}}}{{3}}";
        char[] digits = number.ToCharArray();
        int swap = Array.FindIndex(digits, 0, digits.Length - 1, c => char.IsAsciiDigit(c) && c != '0') is var at && at >= 0 && char.IsAsciiDigit(digits[at + 1]) && digits[at] != digits[at + 1] ? at : -1;
        if (swap >= 0)
        {
            (digits[swap], digits[swap + 1]) = (digits[swap + 1], digits[swap]);
            yield return new string(digits);
        }
    }

    /// <summary>Other notations of any answer that is no number.</summary>
    public static IEnumerable<string> Notations(AnswerKind kind, string text)
    {
        // What may be done to everything.
        yield return $"${text}$";
        yield return $@"\( {text} \)";
        yield return $@"\boxed{{{text}}}";
        yield return text + ".";
        yield return $" {text} ";
        if (text.Contains(@"\frac", StringComparison.Ordinal))
        {
            yield return text.Replace(@"\frac", @"\dfrac", StringComparison.Ordinal);
            yield return text.Replace(@"\frac", @"\tfrac", StringComparison.Ordinal);
            yield return Slashes(text);
        }
        if (text.Contains(@"\sqrt{", StringComparison.Ordinal))
            yield return text.Replace(@"\sqrt{", " sqrt{", StringComparison.Ordinal);
        if (text.Contains(@"\cdot", StringComparison.Ordinal))
            yield return text.Replace(@"\cdot", @"\times", StringComparison.Ordinal);
        if (kind is AnswerKind.Text)
        {
            yield return $@"\text{{{text}}}";
            yield return text.ToUpperInvariant();
            yield return $@"\textbf{{{text}}}";
            yield break;
        }
        if (kind is AnswerKind.Choice)
        {
            yield return $"({text})";
            yield return $@"\text{{({text})}}";
            yield return $@"\textbf{{({text})}}\ 12";
            yield return $"{text}. twelve";
            yield break;
        }
        if (!text.Contains("begin", StringComparison.Ordinal))
        {
            yield return Spaced(text);
            yield return text.Replace("(", @"\left(", StringComparison.Ordinal).Replace(")", @"\right)", StringComparison.Ordinal);
        }
        switch (kind)
        {
            case AnswerKind.Expression:
                yield return $@"\left({text}\right)";
                yield return $"{{{text}}}";
                yield return $"0 + ({text})";
                yield return $"-(-({text}))";
                yield return $@"\frac{{{text}}}{{1}}";
                yield return $@"\frac{{3({text})}}{{3}}";
                yield return $@"({text}) \cdot 1";
                yield return $@"\frac12({text}) + ({text})/2";
                break;
            case AnswerKind.Equation:
                var sides = text.Split('=');
                yield return $"{sides[1]} = {sides[0]}";
                yield return $"{sides[0]} - ({sides[1]}) = 0";
                yield return $"2({sides[0]}) = 2({sides[1]})";
                yield return $"-({sides[0]}) + 1 = 1 - ({sides[1]})";
                break;
            case AnswerKind.Tuple:
                var items = Items(text);
                yield return $"({string.Join(" , ", items)})";
                yield return $"({string.Join(",", items.Select(item => $"({item})"))})";
                yield return $@"\begin{{pmatrix}}{string.Join(@"\\", items)}\end{{pmatrix}}";
                break;
            case AnswerKind.List:
                items = text.Split(',', StringSplitOptions.TrimEntries);
                yield return string.Join(", ", items.Reverse());
                yield return @"\{" + text + @"\}";
                yield return string.Join(@"\text{ and }", items);
                break;
            case AnswerKind.Set:
                items = Items(text.Replace(@"\{", "(", StringComparison.Ordinal).Replace(@"\}", ")", StringComparison.Ordinal));
                yield return @"\{" + string.Join(",", items.Reverse()) + @"\}";
                yield return @"\left\{" + string.Join(@",\ ", items) + @"\right\}";
                yield return string.Join(", ", items);
                break;
            case AnswerKind.Interval:
                yield return @"x \in " + text;
                yield return text.Replace(@"\infty", "∞", StringComparison.Ordinal).Replace(@"\cup", "∪", StringComparison.Ordinal);
                break;
            case AnswerKind.Matrix:
                yield return text.Replace("pmatrix", "bmatrix", StringComparison.Ordinal);
                yield return text.Replace(@"\\", @" \\ ", StringComparison.Ordinal).Replace("&", " & ", StringComparison.Ordinal);
                yield return text.Replace(@"\begin{pmatrix}", @"\left(\begin{array}{cc}", StringComparison.Ordinal).Replace(@"\end{pmatrix}", @"\end{array}\right)", StringComparison.Ordinal);
                break;
            case AnswerKind.Inequality:
                yield return text.Replace("<=", @"\le ", StringComparison.Ordinal).Replace(">=", @"\geq ", StringComparison.Ordinal);
                yield return text.Replace("<=", "≤", StringComparison.Ordinal).Replace(">=", "⩾", StringComparison.Ordinal);
                break;
        }
    }

    /// <summary>Answers that are nearly an answer, but never it.</summary>
    public static IEnumerable<string> NearMisses(AnswerKind kind, string text)
    {
        switch (kind)
        {
            case AnswerKind.Expression:
                yield return $"-({text})";
                yield return $"({text}) + 1";
                yield return $"({text}) - 1";
                yield return $"2({text})";
                yield return $@"\frac{{{text}}}{{2}}";
                yield return $"({text}) + 10^{{-20}}";
                yield return $"{text}, 0.7234";
                yield return $"({text}, {text})";
                break;
            case AnswerKind.Equation:
                var sides = text.Split('=');
                yield return $"{sides[0]} = -({sides[1]}) - 1";
                yield return $"{sides[0]} = {sides[1]} + 1";
                yield return $"{sides[0]} > {sides[1]}";
                yield return $"2({sides[0]}) = {sides[1]} + 7.5";
                break;
            case AnswerKind.Tuple:
                var items = Items(text);
                yield return $"({string.Join(",", items.Reverse())})";
                yield return $"({string.Join(",", items)}, 1)";
                yield return $"({string.Join(",", items.Skip(1))})";
                yield return $"({string.Join(",", items.Select((item, i) => i == 0 ? $"-({item}) - 1" : item))})";
                yield return $"({string.Join(",", items.Select((item, i) => i == items.Length - 1 ? $"({item}) + 1" : item))})";
                yield return @"\{" + string.Join(",", items) + @"\}";
                break;
            case AnswerKind.List:
                items = text.Split(',', StringSplitOptions.TrimEntries);
                yield return string.Join(",", items.Skip(1));
                yield return string.Join(",", items) + ", 0.7234";
                yield return string.Join(",", items.Select((item, i) => i == 0 ? $"({item}) + 0.1" : item));
                yield return string.Join(",", items.Select(item => $"({item}) + 0.1"));
                break;
            case AnswerKind.Set:
                items = Items(text.Replace(@"\{", "(", StringComparison.Ordinal).Replace(@"\}", ")", StringComparison.Ordinal));
                yield return @"\{" + string.Join(",", items.Skip(1)) + @"\}";
                yield return @"\{" + string.Join(",", items) + @", 0.7234\}";
                yield return @"\{" + string.Join(",", items.Select((item, i) => i == 0 ? $"({item}) + 0.1" : item)) + @"\}";
                yield return items[0];
                break;
            case AnswerKind.Interval:
                int first = text.IndexOfAny(['(', '[']), last = text.LastIndexOfAny([')', ']']);
                bool openEnd = text.AsSpan(0, last).EndsWith(@"\infty");
                if (!text.AsSpan(first + 1).StartsWith(@"-\infty"))
                    yield return text[..first] + (text[first] == '(' ? '[' : '(') + text[(first + 1)..];
                if (!openEnd)
                    yield return text[..last] + (text[last] == ')' ? ']' : ')') + text[(last + 1)..];
                yield return text + @"\cap(1000,1001)";
                yield return @"(1000,1001)";
                yield return @"\mathbb{R}";
                yield return Regex.Replace(text, @"\d+", match => (int.Parse(match.Value, CultureInfo.InvariantCulture) + 1).ToString(CultureInfo.InvariantCulture)) is var moved && moved != text ? moved : "5";
                break;
            case AnswerKind.Matrix:
                yield return text.Replace(@"\\", "&", StringComparison.Ordinal);
                yield return Regex.Replace(text, @"(?<=\})(.*?)(?=&|\\\\)", "7234", RegexOptions.None, TimeSpan.FromSeconds(1));
                yield return text.Replace(@"\end", @"\\1&1\end", StringComparison.Ordinal);
                yield return "5";
                break;
            case AnswerKind.Inequality:
                yield return Flip(text);
                yield return text.Contains("<=", StringComparison.Ordinal) ? text.Replace("<=", "<", StringComparison.Ordinal) : text.Contains(">=", StringComparison.Ordinal) ? text.Replace(">=", ">", StringComparison.Ordinal) : text.Replace("<", "<=", StringComparison.Ordinal).Replace(">", ">=", StringComparison.Ordinal);
                yield return text + "+7";
                yield return "5";
                break;
            case AnswerKind.Text:
                yield return text + "s and others";
                yield return "not " + text;
                yield return new string([.. text.Reverse()]) + "q";
                yield return "5";
                break;
            case AnswerKind.Choice:
                char other = text[0] == 'A' ? 'B' : 'A';
                yield return other.ToString();
                yield return $"({other}) {text}";
                yield return $@"\text{{({other})}}";
                yield return $"{text}, {other}";
                break;
        }
    }

    static string Flip(string text) => text.Contains('<', StringComparison.Ordinal) ? text.Replace('<', '>') : text.Replace('>', '<');

    // Spaces where LaTeX ignores them: around signs that are not at the beginning of a number.
    static string Spaced(string text) => Regex.Replace(text, @"(?<=[\w})])([+*/=])(?=[\w\\({])", @" $1\, ", RegexOptions.None, TimeSpan.FromSeconds(1)).Replace(",", ", ", StringComparison.Ordinal).Replace(@"\, ", @"\,", StringComparison.Ordinal);

    // The items of a tuple.
    static string[] Items(string tuple) => [.. Split(tuple.Trim()[1..^1])];

    static IEnumerable<string> Split(string text)
    {
        int level = 0, start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || text[i] == ',' && level == 0)
            {
                yield return text[start..i].Trim();
                start = i + 1;
                continue;
            }
            level += text[i] is '(' or '{' or '[' ? 1 : text[i] is ')' or '}' or ']' ? -1 : 0;
        }
    }

    // \frac{a}{b} as ((a)/(b)), from the inside out.
    static string Slashes(string text)
    {
        int at;
        while ((at = text.LastIndexOf(@"\frac{", StringComparison.Ordinal)) >= 0)
        {
            int middle = Close(text, at + 5), second = text.IndexOf('{', middle), end = Close(text, second);
            text = $"{text[..at]}(({text[(at + 6)..middle]})/({text[(second + 1)..end]})){text[(end + 1)..]}";
        }
        return text;
    }

    static int Close(string text, int open)
    {
        int level = 0;
        for (int i = open; i < text.Length; i++)
        {
            level += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
            if (level == 0)
                return i;
        }
        throw new ArgumentException($"No closing brace in '{text}'.", nameof(text));
    }
}
