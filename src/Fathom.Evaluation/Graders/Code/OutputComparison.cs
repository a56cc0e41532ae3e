// Whether a program printed what it should have.
using System.Globalization;

namespace Fathom.Evaluation.Graders.Code;

/// <summary>
/// Compares outputs as contests and LiveCodeBench do: as many lines (space around the whole does not count), each the same without space at
/// its ends, or the same decimal numbers one by one: <c>1.50</c> is <c>1.5</c> and <c>15e-1</c>. Nothing is rounded.
/// </summary>
public static class OutputComparison
{
    /// <summary>Whether the outputs are the same. Safe for any text; time is linear in it.</summary>
    public static bool Same(string expected, string actual)
    {
        ReadOnlySpan<char> left = expected.AsSpan().Trim(), right = actual.AsSpan().Trim();
        MemoryExtensions.SpanSplitEnumerator<char> leftLines = left.Split('\n'), rightLines = right.Split('\n');
        while (true)
        {
            bool more = leftLines.MoveNext();
            if (more != rightLines.MoveNext())
                return false;
            if (!more)
                return true;
            if (!SameLine(left[leftLines.Current].Trim(), right[rightLines.Current].Trim()))
                return false;
        }
    }

    static bool SameLine(ReadOnlySpan<char> expected, ReadOnlySpan<char> actual)
    {
        if (expected.SequenceEqual(actual))
            return true;
        while (true)
        {
            ReadOnlySpan<char> left = NextWord(ref expected), right = NextWord(ref actual);
            if (left.IsEmpty || right.IsEmpty)
                return left.IsEmpty && right.IsEmpty;
            if (!Number.TryParse(left, out Number a) || !Number.TryParse(right, out Number b) || !a.Same(b))
                return false;
        }
    }

    static ReadOnlySpan<char> NextWord(ref ReadOnlySpan<char> line)
    {
        line = line.TrimStart();
        int end = 0;
        while (end < line.Length && !char.IsWhiteSpace(line[end]))
            end++;
        ReadOnlySpan<char> word = line[..end];
        line = line[end..];
        return word;
    }

    // A decimal as its digits without zeros at either end, and the power of ten of the last one.
    readonly ref struct Number
    {
        readonly ReadOnlySpan<char> _whole, _fraction;
        readonly long _exponent;
        readonly bool _negative;
        readonly int _digits;

        Number(bool negative, ReadOnlySpan<char> whole, ReadOnlySpan<char> fraction, long exponent)
        {
            // Zeros in front; then zeros behind, from the fraction and, if none of it is left, from the whole part.
            whole = whole.TrimStart('0');
            fraction = fraction.TrimEnd('0');
            if (fraction.IsEmpty)
            {
                ReadOnlySpan<char> shorter = whole.TrimEnd('0');
                exponent += whole.Length - shorter.Length;
                whole = shorter;
            }
            else
            {
                exponent -= fraction.Length;
            }
            // The exponent is that of the last digit, so zeros in front of a fraction without a whole part may go.
            if (whole.IsEmpty)
                fraction = fraction.TrimStart('0');
            _whole = whole;
            _fraction = fraction;
            _digits = whole.Length + fraction.Length;
            _exponent = _digits == 0 ? 0 : exponent;
            _negative = negative && _digits > 0;
        }

        char Digit(int index) => index < _whole.Length ? _whole[index] : _fraction[index - _whole.Length];

        public bool Same(in Number other)
        {
            if (_negative != other._negative || _digits != other._digits || _exponent != other._exponent)
                return false;
            for (int i = 0; i < _digits; i++)
                if (Digit(i) != other.Digit(i))
                    return false;
            return true;
        }

        public static bool TryParse(ReadOnlySpan<char> word, out Number number)
        {
            number = default;
            bool negative = word is ['-', ..];
            if (word is ['-' or '+', ..])
                word = word[1..];
            long exponent = 0;
            int power = word.IndexOfAny('e', 'E');
            if (power >= 0)
            {
                // An exponent beyond 18 digits is not looked at: such numbers are the same only as texts.
                if (word.Length - power > 19 || !long.TryParse(word[(power + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
                    return false;
                word = word[..power];
            }
            int point = word.IndexOf('.');
            ReadOnlySpan<char> whole = point < 0 ? word : word[..point], fraction = point < 0 ? [] : word[(point + 1)..];
            if (whole.Length + fraction.Length == 0 || whole.ContainsAnyExceptInRange('0', '9') || fraction.ContainsAnyExceptInRange('0', '9'))
                return false;
            number = new Number(negative, whole, fraction, exponent);
            return true;
        }
    }
}
