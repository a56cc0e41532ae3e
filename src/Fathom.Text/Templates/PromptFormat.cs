// How a model wants its prompts: by the template it carries, or by an encoder for a generation that carries none.

using System.Text.Json;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Templates;

/// <summary>A way to turn conversations into prompts. Immutable and safe for many threads.</summary>
public abstract class PromptFormat
{
    /// <summary>What the format is called.</summary>
    public abstract string Name { get; }

    /// <summary>The prompt of a conversation, in segments of template and data.</summary>
    /// <exception cref="TemplateException">The format cannot be made of this conversation; the message says why.</exception>
    public abstract IReadOnlyList<PromptSegment> Render(Conversation conversation);

    /// <summary>
    /// The format of a model: its own template; else that of the DeepSeek generation that its tokenizer shows. Null where there is neither.
    /// </summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <exception cref="TemplateException">The template is malformed or uses what is not supported.</exception>
    public static PromptFormat? Of(Tokenizer tokenizer)
    {
        if (tokenizer.ChatTemplates.Count > 0)
            return new JinjaPromptFormat(tokenizer);
        // V3.2 has a token for its tool calls, V3.1 those of its search; before it there were placeholders.
        if (tokenizer.Added.Any(t => t.Content == DeepSeekTokens.Dsml))
            return new DeepSeekV32Prompt();
        if (tokenizer.SpecialTokens.ContainsKey(DeepSeekTokens.SearchBegin))
            return new DeepSeekV31Prompt();
        return new[] { DeepSeekTokens.BeginOfSentence, DeepSeekTokens.User, DeepSeekTokens.Assistant }.All(tokenizer.SpecialTokens.ContainsKey)
            ? new JinjaPromptFormat("deepseek-v3", ChatTemplate.Jinja, tokenizer)
            : null;
    }
}

/// <summary>Prompts by templates in Jinja.</summary>
sealed class JinjaPromptFormat : PromptFormat
{
    const string ToolTemplate = "tool_use";

    readonly JinjaTemplate template;
    readonly JinjaTemplate? toolTemplate;
    readonly Dictionary<string, string> trusted = [];

    public JinjaPromptFormat(Tokenizer tokenizer)
        : this("chat_template", tokenizer.ChatTemplate ?? tokenizer.ChatTemplates.OrderBy(t => t.Key, StringComparer.Ordinal).First().Value, tokenizer)
    {
        if (tokenizer.ChatTemplates.TryGetValue(ToolTemplate, out string? source))
            toolTemplate = JinjaTemplate.Parse(source, $"chat_template '{ToolTemplate}'");
    }

    public JinjaPromptFormat(string name, string source, Tokenizer tokenizer)
    {
        template = JinjaTemplate.Parse(source, name);
        foreach ((string variable, string? token) in new[]
            { ("bos_token", tokenizer.Extras.BosToken), ("eos_token", tokenizer.Extras.EosToken), ("pad_token", tokenizer.Extras.PadToken) })
            if (token is not null)
                trusted[variable] = token;
    }

    public override string Name => template.Name;

    public override IReadOnlyList<PromptSegment> Render(Conversation conversation)
    {
        Dictionary<string, JsonElement> data = new(conversation.Variables)
        {
            ["messages"] = conversation.Messages,
            ["add_generation_prompt"] = JsonSerializer.SerializeToElement(conversation.AddGenerationPrompt),
        };
        if (conversation.Tools is { } tools)
            data["tools"] = tools;
        // What DeepSeek's templates and Qwen's call it.
        if (conversation.Thinking is { } thinking)
            data["thinking"] = data["enable_thinking"] = JsonSerializer.SerializeToElement(thinking);
        return (conversation.Tools is null ? template : toolTemplate ?? template).Render(data, trusted, conversation.Now);
    }
}
