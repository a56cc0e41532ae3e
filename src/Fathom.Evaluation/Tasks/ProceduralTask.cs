// The frame of all procedural tasks: draw numbers until they fall into the wanted split, word them, solve them, write worked
// solutions. A family fills in the abstract members and stands in one small file.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks;

/// <summary>A task that makes its own problems. Problem number <c>index</c> of a (seed, split, difficulty) is a pure function of
/// these, and says the same in every language.</summary>
public abstract class ProceduralTask : VerifiedTask
{
    // A level's problems are at least 45, of which 1 in 16 falls into the rarest split; a level that has none there ends here.
    const int MaxDraws = 100_000;

    /// <summary>Levels are 1 to this number.</summary>
    public abstract int DifficultyCount { get; }

    /// <summary>Makes one problem.</summary>
    /// <param name="seed">Seed of the whole set.</param>
    /// <param name="index">Number of the problem in its set, from 0.</param>
    /// <param name="split">The set it must belong to; sets never share a problem, whatever the seed, level or language.</param>
    /// <param name="difficulty">1 to <see cref="DifficultyCount"/>.</param>
    /// <param name="language">Language of the wording.</param>
    /// <exception cref="ArgumentOutOfRangeException">Unknown level.</exception>
    public Problem Generate(ulong seed, long index, Split split, int difficulty, Language language)
    {
        if (difficulty < 1 || difficulty > DifficultyCount)
            throw new ArgumentOutOfRangeException(nameof(difficulty), difficulty, $"Task '{Name}' has difficulty 1 to {DifficultyCount}.");

        RandomStream random = new(seed, ContentHash.Of(Name, [(long)split, difficulty, index]));
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            long[] numbers = Draw(ref random, difficulty);
            if (SplitOf(numbers) == split)
                return new Problem(Name, Word(numbers, language), Solve(numbers), difficulty, language, numbers);
        }
        throw new InvalidOperationException($"Task '{Name}' has no problem of difficulty {difficulty} in the split {split}.");
    }

    /// <summary>The split that a problem of this task belongs to.</summary>
    public Split SplitOf(Problem problem) => SplitOf([.. problem.Numbers]);

    /// <summary>The oracle: a right answer, computed from the problem's numbers.</summary>
    public string Solve(Problem problem) => Solve([.. problem.Numbers]);

    /// <summary>A solution to train on.</summary>
    /// <param name="problem">A problem of this task.</param>
    /// <param name="style">Careful solutions are always right.</param>
    /// <param name="random">Decides whether and how a guess goes wrong, and which attempts a search shows.</param>
    /// <param name="errorRate">Share of wrong answers among hasty solutions, 0 to 1; careful ones ignore it.</param>
    public WorkedSolution Worked(Problem problem, WorkStyle style, ref RandomStream random, double errorRate = 0)
    {
        if (style == WorkStyle.Careful)
        {
            List<string> lines = [];
            WriteSteps(problem, lines, ref random);
            return new WorkedSolution(string.Join('\n', lines), problem.Answer);
        }

        string guess = random.NextDouble() < errorRate ? Corrupt(problem, ref random) : problem.Answer;
        return new WorkedSolution(problem.Language == Language.Chinese ? $"猜 {guess}" : $"guess {guess}", guess);
    }

    /// <summary>Draws the numbers of one problem.</summary>
    protected abstract long[] Draw(ref RandomStream random, int difficulty);

    /// <summary>What makes two problems the same problem: the numbers without wording, in one order where order does not matter.</summary>
    protected abstract long[] Canonical(long[] numbers);

    /// <summary>The question.</summary>
    protected abstract string Word(long[] numbers, Language language);

    /// <summary>A right answer.</summary>
    protected abstract string Solve(long[] numbers);

    /// <summary>Appends the lines of a careful solution, which lead to <see cref="Problem.Answer"/>. Only searches draw from
    /// <paramref name="random"/>.</summary>
    protected abstract void WriteSteps(Problem problem, List<string> lines, ref RandomStream random);

    /// <summary>A wrong answer of the right form. Unless a task says otherwise, one digit of the right answer is changed.</summary>
    protected virtual string Corrupt(Problem problem, ref RandomStream random)
    {
        char[] answer = problem.Answer.ToCharArray();
        int[] places = [.. Enumerable.Range(0, answer.Length).Where(i => char.IsAsciiDigit(answer[i]))];
        int place = places[random.NextInt(places.Length)];
        // The first of several digits stays above zero, so that the guess has the form of a number and is another number.
        bool first = !places.Contains(place - 1) && places.Contains(place + 1);
        int lowest = first ? 1 : 0, digit = random.NextInt(lowest, 9);
        if (digit >= answer[place] - '0')
            digit++;
        answer[place] = (char)('0' + digit);
        return new string(answer);
    }

    Split SplitOf(long[] numbers) => ContentHash.SplitOf(ContentHash.Of(Name, Canonical(numbers)));
}
