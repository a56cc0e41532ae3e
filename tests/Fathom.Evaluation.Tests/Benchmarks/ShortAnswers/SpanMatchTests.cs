using Fathom.Evaluation.Benchmarks.ShortAnswers;

namespace Fathom.Evaluation.Tests.Benchmarks.ShortAnswers;

public sealed class SpanMatchTests
{
    // Worked by hand. F1 of bags: 2 * common / (words of one + words of the other).
    [Theory]
    [InlineData("Denver Broncos", "the Denver Broncos!", 1, 1)]
    [InlineData("Denver Broncos", "Broncos", 0, 0.67)] // 2*1/(2+1)
    [InlineData("Denver Broncos", "Broncos of Denver", 0, 0.8)] // 2*2/(2+3)
    [InlineData("3", "3.0", 1, 1)]
    [InlineData("3", "4", 0, 0)]
    [InlineData("3 yards", "yards", 0, 0)] // the number is not there
    [InlineData("3 yards", "3", 0, 0.67)]
    [InlineData("yards", "3 yards", 0, 0.67)] // no number in the reference
    [InlineData("1,000", "1000", 1, 1)] // "1,000" is no number until its comma is gone
    [InlineData("twenty-five", "twenty five", 1, 1)]
    [InlineData("A|B", "B|A", 1, 1)]
    [InlineData("Tom|Ann", "Ann", 0, 0.5)] // one of two spans
    [InlineData("Ann", "Tom|Ann", 0, 0.5)]
    [InlineData("x y|y z", "y z|x", 0, 0.83)] // (1 + 2*1/(2+1)) / 2
    [InlineData("a", "the", 1, 1)] // both are articles only: two empty bags
    [InlineData("word", "", 0, 0)]
    [InlineData("5 May 1990", "May 5, 1990", 0, 1)]
    public void Score_IsTheAuthors(string reference, string answer, double exact, double f1) =>
        Assert.Equal((exact, f1), SpanMatch.Score(reference.Split('|'), answer.Split('|')));

    [Fact]
    public void ManySpans_AreRefusedInTime() => Assert.Equal((0, 0), SpanMatch.Score(["a"], [.. Enumerable.Repeat("x", 100_000)]));

    [Fact]
    public void GreatestSum_EqualsTheBestOfAllPermutations()
    {
        var random = new Random(3);
        for (int trial = 0; trial < 200; trial++)
        {
            int n = random.Next(1, 7);
            var scores = new double[n, n];
            for (int i = 0; i < n * n; i++)
                scores[i / n, i % n] = random.Next(3) == 0 ? 0 : random.Next(8) / 8.0;
            // Eighths add up without rounding.
            Assert.Equal(Permutations(n).Max(order => order.Select((column, row) => scores[row, column]).Sum()), SpanMatch.GreatestSum(scores), 1e-12);
        }
    }

    static IEnumerable<int[]> Permutations(int n) => n == 0 ? [[]]
        : Permutations(n - 1).SelectMany(order => Enumerable.Range(0, n).Select(at => (int[])[.. order[..at], n - 1, .. order[at..]]));

    [Theory]
    [InlineData("The  Answer--is: An apple.", "answer is apple")]
    [InlineData("$1,500", "1500")]
    [InlineData("0.50", "0.5")]
    [InlineData("1e3", "1000")]
    [InlineData("U.S.A.", "usa")]
    [InlineData("e", "e")]
    [InlineData("", "")]
    public void Normal_IsOneForm(string text, string normal) => Assert.Equal(normal, ShortAnswer.Normal(text));

    [Theory]
    [InlineData("So it is.\nAnswer: 5 May", "5 May")]
    [InlineData("Answer: no\nwait\n**Answer:** **5 May**", "5 May")]
    [InlineData("Answer:\n5 May", "5 May")]
    [InlineData("The answer is 5 May", "5 May")]
    [InlineData("Hence \\boxed{5 May}.", "5 May")]
    [InlineData("Answer: $\\boxed{5 May}$", "5 May")]
    [InlineData("答案：5 May", "5 May")]
    [InlineData("5 May\n", "5 May")]
    [InlineData("", "")]
    public void ShortAnswer_IsTakenOut(string response, string answer) => Assert.Equal(answer, ShortAnswer.Of(response));
}
