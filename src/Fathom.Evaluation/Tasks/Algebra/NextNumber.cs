// The next member of a sequence whose rule has to be seen.
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Algebra;

/// <summary>`Which number comes next: 3, 7, 11, 15, 19?`: level 1 adds or subtracts the same, level 2 multiplies or adds more each time, level 3
/// adds the two before or mixes two sequences. Numbers: kind, then its parameters.</summary>
public sealed class NextNumber : ProceduralTask
{
    enum Kind { Steady, Factor, Growing, TwoBefore, Mixed }

    /// <inheritdoc/>
    public override string Name => "next-number";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        switch (difficulty)
        {
            case 1:
                long step = random.NextInt(2, 13), first = random.NextInt(1, 41);
                return random.NextInt(3) == 0 ? [(long)Kind.Steady, first + 5 * step, -step] : [(long)Kind.Steady, first, step];
            case 2:
                return random.NextInt(4) == 0
                    ? [(long)Kind.Factor, random.NextInt(1, 13), random.NextInt(2, 4)]
                    : [(long)Kind.Growing, random.NextInt(1, 21), random.NextInt(1, 10), random.NextInt(1, 6)];
            default:
                return random.NextInt(2) == 0
                    ? [(long)Kind.TwoBefore, random.NextInt(1, 13), random.NextInt(1, 13)]
                    : [(long)Kind.Mixed, random.NextInt(1, 21), random.NextInt(1, 6), random.NextInt(1, 21), random.NextInt(1, 6)];
        }
    }

    /// <summary>The members shown: two rules with the same members are the same problem.</summary>
    protected override long[] Canonical(long[] numbers) => Members(numbers)[..^1];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        string shown = string.Join(", ", Members(numbers)[..^1]);
        return language == Language.Chinese ? $"{shown}的下一个数是多少？" : $"Which number comes next: {shown}?";
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers) => $"{Members(numbers)[^1]}";

    /// <summary>What leads from one member to the next, then the step to the answer.</summary>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        long[] m = Members([.. problem.Numbers]);
        int last = m.Length - 1;
        switch ((Kind)problem.Numbers[0])
        {
            case Kind.Steady:
            case Kind.Growing:
                lines.Add(string.Join(' ', Enumerable.Range(1, last - 1).Select(i => $"{m[i]}-{m[i - 1]}={m[i] - m[i - 1]}")));
                long step = m[last] - m[last - 1];
                if ((Kind)problem.Numbers[0] == Kind.Growing)
                    lines.Add($"{step - problem.Numbers[3]}+{problem.Numbers[3]}={step}");
                lines.Add(step < 0 ? $"{m[last - 1]}-{-step}={m[last]}" : $"{m[last - 1]}+{step}={m[last]}");
                break;
            case Kind.Factor:
                lines.Add(string.Join(' ', Enumerable.Range(1, last - 1).Select(i => $"{m[i]}/{m[i - 1]}={m[i] / m[i - 1]}")));
                lines.Add($"{m[last - 1]}*{problem.Numbers[2]}={m[last]}");
                break;
            case Kind.TwoBefore:
                lines.Add(string.Join(' ', Enumerable.Range(2, last - 2).Select(i => $"{m[i - 2]}+{m[i - 1]}={m[i]}")));
                lines.Add($"{m[last - 2]}+{m[last - 1]}={m[last]}");
                break;
            default:
                lines.Add(string.Join(' ', Enumerable.Range(2, last - 2).Select(i => $"{m[i]}-{m[i - 2]}={m[i] - m[i - 2]}")));
                lines.Add($"{m[last - 2]}+{problem.Numbers[2]}={m[last]}");
                break;
        }
    }

    // The members shown and the next one: six, of two mixed sequences seven.
    static long[] Members(long[] numbers)
    {
        var kind = (Kind)numbers[0];
        long[] members = new long[kind == Kind.Mixed ? 7 : 6];
        for (int i = 0; i < members.Length; i++)
            members[i] = kind switch
            {
                Kind.Steady => numbers[1] + i * numbers[2],
                Kind.Factor => i == 0 ? numbers[1] : members[i - 1] * numbers[2],
                Kind.Growing => i == 0 ? numbers[1] : members[i - 1] + numbers[2] + (i - 1) * numbers[3],
                Kind.TwoBefore => i < 2 ? numbers[1 + i] : members[i - 1] + members[i - 2],
                _ => numbers[i % 2 * 2 + 1] + i / 2 * numbers[i % 2 * 2 + 2],
            };
        return members;
    }
}
