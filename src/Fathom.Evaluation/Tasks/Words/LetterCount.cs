// How often a letter occurs in a word.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Words;

/// <summary>`How many times does r occur in srrbxr?`: level n has 2n+2 letters. Numbers: the letter, then the word.</summary>
public sealed class LetterCount : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "letter-count";

    /// <inheritdoc/>
    public override int DifficultyCount => 5;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long[] numbers = [random.NextInt(Letters.Count), .. Letters.Draw(ref random, 2 * difficulty + 2)];
        // About one in three is a hit, so that small and large counts both occur.
        for (int i = 1; i < numbers.Length; i++)
            if (random.NextInt(3) == 0)
                numbers[i] = numbers[0];
        return numbers;
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"{Letters.Text(numbers.Skip(1))}里有几个{Letters.Of(numbers[0])}？"
        : $"How many times does {Letters.Of(numbers[0])} occur in {Letters.Text(numbers.Skip(1))}?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{numbers.Skip(1).Count(letter => letter == numbers[0])}";

    /// <summary>Every letter with the tally after it: `s:0 r:1 r:2 b:2`.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        int tally = 0;
        lines.Add(string.Join(' ', problem.Numbers.Skip(1).Select(letter => $"{Letters.Of(letter)}:{(letter == problem.Numbers[0] ? ++tally : tally)}")));
    }
}
