// Answers of every family: what they are taken apart into, at every cut, and what becomes of markup that is broken.
using System.Text;
using System.Text.Json;
using Fathom.Inference.Parsers;
using Fathom.Text.Templates;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Tests.Parsers;

public sealed class AnswerParserTests
{
    const string CallsBegin = DeepSeekTokens.ToolCallsBegin, CallsEnd = DeepSeekTokens.ToolCallsEnd, CallBegin = DeepSeekTokens.ToolCallBegin, CallEnd = DeepSeekTokens.ToolCallEnd,
        Separator = DeepSeekTokens.ToolSeparator, D = DeepSeekTokens.Dsml;

    static readonly AnswerFormat s_plain = new(true, CallSyntax.None), s_deepSeek = new(true, CallSyntax.DeepSeek), s_dsml = new(true, CallSyntax.Dsml), s_hermes = new(true, CallSyntax.Hermes),
        s_llama = new(false, CallSyntax.Llama);

    /// <summary>Format, whether inside the reasoning, text; reasoning, content, calls: name, arguments, "" or "!" for one that was cut, ...</summary>
    public sealed record Sample(AnswerFormat Format, bool Inside, string Text, string Reasoning, string Content, params string[] Calls);

    static string Dsml(string invokes) => $"<{D}function_calls>\n{invokes}</{D}function_calls>";

    static string Invoke(string name, string parameters) => $"<{D}invoke name=\"{name}\">\n{parameters}</{D}invoke>\n";

    static string Parameter(string name, bool text, string value) => $"<{D}parameter name=\"{name}\" string=\"{(text ? "true" : "false")}\">{value}</{D}parameter>\n";

    public static readonly Sample[] Samples =
    [
        // Reasoning.
        new(s_plain, true, "\nI think.\nSo.\n</think>\n\nIt is 4.\n", "I think.\nSo.", "It is 4.\n"),
        new(s_plain, true, "cut in the middle <thi", "cut in the middle <thi", ""),
        new(s_plain, false, "<think>\nHm.\n</think>\n\n4", "Hm.", "4"),
        new(s_plain, false, "\n <think></think>4", "", "4"),
        new(s_plain, false, "The tag <think> is text here, and </think> too.", "", "The tag <think> is text here, and </think> too."),
        new(s_plain, false, "  \n4\n", "", "  \n4\n"),
        new(s_plain, false, "<thin", "", "<thin"),
        new(s_plain, true, "a</think></think>b", "a", "</think>b"),
        new(s_plain, true, "</think>", "", ""),
        new(s_plain, true, "", "", ""),
        new(new AnswerFormat(false, CallSyntax.None), false, "<think>text</think>", "", "<think>text</think>"),
        new(s_plain, false, $"{CallsBegin}{CallBegin}f{Separator}{{}}{CallEnd}{CallsEnd}", "", $"{CallsBegin}{CallBegin}f{Separator}{{}}{CallEnd}{CallsEnd}"),

        // V3 and R1: a type, and a fence.
        new(s_deepSeek, true, $"Look it up.\n</think>\n\nOne moment.\n\n{CallsBegin}{CallBegin}function{Separator}get_weather\n```json\n{{\"city\": \"Köln ```\"}}\n```{CallEnd}\n"
            + $"{CallBegin}function{Separator}get_time\n```json\n{{}}\n```{CallEnd}{CallsEnd}", "Look it up.", "One moment.", "get_weather", "{\"city\": \"Köln ```\"}", "", "get_time", "{}", ""),
        // V3.1.
        new(s_deepSeek, false, $"{CallsBegin}{CallBegin}get_weather{Separator}{{\"city\": \"a < b\"}}{CallEnd}{CallBegin}function{Separator}{{\"x\": [1, 2]}}{CallEnd}{CallsEnd}\n", "", "",
            "get_weather", "{\"city\": \"a < b\"}", "", "function", "{\"x\": [1, 2]}", ""),
        new(s_deepSeek, false, $"a{CallsBegin}{CallBegin}f{Separator}{{}}{CallEnd}{CallsEnd}\n\nb", "", "ab", "f", "{}", ""),
        new(s_deepSeek, false, $"{CallsBegin}{CallBegin}f{Separator}{{\"a\": 1{CallsEnd}x", "", "x", "f", "{\"a\": 1", ""),
        // Broken off: in the arguments, before the name, in a mark.
        new(s_deepSeek, false, $"{CallsBegin}{CallBegin}f{Separator}{{\"a\": 1", "", "", "f", "{\"a\": 1", "!"),
        new(s_deepSeek, false, $"x\n\n{CallsBegin}{CallBegin}get_wea", "", $"x\n\n{CallsBegin}{CallBegin}get_wea"),
        new(s_deepSeek, false, $"x\n\n{CallsBegin[..7]}", "", $"x\n\n{CallsBegin[..7]}"),
        new(s_deepSeek, false, $"{CallsBegin}{CallBegin}function{Separator}name\n``` {{}}", "", $"{CallsBegin}{CallBegin}function{Separator}name\n``` {{}}"),
        new(s_deepSeek, false, $"{CallsBegin}{CallsEnd}x", "", $"{CallsBegin}{CallsEnd}x"),
        new(s_deepSeek, false, $"{CallsBegin}hello {CallsBegin}{CallBegin}f{Separator}{{}}{CallEnd}{CallsEnd}", "", $"{CallsBegin}hello ", "f", "{}", ""),
        new(s_deepSeek, false, $"{CallsBegin}{CallBegin}f{Separator}{{}}{CallEnd} then {CallBegin}", "", $" then {CallBegin}", "f", "{}", ""),
        new(s_deepSeek, false, $"{CallsBegin}{CallBegin}{new string('n', 300)}{Separator}{{}}{CallEnd}", "", $"{CallsBegin}{CallBegin}{new string('n', 300)}{Separator}{{}}{CallEnd}"),

        // V3.2.
        new(s_dsml, true, $"Hm.</think>Yes.\n\n{Dsml(Invoke("search", Parameter("q", true, "a \"b\"\n</x> ü 😀") + Parameter("n", false, "3")) + Invoke("now", ""))}", "Hm.", "Yes.",
            "search", "{\"q\": \"a \\\"b\\\"\\n</x> ü \\uD83D\\uDE00\", \"n\": 3}", "", "now", "{}", ""),
        new(s_dsml, false, Dsml(Invoke("f", Parameter("o", false, "{\"a\": [1, \"x\"]}") + Parameter("w", false, "no json"))), "", "", "f", "{\"o\": {\"a\": [1, \"x\"]}, \"w\": \"no json\"}", ""),
        new(s_dsml, false, $"<{D}function_calls>\n<{D}invoke name=\"f\">\n<{D}parameter name=\"q\" string=\"true\">half", "", "", "f", "{\"q\": \"half", "!"),
        new(s_dsml, false, $"<{D}function_calls>\n<{D}invoke name=\"f\">\n<{D}parameter name=\"q\" string=\"false\">[1", "", "", "f", "{\"q\": [1", "!"),
        new(s_dsml, false, $"<{D}function_calls>\n<{D}invoke name=\"f", "", $"<{D}function_calls>\n<{D}invoke name=\"f"),
        new(s_dsml, false, $"<{D}function_calls>\n<{D}invoke name=\"f\">\nnonsense", "", "\nnonsense", "f", "", "!"),
        new(s_dsml, false, $"a <{D}function_calls></{D}function_calls>b", "", $"a <{D}function_calls></{D}function_calls>b"),

        // Qwen, Hermes.
        new(s_hermes, true, "Hm.\n</think>\n\nOne moment.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": \"}</tool_call>\\\"\", \"b\": [1, {}]}}\n</tool_call>\n<tool_call>\n{\"name\": \"g\", \"arguments\": {}}\n</tool_call>",
            "Hm.", "One moment.", "f", "{\"a\": \"}</tool_call>\\\"\", \"b\": [1, {}]}", "", "g", "{}", ""),
        new(s_hermes, false, "<tool_call>{\"arguments\": {\"a\": 1}, \"name\": \"f\"}</tool_call>", "", "", "f", "{\"a\": 1}", ""),
        new(s_hermes, false, "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>", "", "", "f", "{\"a\": 1}", ""),
        new(s_hermes, false, "<tool_call>{\"name\": \"f\"}</tool_call>after", "", "after", "f", "{}", ""),
        new(s_hermes, false, "<tool_call>{\"type\": \"function\", \"name\": \"f\", \"parameters\": {}</tool_call>", "", "", "f", "{}", ""),
        new(s_hermes, false, "x <tool_call>no json</tool_call> y", "", "x <tool_call>no json</tool_call> y"),
        new(s_hermes, false, "x\n<tool_call>{\"name\": \"f\", \"arg", "", "x\n<tool_call>{\"name\": \"f\", \"arg"),
        new(s_hermes, false, "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": </tool_call>z", "", "</tool_call>z", "f", "{\"a\": ", "!"),
        new(s_hermes, false, "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": 1}, \"x\": 2}</tool_call>", "", ", \"x\": 2}</tool_call>", "f", "{\"a\": 1}", "!"),
        new(s_hermes, false, "<tool_call>{\"name\": \"f\", \"arguments\": {\"a\": \"b", "", "", "f", "{\"a\": \"b", "!"),
        new(s_hermes, false, "1 < 2 <tool", "", "1 < 2 <tool"),

        // Llama 3.
        new(s_llama, false, "{\"name\": \"f\", \"parameters\": {\"a\": 1}}", "", "", "f", "{\"a\": 1}", ""),
        new(s_llama, false, "<|python_tag|>{\"type\": \"function\", \"name\": \"f\", \"parameters\": {}}; {\"name\": \"g\", \"parameters\": {\"b\": \"}\"}}", "", "", "f", "{}", "", "g", "{\"b\": \"}\"}", ""),
        new(s_llama, false, "\n{\"name\": \"f\", \"parameters\": {\"a\": 1}} done", "", " done", "f", "{\"a\": 1}", ""),
        new(s_llama, false, "{\"name\": \"Bob\", \"age\": 3}", "", "{\"name\": \"Bob\", \"age\": 3}"),
        new(s_llama, false, "{\"name\": \"f\", \"parameters\": {\"a\": 1}", "", "", "f", "{\"a\": 1}", "!"),
        new(s_llama, false, "Here: {\"name\": \"f\", \"parameters\": {}}", "", "Here: {\"name\": \"f\", \"parameters\": {}}"),
        new(s_llama, false, "{\"name\": \"f\", \"parameters\": {}}; and", "", "; and", "f", "{}", ""),
        new(s_llama, false, $"{{\"type\": \"{new string('t', 300)}\", \"name\": \"f\", \"parameters\": {{}}}}", "", $"{{\"type\": \"{new string('t', 300)}\", \"name\": \"f\", \"parameters\": {{}}}}"),
    ];

    public static TheoryData<int> Indices => [.. Enumerable.Range(0, Samples.Length)];

    // Events with neighbours of one kind put together.
    internal static List<AnswerEvent> Merged(AnswerFormat format, bool inside, IEnumerable<string> pieces)
    {
        var parser = new AnswerParser(format, inside);
        List<AnswerEvent> events = [], merged = [];
        foreach (string piece in pieces)
            parser.Append(piece, events);
        parser.Finish(events);
        foreach (AnswerEvent one in events)
        {
            bool isText = one.Part is AnswerPart.Reasoning or AnswerPart.Content or AnswerPart.CallArguments;
            Assert.True(!isText || one.Text.Length > 0);
            if (isText && merged.Count > 0 && merged[^1].Part == one.Part && merged[^1].Call == one.Call)
                merged[^1] = one with { Text = merged[^1].Text + one.Text };
            else
                merged.Add(one);
        }
        return merged;
    }

    [Theory]
    [MemberData(nameof(Indices))]
    public void Sample_IsTakenApart_TheSameAtEveryCut(int index)
    {
        Sample sample = Samples[index];
        ParsedAnswer answer = ParsedAnswer.Of(sample.Text, sample.Format, sample.Inside);
        Assert.Equal(sample.Reasoning, answer.Reasoning);
        Assert.Equal(sample.Content, answer.Content);
        Assert.Equal(sample.Calls, answer.Calls.SelectMany(call => new[] { call.Name, call.Arguments, call.IsComplete ? "" : "!" }));

        List<AnswerEvent> whole = Merged(sample.Format, sample.Inside, [sample.Text]);
        for (int cut = 0; cut <= sample.Text.Length; cut++)
            Assert.Equal(whole, Merged(sample.Format, sample.Inside, [sample.Text[..cut], sample.Text[cut..]]));
        Assert.Equal(whole, Merged(sample.Format, sample.Inside, sample.Text.Select(c => c.ToString())));
        for (int width = 2; width < 9; width++)
            Assert.Equal(whole, Merged(sample.Format, sample.Inside, sample.Text.Chunk(width).Select(piece => new string(piece))));
    }

    // A call is begun as soon as its name is known, and its arguments are not held back.
    [Theory]
    [InlineData(CallSyntax.DeepSeek)]
    [InlineData(CallSyntax.Dsml)]
    [InlineData(CallSyntax.Hermes)]
    [InlineData(CallSyntax.Llama)]
    public void Arguments_ComeAsTheyAreWritten(CallSyntax syntax)
    {
        string value = new('v', 500), text = syntax switch
        {
            CallSyntax.DeepSeek => $"{CallsBegin}{CallBegin}f{Separator}{{\"a\": \"{value}",
            CallSyntax.Dsml => $"<{D}function_calls><{D}invoke name=\"f\"><{D}parameter name=\"a\" string=\"true\">{value}",
            CallSyntax.Hermes => $"<tool_call>{{\"name\": \"f\", \"arguments\": {{\"a\": \"{value}",
            _ => $"{{\"name\": \"f\", \"parameters\": {{\"a\": \"{value}",
        };
        var parser = new AnswerParser(new AnswerFormat(false, syntax), false);
        List<AnswerEvent> events = [];
        parser.Append(text, events);
        Assert.Equal("f", events[0].Text);
        Assert.Equal($"{{\"a\": \"{value}", string.Concat(events.Skip(1).Select(one => one.Text)));
    }

    [Fact]
    public void DsmlArguments_AreTheJsonThatWasMeant()
    {
        string text = Dsml(Invoke("f", Parameter("a\\b", true, "tab\t\"quote\" \\ end\u0001") + Parameter("list", false, "[1, 2]")));
        JsonElement arguments = JsonDocument.Parse(ParsedAnswer.Of(text, s_dsml, false).Calls.Single().Arguments).RootElement;
        Assert.Equal("tab\t\"quote\" \\ end\u0001", arguments.GetProperty("a\\b").GetString());
        Assert.Equal(2, arguments.GetProperty("list").GetArrayLength());
    }

    [Fact]
    public void OpensReasoning_LooksAtThePromptsTail()
    {
        static bool Opens(params (string Text, bool IsTemplate)[] prompt) => AnswerFormat.OpensReasoning([.. prompt.Select(segment => new PromptSegment(segment.Text, segment.IsTemplate))]);
        Assert.True(Opens(("<User>", true), ("hi", false), ("<Assistant><think>\n", true)));
        Assert.False(Opens(("<User>", true), ("<think>", false), ("<Assistant>", true)));
        Assert.False(Opens(("<User>", true), ("hi", false), ("<Assistant><think>\n\n</think>\n\n", true)));
        // The conversation gives the beginning of the answer.
        Assert.True(Opens(("<Assistant><think>", true), ("First,", false)));
        Assert.False(Opens(("<Assistant><think>", true), ("First,</think>So", false)));
        Assert.False(Opens());
        Assert.False(Opens(("<think>", false)));
    }
}
