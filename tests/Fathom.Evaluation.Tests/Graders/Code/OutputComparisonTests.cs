using System.Globalization;
using System.Numerics;
using Fathom.Evaluation.Graders.Code;

namespace Fathom.Evaluation.Tests.Graders.Code;

public class OutputComparisonTests
{
    [Theory]
    [InlineData("1\n2", "1\n2\n\n", true)]
    [InlineData("1\n2", " 1 \n2  ", true)]
    [InlineData("1\r\n2\r\n", "1\n2", true)]
    [InlineData("1 2", "1  2", true)]
    [InlineData("1\n2", "1 2", false)]
    [InlineData("1\n\n2", "1\n2", false)]
    [InlineData("a b", "a  b", false)]
    [InlineData("YES", "yes", false)]
    [InlineData("1.50", "15e-1", true)]
    [InlineData("0.1", "0.10000000000000001", false)]
    [InlineData("-0", "0.0", true)]
    [InlineData("1e3", "1000", true)]
    [InlineData("nan", "nan", true)]
    [InlineData("nan", "NaN", false)]
    [InlineData("1", "", false)]
    [InlineData("", "1", false)]
    [InlineData("", "\n", true)]
    [InlineData("1 2", "1", false)]
    [InlineData("1", "1 2", false)]
    [InlineData("3", "+3", true)]
    [InlineData("3", "3.", true)]
    [InlineData("0.5", ".5", true)]
    [InlineData("1", "1x", false)]
    [InlineData("1", ".", false)]
    [InlineData("1e99999999999999999999", "2e99999999999999999999", false)]
    [InlineData("1_000", "1000", false)]
    public void Outputs(string expected, string actual, bool same) => Assert.Equal(same, OutputComparison.Same(expected, actual));

    [Fact]
    public void Numbers_AgreeWithExactArithmetic()
    {
        // Oracle: both numbers times 10^20 as whole numbers.
        Random random = new(1);
        int equal = 0;
        for (int i = 0; i < 20_000; i++)
        {
            (string left, BigInteger a) = Draw();
            (string right, BigInteger b) = Draw();
            equal += a == b ? 1 : 0;
            Assert.True(OutputComparison.Same(left, right) == (a == b), $"{left} {right}");
        }
        Assert.InRange(equal, 500, 19_500); // the draw makes both kinds

        (string Text, BigInteger Value) Draw()
        {
            string whole = random.Next(3) == 0 ? new string('0', random.Next(1, 3)) : random.Next(12).ToString(CultureInfo.InvariantCulture) + new string('0', random.Next(2));
            string fraction = new string('0', random.Next(3)) + (random.Next(2) == 0 ? "" : random.Next(3).ToString(CultureInfo.InvariantCulture)) + new string('0', random.Next(2));
            int power = random.Next(-2, 3);
            string sign = random.Next(4) == 0 ? "-" : "";
            BigInteger value = BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture) * BigInteger.Pow(10, 20 - fraction.Length + power);
            return ($"{sign}{whole}.{fraction}" + (power == 0 ? "" : $"e{power}"), sign == "-" ? -value : value);
        }
    }

    [Fact]
    public void LongOutputs_TakeLinearTime()
    {
        string digits = new('7', 1_000_000);
        Assert.True(OutputComparison.Same(digits + ".0", digits));
        Assert.False(OutputComparison.Same(digits, digits[1..] + "8"));
    }
}
