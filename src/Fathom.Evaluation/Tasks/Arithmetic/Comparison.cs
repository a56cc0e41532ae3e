// The larger of two different numbers.
using System.Globalization;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`Which is larger, 478 or 473?`: level n has n+1 digits, often with a common beginning, sometimes with unequal lengths.</summary>
public sealed class Comparison : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "comparison";

    /// <inheritdoc/>
    public override int DifficultyCount => 5;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        int length = difficulty + 1;
        while (true)
        {
            long a = Digits.Draw(ref random, length), b;
            if (random.NextInt(4) == 0)
                b = Digits.Draw(ref random, 1 + random.NextInt(length - 1));
            else
            {
                // Keep some leading digits of a and draw the others anew.
                int drawn = 1 + random.NextInt(length);
                long unit = (long)Math.Pow(10, drawn);
                b = drawn == length ? Digits.Draw(ref random, length) : a / unit * unit + random.NextInt((int)unit);
            }
            if (a != b)
                return random.NextInt(2) == 0 ? [a, b] : [b, a];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => [Math.Min(numbers[0], numbers[1]), Math.Max(numbers[0], numbers[1])];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"{numbers[0]}和{numbers[1]}哪个大？"
        : $"Which is larger, {numbers[0]} or {numbers[1]}?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{Math.Max(numbers[0], numbers[1])}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        string a = problem.Numbers[0].ToString(CultureInfo.InvariantCulture), b = problem.Numbers[1].ToString(CultureInfo.InvariantCulture);
        if (a.Length != b.Length)
        {
            lines.Add($"{(problem.Language == Language.Chinese ? "长度" : "length")} {a.Length}{(a.Length > b.Length ? '>' : '<')}{b.Length}");
            return;
        }
        for (int i = 0; i < a.Length; i++)
        {
            lines.Add($"{a[i]}{(a[i] > b[i] ? '>' : a[i] < b[i] ? '<' : '=')}{b[i]}");
            if (a[i] != b[i])
                return;
        }
    }

    /// <inheritdoc/>
    protected override string Corrupt(Problem problem, ref RandomStream random) => $"{Math.Min(problem.Numbers[0], problem.Numbers[1])}";
}
