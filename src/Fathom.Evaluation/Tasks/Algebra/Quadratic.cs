// Quadratic equations with two different whole roots.
using System.Text.RegularExpressions;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Algebra;

/// <summary>`Solve x^2-5x+6=0.`: level 1 has roots above zero, level 2 roots of both signs, level 3 a factor before the square. The answer is
/// both roots. Numbers: factor, smaller root, larger root.</summary>
public sealed partial class Quadratic : ProceduralTask
{
    const int MaxLength = 60;

    /// <inheritdoc/>
    public override string Name => "quadratic";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <summary>Both roots in any order: `2 3`, `2, 3` or `x=2 or x=3`.</summary>
    public override bool Check(Problem problem, string answer)
    {
        if (answer.Length > MaxLength)
            return false;
        Match match = Pair().Match(AnswerForms.Bare(answer));
        return match.Success && AnswerForms.TryIntegers($"{match.Groups["a"]} {match.Groups["b"]}", out long[] roots)
            && roots.Order().SequenceEqual([problem.Numbers[1], problem.Numbers[2]]);
    }

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        while (true)
        {
            long factor = difficulty == 3 ? random.NextInt(2, 6) : 1;
            (long a, long b) = difficulty == 1 ? (random.NextInt(1, 21), random.NextInt(1, 21)) : (random.NextInt(-12, 13), random.NextInt(-12, 13));
            if (a != b)
                return [factor, Math.Min(a, b), Math.Max(a, b)];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        (long a, long b, long c) = Factors(numbers);
        string equation = $"{(a == 1 ? "" : $"{a}")}x^2{Term(b, "x")}{Term(c, "")}=0";
        return language == Language.Chinese ? $"解方程{equation}，求两个根。" : $"Solve {equation}. Give both roots.";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers[1]} {numbers[2]}";

    /// <summary>The discriminant, its root, and both solutions of the formula.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long a, long b, long c) = Factors([.. problem.Numbers]);
        long root = a * (problem.Numbers[2] - problem.Numbers[1]);
        lines.Add($"{Bracketed(b)}*{Bracketed(b)}-4*{(a == 1 ? "" : $"{a}*")}{Bracketed(c)}={root * root}");
        lines.Add($"{root * root}={root}*{root}");
        lines.Add($"({-b}-{root})/{2 * a}={problem.Numbers[1]} ({-b}+{root})/{2 * a}={problem.Numbers[2]}");
    }

    static (long A, long B, long C) Factors(long[] numbers) =>
        (numbers[0], -numbers[0] * (numbers[1] + numbers[2]), numbers[0] * numbers[1] * numbers[2]);

    static string Term(long factor, string unknown) => factor switch
    {
        0 => "",
        1 or -1 when unknown != "" => (factor > 0 ? "+" : "-") + unknown,
        _ => (factor > 0 ? "+" : "") + $"{factor}" + unknown,
    };

    static string Bracketed(long value) => value < 0 ? $"({value})" : $"{value}";

    [GeneratedRegex(@"^\(?\s*(x\s*=\s*)?(?<a>[-+]?[0-9]{1,9})(\s*[,，;、]\s*|\s+)((and|or)\s+|[和或]\s*)?(x\s*=\s*)?(?<b>[-+]?[0-9]{1,9})\s*\)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pair();
}
