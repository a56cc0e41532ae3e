// Binary search by hand: which numbers are looked at.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Lists;

/// <summary>`Binary search looks for 23 in 2 5 9 14 23 31 40. Which numbers does it look at?`: level 1 has seven numbers with the wanted one
/// among them, level 2 seven where it may be missing, level 3 fifteen. Every range has one middle. Numbers: the wanted one, then the list.</summary>
public sealed class BinarySearch : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "binary-search";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <summary>The numbers in the order in which they are looked at.</summary>
    public override bool Check(Problem problem, string answer) => AnswerForms.AreIntegers(answer, Seen([.. problem.Numbers], null));

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        SortedSet<long> list = [];
        while (list.Count < (difficulty == 3 ? 15 : 7))
            list.Add(random.NextInt(10, 100));
        long wanted = difficulty == 1 || random.NextInt(2) == 0 ? list.ElementAt(random.NextInt(list.Count)) : random.NextInt(10, 100);
        return [wanted, .. list];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string list = string.Join(' ', numbers.Skip(1));
        return language == Language.Chinese
            ? $"用二分查找在{list}中找{numbers[0]}。依次看了哪些数？"
            : $"Binary search looks for {numbers[0]} in {list}. Which numbers does it look at, in order?";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => string.Join(' ', Seen(numbers, null));

    /// <summary>The middle of every range of places, and the number there against the wanted one: `(1+7)/2=4: 14&lt;23`.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random) => Seen([.. problem.Numbers], lines);

    static List<long> Seen(long[] numbers, List<string>? lines)
    {
        List<long> seen = [];
        long wanted = numbers[0];
        // Places count from 1, as numbers[1] is the list's first.
        for (int low = 1, high = numbers.Length - 1; low <= high;)
        {
            int middle = (low + high) / 2;
            long value = numbers[middle];
            seen.Add(value);
            lines?.Add($"({low}+{high})/2={middle}: {value}{(value < wanted ? '<' : value > wanted ? '>' : '=')}{wanted}");
            if (value == wanted)
                break;
            (low, high) = value < wanted ? (middle + 1, high) : (low, middle - 1);
        }
        return seen;
    }
}
