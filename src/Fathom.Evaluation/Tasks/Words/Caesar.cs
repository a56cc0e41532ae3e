// Caesar's cipher: every letter moves along the alphabet.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Words;

/// <summary>`Shift every letter of abz by 3; after z comes a.`: level 1 has three letters and shifts to 3, level 2 four and 9, level 3 four and
/// 25, level 4 five letters and asks for the word that was shifted. Numbers: the shift, below zero where it is to be undone, then the word.</summary>
public sealed class Caesar : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "caesar";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <summary>The word.</summary>
    public override bool Check(Problem problem, string answer) => AnswerForms.IsText(answer, Solve(problem));

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long shift = random.NextInt(1, difficulty switch { 1 => 4, 2 => 10, _ => 26 });
        return [difficulty == 4 ? -shift : shift, .. Letters.Draw(ref random, difficulty switch { 1 => 3, 4 => 5, _ => 4 })];
    }

    /// <summary>The shift taken as one forward: undoing 3 is the same as shifting by 23.</summary>
    protected override long[] Canonical(long[] numbers) => [(numbers[0] + Letters.Count) % Letters.Count, .. numbers[1..]];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string word = Letters.Text(numbers.Skip(1));
        return (numbers[0] > 0, language) switch
        {
            (true, Language.Chinese) => $"把{word}的每个字母向后移{numbers[0]}位，z之后是a。",
            (true, _) => $"Shift every letter of {word} by {numbers[0]}; after z comes a.",
            (false, Language.Chinese) => $"把一个词的每个字母向后移{-numbers[0]}位（z之后是a）得到{word}。原来的词是什么？",
            _ => $"A word whose letters were shifted by {-numbers[0]} (after z comes a) is now {word}. What was it?",
        };
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => Letters.Text(numbers.Skip(1).Select(letter => (letter + numbers[0] + Letters.Count) % Letters.Count));

    /// <summary>Letter by letter, by its place from 0 to 25: `y 24+3=27 27-26=1 b`.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        long shift = problem.Numbers[0];
        foreach (long letter in problem.Numbers.Skip(1))
        {
            long moved = letter + shift, place = (moved + Letters.Count) % Letters.Count;
            string wrap = moved >= Letters.Count ? $" {moved}-26={place}" : moved < 0 ? $" {moved}+26={place}" : "";
            lines.Add($"{Letters.Of(letter)} {letter}{(shift < 0 ? "-" : "+")}{Math.Abs(shift)}={moved}{wrap} {Letters.Of(place)}");
        }
    }

    /// <summary>One letter is another.</summary>
    protected override string Corrupt(Problem problem, ref RandomStream random) => Letters.Change(problem.Answer, ref random);
}
