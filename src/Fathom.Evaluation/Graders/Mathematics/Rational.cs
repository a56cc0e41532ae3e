// Exact fractions of integers of any size, within a limit on bits.
using System.Globalization;
using System.Numerics;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>A fraction in lowest terms with a positive denominator.</summary>
internal readonly struct Rational : IEquatable<Rational>, IComparable<Rational>
{
    /// <summary>Bits a numerator or denominator may have; more is given up. 3,000! has 30,400.</summary>
    public const long MaxBits = 1 << 15;

    readonly BigInteger denominatorMinusOne;

    Rational(BigInteger numerator, BigInteger denominator)
    {
        Numerator = numerator;
        denominatorMinusOne = denominator - 1;
    }

    /// <summary>0.</summary>
    public static Rational Zero => default;

    /// <summary>1.</summary>
    public static Rational One => new(1, 1);

    public BigInteger Numerator { get; }

    public BigInteger Denominator => denominatorMinusOne + 1;

    public bool IsInteger => denominatorMinusOne.IsZero;

    public bool IsZero => Numerator.IsZero;

    public int Sign => Numerator.Sign;

    /// <summary>The longer of the two parts.</summary>
    public long Bits => Math.Max(Numerator.GetBitLength(), denominatorMinusOne.GetBitLength());

    public static implicit operator Rational(BigInteger value) => new(value, 1);

    public static implicit operator Rational(long value) => new(value, 1);

    /// <summary>A fraction from any two integers.</summary>
    /// <exception cref="DivideByZeroException">The denominator is 0.</exception>
    public static Rational Of(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero)
            throw new DivideByZeroException();
        if (denominator.IsOne)
            return new(numerator, denominator);
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
        if (denominator.Sign < 0)
            divisor = -divisor;
        return new(numerator / divisor, denominator / divisor);
    }

    public static Rational operator +(Rational a, Rational b) => a.IsInteger && b.IsInteger
        ? new(a.Numerator + b.Numerator, 1) : Of(a.Numerator * b.Denominator + b.Numerator * a.Denominator, a.Denominator * b.Denominator);

    public static Rational operator -(Rational a) => new(-a.Numerator, a.Denominator);

    public static Rational operator -(Rational a, Rational b) => a + -b;

    public static Rational operator *(Rational a, Rational b) => Of(a.Numerator * b.Numerator, a.Denominator * b.Denominator);

    public static Rational operator /(Rational a, Rational b) => Of(a.Numerator * b.Denominator, a.Denominator * b.Numerator);

    public static bool operator ==(Rational a, Rational b) => a.Equals(b);

    public static bool operator !=(Rational a, Rational b) => !a.Equals(b);

    public Rational Abs() => new(BigInteger.Abs(Numerator), Denominator);

    /// <summary>The largest integer that is not above the number.</summary>
    public BigInteger Floor()
    {
        var quotient = BigInteger.DivRem(Numerator, Denominator, out var rest);
        return rest.Sign < 0 ? quotient - 1 : quotient;
    }

    /// <summary>An integer power; the caller has made sure that the result stays within the limit and that 0 has no negative power.</summary>
    public Rational Pow(int exponent)
    {
        var (top, bottom) = exponent < 0 ? (Denominator, Numerator) : (Numerator, Denominator);
        int times = Math.Abs(exponent);
        BigInteger numerator = BigInteger.Pow(top, times), denominator = BigInteger.Pow(bottom, times);
        return denominator.Sign < 0 ? new(-numerator, -denominator) : new(numerator, denominator);
    }

    public bool Equals(Rational other) => Numerator == other.Numerator && denominatorMinusOne == other.denominatorMinusOne;

    public override bool Equals(object? obj) => obj is Rational other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Numerator, denominatorMinusOne);

    public int CompareTo(Rational other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    public override string ToString() => IsInteger
        ? Numerator.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{Numerator}/{Denominator}");
}
