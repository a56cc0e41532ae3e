// Checks and worked solutions of single tasks, in literal examples.
using Fathom.Evaluation.Tasks;
using Fathom.Numerics.Random;

namespace Fathom.Evaluation.Tests.Tasks;

public sealed class TaskCheckTests
{
    [Theory]
    [InlineData("3*5+7", true)]
    [InlineData("7 + 5 * 3", true)]
    [InlineData("(7+(5×3))", true)]
    [InlineData("3*7+5/5", false)]     // 5 twice
    [InlineData("15+7", false)]        // 15 was not given
    [InlineData("3*5+7=22", false)]    // an equation is not an expression
    [InlineData("3*5", false)]
    [InlineData("22", false)]
    [InlineData("-3*5+7", false)]
    [InlineData("3*5+7)", false)]
    [InlineData("(3*5+7", false)]
    [InlineData("3**5+7", false)]
    [InlineData("3*5+7/", false)]
    [InlineData("3 5 7", false)]
    [InlineData("7/(5-5)", false)]
    [InlineData("35-7", false)]
    [InlineData("3*5+7\n", false)]
    public void Countdown_Check(string answer, bool right) =>
        Assert.Equal(right, TaskCatalog.Find("countdown").Check(new Problem("countdown", "", "", 2, Language.English, [3, 5, 7, 22]), answer));

    [Theory]
    [InlineData("8/(3-8/3)", true)]    // only exact fractions see this
    [InlineData("8/(3-3)", false)]
    public void Countdown_Check_UsesExactFractions(string answer, bool right) =>
        Assert.Equal(right, TaskCatalog.Find("countdown").Check(new Problem("countdown", "", "", 3, Language.English, [3, 3, 8, 8, 24]), answer));

    [Fact]
    public void Countdown_Check_DeepAndHugeInputIsRefused()
    {
        ProceduralTask task = TaskCatalog.Find("countdown");
        Problem problem = new("countdown", "", "", 3, Language.English, [9, 9, 9, 9, 24]);
        Assert.False(task.Check(problem, new string('(', 150) + "9"));
        Assert.False(task.Check(problem, new string('(', 15) + "24" + new string(')', 15)));
        // Numbers given as large as can be: the arithmetic does not overflow. A product of 64-bit integers that wrapped would be 1 here.
        long huge = long.MaxValue;
        Assert.False(task.Check(new Problem("countdown", "", "", 3, Language.English, [huge, huge, 1, 1, 1]), $"{huge}*{huge}"));
        Assert.True(task.Check(new Problem("countdown", "", "", 3, Language.English, [huge, huge, huge, 1, huge]), $"{huge}*{huge}/{huge}"));
    }

    [Theory]
    [InlineData("1 3 5 8", true)]
    [InlineData("1, 3, 5, 8.", true)]
    [InlineData("1，3、5 8", true)]
    [InlineData("1 3 8 5", false)]
    [InlineData("1 3 5", false)]
    [InlineData("1 3 5 8 8", false)]
    [InlineData("1358", false)]
    public void Sorting_Check(string answer, bool right) =>
        Assert.Equal(right, TaskCatalog.Find("sorting").Check(new Problem("sorting", "", "1 3 5 8", 2, Language.English, [5, 3, 8, 1]), answer));

    [Theory]
    [InlineData("5", true)]
    [InlineData("x=5", true)]
    [InlineData("x = 5.", true)]
    [InlineData("x=x=5", false)]
    [InlineData("y=5", false)]
    [InlineData("-5", false)]
    public void LinearEquation_Check(string answer, bool right) =>
        Assert.Equal(right, TaskCatalog.Find("linear-equation").Check(new Problem("linear-equation", "", "5", 1, Language.English, [3, 4, 5]), answer));

    [Theory]
    [InlineData("18 3", true)]
    [InlineData("18, 3", true)]
    [InlineData("(18, 3)", true)]
    [InlineData("18 3.", true)]
    [InlineData("3 18", false)]
    [InlineData("18", false)]
    [InlineData("18 3 0", false)]
    [InlineData("18.3", false)]
    [InlineData("18 remainder 3", false)]
    public void Division_Check(string answer, bool right) => AssertCheck("division", [147, 8], answer, right);

    [Theory]
    [InlineData("11/12", true)]
    [InlineData(" 11 / 12 ", true)]
    [InlineData("22/24", false)]       // lowest terms are asked for
    [InlineData("11/12/1", false)]
    [InlineData("-11/-12", false)]
    [InlineData("11", false)]
    [InlineData("0.9166", false)]
    [InlineData("11/0", false)]
    public void Fractions_Check(string answer, bool right) => AssertCheck("fractions", [0, 2, 3, 1, 4], answer, right);

    [Theory]
    [InlineData("7 3", true)]
    [InlineData("x=7, y=3", true)]
    [InlineData("x = 7 and y = 3.", true)]
    [InlineData("(7, 3)", true)]
    [InlineData("3 7", false)]
    [InlineData("y=3, x=7", false)]
    [InlineData("7 3 1", false)]
    [InlineData("73", false)]
    public void TwoEquations_Check(string answer, bool right) => AssertCheck("two-equations", [1, 1, 1, -1, 7, 3], answer, right);

    [Theory]
    [InlineData("2 3", true)]
    [InlineData("3, 2", true)]
    [InlineData("x=2 or x=3", true)]
    [InlineData("x = 3, x = 2", true)]
    [InlineData("2", false)]
    [InlineData("2 2", false)]
    [InlineData("1 2 3", false)]
    [InlineData("-2 3", false)]
    public void Quadratic_Check(string answer, bool right) => AssertCheck("quadratic", [1, 2, 3], answer, right);

    [Theory]
    [InlineData("2*2*3*5", true)]
    [InlineData("5 * 3 * 2 * 2", true)]
    [InlineData("2^2*3×5", true)]
    [InlineData("4*15", false)]
    [InlineData("60", false)]
    [InlineData("1*2*2*3*5", false)]
    [InlineData("2*2*3*5*", false)]
    [InlineData("2^0*60", false)]
    [InlineData("2^2^1*3*5", false)]
    [InlineData("2^99999999*3*5", false)]
    [InlineData("-2*-2*3*5", false)]
    public void PrimeFactors_Check(string answer, bool right) => AssertCheck("prime-factors", [60], answer, right);

    [Theory]
    [InlineData("C A B", true)]
    [InlineData("C, A, B.", true)]
    [InlineData("[C, A, B]", true)]
    [InlineData("B A C", false)]
    [InlineData("C A", false)]
    [InlineData("C A B D", false)]
    [InlineData("CAB", false)]
    [InlineData("c a b", false)]
    public void Ordering_Check(string answer, bool right) => AssertCheck("ordering", [2, 0, 0, 0, 1, 1], answer, right);

    [Theory]
    [InlineData("tbxq", true)]
    [InlineData("\"tbxq\".", true)]
    [InlineData("qxbt", false)]
    [InlineData("tbxq qxbt", false)]
    [InlineData("TBXQ", false)]
    [InlineData("t b x q", false)]
    public void Reversal_Check(string answer, bool right) => AssertCheck("reversal", [16, 23, 1, 19], answer, right);

    static void AssertCheck(string name, long[] numbers, string answer, bool right)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        Problem problem = new(name, "", "", 1, Language.English, numbers);
        Assert.Equal(right, task.Check(problem with { Answer = task.Solve(problem) }, answer));
    }

    [Theory]
    [InlineData("addition", new long[] { 478, 256 }, "8+6=14: 4|7+5+1=13: 34|4+2+1=7: 734")]
    [InlineData("addition", new long[] { 99, 99 }, "9+9=18: 8|9+9+1=19: 198")]
    [InlineData("subtraction", new long[] { 432, 157 }, "12-7=5: 5|13-5-1=7: 75|4-1-1=2: 275")]
    [InlineData("subtraction", new long[] { 700, 699 }, "10-9=1: 1|10-9-1=0: 01|7-6-1=0: 001")]
    [InlineData("multiplication", new long[] { 478, 6 }, "8*6=48: 8|7*6+4=42+4=46: 68|4*6+4=24+4=28: 2868")]
    [InlineData("multiplication", new long[] { 47, 36 }, "7*6=42: 2|4*6+4=24+4=28: 282|7*3=21: 1|4*3+2=12+2=14: 141|282+1410|2+0=2: 2|8+1=9: 92|2+4=6: 692|0+1=1: 1692")]
    [InlineData("modulo", new long[] { 1475, 8 }, "14-1*8=6|67-8*8=3|35-4*8=3")]
    [InlineData("comparison", new long[] { 478, 473 }, "4=4|7=7|8>3")]
    [InlineData("comparison", new long[] { 78, 473 }, "length 2<3")]
    [InlineData("counting", new long[] { 7, 3, 7, 7, 1 }, "3:0 7:1 7:2 1:2")]
    [InlineData("sorting", new long[] { 5, 3, 8, 1 }, "5 3 8 1: 1|5 3 8: 3|5 8: 5|8: 8")]
    [InlineData("linear-equation", new long[] { 3, 4, 5 }, "19-4=15|15/3=5")]
    [InlineData("linear-equation", new long[] { 9, -42, 19 }, "129+42|9+2=11: 1|2+4+1=7: 71|1+0=1: 171|171/9|17-1*9=8: 1|81-9*9=0: 19")]
    [InlineData("word-problem", new long[] { 4, 12, 7, 5, 0, 0 }, "12+7=19|19-5=14")]
    [InlineData("countdown", new long[] { 3, 5, 7, 9 }, "3+5=8 8+7=15|3+5=8 8-7=1|3+7=10 10-5=5|5+7=12 12-3=9")]
    [InlineData("division", new long[] { 1475, 8 }, "14-1*8=6: 1|67-8*8=3: 18|35-4*8=3: 184")]
    [InlineData("fractions", new long[] { 0, 1, 6, 1, 2 }, "6*2=12|1*2=2 1*6=6|2+6=8|8/4=2 12/4=3|2/3")]
    [InlineData("mixed-expression", new long[] { 7, 6, 12, 2, 7 }, "12*6|2*6=12: 2|1*6+1=6+1=7: 72|72-2=70|70/7|7-1*7=0: 1|0-0*7=0: 10")]
    [InlineData("two-equations", new long[] { 1, 1, 1, -1, 7, 3 }, "1*(-1)-1*1=-2|10*(-1)-4*1=-14|-14/(-2)=7|(10-1*7)/1=3")]
    [InlineData("quadratic", new long[] { 1, 2, 3 }, "(-5)*(-5)-4*6=1|1=1*1|(5-1)/2=2 (5+1)/2=3")]
    [InlineData("progression", new long[] { 0, 3, 4, 12 }, "12-1=11|11*4|1*4=4: 4|1*4=4: 44|44+3=47")]
    [InlineData("next-number", new long[] { 2, 5, 2, 3 }, "7-5=2 12-7=5 20-12=8 31-20=11|11+3=14|31+14=45")]
    [InlineData("gcd-lcm", new long[] { 0, 36, 48 }, "48-1*36=12|36-3*12=0|12")]
    [InlineData("gcd-lcm", new long[] { 1, 10, 4 }, "10-2*4=2|4-2*2=0|4/2=2|10*2=20")]
    [InlineData("prime-factors", new long[] { 60 }, "60/2=30|30/2=15|15/3=5|2*2*3*5=60")]
    [InlineData("modular-power", new long[] { 7, 5, 11 }, "7*7=49 49-4*11=5|5*5=25 25-2*11=3|3*7=21 21-1*11=10")]
    [InlineData("base-conversion", new long[] { 0, 11, 2 }, "11-5*2=1|5-2*2=1|2-1*2=0|1-0*2=1|1011")]
    [InlineData("base-conversion", new long[] { 1, 35, 3 }, "1*3+0=3|3*3+2=11|11*3+2=35")]
    [InlineData("knights-and-knaves", new long[] { 3, 1, 1, 0, 2, 0, 2, 0, 0, 0 }, "111A|110A|101B|100C|011B|010")]
    [InlineData("ordering", new long[] { 0, 1, 1, 2, 0, 0 }, "C<A|A<B|C A B")]
    [InlineData("merging", new long[] { 1, 4, 9, 2, 3, 8 }, "1<2: 1|4>2: 2|4>3: 3|4<8: 4|9>8: 8|: 9")]
    [InlineData("binary-search", new long[] { 23, 2, 5, 9, 14, 23, 31, 40 }, "(1+7)/2=4: 14<23|(5+7)/2=6: 31>23|(5+5)/2=5: 23=23")]
    [InlineData("reversal", new long[] { 16, 23, 1, 19 }, "q x b t|t b x q")]
    [InlineData("letter-count", new long[] { 17, 18, 17, 17, 1 }, "s:0 r:1 r:2 b:2")]
    [InlineData("caesar", new long[] { 3, 0, 24 }, "a 0+3=3 d|y 24+3=27 27-26=1 b")]
    [InlineData("palindrome", new long[] { 0, 1, 23, 0 }, "aa:0 bx:1")]
    [InlineData("weekday", new long[] { 5, 45 }, "45-6*7=3|5+3=8|8-7=1")]
    [InlineData("days-between", new long[] { 2024, 2, 5, 2024, 3, 10 }, "29-5=24|24+10=34")]
    [InlineData("unit-conversion", new long[] { 1, 2, 3, 25 }, "60*3|0*3=0: 0|6*3=18: 180|180+25|0+5=5: 5|8+2=10: 05|1+0+1=2: 205")]
    [InlineData("geometry", new long[] { 4, 3, 4, 0, 0 }, "3*3=9 4*4=16|9+16=25|25=5*5")]
    [InlineData("program-output", new long[] { 0, 0, 0, 3, 0, 7, 0, 0, 2, 1, 3, 0, 0, 2, 0 }, "x=3|i=0|x=3*2=6|i=1|x=6*2=12")]
    [InlineData("rates-and-ages", new long[] { 3, 7, 4, 5, 0 }, "7*4=28|28+5=33")]
    public void CarefulWork_ReadsAsExpected(string name, long[] numbers, string expected)
    {
        ProceduralTask task = TaskCatalog.Find(name);
        RandomStream random = new(1, 1);
        Problem problem = new(name, "", "", 1, Language.English, numbers);
        problem = problem with { Answer = task.Solve(problem) };
        Assert.Equal(expected.Replace('|', '\n'), task.Worked(problem, WorkStyle.Careful, ref random).Reasoning);
    }

    [Fact]
    public void Commutative_VariantsAreTheSameProblem()
    {
        foreach ((string name, long[] numbers, long[] swapped) in new (string, long[], long[])[]
        {
            ("addition", [478, 256], [256, 478]), ("multiplication", [47, 6], [6, 47]), ("comparison", [1, 2], [2, 1]),
            ("sorting", [5, 3, 8], [8, 5, 3]), ("counting", [7, 3, 7, 1], [7, 7, 1, 3]), ("countdown", [3, 5, 7, 22], [7, 3, 5, 22]),
            ("word-problem", [0, 12, 7, 0, 0, 0], [0, 7, 12, 0, 3, 2]),
            ("fractions", [0, 2, 3, 1, 4], [0, 1, 4, 2, 3]), ("mixed-expression", [4, 12, 3, 5, 7], [4, 7, 5, 3, 12]), ("gcd-lcm", [0, 48, 36], [0, 36, 48]),
            ("two-equations", [1, 1, 2, -1, 7, 9], [2, -1, 1, 1, 7, 9]), ("merging", [1, 4, 9, 2, 3, 8], [2, 3, 8, 1, 4, 9]),
            ("palindrome", [0, 1, 2, 9], [9, 2, 1, 0]), ("geometry", [1, 12, 7, 0, 0], [1, 7, 12, 0, 0]), ("rates-and-ages", [4, 60, 80, 3, 0], [4, 80, 60, 3, 2]),
        })
            for (long shift = 0; shift < 64; shift++)
            {
                long[] left = [.. numbers], right = [.. swapped];
                // Move the value that stands at both ends of the list's order, so that 64 different contents are tried.
                left[Array.IndexOf(left, numbers.Max())] += shift;
                right[Array.IndexOf(right, numbers.Max())] += shift;
                ProceduralTask task = TaskCatalog.Find(name);
                Assert.Equal(task.SplitOf(new Problem(name, "", "", 1, Language.English, left)), task.SplitOf(new Problem(name, "", "", 1, Language.English, right)));
            }
    }

    // Published scores name a seed: what it draws must not change.
    [Theory]
    [InlineData("addition", Language.English, "What is 704+424?")]
    [InlineData("addition", Language.Chinese, "704+424等于多少？")]
    public void Prompt_StaysTheSame_ForAPinnedSeed(string name, Language language, string prompt) =>
        Assert.Equal(prompt, TaskCatalog.Find(name).Generate(1, 0, Split.HeldOut, 3, language).Prompt);
}
