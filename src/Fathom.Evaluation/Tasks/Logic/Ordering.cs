// Who stands where? An order to be put together from what is known of pairs.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Logic;

/// <summary>`C stands left of A. B stands right of A. ...`: level n orders n+2 persons. The pairs are the neighbours of the order, so there is
/// one solution; the answer is its letters from left to right. Numbers: three per statement: the left one's letter, the right one's, and
/// 1 where the statement is worded from the right.</summary>
public sealed class Ordering : ProceduralTask
{
    /// <inheritdoc/>
    public override string Name => "ordering";

    /// <inheritdoc/>
    public override int DifficultyCount => 4;

    /// <summary>All letters in the right order.</summary>
    public override bool Check(Problem problem, string answer) =>
        AnswerForms.TryLetters(answer, out string letters) && letters == problem.Answer.Replace(" ", "", StringComparison.Ordinal);

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long[] letters = [.. Enumerable.Range(0, 26).Select(letter => (long)letter)];
        random.Shuffle<long>(letters);
        long[][] pairs = [.. Enumerable.Range(0, difficulty + 1).Select(i => (long[])[letters[i], letters[i + 1], 0])];
        random.Shuffle<long[]>(pairs);
        foreach (long[] pair in pairs)
            pair[2] = random.NextInt(2);
        return [.. pairs.SelectMany(pair => pair)];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => Order(numbers);

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        bool chinese = language == Language.Chinese;
        IEnumerable<string> statements = numbers.Chunk(3).Select(pair =>
        {
            (char left, char right) = (Letter(pair[0]), Letter(pair[1]));
            return (pair[2], chinese) switch
            {
                (0, false) => $"{left} stands left of {right}. ",
                (0, true) => $"{left}在{right}的左边。",
                (_, false) => $"{right} stands right of {left}. ",
                (_, true) => $"{right}在{left}的右边。",
            };
        });
        return string.Concat(statements) + (chinese ? "从左到右的顺序是什么？" : "What is the order from left to right?");
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => string.Join(' ', Order(numbers).Select(Letter));

    /// <summary>The pair whose left one is right of nobody, then the pair that goes on from it, and so to the end.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        long[] order = Order([.. problem.Numbers]);
        for (int i = 0; i + 1 < order.Length; i++)
            lines.Add($"{Letter(order[i])}<{Letter(order[i + 1])}");
        lines.Add(problem.Answer);
    }

    /// <summary>Two change places.</summary>
    protected override string Corrupt(Problem problem, ref RandomStream random)
    {
        long[] order = Order([.. problem.Numbers]);
        int place = random.NextInt(order.Length - 1);
        (order[place], order[place + 1]) = (order[place + 1], order[place]);
        return string.Join(' ', order.Select(Letter));
    }

    static long[] Order(long[] numbers)
    {
        Dictionary<long, long> next = numbers.Chunk(3).ToDictionary(pair => pair[0], pair => pair[1]);
        List<long> order = [next.Keys.Except(next.Values).Single()];
        while (next.TryGetValue(order[^1], out long following))
            order.Add(following);
        return [.. order];
    }

    static char Letter(long letter) => (char)('A' + letter);
}
