// The four operations on two fractions.
using System.Globalization;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`What is 2/3 plus 1/4 in lowest terms?`: level 1 adds and subtracts with one denominator, level 2 with two, level 3 multiplies and
/// divides. Results are above zero. Numbers: operation, then numerator and denominator of both fractions.</summary>
public sealed class Fractions : ProceduralTask
{
    enum Operation { Plus, Minus, Times, Divided }

    /// <inheritdoc/>
    public override string Name => "fractions";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <summary>The fraction in lowest terms, or the whole number.</summary>
    public override bool Check(Problem problem, string answer)
    {
        (long numerator, long denominator) = Result([.. problem.Numbers]);
        return AnswerForms.TryIntegers(answer, ['/'], out long[] parts)
            && (parts is [var whole] ? denominator == 1 && whole == numerator : parts is [var n, var d] && n == numerator && d == denominator);
    }

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        while (true)
        {
            var operation = (Operation)(random.NextInt(2) + (difficulty == 3 ? 2 : 0));
            long b = difficulty == 1 ? random.NextInt(3, 13) : random.NextInt(2, 10), d = difficulty == 1 ? b : random.NextInt(2, 10);
            long a = random.NextInt(1, difficulty == 3 ? 10 : (int)b), c = random.NextInt(1, difficulty == 3 ? 10 : (int)d);
            if (difficulty == 2 && b == d || operation == Operation.Minus && a * d <= c * b)
                continue;
            return [(long)operation, a, b, c, d];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers)
    {
        bool commutes = (Operation)numbers[0] is Operation.Plus or Operation.Times;
        bool swap = commutes && (numbers[1], numbers[2]).CompareTo((numbers[3], numbers[4])) > 0;
        return swap ? [numbers[0], numbers[3], numbers[4], numbers[1], numbers[2]] : numbers;
    }

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        bool chinese = language == Language.Chinese;
        string operation = (Operation)numbers[0] switch
        {
            Operation.Plus => chinese ? "加" : " plus ",
            Operation.Minus => chinese ? "减" : " minus ",
            Operation.Times => chinese ? "乘" : " times ",
            _ => chinese ? "除以" : " divided by ",
        };
        string term = $"{numbers[1]}/{numbers[2]}{operation}{numbers[3]}/{numbers[4]}";
        return chinese ? $"{term}等于多少？用最简分数表示。" : $"What is {term} in lowest terms?";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => Text(Result(numbers));

    /// <summary>Numerators over the common denominator, the operation, and what both parts are divided by.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long a, long b, long c, long d) = (problem.Numbers[1], problem.Numbers[2], problem.Numbers[3], problem.Numbers[4]);
        var operation = (Operation)problem.Numbers[0];
        (long numerator, long denominator) = Raw(operation, a, b, c, d);
        switch (operation)
        {
            case Operation.Times:
                lines.Add($"{a}*{c}={numerator} {b}*{d}={denominator}");
                break;
            case Operation.Divided:
                lines.Add($"{a}*{d}={numerator} {b}*{c}={denominator}");
                break;
            default:
                if (b != d)
                {
                    lines.Add($"{b}*{d}={denominator}");
                    lines.Add($"{a}*{d}={a * d} {c}*{b}={c * b}");
                    (a, c) = (a * d, c * b);
                }
                lines.Add(operation == Operation.Plus ? $"{a}+{c}={numerator}" : $"{a}-{c}={numerator}");
                break;
        }
        long divisor = GreatestDivisor(numerator, denominator);
        if (divisor > 1)
            lines.Add($"{numerator}/{divisor}={numerator / divisor} {denominator}/{divisor}={denominator / divisor}");
        lines.Add(problem.Answer);
    }

    static (long Numerator, long Denominator) Raw(Operation operation, long a, long b, long c, long d) => operation switch
    {
        Operation.Times => (a * c, b * d),
        Operation.Divided => (a * d, b * c),
        Operation.Plus => b == d ? (a + c, b) : (a * d + c * b, b * d),
        _ => b == d ? (a - c, b) : (a * d - c * b, b * d),
    };

    static (long Numerator, long Denominator) Result(long[] numbers)
    {
        (long numerator, long denominator) = Raw((Operation)numbers[0], numbers[1], numbers[2], numbers[3], numbers[4]);
        long divisor = GreatestDivisor(numerator, denominator);
        return (numerator / divisor, denominator / divisor);
    }

    static string Text((long Numerator, long Denominator) fraction) => fraction.Denominator == 1
        ? fraction.Numerator.ToString(CultureInfo.InvariantCulture) : $"{fraction.Numerator}/{fraction.Denominator}";

    static long GreatestDivisor(long a, long b) => b == 0 ? a : GreatestDivisor(b, a % b);
}
