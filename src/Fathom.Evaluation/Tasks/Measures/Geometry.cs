// Perimeters, areas, angles and right triangles, all with whole results.
using Fathom.Evaluation.Tasks.Arithmetic;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tasks.Measures;

/// <summary>`A rectangle is 12 wide and 7 high. What is its area?`: level 1 has rectangles, level 2 triangles' angles and areas, level 3 right
/// triangles and rectangles with a hole. Numbers: kind, then up to four measures.</summary>
public sealed class Geometry : ProceduralTask
{
    enum Kind { Perimeter, Area, ThirdAngle, TriangleArea, Hypotenuse, Leg, Frame }

    static readonly (string English, string Chinese)[] s_questions =
    [
        ("A rectangle is {0} wide and {1} high. What is its perimeter?", "长方形长{0}，宽{1}。周长是多少？"),
        ("A rectangle is {0} wide and {1} high. What is its area?", "长方形长{0}，宽{1}。面积是多少？"),
        ("Two angles of a triangle have {0} and {1} degrees. How many degrees has the third?", "三角形的两个角是{0}度和{1}度。第三个角是多少度？"),
        ("A triangle has a base of {0} and a height of {1}. What is its area?", "三角形底为{0}，高为{1}。面积是多少？"),
        ("A right triangle has legs of {0} and {1}. How long is its hypotenuse?", "直角三角形的两条直角边是{0}和{1}。斜边长多少？"),
        ("A right triangle has a leg of {0} and a hypotenuse of {1}. How long is the other leg?", "直角三角形的一条直角边是{0}，斜边是{1}。另一条直角边长多少？"),
        ("A rectangle of {0} by {1} has a hole of {2} by {3}. What area is left?", "一个{0}乘{1}的长方形挖去一个{2}乘{3}的长方形。剩下的面积是多少？"),
    ];

    // Right triangles with whole sides, the shortest of their shapes.
    static readonly (int A, int B, int C)[] s_triples = [(3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (12, 35, 37), (9, 40, 41)];

    /// <inheritdoc/>
    public override string Name => "geometry";

    /// <inheritdoc/>
    public override int DifficultyCount => 3;

    /// <inheritdoc/>
    protected override long[] Draw(ref RandomStream random, int difficulty)
    {
        switch (difficulty)
        {
            case 1:
                return [random.NextInt(2), random.NextInt(10, 100), random.NextInt(2, 10), 0, 0];
            case 2 when random.NextInt(2) == 0:
                long angle = random.NextInt(10, 120);
                return [(long)Kind.ThirdAngle, angle, random.NextInt(10, (int)(171 - angle)), 0, 0];
            case 2:
                return [(long)Kind.TriangleArea, 2 * random.NextInt(5, 30), random.NextInt(2, 10), 0, 0];
            case 3 when random.NextInt(2) == 0:
                (int a, int b, int c) = s_triples[random.NextInt(s_triples.Length)];
                int scale = random.NextInt(1, Math.Max(2, 60 / c + 1));
                (a, b) = random.NextInt(2) == 0 ? (a, b) : (b, a);
                return random.NextInt(2) == 0 ? [(long)Kind.Hypotenuse, a * scale, b * scale, 0, 0] : [(long)Kind.Leg, a * scale, c * scale, 0, 0];
            default:
                long width = random.NextInt(10, 40), height = random.NextInt(3, 10);
                return [(long)Kind.Frame, width, height, random.NextInt(2, 10), random.NextInt(1, (int)height)];
        }
    }

    /// <inheritdoc/>
    protected override long[] Canonical(long[] numbers) => (Kind)numbers[0] is Kind.Leg
        ? numbers : [numbers[0], Math.Min(numbers[1], numbers[2]), Math.Max(numbers[1], numbers[2]), .. numbers[3..].Order()];

    /// <inheritdoc/>
    protected override string Word(long[] numbers, Language language)
    {
        (string english, string chinese) = s_questions[numbers[0]];
        return string.Format(System.Globalization.CultureInfo.InvariantCulture, language == Language.Chinese ? chinese : english,
            numbers[1], numbers[2], numbers[3], numbers[4]);
    }

    /// <inheritdoc/>
    protected override string Solve(long[] numbers)
    {
        (long a, long b, long c, long d) = (numbers[1], numbers[2], numbers[3], numbers[4]);
        long answer = (Kind)numbers[0] switch
        {
            Kind.Perimeter => 2 * (a + b),
            Kind.Area => a * b,
            Kind.ThirdAngle => 180 - a - b,
            Kind.TriangleArea => a * b / 2,
            Kind.Hypotenuse => Root(a * a + b * b),
            Kind.Leg => Root(b * b - a * a),
            _ => a * b - c * d,
        };
        return $"{answer}";
    }

    /// <inheritdoc/>
    protected override void WriteSteps(Problem problem, List<string> lines, ref RandomStream random)
    {
        (long a, long b, long c, long d) = (problem.Numbers[1], problem.Numbers[2], problem.Numbers[3], problem.Numbers[4]);
        switch ((Kind)problem.Numbers[0])
        {
            case Kind.Perimeter:
                ColumnArithmetic.Step(lines, a, '+', b);
                ColumnArithmetic.Step(lines, a + b, '*', 2);
                break;
            case Kind.Area:
                ColumnArithmetic.Step(lines, a, '*', b);
                break;
            case Kind.ThirdAngle:
                ColumnArithmetic.Step(lines, a, '+', b);
                ColumnArithmetic.Step(lines, 180, '-', a + b);
                break;
            case Kind.TriangleArea:
                ColumnArithmetic.Step(lines, a, '*', b);
                ColumnArithmetic.Step(lines, a * b, '/', 2);
                break;
            case Kind.Hypotenuse:
                lines.Add($"{a}*{a}={a * a} {b}*{b}={b * b}");
                lines.Add($"{a * a}+{b * b}={a * a + b * b}");
                lines.Add($"{a * a + b * b}={Root(a * a + b * b)}*{Root(a * a + b * b)}");
                break;
            case Kind.Leg:
                lines.Add($"{b}*{b}={b * b} {a}*{a}={a * a}");
                lines.Add($"{b * b}-{a * a}={b * b - a * a}");
                lines.Add($"{b * b - a * a}={Root(b * b - a * a)}*{Root(b * b - a * a)}");
                break;
            default:
                ColumnArithmetic.Step(lines, a, '*', b);
                ColumnArithmetic.Step(lines, c, '*', d);
                ColumnArithmetic.Step(lines, a * b, '-', c * d);
                break;
        }
    }

    static long Root(long square) => (long)Math.Round(Math.Sqrt(square));
}
