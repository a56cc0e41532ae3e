// Who tells the truth? Every puzzle has one solution, with a knight in it.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Logic;

/// <summary>`A, B and C are knights (who tell the truth) or knaves (who lie). A says: B is a knave. ...`: levels 1 and 2 have three persons, 3
/// four, 4 five; from level 2 statements may count the knights. The answer is the knights' letters. Numbers: persons, then three for the
/// statement of each: its kind and what it speaks of.</summary>
public sealed class KnightsAndKnaves : ProceduralTask
{
    enum Saying { Knight, Knave, Same, Different, Count }

    /// <inheritdoc/>
    public override string Name => "knights-and-knaves";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <summary>The letters of all knights in any order, and no other letter.</summary>
    public override bool Check(Problem problem, string answer) =>
        AnswerForms.TryLetters(answer, out string letters) && letters.Order().SequenceEqual(problem.Answer.Where(char.IsAsciiLetterUpper));

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        int persons = Math.Max(3, difficulty + 1), kinds = difficulty == 1 ? 4 : 5;
        while (true)
        {
            long[] numbers = new long[1 + 3 * persons];
            numbers[0] = persons;
            for (int speaker = 0; speaker < persons; speaker++)
            {
                var saying = (Saying)random.NextInt(kinds);
                int other = (speaker + random.NextInt(1, persons)) % persons, third = random.NextInt(persons);
                (numbers[1 + 3 * speaker], numbers[2 + 3 * speaker], numbers[3 + 3 * speaker]) = saying switch
                {
                    Saying.Count => ((long)saying, random.NextInt(persons + 1), 0),
                    Saying.Knight or Saying.Knave => ((long)saying, other, 0),
                    // About two others, or another and oneself.
                    _ => ((long)saying, Math.Min(other, third == other ? speaker : third), Math.Max(other, third == other ? speaker : third)),
                };
            }
            // With four persons the search would be too long where only the last one is a knight.
            long[] solutions = [.. Assignments(persons).Where(knights => FirstContradiction(numbers, knights) < 0)];
            if (solutions is [> 0 and var only] && !(persons == 4 && only == 8))
                return numbers;
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => numbers;

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        bool chinese = language == Language.Chinese;
        int persons = (int)numbers[0];
        string[] names = [.. Enumerable.Range(0, persons).Select(i => $"{Letter(i)}")];
        string text = chinese
            ? $"{string.Join('、', names)}是骑士（说真话）或无赖（说假话）。"
            : $"{string.Join(", ", names[..^1])} and {names[^1]} are knights (who tell the truth) or knaves (who lie). ";
        for (int speaker = 0; speaker < persons; speaker++)
        {
            (Saying saying, long x, long y) = Statement(numbers, speaker);
            string said = (saying, chinese) switch
            {
                (Saying.Knight, false) => $"{Letter(x)} is a knight",
                (Saying.Knight, true) => $"{Letter(x)}是骑士",
                (Saying.Knave, false) => $"{Letter(x)} is a knave",
                (Saying.Knave, true) => $"{Letter(x)}是无赖",
                (Saying.Same, false) => $"{Letter(x)} and {Letter(y)} are of the same kind",
                (Saying.Same, true) => $"{Letter(x)}和{Letter(y)}是同类",
                (Saying.Different, false) => $"{Letter(x)} and {Letter(y)} are of different kinds",
                (Saying.Different, true) => $"{Letter(x)}和{Letter(y)}不同类",
                (_, false) => $"the number of knights among us is {x}",
                (_, true) => $"我们中骑士的人数是{x}",
            };
            text += chinese ? $"{Letter(speaker)}说：{said}。" : $"{Letter(speaker)} says: {said}. ";
        }
        return chinese ? $"{text}谁是骑士？" : $"{text}Who are the knights?";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers)
    {
        long knights = Assignments((int)numbers[0]).First(assignment => FirstContradiction(numbers, assignment) < 0);
        return string.Join(' ', Enumerable.Range(0, (int)numbers[0]).Where(i => (knights >> i & 1) == 1).Select(i => Letter(i)));
    }

    /// <summary>Every assignment in order (1 is a knight) with the first speaker whose statement does not fit: `111A`, until `101` fits.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        long[] numbers = [.. problem.Numbers];
        foreach (long knights in Assignments((int)numbers[0]))
        {
            string digits = string.Concat(Enumerable.Range(0, (int)numbers[0]).Select(i => knights >> i & 1));
            int wrong = FirstContradiction(numbers, knights);
            lines.Add(wrong < 0 ? digits : $"{digits}{Letter(wrong)}");
            if (wrong < 0)
                break;
        }
    }

    /// <summary>One person more or less is a knight.</summary>
    protected override string Corrupt(Problem problem, ref RandomStream random)
    {
        int persons = (int)problem.Numbers[0];
        while (true)
        {
            char changed = Letter(random.NextInt(persons));
            string letters = problem.Answer.Contains(changed, StringComparison.Ordinal) ? problem.Answer.Replace($"{changed}", "", StringComparison.Ordinal) : problem.Answer + changed;
            letters = letters.Replace(" ", "", StringComparison.Ordinal);
            if (letters.Length > 0)
                return string.Join(' ', letters.Order());
        }
    }

    // All knights first, then the last person's kind changes fastest: 111, 110, 101, ... Bit i is person i.
    static IEnumerable<long> Assignments(int persons)
    {
        for (long order = (1L << persons) - 1; order >= 0; order--)
        {
            long knights = 0;
            for (int i = 0; i < persons; i++)
                knights |= (order >> (persons - 1 - i) & 1) << i;
            yield return knights;
        }
    }

    // The first person who is a knight and lies or is a knave and tells the truth; -1 where there is none.
    static int FirstContradiction(long[] numbers, long knights)
    {
        for (int speaker = 0; speaker < numbers[0]; speaker++)
        {
            (Saying saying, long x, long y) = Statement(numbers, speaker);
            bool isX = saying != Saying.Count && (knights >> (int)x & 1) == 1, isY = (knights >> (int)y & 1) == 1;
            bool holds = saying switch
            {
                Saying.Knight => isX,
                Saying.Knave => !isX,
                Saying.Same => isX == isY,
                Saying.Different => isX != isY,
                _ => System.Numerics.BitOperations.PopCount((ulong)knights) == x,
            };
            if (holds != ((knights >> speaker & 1) == 1))
                return speaker;
        }
        return -1;
    }

    static (Saying Saying, long X, long Y) Statement(long[] numbers, int speaker) =>
        ((Saying)numbers[1 + 3 * speaker], numbers[2 + 3 * speaker], numbers[3 + 3 * speaker]);

    static char Letter(long person) => (char)('A' + person);
}
