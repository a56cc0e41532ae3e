// Two linear equations with two unknowns and a whole solution.
using System.Text.RegularExpressions;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Algebra;

/// <summary>`Solve x+y=10, x-y=4 for x and y.`: level 1 is a sum and a difference, level 2 has a factor in one equation, level 3 factors of both
/// signs in both. The answer is x, then y. Numbers: both factors of the first equation, both of the second, x, y.</summary>
public sealed partial class TwoEquations : ProceduralTask
{
    const int MaxLength = 60;

    /// <inheritdoc/>
    public override string Name => "two-equations";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <summary>Both values: `7 3`, `(7, 3)` or `x=7, y=3`.</summary>
    public override bool Check(Problem problem, string answer)
    {
        if (answer.Length > MaxLength)
            return false;
        Match match = Pair().Match(AnswerForms.Bare(answer));
        return match.Success && AnswerForms.AreIntegers($"{match.Groups["x"]} {match.Groups["y"]}", [problem.Numbers[4], problem.Numbers[5]]);
    }

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        if (difficulty == 1)
            return [1, 1, 1, -1, random.NextInt(1, 21), random.NextInt(1, 21)];
        if (difficulty == 2)
            return [1, 1, random.NextInt(2, 7), random.NextInt(2) == 0 ? 1 : -1, random.NextInt(1, 13), random.NextInt(1, 13)];
        while (true)
        {
            (long a, long b, long c, long d) = (random.NextInt(1, 7), Signed(ref random, 5), random.NextInt(1, 7), Signed(ref random, 5));
            if (a * d != c * b)
                return [a, b, c, d, random.NextInt(-9, 10), random.NextInt(-9, 10)];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => (numbers[0], numbers[1]).CompareTo((numbers[2], numbers[3])) <= 0
        ? numbers : [numbers[2], numbers[3], numbers[0], numbers[1], numbers[4], numbers[5]];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string equations = $"{Equation(numbers, 0)}, {Equation(numbers, 2)}";
        return language == Language.Chinese ? $"解方程组{equations}，求x和y。" : $"Solve {equations} for x and y.";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers[4]} {numbers[5]}";

    /// <summary>Each equation times the other one's factor of y, then their difference; y from the first equation.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long a, long b, long c, long d) = (problem.Numbers[0], problem.Numbers[1], problem.Numbers[2], problem.Numbers[3]);
        (long x, long y) = (problem.Numbers[4], problem.Numbers[5]);
        (long first, long second, long factor) = (a * x + b * y, c * x + d * y, a * d - c * b);
        lines.Add($"{a}*{Bracketed(d)}-{c}*{Bracketed(b)}={factor}");
        lines.Add($"{Bracketed(first)}*{Bracketed(d)}-{Bracketed(second)}*{Bracketed(b)}={factor * x}");
        lines.Add($"{factor * x}/{Bracketed(factor)}={x}");
        lines.Add($"({first}-{a}*{Bracketed(x)})/{Bracketed(b)}={y}");
    }

    static string Equation(long[] numbers, int at) =>
        $"{Term(numbers[at], "x", first: true)}{Term(numbers[at + 1], "y", first: false)}={numbers[at] * numbers[4] + numbers[at + 1] * numbers[5]}";

    static string Term(long factor, string unknown, bool first)
    {
        string sign = factor < 0 ? "-" : first ? "" : "+", size = Math.Abs(factor) == 1 ? "" : $"{Math.Abs(factor)}";
        return sign + size + unknown;
    }

    static string Bracketed(long value) => value < 0 ? $"({value})" : $"{value}";

    static long Signed(ref RandomStream random, int max)
    {
        int size = random.NextInt(1, max + 1);
        return random.NextInt(2) == 0 ? size : -size;
    }

    [GeneratedRegex(@"^\(?\s*(x\s*=\s*)?(?<x>[-+]?[0-9]{1,9})(\s*[,，;、]\s*|\s+)(and\s+|和\s*)?(y\s*=\s*)?(?<y>[-+]?[0-9]{1,9})\s*\)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pair();
}
