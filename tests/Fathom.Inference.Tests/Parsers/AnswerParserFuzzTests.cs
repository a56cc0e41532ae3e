// Random answers out of pieces of markup, whole, cut and changed: every cut gives the same, and no text is lost.
using System.Text;
using Fathom.Inference.Parsers;
using Fathom.Numerics.Random;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Tests.Parsers;

public sealed class AnswerParserFuzzTests
{
    const string D = DeepSeekTokens.Dsml;

    static readonly string[] s_pieces =
    [
        "<think>", "</think>", "\n", "\n\n", " ", "text", "a < b", "{", "}", "\"", "\\", ",", ";", "é", "😀", "```", "```json\n", "{}", "{\"a\": 1}", "{\"a\": \"}\"}", "[1]",
        DeepSeekTokens.ToolCallsBegin, DeepSeekTokens.ToolCallsEnd, DeepSeekTokens.ToolCallBegin, DeepSeekTokens.ToolCallEnd, DeepSeekTokens.ToolSeparator, "function", "name\n",
        $"<{D}function_calls>", $"</{D}function_calls>", $"<{D}invoke name=\"", $"<{D}invoke name=\"f\">", $"</{D}invoke>", $"<{D}parameter name=\"p\" string=\"true\">",
        $"<{D}parameter name=\"q\" string=\"false\">", $"</{D}parameter>", "\">", "<tool_call>", "</tool_call>", "{\"name\": \"f\", \"arguments\": ", "{\"name\": \"g\", \"parameters\": {",
        "{\"type\": \"function\", ", "\"name\": \"h\", ", "\"arguments\": {", "<|python_tag|>",
    ];

    static string Random(ref RandomStream random)
    {
        var text = new StringBuilder();
        if (random.NextInt(3) == 0)
        {
            AnswerParserTests.Sample sample = AnswerParserTests.Samples[random.NextInt(AnswerParserTests.Samples.Length)];
            text.Append(sample.Text);
        }
        for (int count = random.NextInt(14); count > 0; count--)
        {
            string piece = s_pieces[random.NextInt(s_pieces.Length)];
            if (random.NextInt(8) == 0)
                piece = piece[..random.NextInt(piece.Length + 1)];
            text.Insert(random.NextInt(4) == 0 ? random.NextInt(text.Length + 1) : text.Length, piece);
        }
        for (int count = random.NextInt(3) == 0 ? random.NextInt(4) : 0; count > 0 && text.Length > 0; count--)
            text.Remove(random.NextInt(text.Length), 1);
        return text.ToString();
    }

    // What no parser may lose: everything but the marks of the reasoning, space before them and line ends.
    static string Kept(string text)
    {
        // What is taken out may leave a mark behind that its two sides make.
        for (int before = -1; before != text.Length;)
        {
            before = text.Length;
            text = text.Replace("<think>", "", StringComparison.Ordinal).Replace("</think>", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).TrimStart(' ');
        }
        return text;
    }

    [Fact]
    public void RandomAnswers_GiveTheSameAtEveryCut_AndLoseNoText()
    {
        var random = new RandomStream(5, 0xF0);
        int calls = 0, cut = 0, plain = 0;
        for (int round = 0; round < 40_000; round++)
        {
            string text = Random(ref random);
            bool inside = random.NextInt(3) == 0;
            foreach (CallSyntax syntax in Enum.GetValues<CallSyntax>())
            {
                var format = new AnswerFormat(random.NextInt(2) == 0, syntax);
                List<AnswerEvent> whole = AnswerParserTests.Merged(format, inside, [text]);
                List<string> pieces = [];
                for (int at = 0; at < text.Length;)
                {
                    int length = Math.Min(1 + random.NextInt(7), text.Length - at);
                    pieces.Add(text.Substring(at, length));
                    at += length;
                }
                List<AnswerEvent> streamed = AnswerParserTests.Merged(format, inside, pieces);
                Assert.True(whole.SequenceEqual(streamed), $"{syntax}, inside {inside}: '{text}'\n{string.Join('\n', whole)}\n---\n{string.Join('\n', streamed)}");

                int begun = whole.Count(one => one.Part == AnswerPart.CallBegin);
                Assert.Equal(begun, whole.Count(one => one.Part is AnswerPart.CallEnd or AnswerPart.CallCut));
                if (begun == 0)
                {
                    plain++;
                    Assert.Equal(Kept(text), Kept(string.Concat(whole.Select(one => one.Text))));
                    continue;
                }
                calls += whole.Count(one => one.Part == AnswerPart.CallEnd);
                cut += whole.Count(one => one.Part == AnswerPart.CallCut);
                // Content and reasoning stand in the text in their order; what is between them is a call's.
                int from = 0;
                foreach (AnswerEvent one in whole.Where(one => one.Part is AnswerPart.Content or AnswerPart.Reasoning))
                {
                    int found = text.IndexOf(one.Text, from, StringComparison.Ordinal);
                    Assert.True(found >= 0, $"{syntax}: '{one.Text}' is not in '{text}' from {from}");
                    from = found + one.Text.Length;
                }
            }
        }
        Assert.True(calls > 1000 && cut > 1000 && plain > 100_000, $"{calls} calls, {cut} cut, {plain} without");
    }
}
