// Expressions with two or three operations, whose order matters.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`What is 3+4*5?`: level 1 has a product beside a sum or difference, level 2 brackets, level 3 two products, level 4 two brackets or
/// a quotient at the end. No value on the way is below zero. Numbers: form, then up to four numbers.</summary>
public sealed class MixedExpression : ProceduralTask
{
    enum Form { Sum, Difference, BracketSum, BracketDifference, ProductSum, ProductDifference, TwoBrackets, Quotient }

    /// <inheritdoc/>
    public override string Name => "mixed-expression";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        var form = (Form)(2 * (difficulty - 1) + random.NextInt(2));
        long a = random.NextInt(2, 10), b = random.NextInt(2, 10), large = random.NextInt(10, 31);
        switch (form)
        {
            case Form.Sum:
                return [(long)form, random.NextInt(1, 31), a, b];
            case Form.Difference:
                return [(long)form, a, b, random.NextInt(1, (int)Math.Min(31, a * b + 1))];
            case Form.BracketSum:
                return [(long)form, large, random.NextInt(1, 20), a];
            case Form.BracketDifference:
                return [(long)form, a, large, random.NextInt(1, (int)large)];
            case Form.ProductSum:
                return [(long)form, large, a, random.NextInt(2, 10), b];
            case Form.ProductDifference:
                // The second product is at most 9 times the ninth part of the first one.
                return [(long)form, large, a, random.NextInt(2, 10), random.NextInt(1, (int)Math.Min(9, large * a / 9) + 1)];
            case Form.TwoBrackets:
                long less = random.NextInt(10, 31);
                return [(long)form, large, random.NextInt(1, 31), less + a, less];
            default:
                // a * large - c is a multiple of b.
                return [(long)form, a, large, a * large % b + b * random.NextInt((int)(a * large / b)), b];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers)
    {
        (long a, long b) = (numbers[1], numbers[2]);
        long[] rest = numbers[3..];
        return (Form)numbers[0] switch
        {
            Form.Sum => [numbers[0], a, Math.Min(b, rest[0]), Math.Max(b, rest[0])],
            Form.BracketDifference => numbers,
            Form.ProductSum => (Math.Min(a, b), Math.Max(a, b)).CompareTo((Math.Min(rest[0], rest[1]), Math.Max(rest[0], rest[1]))) <= 0
                ? [numbers[0], Math.Min(a, b), Math.Max(a, b), Math.Min(rest[0], rest[1]), Math.Max(rest[0], rest[1])]
                : [numbers[0], Math.Min(rest[0], rest[1]), Math.Max(rest[0], rest[1]), Math.Min(a, b), Math.Max(a, b)],
            Form.ProductDifference => [numbers[0], Math.Min(a, b), Math.Max(a, b), rest.Min(), rest.Max()],
            _ => [numbers[0], Math.Min(a, b), Math.Max(a, b), .. rest],
        };
    }

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        (long a, long b, long c, long d) = Parts(numbers);
        string expression = (Form)numbers[0] switch
        {
            Form.Sum => $"{a}+{b}*{c}",
            Form.Difference => $"{a}*{b}-{c}",
            Form.BracketSum => $"({a}+{b})*{c}",
            Form.BracketDifference => $"{a}*({b}-{c})",
            Form.ProductSum => $"{a}*{b}+{c}*{d}",
            Form.ProductDifference => $"{a}*{b}-{c}*{d}",
            Form.TwoBrackets => $"({a}+{b})*({c}-{d})",
            _ => $"({a}*{b}-{c})/{d}",
        };
        return language == Language.Chinese ? $"{expression}等于多少？" : $"What is {expression}?";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers)
    {
        (long a, long b, long c, long d) = Parts(numbers);
        long value = (Form)numbers[0] switch
        {
            Form.Sum => a + b * c,
            Form.Difference => a * b - c,
            Form.BracketSum => (a + b) * c,
            Form.BracketDifference => a * (b - c),
            Form.ProductSum => a * b + c * d,
            Form.ProductDifference => a * b - c * d,
            Form.TwoBrackets => (a + b) * (c - d),
            _ => (a * b - c) / d,
        };
        return $"{value}";
    }

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long a, long b, long c, long d) = Parts([.. problem.Numbers]);
        switch ((Form)problem.Numbers[0])
        {
            case Form.Sum:
                ColumnArithmetic.Step(lines, b, '*', c);
                ColumnArithmetic.Step(lines, b * c, '+', a);
                break;
            case Form.Difference:
                ColumnArithmetic.Step(lines, a, '*', b);
                ColumnArithmetic.Step(lines, a * b, '-', c);
                break;
            case Form.BracketSum:
                ColumnArithmetic.Step(lines, a, '+', b);
                ColumnArithmetic.Step(lines, a + b, '*', c);
                break;
            case Form.BracketDifference:
                ColumnArithmetic.Step(lines, b, '-', c);
                ColumnArithmetic.Step(lines, b - c, '*', a);
                break;
            case Form.ProductSum or Form.ProductDifference:
                ColumnArithmetic.Step(lines, a, '*', b);
                ColumnArithmetic.Step(lines, Math.Max(c, d), '*', Math.Min(c, d));
                ColumnArithmetic.Step(lines, a * b, (Form)problem.Numbers[0] == Form.ProductSum ? '+' : '-', c * d);
                break;
            case Form.TwoBrackets:
                ColumnArithmetic.Step(lines, a, '+', b);
                ColumnArithmetic.Step(lines, c, '-', d);
                ColumnArithmetic.Step(lines, a + b, '*', c - d);
                break;
            default:
                ColumnArithmetic.Step(lines, b, '*', a);
                ColumnArithmetic.Step(lines, a * b, '-', c);
                ColumnArithmetic.Step(lines, a * b - c, '/', d);
                break;
        }
    }

    static (long A, long B, long C, long D) Parts(long[] numbers) => (numbers[1], numbers[2], numbers[3], numbers.Length > 4 ? numbers[4] : 0);
}
