// Lists to be put in ascending order.
using System.Globalization;
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Lists;

/// <summary>`Sort 5 3 8 1 from smallest to largest.`: levels 1 to 4 sort 3 to 6 digits, level 5 five two-digit numbers.</summary>
public sealed class Sorting : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "sorting";

    /// <inheritdoc/>
    public override int DifficultyCount => 5;

    /// <summary>The same numbers in the same order; separated by spaces or commas.</summary>
    public override bool Check(Problem problem, string answer)
    {
        string[] items = answer.Trim().TrimEnd('.', '。').Split([' ', ',', '，', '、'], StringSplitOptions.RemoveEmptyEntries);
        long[] sorted = [.. problem.Numbers.Order()];
        if (items.Length != sorted.Length)
            return false;
        for (int i = 0; i < items.Length; i++)
            if (!long.TryParse(items[i], NumberStyles.None, CultureInfo.InvariantCulture, out long item) || item != sorted[i])
                return false;
        return true;
    }

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long[] numbers = new long[difficulty == 5 ? 5 : difficulty + 2];
        // A list of equal numbers has no wrong order.
        do
        {
            for (int i = 0; i < numbers.Length; i++)
                numbers[i] = Digits.Draw(ref random, difficulty == 5 ? 2 : 1);
        }
        while (numbers.Distinct().Count() == 1);
        return numbers;
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => [.. numbers.Order()];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string list = string.Join(' ', numbers);
        return language == Language.Chinese ? $"把{list}从小到大排序。" : $"Sort {list} from smallest to largest.";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => string.Join(' ', numbers.Order());

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        // What is left and its smallest: `5 3 8 1: 1`, `5 3 8: 3`, ...
        for (List<long> left = [.. problem.Numbers]; left.Count > 0;)
        {
            long smallest = left.Min();
            lines.Add($"{string.Join(' ', left)}: {smallest}");
            left.Remove(smallest);
        }
    }

    /// <summary>Two different neighbours of the right order change places.</summary>
    protected override string Corrupt(Problem problem, ref RandomStream random)
    {
        long[] sorted = [.. problem.Numbers.Order()];
        int place;
        do
            place = random.NextInt(sorted.Length - 1);
        while (sorted[place] == sorted[place + 1]);
        (sorted[place], sorted[place + 1]) = (sorted[place + 1], sorted[place]);
        return string.Join(' ', sorted);
    }
}
