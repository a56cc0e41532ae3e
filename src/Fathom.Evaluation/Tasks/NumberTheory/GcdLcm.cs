// Greatest common divisors and least common multiples.
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.NumberTheory;

/// <summary>`What is the greatest common divisor of 48 and 36?`: level 1 has two digits, level 2 larger numbers with a common factor, level 3
/// asks for the least common multiple. Numbers: 0 for the divisor or 1 for the multiple, then both numbers.</summary>
public sealed class GcdLcm : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "gcd-lcm";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        while (true)
        {
            int factor = difficulty == 2 ? random.NextInt(2, 31) : random.NextInt(1, 10);
            int max = difficulty == 1 ? 100 / factor : difficulty == 2 ? 21 : 40 / factor + 1;
            long a = factor * random.NextInt(2, max), b = factor * random.NextInt(2, max);
            // Of a multiple, one factor has one digit.
            if (a != b && (difficulty < 3 || Math.Min(a, b) / Divisor(a, b) < 10))
                return [difficulty == 3 ? 1 : 0, a, b];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => [numbers[0], Math.Min(numbers[1], numbers[2]), Math.Max(numbers[1], numbers[2])];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => (numbers[0], language) switch
    {
        (0, Language.Chinese) => $"{numbers[1]}和{numbers[2]}的最大公约数是多少？",
        (0, _) => $"What is the greatest common divisor of {numbers[1]} and {numbers[2]}?",
        (_, Language.Chinese) => $"{numbers[1]}和{numbers[2]}的最小公倍数是多少？",
        _ => $"What is the least common multiple of {numbers[1]} and {numbers[2]}?",
    };

    /// <inheritdoc/>
    protected override string Solve(long[] numbers)
    {
        long divisor = Divisor(numbers[1], numbers[2]);
        return numbers[0] == 0 ? $"{divisor}" : $"{numbers[1] / divisor * numbers[2]}";
    }

    /// <summary>Euclid's remainders; the last one above zero is the divisor.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long larger, long smaller) = (Math.Max(problem.Numbers[1], problem.Numbers[2]), Math.Min(problem.Numbers[1], problem.Numbers[2]));
        long a = larger, b = smaller;
        while (b > 0)
        {
            lines.Add($"{a}-{a / b}*{b}={a % b}");
            (a, b) = (b, a % b);
        }
        if (problem.Numbers[0] == 0)
        {
            lines.Add($"{a}");
            return;
        }
        lines.Add($"{smaller}/{a}={smaller / a}");
        ColumnArithmetic.Step(lines, larger, '*', smaller / a);
    }

    static long Divisor(long a, long b) => b == 0 ? a : Divisor(b, a % b);
}
