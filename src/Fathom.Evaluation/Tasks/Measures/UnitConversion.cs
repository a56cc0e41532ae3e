// Units into smaller ones and back.
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Measures;

/// <summary>`How many minutes are 3 hours?`: level 1 has one unit, level 2 two (`3 hours and 25 minutes`), level 3 goes back from the smaller one,
/// with both numbers as the answer: `3 25`. Numbers: kind, units, large amount, small amount.</summary>
public sealed class UnitConversion : ProceduralTask
{
    enum Kind { One, Two, Back }

    // Names, and how many small ones a large one has.
    static readonly (string Large, string Small, string ChineseLarge, string ChineseSmall, int Factor)[] s_units =
    [
        ("weeks", "days", "周", "天", 7), ("days", "hours", "天", "小时", 24), ("hours", "minutes", "小时", "分钟", 60),
        ("minutes", "seconds", "分钟", "秒", 60), ("meters", "centimeters", "米", "厘米", 100), ("kilometers", "meters", "千米", "米", 1000),
        ("kilograms", "grams", "千克", "克", 1000), ("liters", "milliliters", "升", "毫升", 1000),
    ];

    /// <inheritdoc/>
    public override string Name => "unit-conversion";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <summary>The number, or both.</summary>
    public override bool Check(Problem problem, string answer) => (Kind)problem.Numbers[0] == Kind.Back
        ? AnswerForms.AreIntegers(answer, [problem.Numbers[2], problem.Numbers[3]])
        : base.Check(problem, answer);

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        int unit = random.NextInt(s_units.Length), factor = s_units[unit].Factor;
        // Hours and minutes up to 9, so that the products have one line; weeks and metric units up to 99.
        long large = factor is 24 or 60 ? random.NextInt(2, 10) : random.NextInt(2, 100);
        return [difficulty - 1, unit, large, difficulty == 1 ? 0 : random.NextInt(1, factor)];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        (string largeUnit, string smallUnit, string chineseLarge, string chineseSmall, int factor) = s_units[numbers[1]];
        (long large, long small) = (numbers[2], numbers[3]);
        string unit = small == 1 ? smallUnit[..^1] : smallUnit;
        return ((Kind)numbers[0], language) switch
        {
            (Kind.One, Language.Chinese) => $"{large}{chineseLarge}是多少{chineseSmall}？",
            (Kind.One, _) => $"How many {smallUnit} are {large} {largeUnit}?",
            (Kind.Two, Language.Chinese) => $"{large}{chineseLarge}{small}{chineseSmall}一共是多少{chineseSmall}？",
            (Kind.Two, _) => $"How many {smallUnit} are {large} {largeUnit} and {small} {unit}?",
            (_, Language.Chinese) => $"{large * factor + small}{chineseSmall}是多少{chineseLarge}又多少{chineseSmall}？",
            _ => $"How many whole {largeUnit} are {large * factor + small} {smallUnit}, and how many {smallUnit} are left?",
        };
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => (Kind)numbers[0] == Kind.Back
        ? $"{numbers[2]} {numbers[3]}" : $"{numbers[2] * s_units[numbers[1]].Factor + numbers[3]}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long factor, long large, long small) = (s_units[problem.Numbers[1]].Factor, problem.Numbers[2], problem.Numbers[3]);
        long product = large * factor;
        if ((Kind)problem.Numbers[0] == Kind.Back)
        {
            lines.Add($"{product + small}-{large}*{factor}={small}");
            return;
        }
        // Noughts are appended at once, other products are written out.
        if (factor is 100 or 1000)
            lines.Add($"{large}*{factor}={product}");
        else
            ColumnArithmetic.Step(lines, Math.Max(large, factor), '*', Math.Min(large, factor));
        if ((Kind)problem.Numbers[0] == Kind.Two)
            ColumnArithmetic.Step(lines, product, '+', small);
    }
}
