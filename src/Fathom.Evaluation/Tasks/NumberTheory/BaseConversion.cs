// Numbers in other bases.
using System.Globalization;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.NumberTheory;

/// <summary>`Write 45 in base 2.`: level 1 goes from decimal to base 2, level 2 to bases 3 to 9, level 3 from these to decimal. Numbers: 0 for
/// to the base or 1 for from it, the number, the base.</summary>
public sealed class BaseConversion : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "base-conversion";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty) => difficulty == 1
        ? [0, random.NextInt(4, 256), 2]
        : [difficulty - 2, random.NextInt(10, 500), random.NextInt(3, 10)];

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => (numbers[0], language) switch
    {
        (0, Language.Chinese) => $"把{numbers[1]}写成{numbers[2]}进制。",
        (0, _) => $"Write {numbers[1]} in base {numbers[2]}.",
        (_, Language.Chinese) => $"{numbers[2]}进制的{Digits(numbers[1], numbers[2])}是十进制的多少？",
        _ => $"What is {Digits(numbers[1], numbers[2])} in base {numbers[2]} as a decimal number?",
    };

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => numbers[0] == 0 ? Digits(numbers[1], numbers[2]) : $"{numbers[1]}";

    /// <summary>Division after division, the remainders read from the last one; or times the base plus the next digit.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long number, long radix) = (problem.Numbers[1], problem.Numbers[2]);
        if (problem.Numbers[0] == 0)
        {
            for (; number > 0; number /= radix)
                lines.Add($"{number}-{number / radix}*{radix}={number % radix}");
            lines.Add(problem.Answer);
            return;
        }
        long value = 0;
        foreach (char digit in Digits(number, radix))
        {
            if (value > 0)
                lines.Add($"{value}*{radix}+{digit}={value * radix + (digit - '0')}");
            value = value * radix + (digit - '0');
        }
    }

    static string Digits(long number, long radix)
    {
        string digits = "";
        for (; number > 0; number /= radix)
            digits = (number % radix).ToString(CultureInfo.InvariantCulture) + digits;
        return digits;
    }
}
