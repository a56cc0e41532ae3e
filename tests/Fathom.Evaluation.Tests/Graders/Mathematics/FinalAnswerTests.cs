// Where real responses put their answers.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Mathematics;

namespace Fathom.Evaluation.Tests.Graders.Mathematics;

public sealed class FinalAnswerTests
{
    [Theory]
    // boxes
    [InlineData(@"So $x = \boxed{5}$.", "5")]
    [InlineData(@"First \boxed{4}, no, \boxed{5}.", "5")]
    [InlineData(@"\boxed{\frac{1}{\sqrt{2}}}", @"\frac{1}{\sqrt{2}}")]
    [InlineData(@"\boxed{\{1, 2\}}", @"\{1, 2\}")]
    [InlineData(@"$\boxed 5$", "5")]
    [InlineData(@"$\fbox{7}$", "7")]
    [InlineData(@"\boxed{1} and \boxed{2}", "1, 2")]
    [InlineData(@"$\boxed{1}$, $\boxed{2}$", "1, 2")]
    [InlineData(@"\boxed{5$. Done", "5")]            // the brace was forgotten
    [InlineData("\\boxed{5\nDone", "5")]
    [InlineData(@"It is \boxed{12", null)]           // the text was cut
    [InlineData(@"It is \boxed{", null)]
    [InlineData(@"\boxed{}", null)]
    // GSM8K
    [InlineData("She sells <<16-3=13>>13 eggs.\n#### 13", "13")]
    [InlineData("#### 1,234\n", "1,234")]
    [InlineData("#### Step 1: add the numbers\n5 + 5 = 10", "10")]
    [InlineData("Work.\nA: 18", "18")]
    // phrases
    [InlineData("The answer is 18.", "18")]
    [InlineData("the answer is: 18", "18")]
    [InlineData("So the answer is $18$ dollars.", "18")]
    [InlineData("The final answer is **18**.", "18")]
    [InlineData("**Final Answer:** 18", "18")]
    [InlineData("**Final Answer**\n\n$18$", "18")]
    [InlineData("Answer: 18 apples", "18 apples")]
    [InlineData("ANSWER: 18", "18")]
    [InlineData("The answer is 3.5. I am sure.", "3.5")]
    [InlineData("The answer is 18, because 3 times 6 is 18.", "18")]
    [InlineData("The answer is that she has 18 eggs.", "18")]
    [InlineData(@"The answer is \(\frac{1}{2}\).", @"\frac{1}{2}")]
    [InlineData("The answer is\n\\[\n\\frac{1}{2}\n\\]", @"\frac{1}{2}")]
    [InlineData("The answer is $3$ and $5$.", "3, 5")]
    [InlineData("The answer is the largest $n$ is 34.", "34")]
    [InlineData("The answer is Evelyn.", "Evelyn")]
    [InlineData("The answer is 1, 2, 3, 42.", "1, 2, 3, 42")]
    [InlineData("答案是 18。", "18")]
    [InlineData("所以答案为：18", "18")]
    [InlineData("The answer is 5. Wait, the answer is 6.", "6")]
    [InlineData("Final Answer: The final answer is $\\frac{1}{2}$. I hope it is correct.\n\nProblem: Another. The final answer is $7$.", @"\frac{1}{2}")]
    [InlineData("Final Answer: The volume of $ABC$ is 120. I hope it is correct.", "120")]
    // nothing announced
    [InlineData("She has 16 - 3 = 13 eggs.", "13")]
    [InlineData(@"Therefore $x = \frac{3}{4}$.", @"x = \frac{3}{4}")]
    [InlineData("It costs $5 and he pays $1,234.50", "$1,234.50")]
    [InlineData("The temperature is -5", "-5")]
    [InlineData("That makes 10-5", "5")]
    [InlineData("42", "42")]
    [InlineData("1, 2, 3, 42", "1, 2, 3, 42")]
    [InlineData("It is one of 1, 2, 3 and 42", "1, 2, 3 and 42")]
    [InlineData("Evelyn", "Evelyn")]
    [InlineData("```output\n16\n```\nSixteen people think so.", "16")]
    // thoughts and marks
    [InlineData("<think>It may be \\boxed{4}.</think>\n\\boxed{5}", "5")]
    [InlineData("\\boxed{4}</think>The answer is 5", "5")]
    [InlineData("<think>It is \\boxed{4}", null)]
    [InlineData("The answer is 5<|im_end|>user 6", "5")]
    [InlineData("", null)]
    [InlineData("   \n ", null)]
    [InlineData("</think>", null)]
    public void Of_FindsTheAnswer(string response, string? expected) => Assert.Equal(expected, FinalAnswer.Of(response));

    [Theory]
    [InlineData("72", "72")]
    [InlineData("27.0", "27.0")]
    [InlineData("Work <<48/2=24>>24.\n#### 24", "24")]
    [InlineData(@"We get $10\cdot6=\boxed{60}.$ Then 7.", "60")]
    [InlineData("Work.\nA: 18", "18")]
    [InlineData(@"\frac{1}{2}", @"\frac{1}{2}")]
    public void OfReference_TakesTheAnswerOfWorkedSolutions(string reference, string expected) => Assert.Equal(expected, FinalAnswer.OfReference(reference));

    [Theory]
    [InlineData("18", "She makes 9 * 2 = $<<9*2=18>>18 every day.\nA: 18", Outcome.Right)]
    [InlineData("18", "A: 19", Outcome.Wrong)]
    [InlineData("Work.\n#### 1,234", @"\boxed{1234}", Outcome.Right)]
    [InlineData("B", "Because of this, the answer is (B).", Outcome.Right)]
    [InlineData("B", "I choose option B", Outcome.Right)]
    [InlineData("B", @"\boxed{\text{(B)}}", Outcome.Right)]
    [InlineData("B", "(A) is wrong, so (B)", Outcome.Right)]
    [InlineData("B", @"\boxed{A}", Outcome.Wrong)]
    [InlineData("B", "A, B, C, D", Outcome.Wrong)]
    [InlineData("42", "1, 2, 3, 4, 5, 42", Outcome.Wrong)]
    [InlineData("42", "1 2 3 42", Outcome.Wrong)]
    [InlineData("42", @"\boxed{1}, \boxed{2}, \boxed{42}", Outcome.Wrong)]
    [InlineData("42", "I do not know.", Outcome.Wrong)]
    [InlineData("42", "<think>42", Outcome.Wrong)]
    [InlineData(@"\frac{1}{2}", "The probability is 1/2", Outcome.Right)]
    [InlineData("1000.99", "the number is not 10, it is 1,000.99€", Outcome.Right)]
    public void Grade_ExtractsAndCompares(string reference, string response, Outcome expected) => Assert.Equal(expected, MathGrader.Grade(reference, response).Outcome);

    [Fact]
    public void Grade_KeepsTheAnswer_AndSaysWhyThereIsNone()
    {
        Assert.Equal(new Verdict(Outcome.Wrong, "7"), MathGrader.Grade("8", @"\boxed{7}"));
        Assert.Equal(new Verdict(Outcome.Wrong, null, "no answer found"), MathGrader.Grade("8", "<think>"));
    }
}
