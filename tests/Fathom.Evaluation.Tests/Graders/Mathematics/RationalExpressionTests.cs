// Random expressions of rational numbers, written in LaTeX and in plain notation, against their value worked out here with big integers.
using System.Globalization;
using System.Numerics;
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Tests.Graders.Mathematics;

public sealed class RationalExpressionTests
{
    // A value as a fraction (not reduced) with the texts that stand for it. Level: 0 sum, 1 product, 2 operand.
    sealed record Sample(BigInteger Top, BigInteger Bottom, string Latex, string Plain, int Level);

    static Sample Make(Random random, int depth)
    {
        if (depth == 0 || random.Next(5) == 0)
            return Leaf(random);
        Sample a = Make(random, depth - 1), b = Make(random, depth - 1);
        switch (random.Next(6))
        {
            case 0:
                return new(a.Top * b.Bottom + b.Top * a.Bottom, a.Bottom * b.Bottom, $"{a.Latex}+{At(b, 1).Latex}", $"{a.Plain} + {At(b, 1).Plain}", 0);
            case 1:
                return new(a.Top * b.Bottom - b.Top * a.Bottom, a.Bottom * b.Bottom, $"{a.Latex}-{At(b, 1).Latex}", $"{a.Plain}-{At(b, 1).Plain}", 0);
            case 2:
                return new(a.Top * b.Top, a.Bottom * b.Bottom, $@"{At(a, 1).Latex} \cdot {At(b, 2).Latex}", $"{At(a, 1).Plain}*{At(b, 2).Plain}", 1);
            case 3:
                // Two brackets side by side multiply.
                return new(a.Top * b.Top, a.Bottom * b.Bottom, $@"\left({a.Latex}\right)\left({b.Latex}\right)", $"({a.Plain})({b.Plain})", 1);
            case 4 when !b.Top.IsZero:
                return new(a.Top * b.Bottom, a.Bottom * b.Top, $@"\frac{{{a.Latex}}}{{{b.Latex}}}", $"({a.Plain})/({b.Plain})", 1);
            default:
                int power = random.Next(0, 4);
                Sample operand = At(a, 3);
                return new(BigInteger.Pow(a.Top, power), BigInteger.Pow(a.Bottom, power), $"{operand.Latex}^{{{power}}}", $"{operand.Plain}^{power}", 2);
        }
    }

    static Sample Leaf(Random random)
    {
        int value = random.Next(0, 30), other = random.Next(2, 12);
        switch (random.Next(5))
        {
            case 0:
                string digits = (value * other).ToString("000", CultureInfo.InvariantCulture);
                return new(value * other, 100, $"{digits[..^2]}.{digits[^2..]}", $"{digits[..^2]}.{digits[^2..]}", 3);
            case 1:
                return new(value, other, $@"\frac{{{value}}}{{{other}}}", $"({value}/{other})", 2);
            case 2:
                return new(-value, 1, $"(-{value})", $"(-{value})", 3);
            default:
                return new(value, 1, value.ToString(CultureInfo.InvariantCulture), value.ToString(CultureInfo.InvariantCulture), 3);
        }
    }

    // The sample as an operand that binds at least as strongly as a level.
    static Sample At(Sample sample, int level) => sample.Level >= level ? sample : sample with { Latex = $@"\left({sample.Latex}\right)", Plain = $"({sample.Plain})", Level = 3 };

    [Fact]
    public void RandomExpressions_EqualTheirValue_AndNoOther()
    {
        var random = new Random(20261122);
        for (int i = 0; i < 3000; i++)
        {
            Sample sample = Make(random, 1 + i % 4);
            string value = $"{sample.Top}/{sample.Bottom}", near = $"{sample.Top + 1}/{sample.Bottom}", opposite = $"{-sample.Top}/{sample.Bottom}";
            Assert.True(MathEquivalence.Compare(value, sample.Latex) == Comparison.Equal, $"{sample.Latex} is {value}");
            Assert.True(MathEquivalence.Compare(value, sample.Plain) == Comparison.Equal, $"{sample.Plain} is {value}");
            Assert.Equal(Comparison.Equal, MathEquivalence.Compare(sample.Plain, sample.Latex));
            Assert.True(MathEquivalence.Compare(near, sample.Latex) == Comparison.Different, $"{sample.Latex} is not {near}");
            if (!sample.Top.IsZero)
                Assert.True(MathEquivalence.Compare(opposite, sample.Plain) == Comparison.Different, $"{sample.Plain} is not {opposite}");
        }
    }

    // Polynomials, expanded by convolution here, against their factors.
    [Fact]
    public void RandomPolynomials_EqualTheirFactors_AndNoOther()
    {
        var random = new Random(5);
        for (int i = 0; i < 500; i++)
        {
            int[] roots = [.. Enumerable.Range(0, 2 + i % 4).Select(_ => random.Next(-9, 10))];
            BigInteger[] coefficients = [1];
            foreach (int root in roots)
            {
                var next = new BigInteger[coefficients.Length + 1];
                for (int k = 0; k < coefficients.Length; k++)
                {
                    next[k + 1] += coefficients[k];
                    next[k] -= root * coefficients[k];
                }
                coefficients = next;
            }
            string factors = string.Concat(roots.Select(root => root < 0 ? $"(x+{-root})" : $"(x-{root})"));
            Assert.Equal(Comparison.Equal, MathEquivalence.Compare(factors, Expanded(coefficients)));
            coefficients[random.Next(coefficients.Length)] += random.Next(2) == 0 ? 1 : -1;
            Assert.Equal(Comparison.Different, MathEquivalence.Compare(factors, Expanded(coefficients)));
        }
    }

    static string Expanded(BigInteger[] coefficients) => string.Join(" + ", coefficients.Select((value, power) => power == 0 ? $"{value}" : $"({value})x^{{{power}}}").Reverse());
}
