// The prompt format of DeepSeek V3 and R1, written natively, and the same in Jinja for other libraries. Tool calls are left out.

using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Templates;

/// <summary>
/// DeepSeek's chat format: the beginning token, the system text bare, then <c>&lt;｜User｜&gt;</c>text and
/// <c>&lt;｜Assistant｜&gt;</c>text<c>&lt;｜end▁of▁sentence｜&gt;</c> without line breaks between turns. Several system texts stand in front,
/// joined by an empty line; of earlier answers everything up to the last <c>&lt;/think&gt;</c> is dropped. Equal to the template in the
/// V3/R1 release's tokenizer_config.json on messages without tools.
/// </summary>
public static class ChatTemplate
{
    /// <summary>The same in Jinja. The variable <c>thinking</c> does what <c>think</c> does below.</summary>
    public const string Jinja =
        "{% if not add_generation_prompt is defined %}{% set add_generation_prompt = false %}{% endif %}" +
        "{% if not thinking is defined %}{% set thinking = false %}{% endif %}" +
        "{% set ns = namespace(system_prompt='', is_first_sp=true) %}" +
        "{%- for message in messages %}{%- if message['role'] == 'system' %}" +
        "{%- if ns.is_first_sp %}{% set ns.system_prompt = message['content'] %}{% set ns.is_first_sp = false %}" +
        "{%- else %}{% set ns.system_prompt = ns.system_prompt + '\\n\\n' + message['content'] %}{%- endif %}" +
        "{%- endif %}{%- endfor %}" +
        "{{ bos_token }}{{ ns.system_prompt }}" +
        "{%- for message in messages %}" +
        "{%- if message['role'] == 'user' %}{{ '" + DeepSeekTokens.User + "' + message['content'] }}{%- endif %}" +
        "{%- if message['role'] == 'assistant' %}" +
        "{{ '" + DeepSeekTokens.Assistant + "' + message['content'].split('" + DeepSeekTokens.ThinkEnd + "')[-1] + '" + DeepSeekTokens.EndOfSentence + "' }}" +
        "{%- endif %}{%- endfor -%}" +
        "{% if add_generation_prompt %}{{ '" + DeepSeekTokens.Assistant + "' }}" +
        "{% if thinking %}{{ '" + DeepSeekTokens.ThinkStart + "\\n' }}{% endif %}{% endif %}";

    /// <summary>The prompt as text, to be shown. Ids come from <see cref="Encode"/>: text cannot say which marks are real.</summary>
    /// <inheritdoc cref="Encode"/>
    public static string Render(IEnumerable<ChatMessage> messages, bool addGenerationPrompt = true, bool think = false)
    {
        StringBuilder prompt = new();
        foreach ((string text, _) in Segments(messages, addGenerationPrompt, think))
            prompt.Append(text);
        return prompt.ToString();
    }

    /// <summary>The ids of the prompt. Marks and texts are encoded apart, so that no text can forge a mark.</summary>
    /// <param name="tokenizer">A tokenizer with the tokens of <see cref="DeepSeekTokens"/>.</param>
    /// <param name="messages">The turns.</param>
    /// <param name="addGenerationPrompt">End with <c>&lt;｜Assistant｜&gt;</c>, where the model goes on.</param>
    /// <param name="think">Follow that by <c>&lt;think&gt;</c> and a line feed, so that the model begins inside its thoughts.</param>
    /// <exception cref="ArgumentException">The tokenizer lacks a mark that the prompt needs.</exception>
    public static int[] Encode(Tokenizer tokenizer, IEnumerable<ChatMessage> messages, bool addGenerationPrompt = true, bool think = false)
    {
        List<int> ids = [];
        foreach ((string text, bool isMark) in Segments(messages, addGenerationPrompt, think))
            if (isMark)
                ids.Add(IdOf(tokenizer, text));
            else
                tokenizer.Encode(text, ids);
        return [.. ids];
    }

    /// <summary>The ids of an answer to learn from: <c>&lt;think&gt;</c>reasoning<c>&lt;/think&gt;</c>answer and the end token.</summary>
    /// <param name="tokenizer">A tokenizer with the tokens of <see cref="DeepSeekTokens"/>.</param>
    /// <param name="reasoning">The thoughts, with the line breaks they shall have inside the marks; null for an answer without.</param>
    /// <param name="answer">The answer.</param>
    /// <exception cref="ArgumentException">The tokenizer lacks a mark that the answer needs.</exception>
    public static int[] EncodeReply(Tokenizer tokenizer, string? reasoning, string answer)
    {
        List<int> ids = [];
        if (reasoning is not null)
        {
            ids.Add(IdOf(tokenizer, DeepSeekTokens.ThinkStart));
            tokenizer.Encode(reasoning, ids);
            ids.Add(IdOf(tokenizer, DeepSeekTokens.ThinkEnd));
        }
        tokenizer.Encode(answer, ids);
        ids.Add(IdOf(tokenizer, DeepSeekTokens.EndOfSentence));
        return [.. ids];
    }

    static IEnumerable<(string Text, bool IsMark)> Segments(IEnumerable<ChatMessage> messages, bool addGenerationPrompt, bool think)
    {
        ChatMessage[] turns = [.. messages];
        yield return (DeepSeekTokens.BeginOfSentence, true);
        yield return (string.Join("\n\n", turns.Where(t => t.Role == ChatRole.System).Select(t => t.Content)), false);
        foreach (ChatMessage turn in turns)
        {
            if (turn.Role == ChatRole.User)
            {
                yield return (DeepSeekTokens.User, true);
                yield return (turn.Content, false);
            }
            else if (turn.Role == ChatRole.Assistant)
            {
                yield return (DeepSeekTokens.Assistant, true);
                yield return (AfterThoughts(turn.Content), false);
                yield return (DeepSeekTokens.EndOfSentence, true);
            }
        }
        if (!addGenerationPrompt)
            yield break;
        yield return (DeepSeekTokens.Assistant, true);
        if (think)
        {
            yield return (DeepSeekTokens.ThinkStart, true);
            yield return ("\n", false);
        }
    }

    static string AfterThoughts(string content)
    {
        int end = content.LastIndexOf(DeepSeekTokens.ThinkEnd, StringComparison.Ordinal);
        return end < 0 ? content : content[(end + DeepSeekTokens.ThinkEnd.Length)..];
    }

    static int IdOf(Tokenizer tokenizer, string mark) => tokenizer.SpecialTokens.TryGetValue(mark, out int id)
        ? id
        : throw new ArgumentException($"the tokenizer has no token {mark}, which DeepSeek's chat format needs", nameof(tokenizer));
}
