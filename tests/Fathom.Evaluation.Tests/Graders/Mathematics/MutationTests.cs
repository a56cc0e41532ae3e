// Answers with random damage: nothing throws, every text equals itself, and every verdict comes the same a second time.
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Tests.Graders.Mathematics;

public sealed class MutationTests
{
    static readonly string[] seeds =
    [
        @"\frac{1}{2}", @"3\sqrt{2}", @"(-\infty,1)\cup[2,3)", @"\{1,2,3\}", @"\begin{pmatrix}1&2\\3&4\end{pmatrix}", "x^2+2x+1", "y=2x-3", "1<x\\le 5", @"\log_2 8+\sin 30^\circ", "3+4i", @"50\%", @"1{,}234.5\text{ cm}^2", @"\left(1,\frac{9}{2}\right)", @"e^{i\pi}+5!", "101_2", @"\binom{5}{2}\pm 3", @"\text{Monday}", "4:30 p.m.", @"\textbf{(B)}\ 12", @"|x-1|+\lfloor 2.5\rfloor", @"f(x)=\frac{dy}{dx}", "1.5e-7", @"0.1\overline{6}",
    ];

    const string Alphabet = "0123456789abexyzABi+-*/^_=<>!|:,;.()[]{}\\$%&' \n°√π∞≤²½é中\0\ud83d";

    static readonly string[] pieces = [@"\frac", @"\sqrt", @"\left(", @"\right)", @"\{", @"\}", @"\text{", @"\begin{pmatrix}", @"\end{pmatrix}", @"\\", @"\pm", @"\cup", @"\infty", @"^{\circ}", @"\log_", @"\overline{", "and", "cm", "e5", "...", @"\boxed{", "</think>", "####", "The answer is "];

    static string Mutate(Random random, string text)
    {
        for (int round = random.Next(1, 5); round > 0; round--)
        {
            int at = random.Next(text.Length + 1);
            text = random.Next(5) switch
            {
                0 when at < text.Length => text.Remove(at, 1),
                1 => text.Insert(at, Alphabet[random.Next(Alphabet.Length)].ToString()),
                2 => text.Insert(at, pieces[random.Next(pieces.Length)]),
                3 => text.Insert(at, text[..Math.Min(text.Length, random.Next(12))]),
                _ => text[..at] + seeds[random.Next(seeds.Length)][random.Next(4)..] + text[at..],
            };
        }
        return text;
    }

    [Fact]
    public void DamagedAnswers_AreGradedWithoutFail()
    {
        var random = new Random(11);
        for (int i = 0; i < 6000; i++)
        {
            string seed = seeds[i % seeds.Length], damaged = Mutate(random, seed);
            var (left, right) = (MathAnswer.Parse(seed), MathAnswer.Parse(damaged));
            Comparison verdict = MathEquivalence.Compare(left, right);
            Assert.True(verdict == MathEquivalence.Compare(seed, damaged), damaged);
            _ = MathEquivalence.Compare(right, left);
            _ = MathGrader.Grade(seed, damaged);
            if (right.Text.Length > 0)
                Assert.True(MathEquivalence.Compare(damaged, damaged) == Comparison.Equal, damaged);
        }
    }
}
