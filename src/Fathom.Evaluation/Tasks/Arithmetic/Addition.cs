// Sums of two numbers with as many digits as the difficulty says.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`What is 478+256?`: level n adds two n-digit numbers.</summary>
public sealed class Addition : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "addition";

    /// <inheritdoc/>
    public override int DifficultyCount => 5;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty) =>
        [Digits.Draw(ref random, difficulty), Digits.Draw(ref random, difficulty)];

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => [Math.Min(numbers[0], numbers[1]), Math.Max(numbers[0], numbers[1])];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"{numbers[0]}+{numbers[1]}等于多少？"
        : $"What is {numbers[0]}+{numbers[1]}?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers[0] + numbers[1]}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random) =>
        ColumnArithmetic.Add(lines, problem.Numbers[0], problem.Numbers[1]);
}
