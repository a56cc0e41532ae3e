// One linear equation with a whole solution.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Algebra;

/// <summary>`Solve 3x+4=19.`: level 1 has one-digit numbers, level 2 a two-digit summand, level 3 a two-digit solution and summands of
/// both signs. Numbers: factor, summand, solution.</summary>
public sealed class LinearEquation : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "linear-equation";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <summary>The value of x, alone or as <c>x=5</c>.</summary>
    public override bool Check(Problem problem, string answer)
    {
        ReadOnlySpan<char> value = answer.AsSpan().Trim();
        if (value.StartsWith("x") && value[1..].TrimStart() is ['=', .. var right])
            value = right;
        return AnswerExtraction.TryParseInteger(value, out long x) && x == problem.Numbers[2];
    }

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long factor = random.NextInt(2, 10), solution = difficulty == 3 ? random.NextInt(10, 31) : random.NextInt(1, 10);
        long summand = difficulty == 1 ? random.NextInt(1, 10) : random.NextInt(10, 100);
        // A negative summand stays within the product, so that no side is below zero.
        if (difficulty == 3 && random.NextInt(2) == 0)
            summand = -Math.Min(summand, factor * solution);
        return [factor, summand, solution];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string equation = $"{numbers[0]}x{(numbers[1] < 0 ? "" : "+")}{numbers[1]}={numbers[0] * numbers[2] + numbers[1]}";
        return language == Language.Chinese ? $"解方程{equation}。" : $"Solve {equation}.";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers[2]}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long factor, long summand, long product) = (problem.Numbers[0], problem.Numbers[1], problem.Numbers[0] * problem.Numbers[2]);
        ColumnArithmetic.Step(lines, product + summand, summand < 0 ? '+' : '-', Math.Abs(summand));
        ColumnArithmetic.Step(lines, product, '/', factor);
    }
}
