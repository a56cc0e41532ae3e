using Fathom.Evaluation.Graders;

namespace Fathom.Evaluation.Tests.Graders;

public sealed class AnswerExtractionTests
{
    [Theory]
    [InlineData("work</think>42", true, "work", "42", true)]
    [InlineData(" work \n</think>\n\n 42 \n", true, "work", "42", true)]
    [InlineData("</think>42", true, "", "42", false)]                        // no reasoning
    [InlineData("  </think>42", true, "", "42", false)]
    [InlineData("work</think>", true, "work", "", false)]                    // no answer
    [InlineData("work", true, "work", "", false)]                            // never ends: nothing counts as an answer
    [InlineData("", true, "", "", false)]
    [InlineData("a</think>b</think>42", true, "a</think>b", "42", false)]    // closed twice
    [InlineData("<think>work</think>42", true, "<think>work", "42", false)]  // opened twice
    [InlineData("work</think>42<think>", true, "work", "42<think>", false)]
    [InlineData("<think>work</think>42", false, "work", "42", true)]
    [InlineData(" <think>work</think>42", false, "work", "42", true)]
    [InlineData("<think>a<think>b</think>42", false, "a<think>b", "42", false)]
    [InlineData("work</think>42", false, "work", "42", false)]               // never opened
    [InlineData("<think>42", false, "42", "", false)]
    [InlineData("42", false, "", "42", false)]                               // a plain answer
    public void Parse_SplitsAtTheLastClose(string response, bool opened, string reasoning, string answer, bool wellFormed) =>
        Assert.Equal(new ParsedResponse(reasoning, answer, wellFormed), AnswerExtraction.Parse(response, opened));

    [Theory]
    [InlineData("42", 42)]
    [InlineData(" 42. ", 42)]
    [InlineData("42 .", 42)]
    [InlineData("42。", 42)]
    [InlineData("-7", -7)]
    [InlineData("+7", 7)]
    [InlineData("007", 7)]
    [InlineData("1,234", 1234)]
    [InlineData("-12,345,678", -12345678)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9,223,372,036,854,775,808", long.MinValue)]
    public void TryParseInteger_Accepts(string text, long expected)
    {
        Assert.True(AnswerExtraction.TryParseInteger(text, out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("+")]
    [InlineData(",")]
    [InlineData("1,23")]
    [InlineData("12,3456")]
    [InlineData("1234,567")]
    [InlineData(",123")]
    [InlineData("-,123")]
    [InlineData("123,")]
    [InlineData("1,,234")]
    [InlineData("4 2")]
    [InlineData("42..")]
    [InlineData("4.2")]
    [InlineData("--7")]
    [InlineData("７")]
    [InlineData("42 apples")]
    [InlineData("9223372036854775808")]
    public void TryParseInteger_Refuses(string text) => Assert.False(AnswerExtraction.TryParseInteger(text, out _));
}
