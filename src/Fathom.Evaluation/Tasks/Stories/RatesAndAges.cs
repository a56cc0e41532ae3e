// Word problems about speed, price, work and age.
using System.Globalization;
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Stories;

/// <summary>`A train goes 60 km an hour. How far does it go in 3 hours?`: level 1 has one step, level 2 two, level 3 two with two speeds or ages.
/// Numbers: kind, then three amounts (zero where unused), and a name.</summary>
public sealed class RatesAndAges : ProceduralTask
{
    enum Kind { Distance, Speed, Price, AgeLater, Apart, Meeting, AgeThen }

    // {0} {1} {2}: amounts; {3}: a name; {4} another one.
    static readonly (string English, string Chinese)[] s_stories =
    [
        ("A train goes {0} km an hour. How many km does it go in {1} hours?", "火车每小时行{0}千米。{1}小时行多少千米？"),
        ("A train goes {0} km in {1} hours. How many km does it go in one hour?", "火车{1}小时行{0}千米。每小时行多少千米？"),
        ("{1} books cost {0} yuan. How much do {2} books cost?", "{1}本书{0}元。{2}本书多少元？"),
        ("{3} is {0} years old. {4} is {1} times as old. How old is {4} in {2} years?", "{3}今年{0}岁，{4}的年龄是{3}的{1}倍。{2}年后{4}几岁？"),
        ("Two trains leave a town in opposite directions with {0} and {1} km an hour. How many km apart are they after {2} hours?",
            "两列火车从同一地点向相反方向开出，每小时行{0}千米和{1}千米。{2}小时后相距多少千米？"),
        ("Two towns are {2} km apart. From each a train leaves for the other, with {0} and {1} km an hour. After how many hours do they meet?",
            "两地相距{2}千米，两列火车同时相向而行，每小时行{0}千米和{1}千米。几小时后相遇？"),
        ("{3} is {0} years old. In {2} years {4} will be {1} times as old as {3} then. How old is {4} now?",
            "{3}今年{0}岁。{2}年后{4}的年龄是{3}那时的{1}倍。{4}今年几岁？"),
    ];

    static readonly (string English, string Chinese)[] s_names = [("Tom", "小明"), ("Anna", "小红"), ("Li", "小李"), ("Mia", "小美")];

    /// <inheritdoc/>
    public override string Name => "rates-and-ages";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        var kind = (Kind)(difficulty == 3 ? random.NextInt(4, 7) : 2 * (difficulty - 1) + random.NextInt(2));
        long count = random.NextInt(2, 10), speed = random.NextInt(12, 100), other = random.NextInt(2, 10);
        (long a, long b, long c) = kind switch
        {
            Kind.Distance => (speed, count, 0L),
            Kind.Speed => (speed * count, count, 0L),
            Kind.Price => (random.NextInt(3, 20) * count, count, other != count ? other : count > 2 ? count - 1 : 3),
            Kind.AgeLater => (random.NextInt(3, 13), random.NextInt(2, 6), random.NextInt(2, 20)),
            Kind.Apart => (speed, random.NextInt(12, 100), count),
            Kind.Meeting => (speed, random.NextInt(12, 100), 0L),
            _ => (random.NextInt(3, 13), random.NextInt(2, 5), random.NextInt(2, 10)),
        };
        if (kind == Kind.Meeting)
            c = (a + b) * count;
        return [(long)kind, a, b, c, random.NextInt(s_names.Length)];
    }

    /// <summary>Names are wording; two trains have no order.</summary>
    protected override long[] Canonical(long[] numbers) => (Kind)numbers[0] is Kind.Apart or Kind.Meeting
        ? [numbers[0], Math.Min(numbers[1], numbers[2]), Math.Max(numbers[1], numbers[2]), numbers[3]]
        : numbers[..4];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        bool chinese = language == Language.Chinese;
        (string English, string Chinese) story = s_stories[numbers[0]], name = s_names[numbers[4]], second = s_names[(numbers[4] + 1) % s_names.Length];
        return string.Format(CultureInfo.InvariantCulture, chinese ? story.Chinese : story.English,
            numbers[1], numbers[2], numbers[3], chinese ? name.Chinese : name.English, chinese ? second.Chinese : second.English);
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers)
    {
        (long a, long b, long c) = (numbers[1], numbers[2], numbers[3]);
        long answer = (Kind)numbers[0] switch
        {
            Kind.Distance => a * b,
            Kind.Speed => a / b,
            Kind.Price => a / b * c,
            Kind.AgeLater => a * b + c,
            Kind.Apart => (a + b) * c,
            Kind.Meeting => c / (a + b),
            _ => (a + c) * b - c,
        };
        return $"{answer}";
    }

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long a, long b, long c) = (problem.Numbers[1], problem.Numbers[2], problem.Numbers[3]);
        switch ((Kind)problem.Numbers[0])
        {
            case Kind.Distance:
                ColumnArithmetic.Step(lines, a, '*', b);
                break;
            case Kind.Speed:
                ColumnArithmetic.Step(lines, a, '/', b);
                break;
            case Kind.Price:
                ColumnArithmetic.Step(lines, a, '/', b);
                ColumnArithmetic.Step(lines, a / b, '*', c);
                break;
            case Kind.AgeLater:
                ColumnArithmetic.Step(lines, a, '*', b);
                ColumnArithmetic.Step(lines, a * b, '+', c);
                break;
            case Kind.Apart:
                ColumnArithmetic.Step(lines, a, '+', b);
                ColumnArithmetic.Step(lines, a + b, '*', c);
                break;
            case Kind.Meeting:
                ColumnArithmetic.Step(lines, a, '+', b);
                // Nine sums at most reach the distance: the divisor is too large for the columns.
                lines.Add($"{c}/{a + b}={c / (a + b)}");
                break;
            default:
                ColumnArithmetic.Step(lines, a, '+', c);
                ColumnArithmetic.Step(lines, a + c, '*', b);
                ColumnArithmetic.Step(lines, (a + c) * b, '-', c);
                break;
        }
    }
}
