// Functions by name. One that is not known (f(x)) is some function all the same: equal arguments give equal values.
using System.Numerics;

namespace Fathom.Evaluation.Graders.Mathematics;

internal sealed partial class Evaluator
{
    const int MaxFactorial = 3000;

    bool inAngle;

    Value OfCall(Call call)
    {
        var arguments = new Value[call.Arguments.Count];
        // sin 30° and sin(90° - x) take degrees; elsewhere the sign of degrees is a unit.
        bool outer = inAngle;
        inAngle = outer || call.Function is "sin" or "cos" or "tan" or "cot" or "sec" or "csc" or "cis";
        for (int i = 0; i < arguments.Length; i++)
        {
            arguments[i] = Evaluate(call.Arguments[i]);
            if (arguments[i].IsUndefined)
                return Value.Undefined;
        }
        inAngle = outer;
        if (call.Function.StartsWith("function ", StringComparison.Ordinal))
            return Unknown(call.Function, arguments);
        if (call.Function is "gcd" or "lcm" or "min" or "max")
            return OfMany(call.Function, arguments);
        if (arguments.Length == 2)
        {
            return call.Function switch
            {
                "root" => arguments[1] is { IsExact: true, Exact: { IsInteger: true, Numerator: var degree } } && degree > 0 && degree <= 1000
                    ? Root(arguments[0], (int)degree) : Raise(arguments[0], Divide(Rational.One, arguments[1])),
                "binomial" => Binomial(arguments[0], arguments[1]),
                _ => Value.Undefined,
            };
        }
        return arguments.Length == 1 ? OfOne(call.Function, arguments[0]) : Value.Undefined;
    }

    Value OfOne(string function, Value x)
    {
        if (x.IsInfinite)
            return function is "abs" ? Value.PositiveInfinity : function is "degree" or "percent" ? x : Value.Undefined;
        switch (function)
        {
            case "degree":
                return inAngle ? Multiply(x, Ball.Pi / Ball.Of(180)) : x;
            case "percent":
                return Divide(x, (Rational)100);
            case "abs":
                return x.IsExact ? x.Exact.Abs() : x.Ball.Abs();
            case "re":
                return x.IsExact ? x : x.Ball.Re;
            case "im":
                return x.IsExact ? Rational.Zero : x.Ball.Im;
            case "sgn":
                return x.Sign is int sign ? (Rational)sign : Value.Undefined;
            case "floor" or "ceil":
                return Rounded(x, up: function == "ceil");
            case "factorial":
                return Factorial(x);
            case "ln" or "log":
                // log without a base is to base ten for numbers; as every comparison uses the same meaning, this only matters beside ln.
                Value natural = Ln(x);
                return function == "ln" ? natural : Divide(natural, Ln((Rational)10));
        }
        return Transcendental(function, x);
    }

    Value Ln(Value x)
    {
        if (x.IsExact && x.Exact == Rational.One)
            return Rational.Zero;
        if (x.Ball.ContainsZero)
            return Value.Undefined;
        work.Charge(150);
        LeftReals |= x.IsReal && x.Ball.Re.Sign < 0;
        return x.Ball.Ln();
    }

    Value Transcendental(string function, Value x)
    {
        work.Charge(120);
        var ball = x.Ball;
        switch (function)
        {
            case "sin" or "cos" or "tan" or "cot" or "sec" or "csc":
                var (sin, cos) = ball.SinCos();
                return function switch
                {
                    "sin" => sin,
                    "cos" => cos,
                    "tan" => Divide(sin, cos),
                    "cot" => Divide(cos, sin),
                    "sec" => Divide(Rational.One, cos),
                    _ => Divide(Rational.One, sin),
                };
            case "cis":
                var (im, re) = ball.SinCos();
                return Add(re, Multiply(ComplexBall.I, im));
            case "sinh" or "cosh" or "tanh":
                ComplexBall up = ball.Exp(), down = (-ball).Exp();
                return function switch
                {
                    "sinh" => Multiply(up - down, Ball.Half),
                    "cosh" => Multiply(up + down, Ball.Half),
                    _ => Divide(up - down, up + down),
                };
            case "arctan" or "arccot" when ball.IsReal:
                Ball angle = Ball.Atan2(ball.Re, Ball.One);
                return function == "arctan" ? angle : Ball.Pi.Scale(-1) - angle;
            case "arcsin" or "arccos" when ball.IsReal:
                Ball other = Ball.One - ball.Re * ball.Re;
                if (other.Sign < 0 && !other.ContainsZero)
                    return Value.Undefined;
                Ball root = other.Sign < 0 ? Ball.Zero : other.Sqrt();
                return function == "arcsin" ? Ball.Atan2(ball.Re, root) : Ball.Atan2(root, ball.Re);
            case "arg" when !ball.ContainsZero:
                return Ball.Atan2(ball.Im, ball.Re);
            default:
                return Value.Undefined;
        }
    }

    Value Rounded(Value x, bool up)
    {
        if (up)
            return Negate(Rounded(Negate(x), up: false));
        if (x.IsExact)
            return (Rational)x.Exact.Floor();
        return x.IsReal && x.Ball.Re.Floor() is { } floor ? (Rational)floor : Value.Undefined;
    }

    Value Factorial(Value x)
    {
        if (!x.IsExact || !x.Exact.IsInteger || x.Exact.Sign < 0)
            return Value.Undefined;
        if (x.Exact.Numerator > MaxFactorial)
            throw new WorkExceededException("a factorial of more than " + MaxFactorial);
        var result = BigInteger.One;
        for (int n = (int)x.Exact.Numerator; n > 1; n--)
        {
            result *= n;
            if ((n & 15) == 0)
                work.Charge(1 + result.GetBitLength() / 256);
        }
        return Keep(result);
    }

    Value Binomial(Value n, Value k)
    {
        if (!k.IsExact || !k.Exact.IsInteger)
            return Value.Undefined;
        if (k.Exact.Sign < 0)
            return Rational.Zero;
        var below = k.Exact.Numerator;
        if (n.IsExact && n.Exact.IsInteger && n.Exact.Sign >= 0)
            below = BigInteger.Min(below, n.Exact.Numerator - below);
        if (below.Sign < 0)
            return Rational.Zero;
        if (below > MaxFactorial)
            throw new WorkExceededException("a binomial of more than " + MaxFactorial);
        Value result = Rational.One;
        for (int i = 0; i < below; i++)
            result = Divide(Multiply(result, Add(n, (Rational)(-i))), (Rational)(i + 1));
        return result;
    }

    Value OfMany(string function, Value[] arguments)
    {
        if (arguments.Length == 0 || !arguments.All(x => x.IsExact && (function is "min" or "max" || x.Exact.IsInteger)))
            return Value.Undefined;
        Rational result = arguments[0].Exact;
        foreach (var argument in arguments)
        {
            work.Charge(1 + argument.Exact.Bits / 64);
            Rational other = argument.Exact;
            if (function is "min" or "max")
                result = result.CompareTo(other) < 0 == (function == "max") ? other : result;
            else
            {
                var divisor = BigInteger.GreatestCommonDivisor(result.Numerator, other.Numerator);
                result = function == "gcd" ? divisor : divisor.IsZero ? BigInteger.Zero : BigInteger.Abs(result.Numerator / divisor * other.Numerator);
            }
        }
        return Keep(result);
    }

    // A quadratic whose coefficients come from the name and the place of the argument.
    Value Unknown(string name, Value[] arguments)
    {
        Value result = SamplePoint.Of(name, 0);
        for (int i = 0; i < arguments.Length; i++)
        {
            Value x = arguments[i];
            Value term = Multiply(x, Add(SamplePoint.Of(name, 2 * i + 1), Multiply(x, SamplePoint.Of(name, 2 * i + 2))));
            result = Add(result, term);
        }
        return result;
    }
}
