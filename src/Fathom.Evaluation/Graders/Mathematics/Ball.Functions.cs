// Elementary functions of balls: Taylor series in fixed point after a reduction of the argument, Newton's method for the inverse functions.
using System.Numerics;

namespace Fathom.Evaluation.Graders.Mathematics;

internal readonly partial struct Ball
{
    // Fixed point keeps more bits than a mantissa, so that the rounding of some hundred terms stays below one unit of the mantissa.
    const int FixedBits = Precision + 64;

    static readonly BigInteger FixedOne = BigInteger.One << FixedBits;

    // Error of a series in units of 2^-FixedBits: fewer than 200 roundings of at most 1 unit, grown by at most 2^20 in the squarings of Exp.
    static readonly double SeriesError = Math.ScaleB(1, 32);

    static readonly BigInteger FixedLn2 = 2 * InverseSeries(3, alternating: false, FixedBits + 64);
    static readonly BigInteger FixedPi = 16 * InverseSeries(5, alternating: true, FixedBits + 64) - 4 * InverseSeries(239, alternating: true, FixedBits + 64);

    /// <summary>π.</summary>
    public static Ball Pi { get; } = new(FixedPi, -FixedBits - 64, 1e4);

    /// <summary>The natural logarithm of 2.</summary>
    public static Ball Ln2 { get; } = new(FixedLn2, -FixedBits - 64, 1e4);

    /// <summary>Euler's number.</summary>
    public static Ball E { get; } = One.Exp();

    // atan(1/x) (alternating) or atanh(1/x) in fixed point.
    static BigInteger InverseSeries(int x, bool alternating, int bits)
    {
        BigInteger power = (BigInteger.One << bits) / x, sum = power;
        for (int k = 3; !power.IsZero; k += 2)
        {
            power /= x * x;
            sum += (alternating && k % 4 == 3 ? -power : power) / k;
        }
        return sum;
    }

    /// <summary>The square root; the midpoint must not be negative.</summary>
    public Ball Sqrt()
    {
        if (IsExactZero)
            return this;
        if (ContainsZero)
            return new Ball(0, 0, 1).Scale((Magnitude + 2) / 2 + 1);
        long shift = Math.Max(0, 2 * Precision + 2 - mantissa.GetBitLength());
        if (((exponent - shift) & 1) != 0)
            shift++;
        var square = mantissa << (int)shift;
        var root = IntegerSqrt(square);
        // |√A - √a| <= |A - a| / √a, with a the smaller of both.
        double lower = Size / Slack - radius;
        double error = radius == 0 ? 0 : Math.ScaleB(radius / Math.Sqrt(lower) * Slack, (int)(shift / 2) + 1);
        return new(root, (exponent - shift) / 2, error + (root * root == square ? 0 : 1));
    }

    /// <summary>The largest integer whose square is not above the number.</summary>
    public static BigInteger IntegerSqrt(BigInteger value)
    {
        if (value.IsZero)
            return value;
        long bits = value.GetBitLength();
        int drop = (int)Math.Max(0, bits - 100) & ~1;
        // The first guess is above the root, so Newton's method comes down and stops at the floor.
        var root = (new BigInteger(Math.Sqrt((double)(value >> drop)) * (1 + 1e-12)) + 1) << (drop / 2);
        while (true)
        {
            var next = (root + value / root) >> 1;
            if (next >= root)
                return root;
            root = next;
        }
    }

    /// <summary>e to the power of the number.</summary>
    public Ball Exp()
    {
        if (IsExactZero)
            return One;
        if (Magnitude > 16)
            throw new WorkExceededException("an exponential beyond 2^" + MaxExponent);
        var n = (this / Ln2).Round();
        const int halvings = 16;
        var (r, error) = (this - new Ball(n, 0, 0) * Ln2).ToFixed(FixedBits);
        r >>= halvings;
        BigInteger term = FixedOne, sum = FixedOne;
        for (int k = 1; !term.IsZero && k < 200; k++)
        {
            term = (term * r >> FixedBits) / k;
            if (term == BigInteger.MinusOne)
                break;
            sum += term;
        }
        for (int i = 0; i < halvings; i++)
            sum = sum * sum >> FixedBits;
        // |e^(r+d) - e^r| <= 2 · d · e^r for small d, and e^r < 1.5.
        return new Ball(sum, -FixedBits, error * 4 + SeriesError).Scale((long)n);
    }

    /// <summary>The natural logarithm; the number must be positive.</summary>
    public Ball Ln()
    {
        double lower = Size / Slack - radius;
        if (mantissa.Sign <= 0 || lower <= 0)
            throw new WorkExceededException("a logarithm of unknown size");
        long power = mantissa.GetBitLength() + exponent;
        Ball m = new(mantissa, exponent - power, 0);
        if (m.mantissa.IsPowerOfTwo)
            return Widen(new Ball(power - 1, 0, 0) * Ln2, radius / lower);
        Ball y = FromDouble(Math.Log(m.ToDouble()));
        for (int i = 0; i < 2; i++)
        {
            // Newton's method on the symmetric form: the number of right digits triples, 15, 45, 135.
            Ball guess = y.Exp();
            y = y.Midpoint() + ((m - guess) / (m + guess)).Scale(1).Midpoint();
        }
        Ball check = y.Exp();
        Ball rest = (m - check) / m;
        // What is left of the error is read off: |ln m - y| <= 2 |m / e^y - 1|.
        return Widen(y + new Ball(power, 0, 0) * Ln2, radius / lower) + rest.Scale(1).Spread();
    }

    /// <summary>Sine and cosine.</summary>
    public (Ball Sin, Ball Cos) SinCos()
    {
        if (IsExactZero)
            return (Zero, One);
        if (Magnitude > 128)
            throw new WorkExceededException("an angle beyond 2^128");
        Ball quarter = Pi.Scale(-1);
        var n = (this / quarter).Round();
        var (r, error) = (this - new Ball(n, 0, 0) * quarter).ToFixed(FixedBits);
        BigInteger square = r * r >> FixedBits, cos = FixedOne, sin = r, cosTerm = FixedOne, sinTerm = r;
        for (int k = 2; k < 200 && (!cosTerm.IsZero || !sinTerm.IsZero); k += 2)
        {
            cosTerm = -(cosTerm * square >> FixedBits) / (k * (k - 1));
            sinTerm = -(sinTerm * square >> FixedBits) / (k * (k + 1));
            cos += cosTerm;
            sin += sinTerm;
        }
        error += SeriesError;
        Ball s = new(sin, -FixedBits, error), c = new(cos, -FixedBits, error);
        return (int)(((n % 4) + 4) % 4) switch { 0 => (s, c), 1 => (c, -s), 2 => (-s, -c), _ => (-c, s) };
    }

    /// <summary>The angle of the point (<paramref name="x"/>, <paramref name="y"/>), above -π and at most π; not both may contain 0.</summary>
    public static Ball Atan2(Ball y, Ball x)
    {
        if (y.IsExactZero)
            return x.Sign > 0 ? Zero : Pi;
        if (Math.Abs(x.Scale(-y.Magnitude).ToDouble()) <= Math.Abs(y.Scale(-y.Magnitude).ToDouble()))
        {
            Ball turned = (x / y).AtanSmall();
            return (y.Sign > 0 ? Pi.Scale(-1) : -Pi.Scale(-1)) - turned;
        }
        Ball angle = (y / x).AtanSmall();
        return x.Sign > 0 ? angle : y.Sign > 0 ? angle + Pi : angle - Pi;
    }

    // The arc tangent of a number of at most about 1.
    Ball AtanSmall()
    {
        if (IsExactZero)
            return this;
        Ball x = Midpoint(), y = FromDouble(Math.Atan(x.ToDouble()));
        Ball rest = Zero;
        for (int i = 0; i < 3; i++)
        {
            // y - tan(y - atan x): the number of right digits triples; the third step shows what is left.
            var (sin, cos) = y.SinCos();
            rest = (sin - x * cos) / (cos + x * sin);
            y = y.Midpoint() - rest.Midpoint();
        }
        return y + rest.Scale(1).Spread() + new Ball(0, exponent, radius);
    }

    static Ball FromDouble(double value)
    {
        if (value == 0)
            return Zero;
        int power = Math.ILogB(value) - 52;
        return new(new BigInteger(Math.ScaleB(value, -power)), power, 0);
    }

    Ball Midpoint() => new(mantissa, exponent, 0);

    // 0 with an error as large as this number and its own error.
    Ball Spread() => new(0, exponent, Size * Slack + radius + 1);

    // Adds a relative error of the argument of a logarithm.
    static Ball Widen(Ball value, double error) => error == 0 ? value : value + new Ball(0, -Precision, Math.ScaleB(error * Slack, Precision));
}
