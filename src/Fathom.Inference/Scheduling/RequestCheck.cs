// What cannot be run is refused before anything runs.
using Fathom.Models.Configs;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Scheduling;

/// <summary>Checks requests against a model.</summary>
static class RequestCheck
{
    /// <summary>Throws when a request cannot be run.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">What the message calls it, as its first words.</param>
    /// <param name="config">The model.</param>
    /// <param name="contextLength">Tokens that fit, prompt and completion together.</param>
    /// <param name="tokenizer">Needed for stop strings only.</param>
    public static void Check(GenerationRequest request, string name, ModelConfig config, int contextLength, Tokenizer? tokenizer)
    {
        request.Options.Validate();
        if (request.Prompt.Length == 0)
            throw new ArgumentException($"{name} has an empty prompt; at least one token is needed.");
        if (request.Prompt.Length >= contextLength)
            throw new PromptTooLongException(name, request.Prompt.Length, contextLength);
        for (int i = 0; i < request.Prompt.Length; i++)
        {
            if ((uint)request.Prompt[i] >= (uint)config.VocabularySize)
                throw new ArgumentException($"{name} has token id {request.Prompt[i]} at place {i} of its prompt; the vocabulary has ids 0 to {config.VocabularySize - 1}.");
        }
        if (request.Options.StopStrings.Count > 0 && tokenizer is null)
            throw new ArgumentException($"{name} has stop strings; the generator was made without a tokenizer.");
        if (request.TimeLimit is { } limit && limit <= TimeSpan.Zero)
            throw new ArgumentException($"{name} has a time limit of {limit}; it must be above zero.");
    }
}
