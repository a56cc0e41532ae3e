// Texts made to hurt: the grader says what it thinks of them within its budget. It never hangs, throws or exhausts the stack.
using System.Text;
using Fathom.Evaluation.Graders.Mathematics;
using Fathom.Testing;

namespace Fathom.Evaluation.Tests.Graders.Mathematics;

public sealed class HostileAnswerTests
{
    static string Nested(string open, string close, int depth, string core = "1") => new StringBuilder().Insert(0, open, depth).Append(core).Insert(open.Length * depth + core.Length, close, depth).ToString();

    public static TheoryData<string> Texts()
    {
        const int mega = 1 << 20;
        return
        [
            "", " ", "\0", "\ud800", "1\udc00", "\u200b", "$", "$$", "\\", "\\\\", "{", "}", "}{", "(", ")", ")(", "[", "|", "^", "_", "x^", "_2", "1/0", "0/0", "0^0", "0^{-1}", @"\frac", @"\frac{1}", @"\frac{1}{", @"\frac{}{}", @"\sqrt", @"\sqrt[", @"\sqrt[0]{2}", @"\sqrt[-1]{2}",
            @"\log_1 5", @"\log_0 5", @"\ln 0", @"\ln(-1)", @"\tan 90^\circ", @"\begin{pmatrix}", @"\end{pmatrix}", @"\begin{pmatrix}1&2\\3\end{pmatrix}", @"\begin{", @"\text{", @"\text{\text{\text{\text{\text{\text{\text{\text{\text{\text{5}}}}}}}}}}", @"\binom{10^9}{5\cdot10^8}", @"\binom{x}{y}", @"\infty-\infty", @"\infty/\infty", @"0\cdot\infty",
            "10^10^10", "10^{10^{10}}", "2^{10^{9}}!", "(10^9)!", "3000!!!", "9^9^9^9^9", "9!!!!!!!!!!!!!!!!!!!!!!", "(-1)^{10^{100}}", "e^{e^{e^{e^{e}}}}", "e^{-10^{9}}", @"\sin(10^{1000})", @"\sin(e^{1000})", "1e9999999999", "1e-8999", "0.0000000001^{1000000}", "2^{-100000}", @"\lfloor 10^{20000}\pi \rfloor",
            @"\pi+10^{3000}", "x^{10^{10}}", "x^{x^{x^{x^{x^{x}}}}}", "(x+1)^{5000}", "(a+b+c+d+e+f+g)^{999}",
            Nested(@"\frac{1}{1+", "}", 1000), Nested(@"\sqrt{1+", "}", 1000), Nested("(", ")", 90), Nested("(", ")", 100_000), Nested("{", "}", 100_000), Nested("[", "]", 50_000), Nested(@"\left(", @"\right)", 50_000), Nested("-", "", 5000), Nested("2^", "", 5000), Nested("2^{", "}", 3000), Nested(@"\text{", "}", 3000), Nested(@"\boxed{", "}", 3000), Nested("|", "|", 3000), Nested("\\sin ", "", 3000), Nested("f(", ")", 3000),
            new('(', mega), new(')', mega), new('{', mega), new('}', mega), new('[', mega), new('|', mega), new('$', mega), new('\\', mega), new('!', mega), new('^', mega), new('-', mega), new('\'', 100_000), "x" + new string('\'', 10_000), "5" + new string('!', 10_000), new('1', mega), new('1', 9000), "0." + new string('3', mega), new('a', mega), new(' ', mega), new(',', mega), new string('9', 8000) + "^2",
            string.Concat(Enumerable.Repeat("1,", 200_000)), string.Concat(Enumerable.Repeat("1+", 9_000)) + "1", string.Concat(Enumerable.Repeat("x*", 9_000)) + "1", string.Concat(Enumerable.Repeat("1/", 9_000)) + "1", string.Concat(Enumerable.Repeat("x/", 99)) + "1", string.Concat(Enumerable.Repeat("ab ", 6_000)), string.Concat(Enumerable.Repeat("cm ", 6_000)), "5" + string.Concat(Enumerable.Repeat(" cm^2", 3_000)), string.Concat(Enumerable.Repeat(@"\frac", 4_000)), string.Concat(Enumerable.Repeat(@"\pm 1 ", 2_000)), string.Concat(Enumerable.Repeat(@"\pm 1, ", 150)), @"\{\pm1,2,3\}x^2", string.Concat(Enumerable.Repeat(@"(\pm ", 60)) + "1" + new string(')', 60), string.Concat(Enumerable.Repeat("x=", 9_000)), string.Concat(Enumerable.Repeat("1<", 9_000)) + "x",
            string.Join(',', Enumerable.Range(0, 3000)), "\\{" + string.Join(',', Enumerable.Range(0, 190).Select(i => $"x^{{{i}}}")) + "\\}", string.Join(@"\cup", Enumerable.Range(0, 800).Select(i => $"({2 * i},{2 * i + 1})")), @"\begin{pmatrix}" + string.Join(@"\\", Enumerable.Range(0, 60).Select(i => string.Join('&', Enumerable.Range(0, 60)))) + @"\end{pmatrix}",
            string.Concat(Enumerable.Range(0, 300).Select(i => $@"\sin({i}x)+")) + "1", string.Concat(Enumerable.Range(1, 200).Select(i => $@"\ln({i}+\sqrt{{{i}}})\cdot")) + "1", string.Concat(Enumerable.Range(1, 300).Select(i => $@"\frac{{1}}{{{i}^{{50}}}}+")) + "1",
        ];
    }

    // The same texts against each other and against plain answers, in both orders.
    static readonly string[] partners = ["42", "x^2+1", @"\{1,2\}", "Evelyn", "A", @"\pi"];

    [Theory]
    [MemberData(nameof(Texts))]
    public void AnyText_GetsAVerdictInTime(string text)
    {
        foreach (string partner in partners)
        {
            foreach (var (reference, answer) in new[] { (partner, text), (text, partner) })
            {
                TimeSpan start = ThreadTime.Now;
                Comparison verdict = MathEquivalence.Compare(MathAnswer.Parse(reference), MathAnswer.Parse(answer), out long operations);
                Assert.NotEqual(Comparison.Equal, verdict);
                Assert.InRange(operations, 0, WorkBudget.DefaultOperations + 50_000);
                AssertInTime(start, text);
            }
        }
        TimeSpan graded = ThreadTime.Now;
        _ = MathGrader.Grade("42", text);
        AssertInTime(graded, text);
        graded = ThreadTime.Now;
        _ = MathGrader.Grade(@"\frac{1}{2}", @"The answer is \boxed{" + text + "}.");
        AssertInTime(graded, text);
        graded = ThreadTime.Now;
        _ = MathGrader.Grade("A", "The answer is $" + text + "$ and (" + text);
        AssertInTime(graded, text);
    }

    public static TheoryData<string> Responses()
    {
        const int many = 40_000;
        return
        [
            .. new[] { " ", "\n", "answer ", "the answer is ", "answer    ", "\nA", "(A) ", "\\boxed{1}", "\\boxed{1} and ", "\\boxed{", "\\boxed ", "$1$ ", "$", "\\(1\\) ", "\\[", "####", "#### 1\n", "1, ", "1 ", "<think>", "</think>", "```output\n1\n```\n", "I hope it is correct", "final answer is $", "答案是", "**", "option A ", "1.", "-", "a b " }
                .Select(piece => new StringBuilder().Insert(0, piece, many).ToString()),
            "The answer is " + new string(' ', 300_000) + "42x", "answer" + new string('\n', 300_000) + "is 7", "The answer is " + new string('1', 300_000) + "!", "\\boxed{" + new string('{', 100_000) + new string('}', 100_000),
        ];
    }

    // Long responses of one piece over and over: finding the answer takes time in proportion to the length.
    [Theory]
    [MemberData(nameof(Responses))]
    public void AnyResponse_IsGradedInTime(string response)
    {
        foreach (string reference in new[] { "42", "A", @"\frac{1}{2}" })
        {
            TimeSpan start = ThreadTime.Now;
            _ = MathGrader.Grade(reference, response);
            AssertInTime(start, response);
        }
    }

    // Only a hang can reach this: verdicts take milliseconds, and the limit is ten times the two seconds that are promised.
    static void AssertInTime(TimeSpan start, string text) => Assert.True(ThreadTime.Now - start < TimeSpan.FromSeconds(20), text.Length > 80 ? text[..80] : text);

    [Theory]
    [InlineData("10^{10^{10}}", "10^{10^{10}}+1")]
    [InlineData("10^{10^{10}}", "10^{10^{9}}")]
    [InlineData(@"\pi+10^{200}", @"2\pi+10^{200}")]
    [InlineData(@"\sin(10^{1000})", @"\sin(10^{999})")]
    [InlineData("x^{10^{10}}+1", "x^{10^{10}}")]
    public void NumbersBeyondTheLimits_AreNeverEqualByMistake(string reference, string answer) => Assert.NotEqual(Comparison.Equal, MathEquivalence.Compare(reference, answer));

    [Fact]
    public void EqualTexts_AreEqual_EvenBeyondTheLimits()
    {
        foreach (string text in Texts().AsEnumerable<object[]>().Select(row => (string)row[0]).Where(text => MathAnswer.Parse(text).Text.Length > 0))
            Assert.Equal(Comparison.Equal, MathEquivalence.Compare(text, text));
    }
}
