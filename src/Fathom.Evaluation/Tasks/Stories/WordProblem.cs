// Short stories with one or two steps of arithmetic. A story's kind and its amounts are the problem; names and things are wording.
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Stories;

/// <summary>`Tom has 12 apples and gets 7 more. ...`: level 1 has one step, level 2 two, level 3 two with larger amounts.
/// Numbers: kind, three amounts (zero where unused), name, thing.</summary>
public sealed class WordProblem : ProceduralTask
{
    enum Kind { Get, Give, Boxes, Share, GetAndGive, BoxesLess, BoxesMore }

    // {0} {1} {2}: amounts; {3}: name; {4}: thing with its measure word left out; {5}: the Chinese measure word.
    static readonly (string English, string Chinese)[] Stories =
    [
        ("{3} has {0} {4} and gets {1} more. How many {4} does {3} have now?", "{3}有{0}{5}{4}，又得到{1}{5}。现在有几{5}{4}？"),
        ("{3} has {0} {4} and gives away {1}. How many {4} are left?", "{3}有{0}{5}{4}，送出{1}{5}。还剩几{5}{4}？"),
        ("There are {0} boxes with {1} {4} each. How many {4} are there?", "有{0}个盒子，每个装{1}{5}{4}。一共有几{5}{4}？"),
        ("{3} shares {0} {4} equally among {1} friends. How many {4} does each get?", "{3}把{0}{5}{4}平分给{1}个朋友。每人得到几{5}{4}？"),
        ("{3} has {0} {4}, gets {1} more and gives away {2}. How many {4} are left?", "{3}有{0}{5}{4}，又得到{1}{5}，再送出{2}{5}。还剩几{5}{4}？"),
        ("There are {0} boxes with {1} {4} each. {3} takes {2} {4}. How many {4} are left?",
            "有{0}个盒子，每个装{1}{5}{4}。{3}拿走{2}{5}。还剩几{5}{4}？"),
        ("There are {0} boxes with {1} {4} each and {2} more {4}. How many {4} are there?",
            "有{0}个盒子，每个装{1}{5}{4}，另外还有{2}{5}。一共有几{5}{4}？"),
    ];

    static readonly (string English, string Chinese)[] Names = [("Tom", "小明"), ("Anna", "小红"), ("Li", "小李"), ("Mia", "小美")];

    static readonly (string English, string Chinese, string Measure)[] Things =
        [("apples", "苹果", "个"), ("pens", "铅笔", "支"), ("books", "书", "本"), ("coins", "硬币", "枚")];

    /// <inheritdoc/>
    public override string Name => "word-problem";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        Kind kind = difficulty == 1 ? (Kind)random.NextInt(4) : (Kind)random.NextInt(4, 7);
        bool large = difficulty == 3;
        int a, b, c = 0;
        switch (kind)
        {
            case Kind.Get:
            case Kind.Give:
                (a, b) = (random.NextInt(10, 31), random.NextInt(1, 10));
                break;
            case Kind.Boxes:
                (a, b) = (random.NextInt(2, 11), random.NextInt(2, 10));
                break;
            case Kind.Share:
                b = random.NextInt(2, 10);
                a = b * random.NextInt(2, 10);
                break;
            case Kind.GetAndGive:
                (a, b) = large ? (random.NextInt(20, 100), random.NextInt(10, 100)) : (random.NextInt(5, 31), random.NextInt(1, 10));
                c = large ? random.NextInt(10, a + b) : random.NextInt(1, 10);
                break;
            default:
                (a, b) = (large ? random.NextInt(11, 31) : random.NextInt(2, 11), random.NextInt(2, 10));
                c = large ? random.NextInt(10, Math.Min(100, a * b)) : random.NextInt(1, Math.Min(10, a * b));
                break;
        }
        return [(long)kind, a, b, c, random.NextInt(Names.Length), random.NextInt(Things.Length)];
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => (Kind)numbers[0] is Kind.Get or Kind.Boxes or Kind.GetAndGive or Kind.BoxesMore or Kind.BoxesLess
        ? [numbers[0], Math.Min(numbers[1], numbers[2]), Math.Max(numbers[1], numbers[2]), numbers[3]]
        : [.. numbers[..4]];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        bool chinese = language == Language.Chinese;
        (string English, string Chinese) story = Stories[numbers[0]], name = Names[numbers[4]];
        (string English, string Chinese, string Measure) thing = Things[numbers[5]];
        return string.Format(System.Globalization.CultureInfo.InvariantCulture, chinese ? story.Chinese : story.English,
            numbers[1], numbers[2], numbers[3], chinese ? name.Chinese : name.English, chinese ? thing.Chinese : thing.English, thing.Measure);
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers)
    {
        (long a, long b, long c) = (numbers[1], numbers[2], numbers[3]);
        long answer = (Kind)numbers[0] switch
        {
            Kind.Get => a + b,
            Kind.Give => a - b,
            Kind.Boxes => a * b,
            Kind.Share => a / b,
            Kind.GetAndGive => a + b - c,
            Kind.BoxesLess => a * b - c,
            _ => a * b + c,
        };
        return $"{answer}";
    }

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long a, long b, long c) = (problem.Numbers[1], problem.Numbers[2], problem.Numbers[3]);
        Kind kind = (Kind)problem.Numbers[0];
        (char first, long value) = kind switch
        {
            Kind.Get or Kind.GetAndGive => ('+', a + b),
            Kind.Give => ('-', a - b),
            Kind.Share => ('/', a / b),
            _ => ('*', a * b),
        };
        ColumnArithmetic.Step(lines, a, first, b);
        if (kind >= Kind.GetAndGive)
            ColumnArithmetic.Step(lines, value, kind == Kind.BoxesMore ? '+' : '-', c);
    }
}
