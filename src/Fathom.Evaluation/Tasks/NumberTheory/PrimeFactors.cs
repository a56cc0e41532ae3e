// Numbers as products of primes.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.NumberTheory;

/// <summary>`Write 60 as a product of primes.`: level 1 has numbers below 150, level 2 below 400, level 3 below 1000; no prime numbers, and no
/// prime factor but the largest above 13.</summary>
public sealed class PrimeFactors : ProceduralTask
{
    const int MaxExponent = 20;

    /// <inheritdoc/>
    public override string Name => "prime-factors";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <summary>The primes with their multiplicity in any order: `2*2*3*5` or `2^2*3*5`.</summary>
    public override bool Check(Problem problem, string answer)
    {
        List<long> given = [];
        if (answer.Length > 100)
            return false;
        foreach (string item in AnswerForms.Bare(answer).Split(['*', '×']))
        {
            if (!AnswerForms.TryIntegers(item, ['^'], out long[] power) || power.Length > 2 || power is [_, < 1 or > MaxExponent])
                return false;
            for (long i = power is [_, var exponent] ? exponent : 1; i > 0; i--)
                given.Add(power[0]);
        }
        return given.Order().SequenceEqual(Factors(problem.Numbers[0]));
    }

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        while (true)
        {
            long number = difficulty switch { 1 => random.NextInt(12, 150), 2 => random.NextInt(100, 400), _ => random.NextInt(300, 1000) };
            if (Factors(number) is { Count: > 1 } factors && factors[^2] <= 13)
                return [number];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"把{numbers[0]}写成质数的乘积。"
        : $"Write {numbers[0]} as a product of primes.";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => string.Join('*', Factors(numbers[0]));

    /// <summary>One prime after the other is divided out.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        long left = problem.Numbers[0];
        foreach (long prime in Factors(left).SkipLast(1))
        {
            lines.Add($"{left}/{prime}={left / prime}");
            left /= prime;
        }
        lines.Add($"{problem.Answer}={problem.Numbers[0]}");
    }

    static List<long> Factors(long number)
    {
        List<long> factors = [];
        for (long prime = 2; prime * prime <= number; prime++)
            for (; number % prime == 0; number /= prime)
                factors.Add(prime);
        if (number > 1)
            factors.Add(number);
        return factors;
    }
}
