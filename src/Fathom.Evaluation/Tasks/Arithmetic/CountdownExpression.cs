// The exact checker of countdown answers: a recursive-descent parser over + - * / and brackets that computes in rationals. The text comes
// from a model and may be anything: its length and depth are bounded, and every number must be one of the given ones and is used up, so
// values stay small.
using System.Globalization;
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Tasks.Arithmetic;

ref struct CountdownExpression
{
    const int MaxLength = 200;
    const int MaxDepth = 20;

    readonly ReadOnlySpan<char> _text;
    readonly List<long> _unused;
    int _at;
    int _depth;

    CountdownExpression(ReadOnlySpan<char> text, long[] given)
    {
        _text = text;
        _unused = [.. given];
    }

    /// <summary>Evaluates <paramref name="text"/>; false for anything but an expression in which each of <paramref name="given"/> is used
    /// at most once and no divisor is zero. The signs × and ÷ count as * and /.</summary>
    public static bool TryEvaluate(string text, long[] given, out Rational value)
    {
        value = default;
        if (text.Length > MaxLength)
            return false;
        try
        {
            CountdownExpression parser = new(text, given);
            return parser.Sum(out value) && parser.Next() == '\0' && parser._at == text.Length;
        }
        catch (DivideByZeroException)
        {
            return false;
        }
    }

    // sum = product (('+' | '-') product)*
    bool Sum(out Rational value)
    {
        if (!Product(out value))
            return false;
        while (Next() is '+' or '-')
        {
            bool plus = _text[_at++] == '+';
            if (!Product(out Rational right))
                return false;
            value = plus ? value + right : value - right;
        }
        return true;
    }

    // product = atom (('*' | '/') atom)*
    bool Product(out Rational value)
    {
        if (!Atom(out value))
            return false;
        while (Next() is '*' or '×' or '/' or '÷')
        {
            bool times = _text[_at++] is '*' or '×';
            if (!Atom(out Rational right))
                return false;
            value = times ? value * right : value / right;
        }
        return true;
    }

    // atom = number | '(' sum ')'
    bool Atom(out Rational value)
    {
        value = default;
        if (Next() == '(')
        {
            if (++_depth > MaxDepth)
                return false;
            _at++;
            if (!Sum(out value) || Next() != ')')
                return false;
            _at++;
            _depth--;
            return true;
        }

        int start = _at;
        while (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            _at++;
        if (!long.TryParse(_text[start.._at], NumberStyles.None, CultureInfo.InvariantCulture, out long number) || !_unused.Remove(number))
            return false;
        value = number;
        return true;
    }

    // The next character that is not a space, or NUL at the end.
    char Next()
    {
        while (_at < _text.Length && _text[_at] == ' ')
            _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }
}
