// Reach a target from given numbers. The only task with many right answers: any expression that the exact checker accepts.
using Fathom.Evaluation.Graders.Mathematics;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Arithmetic;

/// <summary>`Make 22 from 3 5 7.`: level 1 has three numbers with + and -, level 2 also *, level 3 four numbers with + - * /. Each
/// number may be used at most once. Numbers: the given ones, then the target.</summary>
public sealed class Countdown : ProceduralTask
{
    const int MaxMisses = 2;

    /// <inheritdoc/>
    public override string Name => "countdown";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <summary>Whether the expression uses given numbers only, each at most once, and equals the target exactly.</summary>
    public override bool Check(Problem problem, string answer) =>
        CountdownExpression.TryEvaluate(answer, Given(problem), out Rational value) && value == problem.Numbers[^1];

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        long[] given = new long[difficulty == 3 ? 4 : 3];
        while (true)
        {
            for (int i = 0; i < given.Length; i++)
                given[i] = random.NextInt(1, 10);
            long target = difficulty == 1
                ? CountdownAttempt.SignedSums(given).ElementAt(random.NextInt(4)).Value!.Value
                : CountdownAttempt.Random(given, Operations(difficulty), ref random).Value!.Value;
            // The target is never among the given numbers, so every answer has at least one operation.
            if (target is > 0 and < 100 && !given.Contains(target))
                return [.. given, target];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => [.. numbers[..^1].Order(), numbers[^1]];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string given = string.Join(' ', numbers[..^1]);
        return language == Language.Chinese ? $"用{given}凑出{numbers[^1]}。" : $"Make {numbers[^1]} from {given}.";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => Solution(numbers).Expression;

    /// <summary>Attempts, one per line, until one reaches the target. Level 1 tries the four signed sums in a fixed order; the others
    /// show up to two random misses first.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        CountdownAttempt solution = Solution([.. problem.Numbers]);
        if (problem.Difficulty == 1)
        {
            lines.AddRange(from attempt in CountdownAttempt.SignedSums(Given(problem)).TakeWhile(attempt => attempt.Value != solution.Value)
                           select attempt.Steps);
        }
        else
        {
            for (int miss = random.NextInt(MaxMisses + 1); miss > 0; miss--)
                lines.Add(Miss(problem, ref random).Steps);
        }
        lines.Add(solution.Steps);
    }

    /// <summary>An expression of the same form that misses the target.</summary>
    protected override string Corrupt(Problem problem, ref RandomStream random) => Miss(problem, ref random).Expression;

    static CountdownAttempt Solution(long[] numbers)
    {
        (long[] given, long target) = (numbers[..^1], numbers[^1]);
        return CountdownAttempt.SignedSums(given).Concat(CountdownAttempt.Chains(given)).First(attempt => attempt.Value == target);
    }

    static CountdownAttempt Miss(Problem problem, ref RandomStream random)
    {
        while (true)
        {
            CountdownAttempt attempt = CountdownAttempt.Random(Given(problem), Operations(problem.Difficulty), ref random);
            if (attempt.Value != problem.Numbers[^1])
                return attempt;
        }
    }

    static long[] Given(Problem problem) => [.. problem.Numbers.SkipLast(1)];

    static string Operations(int difficulty) => difficulty switch { 1 => "+-", 2 => "+-*", _ => "+-*/" };
}
