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
}
