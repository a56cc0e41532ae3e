// How far a word is from one that reads the same both ways.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Words;

/// <summary>`How many letters of abxba must change so that it reads the same backwards?`: level n has n+3 letters. Numbers: the letters.</summary>
public sealed class Palindrome : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "palindrome";

    /// <inheritdoc/>
    public override int DifficultyCount => 5;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long[] letters = Letters.Draw(ref random, difficulty + 3);
        // About half of the pairs fit, so that words near and far from palindromes both occur.
        for (int i = 0; i < letters.Length / 2; i++)
            if (random.NextInt(2) == 0)
                letters[^(i + 1)] = letters[i];
        return letters;
    }

    /// <summary>A word and its reverse are the same problem.</summary>
    protected override long[] Canonical(long[] numbers)
    {
        long[] reverse = [.. numbers.Reverse()];
        return numbers.AsSpan().SequenceCompareTo(reverse) <= 0 ? numbers : reverse;
    }

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"至少要改{Letters.Text(numbers)}的几个字母，才能使它倒着读也一样？"
        : $"How many letters of {Letters.Text(numbers)} must change so that it reads the same backwards?";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{Enumerable.Range(0, numbers.Length / 2).Count(i => numbers[i] != numbers[^(i + 1)])}";

    /// <summary>The pairs from outside in, with the tally of those that differ: `aa:0 bx:1`.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        int tally = 0;
        IReadOnlyList<long> letters = problem.Numbers;
        lines.Add(string.Join(' ', Enumerable.Range(0, letters.Count / 2).Select(i =>
        {
            tally += letters[i] != letters[letters.Count - 1 - i] ? 1 : 0;
            return $"{Letters.Of(letters[i])}{Letters.Of(letters[letters.Count - 1 - i])}:{tally}";
        })));
    }
}
