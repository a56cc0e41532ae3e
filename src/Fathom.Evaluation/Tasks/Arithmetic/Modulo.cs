// Modular arithmetic: the remainder of a number divided by one digit.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`What is 147 mod 8?`: level n has n+1 digits and a modulus from 2 to 9.</summary>
public sealed class Modulo : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "modulo";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty) =>
        [Digits.Draw(ref random, difficulty + 1), random.NextInt(2, 10)];

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"{numbers[0]}除以{numbers[1]}的余数是多少？"
        : $"What is {numbers[0]} mod {numbers[1]}?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers[0] % numbers[1]}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random) =>
        ColumnArithmetic.DivideByDigit(lines, problem.Numbers[0], problem.Numbers[1], quotient: false);
}
