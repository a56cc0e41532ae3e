// How a model family writes its answers, told from its prompt format: never guessed from what it happens to write.
using Fathom.Text.Templates;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Parsers;

/// <summary>How calls of tools are written.</summary>
public enum CallSyntax
{
    /// <summary>Not at all: whatever looks like a call is text.</summary>
    None,

    /// <summary>DeepSeek V3, R1 and V3.1: tokens around name and arguments; before V3.1 with a type, and a fence around the arguments.</summary>
    DeepSeek,

    /// <summary>DeepSeek V3.2: tags in DSML, with a tag for each parameter.</summary>
    Dsml,

    /// <summary>Qwen and Hermes: JSON with <c>name</c> and <c>arguments</c> in <c>&lt;tool_call&gt;</c>.</summary>
    Hermes,

    /// <summary>Llama 3: an answer that is JSON with <c>name</c> and <c>parameters</c>.</summary>
    Llama,
}

/// <summary>How a model writes its answers.</summary>
/// <param name="Reasons">Whether it may reason in <c>&lt;think&gt;</c> before it answers.</param>
/// <param name="Calls">How it calls tools.</param>
public sealed record AnswerFormat(bool Reasons, CallSyntax Calls)
{
    /// <summary>The answers of a model.</summary>
    /// <param name="format">Its prompt format.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="hasTools">Whether the conversation offers tools; without, nothing is a call.</param>
    public static AnswerFormat Of(PromptFormat format, Tokenizer tokenizer, bool hasTools)
    {
        bool Has(string mark) => tokenizer.ChatTemplates.Values.Any(template => template.Contains(mark, StringComparison.Ordinal));
        bool reasons = tokenizer.SpecialTokens.ContainsKey(DeepSeekTokens.ThinkEnd) || Has(DeepSeekTokens.ThinkEnd);
        CallSyntax calls = !hasTools ? CallSyntax.None
            : format.Name == "deepseek-v3.2" ? CallSyntax.Dsml
            : format.Name == "deepseek-v3.1" || Has(DeepSeekTokens.ToolCallsBegin) || tokenizer.SpecialTokens.ContainsKey(DeepSeekTokens.ToolCallsBegin) ? CallSyntax.DeepSeek
            : Has(JsonCallParser.HermesOpen) ? CallSyntax.Hermes
            : Has("<|start_header_id|>") ? CallSyntax.Llama
            : CallSyntax.None;
        return new AnswerFormat(reasons, calls);
    }

    /// <summary>Whether a prompt ends inside the reasoning, so that the answer begins there.</summary>
    /// <param name="prompt">The rendered prompt; only its last part of the template counts, and what a conversation gives as the beginning of the answer.</param>
    public static bool OpensReasoning(IReadOnlyList<PromptSegment> prompt)
    {
        int template = prompt.Count - 1;
        while (template >= 0 && !prompt[template].IsTemplate)
            template--;
        if (template < 0)
            return false;
        string tail = string.Concat(prompt.Skip(template).Select(segment => segment.Text));
        return tail.LastIndexOf(DeepSeekTokens.ThinkStart, StringComparison.Ordinal) > tail.LastIndexOf(DeepSeekTokens.ThinkEnd, StringComparison.Ordinal);
    }
}
