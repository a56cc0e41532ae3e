// What an expression is worth at a point: an exact fraction where that is possible, a complex number with an error bound otherwise.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>A number, infinity, or nothing.</summary>
internal readonly struct Value
{
    readonly ComplexBall ball;

    enum Kind : byte { Undefined, Exact, Inexact, Infinity }

    readonly Kind kind;

    Value(Kind kind, Rational exact, ComplexBall ball)
    {
        this.kind = kind;
        Exact = exact;
        this.ball = ball;
    }

    /// <summary>No value: a division by 0, a logarithm of 0, a binomial of something that is no integer.</summary>
    public static Value Undefined => default;

    public static Value PositiveInfinity { get; } = new(Kind.Infinity, Rational.One, default);

    public static Value NegativeInfinity { get; } = new(Kind.Infinity, -Rational.One, default);

    public bool IsUndefined => kind == Kind.Undefined;

    public bool IsExact => kind == Kind.Exact;

    public bool IsInfinite => kind == Kind.Infinity;

    /// <summary>The fraction, or the sign of infinity.</summary>
    public Rational Exact { get; }

    public bool IsReal => kind == Kind.Exact || kind == Kind.Inexact && ball.IsReal;

    public ComplexBall Ball => kind == Kind.Exact ? Mathematics.Ball.Of(Exact) : ball;

    public static implicit operator Value(Rational exact) => new(Kind.Exact, exact, default);

    public static implicit operator Value(ComplexBall ball) => new(Kind.Inexact, default, ball);

    public static implicit operator Value(Ball ball) => new(Kind.Inexact, default, ball);

    /// <summary>Sign of a real number; null where it may be 0 without being known to be, or is not real.</summary>
    public int? Sign
    {
        get
        {
            if (kind is Kind.Exact or Kind.Infinity)
                return Exact.Sign;
            return IsReal && !ball.Re.ContainsZero ? ball.Re.Sign : null;
        }
    }

    /// <summary>Whether two values may be the same number; false is proven.</summary>
    public static bool MayBeEqual(Value a, Value b)
    {
        if (a.IsUndefined || b.IsUndefined)
            return false;
        if (a.IsInfinite || b.IsInfinite)
            return a.IsInfinite && b.IsInfinite && a.Exact == b.Exact;
        return a.IsExact && b.IsExact ? a.Exact == b.Exact : (a.Ball - b.Ball).ContainsZero;
    }
}
