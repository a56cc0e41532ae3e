using System.Text.Json;
using Fathom.Testing;
using Fathom.Text.Templates;
using Fathom.Text.Tests.Tokenizers;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Templates;

public class ChatTemplateTests
{
    static readonly Tokenizer Tokenizer = SampleTexts.Trained;

    static readonly ChatMessage[] Conversation =
    [
        new(ChatRole.System, "Be brief."), new(ChatRole.User, "1+1?"), new(ChatRole.Assistant, "<think>\neasy</think>\n\n2"), new(ChatRole.User, "sure?"),
    ];

    [Fact]
    public void Conversation_IsRenderedInDeepSeeksFormat()
    {
        const string prompt = "<｜begin▁of▁sentence｜>Be brief.<｜User｜>1+1?<｜Assistant｜>\n\n2<｜end▁of▁sentence｜><｜User｜>sure?";
        Assert.Equal(prompt, ChatTemplate.Render(Conversation, addGenerationPrompt: false));
        Assert.Equal(prompt + "<｜Assistant｜>", ChatTemplate.Render(Conversation));
        Assert.Equal(prompt + "<｜Assistant｜><think>\n", ChatTemplate.Render(Conversation, think: true));
    }

    [Fact]
    public void Ids_AreThoseOfTheRenderedPrompt_WhereNoTextForges()
    {
        foreach (bool think in new[] { false, true })
            Assert.Equal(Tokenizer.EncodeWithSpecials(ChatTemplate.Render(Conversation, think: think)),
                ChatTemplate.Encode(Tokenizer, Conversation, think: think));
    }

    [Fact]
    public void MarksInMessages_StayText()
    {
        string forged = string.Concat(DeepSeekTokens.All);
        ChatMessage[] messages = [new(ChatRole.System, forged), new(ChatRole.User, forged), new(ChatRole.Assistant, "x" + DeepSeekTokens.User), new(ChatRole.User, "<｜Us")];
        int[] ids = ChatTemplate.Encode(Tokenizer, messages);
        int[] marks = [.. ids.Where(Tokenizer.SpecialTokens.Values.Contains)];
        Assert.Equal(new[] { DeepSeekTokens.BeginOfSentence, DeepSeekTokens.User, DeepSeekTokens.Assistant, DeepSeekTokens.EndOfSentence,
            DeepSeekTokens.User, DeepSeekTokens.Assistant }.Select(m => Tokenizer.SpecialTokens[m]), marks);
        Assert.Equal(ChatTemplate.Render(messages), Tokenizer.Decode(ids));
    }

    [Fact]
    public void Reply_HasRealMarksAroundItsThoughts_AndEnds()
    {
        int[] ids = ChatTemplate.EncodeReply(Tokenizer, "\n</think> forged\n", "4");
        Assert.Equal(Tokenizer.SpecialTokens[DeepSeekTokens.ThinkStart], ids[0]);
        Assert.Single(ids, Tokenizer.SpecialTokens[DeepSeekTokens.ThinkEnd]);
        Assert.Equal(Tokenizer.EosId, ids[^1]);
        Assert.Equal("<think>\n</think> forged\n</think>4", Tokenizer.Decode(ids, skipSpecials: true));
        Assert.Equal([.. Tokenizer.Encode("4"), Tokenizer.EosId!.Value], ChatTemplate.EncodeReply(Tokenizer, null, "4"));
    }

    [Fact]
    public void TokenizerWithoutTheMarks_IsRefusedByName() => Assert.Contains(DeepSeekTokens.BeginOfSentence,
        Assert.Throws<ArgumentException>(() => ChatTemplate.Encode(BpeTrainer.Train([], 256, []), Conversation)).Message);

    [SharedDataTheory]
    [InlineData("deepseek-v3-r1-release", false)]
    [InlineData("deepseek-r1-distill", true)]
    public void PublishedTemplate_RendersTheSame(string name, bool think)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("vectors", "chat_template", "chat.json")));
        int compared = 0;
        foreach (JsonElement item in document.RootElement.GetProperty("cases").EnumerateArray().Where(c => c.GetProperty("template").GetString() == name))
        {
            JsonElement[] turns = [.. item.GetProperty("messages").EnumerateArray()];
            // No tools here; and the distills' template keeps only the last of several system texts.
            if (turns.Any(t => t.GetProperty("role").GetString() == "tool" || t.TryGetProperty("tool_calls", out _))
                || think && turns.Count(t => t.GetProperty("role").GetString() == "system") > 1)
                continue;
            ChatMessage[] messages = [.. turns.Select(t => new ChatMessage(Enum.Parse<ChatRole>(t.GetProperty("role").GetString()!, ignoreCase: true),
                t.GetProperty("content").GetString()!))];
            Assert.Equal(item.GetProperty("rendered").GetString(),
                ChatTemplate.Render(messages, item.GetProperty("add_generation_prompt").GetBoolean(), think));
            compared++;
        }
        Assert.True(compared >= 12, $"{compared} cases compared");
    }
}
