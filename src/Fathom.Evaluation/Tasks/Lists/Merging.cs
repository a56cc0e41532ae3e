// Two sorted lists become one, as merge sort does it.
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Lists;

/// <summary>`Merge 1 4 9 and 2 3 8 into one sorted list.`: levels 1 to 3 have lists of n+1 digits, level 4 of four numbers with two digits.
/// Numbers: the first list, then the second, of the same length.</summary>
public sealed class Merging : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "merging";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <summary>The merged list.</summary>
    public override bool Check(Problem problem, string answer) => AnswerForms.AreIntegers(answer, [.. problem.Numbers.Order()]);

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        int length = Math.Min(4, difficulty + 1);
        long[] left = new long[length], right = new long[length];
        for (int i = 0; i < length; i++)
            (left[i], right[i]) = (Digits.Draw(ref random, difficulty == 4 ? 2 : 1), Digits.Draw(ref random, difficulty == 4 ? 2 : 1));
        return [.. left.Order(), .. right.Order()];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers)
    {
        (long[] left, long[] right) = Halves(numbers);
        return left.AsSpan().SequenceCompareTo(right) <= 0 ? numbers : [.. right, .. left];
    }

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        (long[] left, long[] right) = Halves(numbers);
        return language == Language.Chinese
            ? $"把{string.Join(' ', left)}和{string.Join(' ', right)}合并成一个有序的列表。"
            : $"Merge {string.Join(' ', left)} and {string.Join(' ', right)} into one sorted list.";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => string.Join(' ', numbers.Order());

    /// <summary>Both first numbers compared, the smaller one taken (`4>2: 2`), and what is left when one list is empty (`: 8 9`).</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long[] left, long[] right) = Halves([.. problem.Numbers]);
        int i = 0, j = 0;
        while (i < left.Length && j < right.Length)
        {
            char sign = left[i] < right[j] ? '<' : left[i] > right[j] ? '>' : '=';
            lines.Add($"{left[i]}{sign}{right[j]}: {Math.Min(left[i], right[j])}");
            if (sign == '>')
                j++;
            else
                i++;
        }
        lines.Add($": {string.Join(' ', left[i..].Concat(right[j..]))}");
    }

    /// <summary>Two neighbours that differ change places, or one number is another.</summary>
    protected override string Corrupt(Problem problem, ref RandomStream random)
    {
        long[] sorted = [.. problem.Numbers.Order()];
        int place = random.NextInt(sorted.Length - 1);
        if (sorted[place] == sorted[place + 1])
            return base.Corrupt(problem, ref random);
        (sorted[place], sorted[place + 1]) = (sorted[place + 1], sorted[place]);
        return string.Join(' ', sorted);
    }

    static (long[] Left, long[] Right) Halves(long[] numbers) => (numbers[..(numbers.Length / 2)], numbers[(numbers.Length / 2)..]);
}
