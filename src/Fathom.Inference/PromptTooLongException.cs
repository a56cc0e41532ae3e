// A prompt that leaves no room for an answer.
namespace Fathom.Inference;

/// <summary>A prompt does not fit; it is never clipped.</summary>
public sealed class PromptTooLongException : ArgumentException
{
    internal PromptTooLongException(string name, int promptLength, int contextLength)
        : base($"{name} has a prompt of {promptLength} tokens; the model's context holds {contextLength}, and at least one must be left to generate.")
        => (PromptLength, ContextLength) = (promptLength, contextLength);

    /// <summary>Tokens of the prompt.</summary>
    public int PromptLength { get; }

    /// <summary>Tokens that fit, prompt and completion together: the model's context, or what the cache holds when that is less.</summary>
    public int ContextLength { get; }
}
