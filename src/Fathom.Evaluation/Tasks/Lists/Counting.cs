// How often a digit occurs in a list.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Lists;

/// <summary>`How many times does 7 appear in 3 7 7 1?`: level n lists 2n+2 digits. Numbers: the digit, then the list.</summary>
public sealed class Counting : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "counting";

    /// <inheritdoc/>
    public override int DifficultyCount => 5;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long[] numbers = new long[1 + 2 * difficulty + 2];
        numbers[0] = random.NextInt(10);
        // About four in ten are hits, so that small and large counts both occur.
        for (int i = 1; i < numbers.Length; i++)
            numbers[i] = random.NextInt(3) == 0 ? numbers[0] : random.NextInt(10);
        return numbers;
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers)
    {
        long[] content = [.. numbers];
        Array.Sort(content, 1, content.Length - 1);
        return content;
    }

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string list = string.Join(' ', numbers.Skip(1));
        return language == Language.Chinese ? $"{list}里有几个{numbers[0]}？" : $"How many times does {numbers[0]} appear in {list}?";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers.Skip(1).Count(item => item == numbers[0])}";

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        // Every item with the tally after it: `3:0 7:1 7:2 1:2`.
        int tally = 0;
        lines.Add(string.Join(' ', problem.Numbers.Skip(1).Select(item => $"{item}:{(item == problem.Numbers[0] ? ++tally : tally)}")));
    }
}
