// Days from one date to another, leap years included.
using System.Globalization;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Measures;

/// <summary>`How many days is it from 2023-03-05 to 2023-04-10?`: level 1 stays in one month, level 2 goes to the next or the one after it, level 3
/// passes the end of a February in any year from 1895 to 2104, level 4 goes into the next year. Numbers: year, month and day of both dates.</summary>
public sealed class DaysBetween : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "days-between";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        int year = difficulty < 3 ? random.NextInt(2001, 2100) : random.NextInt(3) == 0 ? 1896 + 4 * random.NextInt(52) : random.NextInt(1895, 2105);
        // Centuries are where the rule of four fails.
        if (difficulty == 3 && random.NextInt(4) == 0)
            year = 1900 + 100 * random.NextInt(3);
        int month = difficulty switch { 1 => random.NextInt(1, 13), 2 => random.NextInt(3, 11), 3 => random.NextInt(1, 3), _ => random.NextInt(8, 13) };
        int months = difficulty switch { 1 => 0, 2 => random.NextInt(1, 3), 3 => random.NextInt(3 - month, 6 - month), _ => random.NextInt(13 - month, 18 - month) };
        int laterYear = year + (month + months - 1) / 12, laterMonth = (month + months - 1) % 12 + 1;
        int day = random.NextInt(1, DateTime.DaysInMonth(year, month) + 1), laterDay = random.NextInt(1, DateTime.DaysInMonth(laterYear, laterMonth) + 1);
        if (months == 0)
            (day, laterDay) = day == laterDay ? (1, 1 + day % 28 + (day == 28 ? 1 : 0)) : (Math.Min(day, laterDay), Math.Max(day, laterDay));
        return [year, month, day, laterYear, laterMonth, laterDay];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        (string from, string to) = (Text(numbers[..3]), Text(numbers[3..]));
        return language == Language.Chinese ? $"从{from}到{to}有多少天？" : $"How many days is it from {from} to {to}?";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{Date(numbers[3..]).DayNumber - Date(numbers[..3]).DayNumber}";

    /// <summary>What is left of the first month, then month by month, then the days of the last one.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        IReadOnlyList<long> n = problem.Numbers;
        if (n[0] == n[3] && n[1] == n[4])
        {
            lines.Add($"{n[5]}-{n[2]}={n[5] - n[2]}");
            return;
        }
        var month = new DateOnly((int)n[0], (int)n[1], 1);
        long length = DateTime.DaysInMonth(month.Year, month.Month), days = length - n[2];
        lines.Add($"{length}-{n[2]}={days}");
        for (month = month.AddMonths(1); month.Year != n[3] || month.Month != n[4]; month = month.AddMonths(1))
        {
            length = DateTime.DaysInMonth(month.Year, month.Month);
            lines.Add($"{days}+{length}={days + length}");
            days += length;
        }
        lines.Add($"{days}+{n[5]}={days + n[5]}");
    }

    static DateOnly Date(long[] parts) => new((int)parts[0], (int)parts[1], (int)parts[2]);

    static string Text(long[] parts) => Date(parts).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
