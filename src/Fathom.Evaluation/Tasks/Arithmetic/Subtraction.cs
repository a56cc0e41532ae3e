// Differences of two numbers with as many digits as the difficulty says, never below zero.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`What is 432-157?`: level n takes an n-digit number from one that is no smaller.</summary>
public sealed class Subtraction : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "subtraction";

    /// <inheritdoc/>
    public override int DifficultyCount => 5;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long a = Digits.Draw(ref random, difficulty), b = Digits.Draw(ref random, difficulty);
        return [Math.Max(a, b), Math.Min(a, b)];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"{numbers[0]}-{numbers[1]}等于多少？"
        : $"What is {numbers[0]}-{numbers[1]}?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers[0] - numbers[1]}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random) =>
        ColumnArithmetic.Subtract(lines, problem.Numbers[0], problem.Numbers[1]);
}
