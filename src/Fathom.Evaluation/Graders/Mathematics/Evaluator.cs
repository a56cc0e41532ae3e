// What an expression is worth where every variable has a value.
using System.Numerics;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Evaluates expressions at one point.</summary>
/// <param name="work">What it may cost.</param>
/// <param name="point">The values of variables; null where none may occur.</param>
internal sealed partial class Evaluator(WorkBudget work, Func<string, Rational>? point)
{
    // Above this a fraction at a sample point goes on as a number of 256 bits. Constants stay exact up to Rational.MaxBits.
    const long MaxSampleBits = 4096;

    /// <summary>Whether a real operand left the real line on the way (a root or logarithm of a negative number), so that the value depends on branches.</summary>
    public bool LeftReals { get; private set; }

    /// <summary>Whether a term was lost beside a much larger one, so that equality would mean nothing.</summary>
    public bool Absorbed { get; private set; }

    /// <summary>The value; undefined where there is none or where the expression is no number.</summary>
    /// <exception cref="WorkExceededException">It costs too much.</exception>
    public Value Evaluate(Expression expression)
    {
        work.Charge(1);
        return expression switch
        {
            Number number => number.Value,
            Symbol symbol => point is null ? Value.Undefined : point(symbol.Name),
            Constant constant => OfConstant(constant.Name),
            Sum sum => OfSum(sum),
            Product product => OfProduct(product),
            Quotient quotient => Divide(Evaluate(quotient.Numerator), Evaluate(quotient.Denominator)),
            Negation negation => Negate(Evaluate(negation.Operand)),
            Power power => OfPower(power),
            Call call => OfCall(call),
            BasedNumber based => OfBased(based),
            Measure measure => Evaluate(measure.Value),
            Relation { Operators: ["="] } relation => Evaluate(relation.Sides[^1]),
            _ => Value.Undefined,
        };
    }

    static Value OfConstant(string name) => name switch
    {
        "pi" => Ball.Pi,
        "e" => Ball.E,
        "i" => ComplexBall.I,
        _ => Value.PositiveInfinity,
    };

    Value OfBased(BasedNumber number)
    {
        work.Charge(number.Digits.Length);
        var value = BigInteger.Zero;
        foreach (char digit in number.Digits)
            value = value * number.Base + (digit - '0');
        return Keep(value);
    }

    Value OfSum(Sum sum)
    {
        Value total = Rational.Zero;
        foreach (var term in sum.Terms)
            total = Add(total, Evaluate(term));
        return total;
    }

    Value OfProduct(Product product)
    {
        Value total = Rational.One;
        foreach (var factor in product.Factors)
            total = Multiply(total, Evaluate(factor));
        return total;
    }

    // An exact result within the limit on its size.
    Value Keep(Rational value)
    {
        long bits = value.Bits;
        // The greatest common divisor of a fraction takes time with the square of its length.
        work.Charge(1 + bits * bits / 65_536);
        if (bits > Rational.MaxBits)
            throw new WorkExceededException("a number of more than " + Rational.MaxBits + " bits");
        return point is not null && bits > MaxSampleBits ? Ball.Of(value) : value;
    }

    Value Add(Value a, Value b)
    {
        if (a.IsUndefined || b.IsUndefined)
            return Value.Undefined;
        if (a.IsInfinite || b.IsInfinite)
            return a.IsInfinite && b.IsInfinite && a.Exact != b.Exact ? Value.Undefined : a.IsInfinite ? a : b;
        if (a.IsExact && b.IsExact)
            return Keep(a.Exact + b.Exact);
        work.Charge(1);
        ComplexBall x = a.Ball, y = b.Ball, sum = x + y;
        Absorbed |= Lost(x.Re, y.Re, sum.Re) || Lost(x.Im, y.Im, sum.Im);
        return sum;
    }

    // Whether the smaller of two terms lies below the error of their sum.
    static bool Lost(Ball a, Ball b, Ball sum) =>
        !sum.IsExact && !a.IsExactZero && !b.IsExactZero && !(a.ContainsZero || b.ContainsZero) && Math.Min(a.Magnitude, b.Magnitude) < sum.ErrorMagnitude + 16;

    static Value Negate(Value a) => a.IsUndefined ? a : a.IsInfinite ? (a.Exact.Sign > 0 ? Value.NegativeInfinity : Value.PositiveInfinity) : a.IsExact ? -a.Exact : -a.Ball;

    Value Multiply(Value a, Value b)
    {
        if (a.IsUndefined || b.IsUndefined)
            return Value.Undefined;
        if (a.IsInfinite || b.IsInfinite)
            return a.Sign is int left && b.Sign is int right && left * right != 0 ? left * right > 0 ? Value.PositiveInfinity : Value.NegativeInfinity : Value.Undefined;
        if (a.IsExact && b.IsExact)
            return Keep(a.Exact * b.Exact);
        if (a.IsExact && a.Exact.IsZero || b.IsExact && b.Exact.IsZero)
            return Rational.Zero;
        work.Charge(2);
        return a.Ball * b.Ball;
    }

    Value Divide(Value a, Value b)
    {
        if (a.IsUndefined || b.IsUndefined || a.IsInfinite && b.IsInfinite)
            return Value.Undefined;
        if (b.IsInfinite)
            return Rational.Zero;
        if (b.IsExact ? b.Exact.IsZero : b.Ball.ContainsZero)
            return Value.Undefined;
        if (a.IsInfinite)
            return Multiply(a, b);
        if (a.IsExact && b.IsExact)
            return Keep(a.Exact / b.Exact);
        work.Charge(4);
        return a.Ball / b.Ball;
    }

    Value OfPower(Power power)
    {
        Value exponent = Evaluate(power.Exponent), operand = Evaluate(power.Base);
        if (operand.IsUndefined || exponent.IsUndefined)
            return Value.Undefined;
        // e^x in one step.
        if (power.Base is Constant { Name: "e" } && !exponent.IsExact && !exponent.IsInfinite)
        {
            work.Charge(60);
            return exponent.Ball.Exp();
        }
        return Raise(operand, exponent);
    }

    Value Raise(Value operand, Value exponent)
    {
        if (operand.IsInfinite || exponent.IsInfinite)
            return operand.IsInfinite && exponent.IsExact && exponent.Exact.Sign > 0 && operand.Exact.Sign > 0 ? operand : Value.Undefined;
        if (exponent.IsExact && exponent.Exact.IsInteger)
            return IntegerPower(operand, exponent.Exact.Numerator);
        if (exponent.IsExact && exponent.Exact.Denominator <= 1000)
            return IntegerPower(Root(operand, (int)exponent.Exact.Denominator), exponent.Exact.Numerator);
        if (operand.IsExact && operand.Exact.IsZero)
            return exponent.Sign > 0 ? Rational.Zero : Value.Undefined;
        if (operand.Ball.ContainsZero)
            return Value.Undefined;
        work.Charge(150);
        LeftReals |= operand.IsReal && operand.Ball.Re.Sign < 0;
        return (operand.Ball.Ln() * exponent.Ball).Exp();
    }

    Value IntegerPower(Value operand, BigInteger exponent)
    {
        if (operand.IsUndefined)
            return operand;
        if (operand.IsExact)
        {
            if (operand.Exact.IsZero)
                return exponent.Sign > 0 ? Rational.Zero : exponent.IsZero ? Rational.One : Value.Undefined;
            if (operand.Exact.Abs() == Rational.One)
                return exponent.IsEven ? Rational.One : operand;
            if (BigInteger.Abs(exponent) * operand.Exact.Bits <= (point is null ? Rational.MaxBits : MaxSampleBits))
                return Keep(operand.Exact.Pow((int)exponent));
            if (point is null)
                throw new WorkExceededException("a power of more than " + Rational.MaxBits + " bits");
        }
        if (BigInteger.Abs(exponent) > Ball.MaxExponent)
            throw new WorkExceededException("a power beyond " + Ball.MaxExponent);
        if (exponent.Sign < 0)
            return Divide(Rational.One, IntegerPower(operand, -exponent));
        ComplexBall square = operand.Ball, result = ComplexBall.One;
        for (int n = (int)exponent; n > 0; n >>= 1)
        {
            work.Charge(4);
            if ((n & 1) != 0)
                result *= square;
            if (n > 1)
                square *= square;
        }
        return result;
    }

    // The root of a real number is real where there is a real one; otherwise it is the principal one.
    Value Root(Value operand, int degree)
    {
        if (operand.IsUndefined || degree == 1)
            return operand;
        if (operand.IsInfinite)
            return operand.Exact.Sign > 0 ? operand : Value.Undefined;
        if (operand.IsExact)
        {
            var (top, bottom) = (ExactRoot(operand.Exact.Numerator, degree), ExactRoot(operand.Exact.Denominator, degree));
            if (top is not null && bottom is not null)
                return Rational.Of(top.Value, bottom.Value);
        }
        var ball = operand.Ball;
        if (!ball.IsReal || degree == 2)
        {
            work.Charge(20);
            LeftReals |= ball.IsReal && ball.Re.Sign < 0;
            if (degree == 2)
                return ball.Sqrt();
            return ball.ContainsZero ? Value.Undefined : (ball.Ln() * Ball.Of(Rational.Of(1, degree))).Exp();
        }
        bool negative = ball.Re.Sign < 0;
        if (ball.Re.ContainsZero)
            return Value.Undefined;
        work.Charge(150);
        Ball size = (ball.Re.Abs().Ln() * Ball.Of(Rational.Of(1, degree))).Exp();
        if (!negative || degree % 2 == 1)
            return negative ? -size : size;
        LeftReals = true;
        var (sin, cos) = (Ball.Pi * Ball.Of(Rational.Of(1, degree))).SinCos();
        return new ComplexBall(size * cos, size * sin);
    }

    // The root of an integer that is a perfect power, or null; a negative one only for odd degrees.
    BigInteger? ExactRoot(BigInteger value, int degree)
    {
        if (value.IsZero || value.IsOne)
            return value;
        if (value.Sign < 0)
            return degree % 2 == 1 ? -ExactRoot(-value, degree) : null;
        work.Charge(4 + value.GetBitLength() / 64);
        if (degree == 2)
        {
            var root = Ball.IntegerSqrt(value);
            return root * root == value ? root : null;
        }
        if (value.GetBitLength() > 1000 || degree >= value.GetBitLength())
            return null;
        var guess = new BigInteger(Math.Round(Math.Pow((double)value, 1.0 / degree)));
        for (var candidate = guess - 1; candidate <= guess + 1; candidate++)
        {
            if (candidate.Sign > 0 && BigInteger.Pow(candidate, degree) == value)
                return candidate;
        }
        return null;
    }
}
