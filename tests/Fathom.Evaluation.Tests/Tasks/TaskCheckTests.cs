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
        // Numbers given as large as can be: the arithmetic overflows and the answer is refused.
        long huge = long.MaxValue;
        Assert.False(task.Check(new Problem("countdown", "", "", 3, Language.English, [huge, huge, 1, 1, 1]), $"{huge}*{huge}+1/1"));
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
