// The exact checker of countdown answers: a recursive-descent parser over + - * / and brackets that computes in rationals. The text comes
// from a model and may be anything: its length and depth are bounded, every number must be one of the given ones and is used up, so
// values stay small, and what does not fit in 64 bits is refused.
using System.Globalization;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>A fraction of 64-bit integers with a positive denominator; arithmetic that overflows throws.</summary>
readonly record struct Rational(long Numerator, long Denominator)
{
    public static Rational operator +(Rational a, Rational b) =>
        checked(Reduce(a.Numerator * b.Denominator + b.Numerator * a.Denominator, a.Denominator * b.Denominator));

    public static Rational operator -(Rational a, Rational b) => a + new Rational(checked(-b.Numerator), b.Denominator);

    public static Rational operator *(Rational a, Rational b) => checked(Reduce(a.Numerator * b.Numerator, a.Denominator * b.Denominator));

    /// <summary>A zero divisor throws <see cref="DivideByZeroException"/>.</summary>
    public static Rational operator /(Rational a, Rational b) => b.Numerator == 0
        ? throw new DivideByZeroException()
        : checked(a * new Rational(b.Denominator * Math.Sign(b.Numerator), Math.Abs(b.Numerator)));

    public bool IsInteger(long value) => Denominator == 1 && Numerator == value;

    static Rational Reduce(long numerator, long denominator)
    {
        (long a, long b) = (Math.Abs(numerator), denominator);
        while (b != 0)
            (a, b) = (b, a % b);
        return a == 0 ? new Rational(0, 1) : new Rational(numerator / a, denominator / a);
    }
}

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
        catch (Exception error) when (error is OverflowException or DivideByZeroException)
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
        value = new Rational(number, 1);
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
