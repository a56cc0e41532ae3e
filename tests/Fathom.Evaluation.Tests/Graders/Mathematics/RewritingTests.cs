// Every answer equals itself in other notations and differs from its near misses: over 10,000 pairs, from real benchmark files and from a list of our own.
using System.Globalization;
using System.Text.Json;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Mathematics;
using Fathom.Testing;

namespace Fathom.Evaluation.Tests.Graders.Mathematics;

public sealed class RewritingTests
{
    // Fewest notations and near misses an answer may have.
    const int MinNotations = 5, MinNearMisses = 4;

    static readonly (AnswerKind Kind, string[] Answers)[] own =
    [
        (AnswerKind.Expression,
        [
            @"\frac{1}{2}", @"-\frac{7}{3}", @"\frac{22}{7}", @"\sqrt{2}", @"3\sqrt{2}", @"\frac{\sqrt{3}}{2}", @"2+\sqrt{5}", @"\frac{1+\sqrt{5}}{2}", @"\sqrt[3]{7}", @"2^{1/3}", @"\pi", @"2\pi", @"\frac{\pi}{6}", @"\pi^2", @"4\pi-3\sqrt{3}", "e", "e^2", @"e^{-1}", @"\ln 2", @"\log_2 3", @"\log_{10} 5", @"\frac{\ln 3}{\ln 2}",
            @"\sin 1", @"\cos\frac{\pi}{7}", @"\tan 20^\circ", @"\arctan\frac{1}{3}", @"\arcsin\frac{1}{5}", "3+4i", "-2i", @"\frac{1+i}{\sqrt{2}}", @"2\sqrt{3}+2i", "5!", @"\binom{10}{3}", "2^{100}", "3^{-4}", @"1.5\cdot 10^{8}", @"\lfloor 7.5 \rfloor", "|{-3.25}|",
            "x+1", "2x-3", "x^2+2x+1", "(x-1)(x+3)", @"x^3-3x^2+3x-1", @"\frac{x+1}{x-2}", @"\frac{1}{x^2+1}", @"\sqrt{x+5}", @"x\sqrt{y}", @"a^2b-3ab^2", @"\frac{a}{b}+\frac{b}{a}", @"\frac{n(n+1)}{2}", @"\frac{n(n+1)(2n+1)}{6}", "2^n-1", "3^{n+1}", @"(-1)^n", @"\alpha+\beta", @"\alpha\beta\gamma", @"\theta^2", @"x_1+x_2", @"a_1 q^{2}", @"\ln x", @"x\ln x-x", @"\sin x", @"\sin x\cos y", @"\cos 2x", @"\tan x+\sec x", @"e^x", @"e^{-x^2}", @"xe^{2x}", @"\frac{e^x-e^{-x}}{2}", @"\log_2 x", @"|x-1|", @"f(x)+2", @"\frac{1}{2}mv^2", @"\frac{GMm}{r^2}", @"\sqrt{\frac{k}{m}}", @"2\pi\sqrt{\frac{L}{g}}", @"-\frac{b}{2a}", @"\frac{-b+\sqrt{b^2-4ac}}{2a}", @"C_1e^{t}+C_2e^{-t}",
        ]),
        (AnswerKind.List, ["1,2", "-3,5", @"\sqrt{2},-\sqrt{2}", @"0,\frac{1}{2},3", "2,3,5,7,11", @"\frac{1}{3},\frac{2}{3}", "1+i,1-i", @"e,\pi"]),
        (AnswerKind.Tuple, ["(1,2)", "(-1,5,3)", @"(\frac{1}{2},\frac{2}{3})", "(x+1,2y)", @"(\sqrt{2},\pi)", "(2,3,4,5)", "(0,7)", "(a,b)", @"\left(3,\frac{\pi}{2}\right)"[5..].Replace(@"\right)", ")", StringComparison.Ordinal)]),
        (AnswerKind.Interval, ["(1,2]", @"[0,5)", @"(-\infty,3)", @"[2,\infty)", @"(-\infty,1)\cup(4,\infty)", @"[-2,-1]\cup[1,2]", @"(0,\frac{7}{2}]", @"(-5,3)\cup(3,8)"]),
        (AnswerKind.Set, [@"\{1,2\}", @"\{-1,0,4\}", @"\{\frac{1}{2},3\}", @"\{2,4,6,8\}", @"\{a,b\}", @"\{\sqrt{2},3\}"]),
        (AnswerKind.Matrix, [@"\begin{pmatrix}1&2\\3&4\end{pmatrix}", @"\begin{pmatrix}0&-1\\5&0\end{pmatrix}", @"\begin{pmatrix}3&x\\y&1\end{pmatrix}", @"\begin{pmatrix}2&\sqrt{2}\\1&9\end{pmatrix}"]),
        (AnswerKind.Equation, ["y=2x+1", "y=-3x+5", "x^2+y^2=25", "2x+3y=7", @"\frac{x^2}{4}+\frac{y^2}{9}=1", "y=x^2-4x+3", "x+2y-3z=4", "xy=12"]),
        (AnswerKind.Inequality, ["x>3", "x<=-2", "1<x<=5", "x>=0.5", "-3<=y<7", "a<4"]),
        (AnswerKind.Text, ["Evelyn", "Monday", "even", "isosceles triangle", "July", "ellipse", "no solution", "Tuesday", "True", "hyperbola"]),
        (AnswerKind.Choice, ["A", "B", "C", "D", "E"]),
    ];

    // Compares alone and as the box of a response.
    static void Check(string reference, IEnumerable<string> answers, bool same, List<string> failures, ref int pairs, int least)
    {
        int count = 0;
        foreach (string answer in answers)
        {
            count++;
            pairs++;
            Comparison verdict = MathEquivalence.Compare(reference, answer);
            Outcome graded = MathGrader.Grade(reference, $@"So the answer is $\boxed{{{answer}}}$.").Outcome;
            if ((verdict == Comparison.Equal) != same || (graded == Outcome.Right) != same)
                failures.Add($"[{reference}] and [{answer}]: {verdict}, graded {graded}");
        }
        Assert.True(count >= least, $"[{reference}] was only written in {count} ways");
    }

    static int CheckAll(IEnumerable<(AnswerKind Kind, string Text)> answers)
    {
        int pairs = 0;
        var failures = new List<string>();
        foreach (var (kind, text) in answers)
        {
            bool number = Rewriting.IsNumber(text);
            Check(text, number ? Rewriting.Numbers(text) : Rewriting.Notations(kind, text), true, failures, ref pairs, MinNotations);
            bool zero = number && decimal.Parse(text, CultureInfo.InvariantCulture) == 0;
            Check(text, number ? Rewriting.NearNumbers(text) : Rewriting.NearMisses(kind, text), false, failures, ref pairs, zero ? 3 : MinNearMisses);
        }
        Assert.True(failures.Count == 0, $"{failures.Count} of {pairs} pairs:\n" + string.Join('\n', failures.Take(60)));
        return pairs;
    }

    [Fact]
    public void OwnAnswers_EqualTheirNotations_AndDifferFromNearMisses() =>
        Assert.InRange(CheckAll(own.SelectMany(row => row.Answers.Select(text => (row.Kind, text)))), 2000, int.MaxValue);

    [SharedDataTheory]
    [InlineData("aime24", "answer", 400)]
    [InlineData("amc23", "answer", 600)]
    [InlineData("svamp", "Answer", 15_000)]
    public void NumbersOfBenchmarks_EqualTheirNotations_AndDifferFromNearMisses(string file, string field, int leastPairs)
    {
        var answers = new List<(AnswerKind, string)>();
        foreach (string line in File.ReadLines(SharedData.Path("real", "math", file + ".jsonl")))
        {
            using var record = JsonDocument.Parse(line);
            var value = record.RootElement.GetProperty(field);
            answers.Add((AnswerKind.Expression, value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText()));
        }
        Assert.InRange(CheckAll(answers), leastPairs, int.MaxValue);
    }

    // Answers of minerva_math that are no expressions: words, equations and inequalities in the wording of the problem.
    static AnswerKind? KindOf(string answer) => answer.Contains('=', StringComparison.Ordinal) ? null : answer is "E_{1},E_{2}" ? AnswerKind.List : AnswerKind.Expression;

    [SharedDataFact]
    public void AnswersOfMinervaMath_EqualTheirNotations_AndDifferFromNearMisses()
    {
        var answers = new List<(AnswerKind, string)>();
        int equations = 0;
        foreach (string line in File.ReadLines(SharedData.Path("real", "math", "minerva_math.jsonl")))
        {
            using var record = JsonDocument.Parse(line);
            string answer = FinalAnswer.OfReference(record.RootElement.GetProperty("solution").GetString()!);
            Assert.Equal(Comparison.Equal, MathEquivalence.Compare(answer, $" ${answer}$. "));
            if (KindOf(answer) is { } kind)
                answers.Add((kind, answer));
            else
                equations++;
        }
        Assert.InRange(equations, 0, 20);
        Assert.InRange(CheckAll(answers), 3000, int.MaxValue);
    }
}
