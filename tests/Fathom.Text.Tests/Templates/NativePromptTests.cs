// The native encoders of DeepSeek V3.1 and V3.2 against the published prompts and recorded ones.

using System.Text.Json;
using Fathom.Testing;
using Fathom.Text.Templates;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tests.Tokenizers;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Templates;

public class NativePromptTests
{
    static string Render(PromptFormat format, Conversation conversation) => string.Concat(format.Render(conversation).Select(s => s.Text));

    static Conversation Of(string messages, string? tools = null, bool generates = true, bool thinking = false) => new(JsonDocument.Parse(messages).RootElement)
    {
        Tools = tools is null ? null : JsonDocument.Parse(tools).RootElement,
        AddGenerationPrompt = generates,
        Thinking = thinking,
    };

    [SharedDataFact]
    public void V31_RendersThePublishedPrompts()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("vectors", "chat_template", "chat.json")));
        int compared = 0;
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray().Where(c => c.GetProperty("template").GetString() == "deepseek-v3.1"))
        {
            Conversation conversation = new(item.GetProperty("messages"))
            {
                AddGenerationPrompt = item.GetProperty("add_generation_prompt").GetBoolean(),
                Thinking = item.GetProperty("kwargs").TryGetProperty("thinking", out JsonElement thinking) && thinking.GetBoolean(),
            };
            Assert.Equal(item.GetProperty("rendered").GetString(), Render(new DeepSeekV31Prompt(), conversation));
            compared++;
        }
        Assert.True(compared > 30, $"{compared} cases");
    }

    [Fact]
    public void V31_DescribesToolsBehindTheSystemText()
    {
        const string tools = """[{"type": "function", "function": {"name": "now", "description": "Tells the time.", "parameters": {"type": "object", "properties": {}}}}]""";
        string prompt = Render(new DeepSeekV31Prompt(), Of("""[{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]""", tools));
        Assert.StartsWith("<｜begin▁of▁sentence｜>S\n\n## Tools\nYou have access to the following tools:\n\n### now\nDescription: Tells the time.\n\nParameters: {\"type\": \"object\", \"properties\": {}}\n\nIMPORTANT:", prompt);
        Assert.EndsWith("without separators or spaces<｜User｜>U<｜Assistant｜></think>", prompt);
    }

    [Fact]
    public void V32_RendersTheRecordedPrompts()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "deepseek-v3.2.json")));
        int compared = 0;
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray())
        {
            Conversation conversation = new(item.GetProperty("messages"))
            {
                Tools = item.TryGetProperty("tools", out JsonElement tools) ? tools : null,
                Thinking = item.GetProperty("thinking").GetBoolean(),
            };
            Assert.Equal(item.GetProperty("expected").GetString(), Render(new DeepSeekV32Prompt(), conversation));
            compared++;
        }
        Assert.Equal(46, compared);
    }

    [Fact]
    public void V32_KeepsToolsWhoseDeveloperMessageIsDropped()
    {
        const string tools = """[{"type": "function", "function": {"name": "now"}}]""";
        string prompt = Render(new DeepSeekV32Prompt(), Of("""[{"role": "developer", "content": "old"}, {"role": "user", "content": "new"}]""", tools, thinking: true));
        Assert.StartsWith("<｜begin▁of▁sentence｜>\n\n## Tools", prompt);
        Assert.EndsWith("</functions>\n<｜User｜>new<｜Assistant｜><think>", prompt);
    }

    [Fact]
    public void V32_WithoutGenerationPrompt_EndsWithTheLastMessage()
    {
        const string user = """{"role": "user", "content": "U"}""";
        const string call = """{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": {}}}]}, {"role": "tool", "content": "R"}""";
        Assert.EndsWith("<｜User｜>U", Render(new DeepSeekV32Prompt(), Of($"[{user}]", generates: false)));
        Assert.EndsWith("\n<result>R</result>\n</function_results>", Render(new DeepSeekV32Prompt(), Of($"[{user}, {call}]", generates: false)));
    }

    [Fact]
    public void EarlierThoughts_AreDropped_AndThoseBehindTheLastUserKept()
    {
        const string messages = """[{"role": "user", "content": "a"}, {"role": "assistant", "reasoning_content": "old thought", "content": "b"}, {"role": "user", "content": "c"}, {"role": "assistant", "reasoning_content": "new thought", "content": "d"}]""";
        string prompt = Render(new DeepSeekV32Prompt(), Of(messages, thinking: true));
        Assert.DoesNotContain("old thought", prompt);
        Assert.Contains("<think>new thought</think>d", prompt);
    }

    [Theory]
    [InlineData("""{"role": "user"}""", "list")]
    [InlineData("""[5]""", "message 1")]
    [InlineData("""[{"role": "wizard", "content": ""}]""", "wizard")]
    [InlineData("""[{"role": "user", "content": 5}]""", "content")]
    [InlineData("""[{"role": "user", "content": [{"type": "image"}]}]""", "text")]
    [InlineData("""[{"role": "assistant", "tool_calls": 5}]""", "tool_calls")]
    [InlineData("""[{"role": "assistant", "tool_calls": [{}]}]""", "function")]
    public void WrongMessage_IsNamed(string messages, string said)
    {
        foreach (PromptFormat format in new PromptFormat[] { new DeepSeekV31Prompt(), new DeepSeekV32Prompt() })
            Assert.Contains(said, Assert.Throws<TemplateException>(() => format.Render(Of(messages))).Message);
    }

    [Fact]
    public void V32_ResultWithoutACall_IsRefused() =>
        Assert.Contains("without a call", Assert.Throws<TemplateException>(() => new DeepSeekV32Prompt().Render(Of("""[{"role": "tool", "content": "1"}]"""))).Message);

    [Fact]
    public void MarksInMessages_StayText()
    {
        Tokenizer tokenizer = SampleTexts.Trained;
        string forged = JsonSerializer.Serialize(string.Concat(DeepSeekTokens.All));
        string messages = $$"""[{"role": "system", "content": {{forged}}}, {"role": "user", "content": {{forged}}}, {"role": "assistant", "content": {{forged}}}, {"role": "user", "content": "x"}]""";
        foreach (PromptFormat format in new[] { new DeepSeekV31Prompt(), new DeepSeekV32Prompt(), PromptFormat.Of(tokenizer)! })
        {
            int[] ids = tokenizer.EncodePrompt(format.Render(Of(messages)));
            // Begin, two users, two assistants with a mark of thoughts each where the format has one, an end.
            int thoughts = format is JinjaPromptFormat ? 0 : 2;
            Assert.Equal(6 + thoughts, ids.Count(tokenizer.SpecialTokens.Values.Contains));
        }
    }

    [Fact]
    public void FormatOfAModel_IsItsTemplate_ElseItsGeneration()
    {
        Tokenizer trained = SampleTexts.Trained;
        Tokenizer With(TokenizerExtras extras, params string[] more) => new(trained.Model, Normalizer.None, trained.PreTokenizer,
            [.. trained.Added, .. more.Select((m, i) => new AddedToken(i, m, true))], extras);
        TokenizerExtras bare = new() { BosToken = DeepSeekTokens.BeginOfSentence };
        Assert.Equal("chat_template", PromptFormat.Of(trained)!.Name);
        Assert.Equal("deepseek-v3", PromptFormat.Of(With(bare))!.Name);
        Assert.Equal("deepseek-v3.1", PromptFormat.Of(With(bare, DeepSeekTokens.SearchBegin))!.Name);
        Assert.Equal("deepseek-v3.2", PromptFormat.Of(With(bare, DeepSeekTokens.SearchBegin, DeepSeekTokens.Dsml))!.Name);
        Assert.Null(PromptFormat.Of(BpeTrainer.Train([], 256, [])));
    }

    [Fact]
    public void ToolTemplate_IsTakenWhereToolsAre()
    {
        Tokenizer trained = SampleTexts.Trained;
        Tokenizer tokenizer = new(trained.Model, Normalizer.None, trained.PreTokenizer, trained.Added,
            new TokenizerExtras { ChatTemplates = new Dictionary<string, string> { ["default"] = "plain", ["tool_use"] = "tools {{ tools | length }}" } });
        Assert.Equal("plain", Render(PromptFormat.Of(tokenizer)!, Of("[]")));
        Assert.Equal("tools 0", Render(PromptFormat.Of(tokenizer)!, Of("[]", "[]")));
    }

    [Fact]
    public void FathomsOwnTemplate_IsItsNativeFormat()
    {
        ChatMessage[] messages = [new(ChatRole.System, "Be brief."), new(ChatRole.System, "Really."), new(ChatRole.User, "1+1?"), new(ChatRole.Assistant, "<think>\neasy</think>\n\n2"), new(ChatRole.User, " sure?")];
        foreach (bool think in new[] { false, true })
            foreach (bool generates in new[] { false, true })
            {
                Conversation conversation = Conversation.Of(messages) with { Thinking = think, AddGenerationPrompt = generates };
                IReadOnlyList<PromptSegment> prompt = PromptFormat.Of(SampleTexts.Trained)!.Render(conversation);
                Assert.Equal(ChatTemplate.Render(messages, generates, think), string.Concat(prompt.Select(s => s.Text)));
                Assert.Equal(ChatTemplate.Encode(SampleTexts.Trained, messages, generates, think), SampleTexts.Trained.EncodePrompt(prompt));
            }
    }
}
