// Division with a remainder.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`Divide 147 by 8. What are the quotient and the remainder?`: levels 1 to 3 divide a number of n+1 digits by a digit, level 4
/// three digits by two. The answer is both numbers: `18 3`.</summary>
public sealed class Division : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "division";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <summary>The quotient, then the remainder.</summary>
    public override bool Check(Problem problem, string answer) =>
        AnswerForms.AreIntegers(answer, [problem.Numbers[0] / problem.Numbers[1], problem.Numbers[0] % problem.Numbers[1]]);

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty) => difficulty == 4
        ? [Digits.Draw(ref random, 3), random.NextInt(11, 100)]
        : [Digits.Draw(ref random, difficulty + 1), random.NextInt(2, 10)];

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"{numbers[0]}除以{numbers[1]}，商和余数各是多少？"
        : $"Divide {numbers[0]} by {numbers[1]}. What are the quotient and the remainder?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers[0] / numbers[1]} {numbers[0] % numbers[1]}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random) =>
        ColumnArithmetic.DivideByDigit(lines, problem.Numbers[0], problem.Numbers[1], quotient: true);
}
