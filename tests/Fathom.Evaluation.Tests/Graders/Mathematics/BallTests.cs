// The numbers with error bounds: digits that are in every table, and the promise that a ball contains the true value.
using System.Globalization;
using System.Numerics;
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Tests.Graders.Mathematics;

public sealed class BallTests
{
    static Rational Decimal(string digits) => Rational.Of(
        BigInteger.Parse(digits.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), BigInteger.Pow(10, digits.Length - digits.IndexOf('.', StringComparison.Ordinal) - 1));

    // The printed digits differ from the number by at most one unit of their last place.
    static void AssertDigits(string digits, Ball actual)
    {
        Rational unit = Rational.Of(1, BigInteger.Pow(10, digits.Length - digits.IndexOf('.', StringComparison.Ordinal) - 1));
        Ball rest = (actual - Ball.Of(Decimal(digits))).Abs() - Ball.Of(unit);
        Assert.True(rest.Sign < 0 && !rest.ContainsZero, digits);
        Assert.True(actual.ErrorMagnitude < actual.Magnitude - 240, "the error is too large for " + digits);
    }

    [Fact]
    public void Constants_HaveTheirDigits()
    {
        AssertDigits("3.1415926535897932384626433832795028841971693993751058209749445923078164", Ball.Pi);
        AssertDigits("2.7182818284590452353602874713526624977572470936999595749669676277240766", Ball.E);
        AssertDigits("0.6931471805599453094172321214581765680755001343602552541206800094933936", Ball.Ln2);
        AssertDigits("1.4142135623730950488016887242096980785696718753769480731766797379907324", Ball.Of(2).Sqrt());
        AssertDigits("2.3025850929940456840179914546843642076011014886287729760333279009675726", Ball.Of(10).Ln());
        AssertDigits("0.8414709848078965066525023216302989996225630607983710656727517099919104", Ball.One.SinCos().Sin);
        AssertDigits("0.5403023058681397174009366074429766037323104206179222276700972553811003", Ball.One.SinCos().Cos);
        AssertDigits("0.7853981633974483096156608458198757210492923498437764552437361480769541", Ball.Atan2(Ball.One, Ball.One));
        AssertDigits("22026.465794806716516957900645284244366353512618556781074235426355225202", Ball.Of(10).Exp());
    }

    // Rational arithmetic beside balls that were blurred on purpose: the exact result stays inside.
    [Fact]
    public void Arithmetic_ContainsTheExactResult()
    {
        var random = new Random(1);
        for (int i = 0; i < 2000; i++)
        {
            Rational a = Fraction(random), b = Fraction(random);
            Ball x = Blur(a), y = Blur(b);
            AssertContains(a + b, x + y);
            AssertContains(a - b, x - y);
            AssertContains(a * b, x * y);
            if (!b.IsZero)
                AssertContains(a / b, x / y);
            AssertContains(a, (x + y) - y);
            AssertContains(a.Abs() * a.Abs(), Square(x.Abs()));
            Ball root = x.Abs().Sqrt();
            AssertContains(a.Abs(), root * root);
        }
    }

    static Ball Square(Ball x) => x * x;

    // A seventh, seven times: the value is the same, the error is not 0.
    static Ball Blur(Rational value) => Ball.Of(value / 7) * Ball.Of(7);

    static Rational Fraction(Random random)
    {
        byte[] bytes = new byte[random.Next(1, 40)];
        random.NextBytes(bytes);
        return Rational.Of(new BigInteger(bytes), BigInteger.Pow(10, random.Next(0, 40)) + random.Next(1, 100));
    }

    static void AssertContains(Rational exact, Ball ball) => Assert.True((ball - Ball.Of(exact)).ContainsZero, exact.ToString());

    [Fact]
    public void Functions_UndoEachOther()
    {
        var random = new Random(2);
        for (int i = 0; i < 200; i++)
        {
            Rational value = Rational.Of(random.NextInt64(1, 1L << 50), 1L << random.Next(20, 50));
            Ball x = Ball.Of(value);
            AssertClose(x, x.Ln().Exp());
            if (x.Magnitude < 10)
                AssertClose(x, x.Exp().Ln());
            var (sin, cos) = x.SinCos();
            AssertClose(Ball.One, sin * sin + cos * cos);
            var (turnedSin, turnedCos) = Ball.Atan2(x, Ball.One).SinCos();
            AssertClose(x, turnedSin / turnedCos);
            var (backSin, backCos) = Ball.Atan2(-sin, -cos).SinCos();
            AssertClose(-sin, backSin);
            AssertClose(-cos, backCos);
        }
    }

    // The difference may be 0 and is small: a wide ball would prove nothing.
    static void AssertClose(Ball expected, Ball actual)
    {
        Ball difference = expected - actual;
        Assert.True(difference.ContainsZero, "the balls do not meet");
        Assert.True(difference.Magnitude < Math.Max(expected.Magnitude, 0) - 200, "the balls are too wide");
    }

    [Fact]
    public void IntegerSqrt_IsTheFloor()
    {
        var random = new Random(3);
        for (int i = 0; i < 500; i++)
        {
            byte[] bytes = new byte[random.Next(1, 80)];
            random.NextBytes(bytes);
            var value = new BigInteger(bytes, isUnsigned: true);
            var root = Ball.IntegerSqrt(value);
            Assert.True(root * root <= value && (root + 1) * (root + 1) > value, value.ToString(CultureInfo.InvariantCulture));
        }
    }
}
