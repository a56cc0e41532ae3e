// Days of the week, counted modulo seven.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Measures;

/// <summary>`Days of the week are 1 (Monday) to 7 (Sunday). Today is day 3. Which day is it in 45 days?`: level 1 goes up to 30 days ahead, level 2
/// up to 99 in both directions, level 3 up to 999. Numbers: today, and the days, below zero for the past.</summary>
public sealed class Weekday : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "weekday";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long days = difficulty switch { 1 => random.NextInt(2, 31), 2 => random.NextInt(8, 100), _ => random.NextInt(100, 1000) };
        return [random.NextInt(1, 8), difficulty > 1 && random.NextInt(2) == 0 ? -days : days];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        long days = Math.Abs(numbers[1]);
        return language == Language.Chinese
            ? $"用1（星期一）到7（星期日）表示星期几。今天是{numbers[0]}，{days}天{(numbers[1] > 0 ? "后" : "前")}是几？"
            : $"Days of the week are 1 (Monday) to 7 (Sunday). Today is day {numbers[0]}. Which day {(numbers[1] > 0 ? $"is it in {days} days" : $"was it {days} days ago")}?";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{((numbers[0] - 1 + numbers[1]) % 7 + 7) % 7 + 1}";

    /// <summary>What whole weeks leave, the sum or difference, and a week less or more where that is no day.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long today, long days) = (problem.Numbers[0], problem.Numbers[1]);
        long size = Math.Abs(days), rest = size % 7;
        if (size >= 7)
            lines.Add($"{size}-{size / 7}*7={rest}");
        long day = days > 0 ? today + rest : today - rest;
        lines.Add($"{today}{(days > 0 ? '+' : '-')}{rest}={day}");
        if (day is < 1 or > 7)
            lines.Add(day > 7 ? $"{day}-7={day - 7}" : $"{day}+7={day + 7}");
    }
}
