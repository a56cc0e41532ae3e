// Real numbers of 256 bits that carry a bound on their own error, so that "different" is proven and "equal" means equal in some seventy digits.
using System.Numerics;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>All reals within <c>radius</c> units of a midpoint: <c>(mantissa ± radius) · 2^exponent</c>. Every operation returns a ball that
/// contains the results of all pairs of reals from its operands.</summary>
internal readonly partial struct Ball
{
    /// <summary>Bits a mantissa keeps.</summary>
    public const int Precision = 256;

    /// <summary>Numbers beyond 2^±this are given up.</summary>
    public const long MaxExponent = 1 << 14;

    // The radius is computed in doubles; this covers their rounding.
    const double Slack = 1 + 1e-9;

    readonly BigInteger mantissa;
    readonly long exponent;
    readonly double radius;

    Ball(BigInteger mantissa, long exponent, double radius)
    {
        long excess = mantissa.GetBitLength() - Precision;
        if (excess > 0)
        {
            mantissa >>= (int)excess;
            exponent += excess;
            radius = Math.ScaleB(radius, -(int)excess) * Slack + 1;
        }
        if (Math.Abs(exponent) > 2 * MaxExponent || !double.IsFinite(radius))
            throw new WorkExceededException("a number beyond 2^" + MaxExponent);
        this.mantissa = mantissa;
        this.exponent = mantissa.IsZero && radius == 0 ? 0 : exponent;
        this.radius = radius;
    }

    public static Ball Zero => default;

    public static Ball One => new(1, 0, 0);

    public static Ball Half => new(1, -1, 0);

    /// <summary>Whether the number is known without error.</summary>
    public bool IsExact => radius == 0;

    /// <summary>Exactly 0.</summary>
    public bool IsExactZero => mantissa.IsZero && radius == 0;

    /// <summary>Whether 0 lies within the ball.</summary>
    public bool ContainsZero => Size <= radius * Slack;

    /// <summary>Sign of the midpoint.</summary>
    public int Sign => mantissa.Sign;

    double Size => (double)BigInteger.Abs(mantissa);

    /// <summary>The number lies below 2^this.</summary>
    public long Magnitude => mantissa.IsZero ? exponent + RadiusBits : Math.Max(mantissa.GetBitLength(), RadiusBits) + 1 + exponent;

    /// <summary>The error lies below 2^this.</summary>
    public long ErrorMagnitude => radius == 0 ? long.MinValue / 2 : exponent + RadiusBits;

    long RadiusBits => radius == 0 ? 0 : Math.ILogB(radius) + 1;

    public static Ball Of(Rational value)
    {
        if (value.IsInteger)
            return new(value.Numerator, 0, 0);
        if (value.Denominator.IsPowerOfTwo)
            return new(value.Numerator, 1 - value.Denominator.GetBitLength(), 0);
        int shift = (int)Math.Max(0, Precision + 2 + value.Denominator.GetBitLength() - value.Numerator.GetBitLength());
        return new((value.Numerator << shift) / value.Denominator, -shift, 1);
    }

    public static Ball operator -(Ball a) => new(-a.mantissa, a.exponent, a.radius);

    public static Ball operator +(Ball a, Ball b)
    {
        if (a.IsExactZero)
            return b;
        if (b.IsExactZero)
            return a;
        if (a.exponent < b.exponent)
            (a, b) = (b, a);
        long gap = a.exponent - b.exponent;
        // Too far apart: the smaller one is less than one unit of the larger one's last place.
        if (gap > 3 * Precision)
            return new(a.mantissa << Precision, a.exponent - Precision, Math.ScaleB(a.radius, Precision) + 1 + Math.ScaleB(b.radius, -Precision));
        return new((a.mantissa << (int)gap) + b.mantissa, b.exponent, (Math.ScaleB(a.radius, (int)gap) + b.radius) * Slack);
    }

    public static Ball operator -(Ball a, Ball b) => a + -b;

    public static Ball operator *(Ball a, Ball b) => new(
        a.mantissa * b.mantissa,
        a.exponent + b.exponent,
        a.IsExact && b.IsExact ? 0 : (a.Size * b.radius + b.Size * a.radius + a.radius * b.radius) * Slack);

    /// <summary>The quotient; the divisor must not contain 0.</summary>
    public static Ball operator /(Ball a, Ball b)
    {
        double lower = b.Size / Slack - b.radius;
        if (lower <= 0)
            throw new WorkExceededException("a quotient of unknown size");
        int shift = (int)Math.Max(0, Precision + b.mantissa.GetBitLength() - a.mantissa.GetBitLength());
        var quotient = BigInteger.DivRem(a.mantissa << shift, b.mantissa, out var rest);
        double error = (Math.ScaleB(a.radius, shift) + (double)BigInteger.Abs(quotient) * b.radius) / lower * Slack;
        return new(quotient, a.exponent - b.exponent - shift, error + (rest.IsZero ? 0 : 1));
    }

    public Ball Abs() => mantissa.Sign < 0 ? -this : this;

    /// <summary>Twice to the power of <paramref name="power"/> the number.</summary>
    public Ball Scale(long power) => new(mantissa, exponent + power, radius);

    /// <summary>The number as a double, for first guesses; 0 or infinity where it is out of range.</summary>
    public double ToDouble()
    {
        if (mantissa.IsZero)
            return 0;
        long shift = mantissa.GetBitLength() - 60;
        double top = (double)(shift > 0 ? mantissa >> (int)shift : mantissa << (int)-shift);
        return Math.ScaleB(top, (int)Math.Clamp(shift + exponent, -5000, 5000));
    }

    /// <summary>The integer nearest to the midpoint, ties upwards.</summary>
    public BigInteger Round() => exponent >= 0 ? mantissa << (int)exponent : exponent < -3 * Precision ? 0 : ((mantissa >> (int)(-exponent - 1)) + 1) >> 1;

    /// <summary>The largest integer not above every number of the ball, or null where the ball spans one.</summary>
    public BigInteger? Floor()
    {
        if (Magnitude > Precision)
            return null;
        Ball nearest = new(Round(), 0, 0), rest = this - nearest;
        if (rest.IsExactZero)
            return nearest.mantissa << (int)nearest.exponent;
        if (rest.ContainsZero)
            return null;
        return Round() - (rest.Sign < 0 ? 1 : 0);
    }

    // midpoint · 2^bits, rounded down, and the error in those units (rounding included).
    (BigInteger Value, double Error) ToFixed(int bits)
    {
        long shift = exponent + bits;
        if (shift >= 0)
            return (mantissa << (int)shift, Math.ScaleB(radius, (int)shift));
        return shift < -4 * Precision ? (BigInteger.Zero, 1 + Math.ScaleB(radius, (int)Math.Max(shift, -5000))) : (mantissa >> (int)-shift, Math.ScaleB(radius, (int)shift) + 1);
    }
}
