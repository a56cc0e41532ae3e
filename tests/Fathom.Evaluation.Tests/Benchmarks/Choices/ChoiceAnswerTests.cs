using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Testing;

namespace Fathom.Evaluation.Tests.Benchmarks.Choices;

public sealed class ChoiceAnswerTests
{
    static readonly string[] s_choices = ["the Moon", "Mars", "4.5 m/s", "All of the above"];

    [Theory]
    [InlineData("B")]
    [InlineData("(B)")]
    [InlineData("**B**")]
    [InlineData("B.")]
    [InlineData("B. Mars")]
    [InlineData("**B. Mars**")]
    [InlineData("**B**: it is red.")]
    [InlineData("The answer is (B)")]
    [InlineData("The answer is B.")]
    [InlineData("the answer is **B**, since A is a satellite.")]
    [InlineData("The correct answer is: **B. Mars**")]
    [InlineData("The correct option is B because A is not a planet.")]
    [InlineData("Answer: B")]
    [InlineData("**Answer:** B")]
    [InlineData("**Answer: B**")]
    [InlineData("Answer:\nB")]
    [InlineData("Answer:\n\n**B. Mars**")]
    [InlineData("Answer: $B$")]
    [InlineData("Answer: (b)")]
    [InlineData("### Final answer\n\nB")]
    [InlineData("A moon is not a planet.\n\n$\\boxed{B}$")]
    [InlineData("\\boxed{\\text{B}}")]
    [InlineData("\\boxed{(B)}")]
    [InlineData("\\boxed{\\textbf{(B)}\\ Mars}")]
    [InlineData("\\boxed{B. Mars}")]
    [InlineData("\\boxed{Mars}")]
    [InlineData("\\boxed{A} would be wrong, so \\boxed{B}")]
    [InlineData("答案是B")]
    [InlineData("答案：B")]
    [InlineData("正确答案为（B）。")]
    [InlineData("所以选B。")]
    [InlineData("因此应该选择 B")]
    [InlineData("选B")]
    [InlineData("因此，Ｂ是正确的。")]
    [InlineData("Mars")]
    [InlineData("mars.")]
    [InlineData("It is red.\nMars")]
    [InlineData("The answer is Mars.")]
    [InlineData("Option B is correct.")]
    [InlineData("(B) is the right one; (A) is a satellite.")]
    [InlineData("B must be the answer")]
    [InlineData("The answer is A. No, wait. The answer is B.")]
    [InlineData("The answer is not A. The answer is B.")]
    [InlineData("B\n\nMars is a planet, and A is a moon.")]
    [InlineData("I would go with **B** here.")]
    [InlineData("A. the Moon is wrong, I think.\nThe answer is B")]
    public void ClearAnswer_IsFound(string answer) => Assert.Equal(1, ChoiceAnswer.Find(answer, s_choices));

    [Theory]
    [InlineData("")]
    [InlineData("A planet is not a star, I think.")]
    [InlineData("The answer is a planet.")]
    [InlineData("The answer is A planet that is red.")]
    [InlineData("Answer: A red planet")]
    [InlineData("The answer is not B.")]
    [InlineData("The answer is A or B.")]
    [InlineData("Answer: A, B")]
    [InlineData("答案是A和B")]
    [InlineData("A. the Moon\nB. Mars\nC. 4.5 m/s\nD. All of the above")]
    [InlineData("Compare **A** and **B**.")]
    [InlineData("Answer: E")]
    [InlineData("Answer: Because")]
    [InlineData("B12 is a vitamin.")]
    [InlineData("Vitamin B")]
    [InlineData("I do not know.")]
    [InlineData("Answer: C++")]
    [InlineData("Why B is correct is not clear.")]
    [InlineData("A, B")]
    [InlineData("Statement a is correct.")]
    [InlineData("\\boxed{A} and \\boxed{B}")]
    [InlineData("\\boxed{A, B}")]
    public void NoClearAnswer_IsNone(string answer)
    {
        // "C++" begins with a letter of a choice; with two choices it cannot be one.
        string[] choices = answer.Contains("C++", StringComparison.Ordinal) ? s_choices[..2] : s_choices;
        Assert.Null(ChoiceAnswer.Find(answer, choices));
    }

    [Theory]
    [InlineData("The answer is A.", 0)]
    [InlineData("The answer is A because the others are wrong.", 0)]
    [InlineData("Answer: A", 0)]
    [InlineData("Answer: D\n\nA note: the others are wrong.", 3)]
    [InlineData("4.5 m/s", 2)]
    [InlineData("Answer: A the Moon", 0)]
    [InlineData("Answer: All of the above", 3)]
    [InlineData("The answer is (d)", 3)]
    public void OtherLetters_AreFound(string answer, int index) => Assert.Equal(index, ChoiceAnswer.Find(answer, s_choices));

    [Fact]
    public void SameTextTwice_IsNoChoice() => Assert.Null(ChoiceAnswer.Find("Mars", ["Mars", "mars"]));

    [Theory]
    [InlineData("the answer is ")]
    [InlineData("answer choice choice choice choice ")]
    [InlineData("((((((((((")]
    [InlineData("**A** ")]
    [InlineData("\\boxed{")]
    [InlineData("not or and ")]
    [InlineData(" \t ")]
    [InlineData("答案选")]
    public void HostileText_IsReadInTime(string part)
    {
        string answer = string.Concat(Enumerable.Repeat(part, 1_000_000 / part.Length));
        TimeSpan start = ThreadTime.Now;
        ChoiceAnswer.Find(answer, s_choices);
        Assert.True(ThreadTime.Now - start < TimeSpan.FromSeconds(20), $"{ThreadTime.Now - start}");
    }
}
