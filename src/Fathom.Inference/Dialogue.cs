// Prompts of a single question, the same in training, evaluation and chat.
using Fathom.Text.Templates;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference;

/// <summary>Prompts as the model sees them in training, evaluation and chat.</summary>
public static class Dialogue
{
    /// <summary>The token ids of a single user turn, ready for the reply.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="user">The user's text.</param>
    /// <param name="think">Whether the prompt already opens the reasoning.</param>
    public static int[] Prompt(Tokenizer tokenizer, string user, bool think = true)
        => ChatTemplate.Encode(tokenizer, [new ChatMessage(ChatRole.User, user)], addGenerationPrompt: true, think);

    /// <summary>The reply to learn behind <see cref="Prompt"/>: reasoning, <c>&lt;/think&gt;</c>, answer, end of sentence, laid out as R1 does.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="reasoning">The reasoning, or null behind a prompt that does not open it.</param>
    /// <param name="answer">The answer.</param>
    public static int[] Reply(Tokenizer tokenizer, string? reasoning, string answer)
        => reasoning is null
            ? ChatTemplate.EncodeReply(tokenizer, null, answer)
            : [.. tokenizer.Encode(reasoning + "\n"), tokenizer.SpecialTokens[DeepSeekTokens.ThinkEnd], .. ChatTemplate.EncodeReply(tokenizer, null, "\n\n" + answer)];
}
