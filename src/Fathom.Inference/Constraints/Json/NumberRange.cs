// Numbers between bounds, digit by digit.

using System.Globalization;
using System.Numerics;

namespace Fathom.Inference.Constraints.Json;

/// <summary>Expressions of the integers, and of the decimal numbers without an exponent, that lie in a range. Never "-0".</summary>
static class NumberRange
{
    static readonly Expression AnyDigits = new Repeat(JsonSyntax.Digit, 1, Repeat.Unlimited);

    // Digits behind a point: whether there may be none (any more), and what they are if there are some.
    readonly record struct Tail(bool CanStop, Expression More)
    {
        public static Tail Any { get; } = new(true, AnyDigits);
        public static Tail Zeros { get; } = new(true, new Repeat(Expression.Text("0"), 1, Repeat.Unlimited));
        public static Tail Nothing { get; } = new(false, Expression.Never);

        public static Tail NotZero { get; } = new(false, new Sequence(
            new Repeat(Expression.Text("0"), 0, Repeat.Unlimited), Digits('1', '9'), new Repeat(JsonSyntax.Digit, 0, Repeat.Unlimited)));

        public Expression Behind(Expression digit) => new Sequence(digit, CanStop ? More.Optional() : More);

        public Expression AsFraction()
        {
            Expression fraction = new Sequence(Expression.Text("."), More);
            return CanStop ? fraction.Optional() : fraction;
        }
    }

    /// <summary>All integers from one to another; null for no bound.</summary>
    public static Expression Integers(BigInteger? min, BigInteger? max)
    {
        List<Expression> choices = [];
        if (min is null || min < 0)
        {
            BigInteger from = max is null || max >= 0 ? 1 : -max.Value;
            if (min is null || from <= -min)
                choices.Add(new Sequence(Expression.Text("-"), NotNegative(from, -min)));
        }
        if (max is null || max >= 0)
        {
            BigInteger from = min is null || min < 0 ? 0 : min.Value;
            if (max is null || from <= max)
                choices.Add(NotNegative(from, max));
        }
        return new Choice([.. choices]);
    }

    /// <summary>All decimal numbers between two bounds.</summary>
    public static Expression Decimals(Bound? min, Bound? max)
    {
        Bound zero = new(default, true);
        List<Expression> choices = [];
        // Below zero by the mirror; zero itself has no sign.
        if (min is not { } low || low.Value.Unscaled.Sign < 0)
        {
            Bound from = max is { } m && m.Value.Unscaled.Sign < 0 ? m with { Value = m.Value.Negated } : zero with { Included = false };
            Bound? to = min is { } n ? n with { Value = n.Value.Negated } : null;
            choices.Add(new Sequence(Expression.Text("-"), NotNegative(from, to)));
        }
        if (max is not { } high || high.Value.Unscaled.Sign >= 0)
            choices.Add(NotNegative(min is { } m && m.Value.Unscaled.Sign >= 0 ? m : zero, max));
        return new Choice([.. choices]);
    }

    static Expression NotNegative(Bound min, Bound? max)
    {
        BigInteger first = min.Value.Floor;
        string low = min.Value.Fraction;
        if (max is not { } to)
            return new Choice(new Sequence(Number(first), Above(low, 0, min.Included).AsFraction()),
                new Sequence(NotNegative(first + 1, null), Tail.Any.AsFraction()));
        BigInteger last = to.Value.Floor;
        string high = to.Value.Fraction;
        if (first > last)
            return Expression.Never;
        if (first == last)
            return new Sequence(Number(first), Between(low, min.Included, high, to.Included, 0).AsFraction());
        List<Expression> choices = [
            new Sequence(Number(first), Above(low, 0, min.Included).AsFraction()),
            new Sequence(Number(last), Below(high, 0, to.Included).AsFraction())];
        if (last - first > 1)
            choices.Add(new Sequence(NotNegative(first + 1, last - 1), Tail.Any.AsFraction()));
        return new Choice([.. choices]);
    }

    // Digits from place k on that make the fraction at least the bound, equal to it so far.
    static Tail Above(string bound, int k, bool included)
    {
        if (k >= bound.Length)
            return included ? Tail.Any : Tail.NotZero;
        char d = bound[k];
        return new Tail(false, new Choice(
            d < '9' ? Tail.Any.Behind(Digits((char)(d + 1), '9')) : Expression.Never,
            Above(bound, k + 1, included).Behind(Digits(d, d))));
    }

    static Tail Below(string bound, int k, bool included)
    {
        if (k >= bound.Length)
            return included ? Tail.Zeros : Tail.Nothing;
        char d = bound[k];
        return new Tail(true, new Choice(
            d > '0' ? Tail.Any.Behind(Digits('0', (char)(d - 1))) : Expression.Never,
            Below(bound, k + 1, included).Behind(Digits(d, d))));
    }

    static Tail Between(string low, bool lowIncluded, string high, bool highIncluded, int k)
    {
        bool lowDone = k >= low.Length, highDone = k >= high.Length;
        if (lowDone && highDone)
            return lowIncluded && highIncluded ? Tail.Zeros : Tail.Nothing;
        char from = lowDone ? '0' : low[k], to = highDone ? '0' : high[k];
        if (from > to)
            return Tail.Nothing;
        bool canStop = lowDone && lowIncluded && !highDone;
        if (from == to)
            return new Tail(canStop, Between(low, lowIncluded, high, highIncluded, k + 1).Behind(Digits(from, from)));
        return new Tail(canStop, new Choice(
            Above(low, k + 1, lowIncluded).Behind(Digits(from, from)),
            to - from > 1 ? Tail.Any.Behind(Digits((char)(from + 1), (char)(to - 1))) : Expression.Never,
            Below(high, k + 1, highIncluded).Behind(Digits(to, to))));
    }

    // Integers that are not negative, by their number of digits.
    static Expression NotNegative(BigInteger min, BigInteger? max)
    {
        string low = min.ToString(CultureInfo.InvariantCulture), high = max?.ToString(CultureInfo.InvariantCulture) ?? "";
        if (max is not null && low.Length == high.Length)
            return SameLength(low, high, 0);
        List<Expression> choices = [SameLength(low, new string('9', low.Length), 0)];
        if (max is null || high.Length - low.Length > 1)
            choices.Add(new Sequence(Digits('1', '9'), new Repeat(JsonSyntax.Digit, low.Length, max is null ? Repeat.Unlimited : high.Length - 2)));
        if (max is not null)
            choices.Add(SameLength("1" + new string('0', high.Length - 1), high, 0));
        return new Choice([.. choices]);
    }

    static Expression SameLength(string low, string high, int k)
    {
        if (k == low.Length)
            return Expression.Empty;
        if (low[k] == high[k])
            return new Sequence(Digits(low[k], low[k]), SameLength(low, high, k + 1));
        int rest = low.Length - k - 1;
        return new Choice(
            new Sequence(Digits(low[k], low[k]), SameLength(low, new string('9', low.Length), k + 1)),
            high[k] - low[k] > 1 ? new Sequence(Digits((char)(low[k] + 1), (char)(high[k] - 1)), new Repeat(JsonSyntax.Digit, rest, rest)) : Expression.Never,
            new Sequence(Digits(high[k], high[k]), SameLength(new string('0', low.Length), high, k + 1)));
    }

    static Expression Digits(char from, char to) => new AnyByte(ByteSet.Range(from, to));

    static Expression Number(BigInteger number) => Expression.Text(number.ToString(CultureInfo.InvariantCulture));
}
