// Powers modulo a number, by squaring.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.NumberTheory;

/// <summary>`What is 7^5 mod 11?`: level 1 has exponents to 3, level 2 to 5, level 3 to 9, level 4 to 20. Numbers: base, exponent, modulus.</summary>
public sealed class ModularPower : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "modular-power";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        (int low, int high) = difficulty switch { 1 => (2, 4), 2 => (3, 6), 3 => (6, 10), _ => (10, 21) };
        return [random.NextInt(2, 13), random.NextInt(low, high), random.NextInt(5, 20)];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"{numbers[0]}^{numbers[1]}除以{numbers[2]}的余数是多少？"
        : $"What is {numbers[0]}^{numbers[1]} mod {numbers[2]}?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers)
    {
        long power = 1;
        for (long i = 0; i < numbers[1]; i++)
            power = power * numbers[0] % numbers[2];
        return $"{power}";
    }

    /// <summary>The exponent's binary digits from the left: square, and multiply where the digit is 1; the remainder after every product.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long number, long exponent, long modulus) = (problem.Numbers[0], problem.Numbers[1], problem.Numbers[2]);
        if (number >= modulus)
            lines.Add($"{number}-{number / modulus}*{modulus}={number % modulus}");
        number %= modulus;
        long power = number;
        string digits = exponent.ToString("b", System.Globalization.CultureInfo.InvariantCulture);
        foreach (char digit in digits.AsSpan(1))
        {
            power = Product(lines, power, power, modulus);
            if (digit == '1')
                power = Product(lines, power, number, modulus);
        }
    }

    static long Product(List<string> lines, long a, long b, long modulus)
    {
        long product = a * b;
        lines.Add($"{a}*{b}={product}" + (product < modulus ? "" : $" {product}-{product / modulus}*{modulus}={product % modulus}"));
        return product % modulus;
    }
}
