// Words written backwards.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Words;

/// <summary>`Write qxbt backwards.`: level n has n+2 letters, and no word that reads the same both ways. Numbers: the letters.</summary>
public sealed class Reversal : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "reversal";

    /// <inheritdoc/>
    public override int DifficultyCount => 5;

    /// <summary>The word.</summary>
    public override bool Check(Problem problem, string answer) => AnswerForms.IsText(answer, Solve(problem));

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long[] letters;
        do
            letters = Letters.Draw(ref random, difficulty + 2);
        while (letters.SequenceEqual(letters.Reverse()));
        return letters;
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language) => language == Language.Chinese
        ? $"把{Letters.Text(numbers)}倒过来写。"
        : $"Write {Letters.Text(numbers)} backwards.";

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => Letters.Text(numbers.Reverse());

    /// <summary>The letters apart, then the same from the last one.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        lines.Add(string.Join(' ', problem.Numbers.Select(Letters.Of)));
        lines.Add(string.Join(' ', problem.Numbers.Reverse().Select(Letters.Of)));
    }

    /// <summary>One letter is another.</summary>
    protected override string Corrupt(Problem problem, ref RandomStream random) => Letters.Change(problem.Answer, ref random);
}
