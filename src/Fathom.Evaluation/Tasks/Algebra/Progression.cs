// Arithmetic sequences by their formulas: a member far along, the sum of the first ones, the place of a member.
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Algebra;

/// <summary>`The sequence 3, 7, 11, ... goes on like this. What is its number 12?`: level 1 asks for a member, level 2 for a member's place,
/// level 3 for a sum. Numbers: kind, first member, step, place or count.</summary>
public sealed class Progression : ProceduralTask
{
    enum Kind { Member, Place, Sum }

    /// <inheritdoc/>
    public override string Name => "progression";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty) =>
        [difficulty - 1, random.NextInt(1, difficulty == 3 ? 10 : 21), random.NextInt(2, 10), difficulty == 3 ? random.NextInt(4, 10) : random.NextInt(6, 41)];

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        (long first, long step, long place) = (numbers[1], numbers[2], numbers[3]);
        string members = $"{first}, {first + step}, {first + 2 * step}, ...";
        return ((Kind)numbers[0], language) switch
        {
            (Kind.Member, Language.Chinese) => $"数列{members}照此继续。第{place}项是多少？",
            (Kind.Member, _) => $"The sequence {members} goes on like this. What is its number {place}?",
            (Kind.Place, Language.Chinese) => $"数列{members}照此继续。{first + (place - 1) * step}是第几项？",
            (Kind.Place, _) => $"The sequence {members} goes on like this. Which place has {first + (place - 1) * step}?",
            (_, Language.Chinese) => $"数列{members}照此继续。前{place}项的和是多少？",
            _ => $"The sequence {members} goes on like this. What is the sum of its first {place} numbers?",
        };
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers)
    {
        (long first, long step, long place) = (numbers[1], numbers[2], numbers[3]);
        long last = first + (place - 1) * step;
        long answer = (Kind)numbers[0] switch { Kind.Member => last, Kind.Place => place, _ => (first + last) * place / 2 };
        return $"{answer}";
    }

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long first, long step, long place) = (problem.Numbers[1], problem.Numbers[2], problem.Numbers[3]);
        long last = first + (place - 1) * step;
        if ((Kind)problem.Numbers[0] == Kind.Place)
        {
            ColumnArithmetic.Step(lines, last, '-', first);
            ColumnArithmetic.Step(lines, last - first, '/', step);
            ColumnArithmetic.Step(lines, place - 1, '+', 1);
            return;
        }
        ColumnArithmetic.Step(lines, place, '-', 1);
        ColumnArithmetic.Step(lines, place - 1, '*', step);
        ColumnArithmetic.Step(lines, last - first, '+', first);
        if ((Kind)problem.Numbers[0] == Kind.Sum)
        {
            ColumnArithmetic.Step(lines, last, '+', first);
            ColumnArithmetic.Step(lines, first + last, '*', place);
            lines.Add($"{(first + last) * place}/2={(first + last) * place / 2}");
        }
    }
}
