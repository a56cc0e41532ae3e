// Products: a number of one to three digits by one digit, then two digits by two.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`What is 478*6?`: levels 1 to 3 multiply an n-digit number by a digit from 2 to 9, level 4 two two-digit numbers.</summary>
public sealed class Multiplication : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "multiplication";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty) => difficulty == 4
        ? [Digits.Draw(ref random, 2), Digits.Draw(ref random, 2)]
        : [Digits.Draw(ref random, difficulty), random.NextInt(2, 10)];

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => [Math.Min(numbers[0], numbers[1]), Math.Max(numbers[0], numbers[1])];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"{numbers[0]}*{numbers[1]}等于多少？"
        : $"What is {numbers[0]}*{numbers[1]}?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers[0] * numbers[1]}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random) =>
        ColumnArithmetic.Multiply(lines, problem.Numbers[0], problem.Numbers[1]);
}
