// A model in this process as the one that is asked.
using Fathom.Evaluation.Graders;
using Fathom.Inference;

namespace Fathom.Evaluation.Runs;

/// <summary>How a prompt is made of a problem.</summary>
public enum Prompting
{
    /// <summary>By the model's own chat format; a model that reasons is made to begin with its reasoning.</summary>
    Chat,

    /// <summary>The problem's text as it is, to be continued: for base models, which have no chat format.</summary>
    Raw,
}

/// <summary>Asks a model through its engine.</summary>
/// <param name="model">The model.</param>
/// <param name="engine">Its engine, with room for as many requests as are asked at once.</param>
/// <param name="options">How to draw, with the model's stop tokens.</param>
/// <param name="prompting">How prompts are made.</param>
public sealed class EngineRespondent(ChatModel model, InferenceEngine engine, SamplingOptions options, Prompting prompting) : IRespondent
{
    /// <inheritdoc/>
    public async Task<ModelResponse> RespondAsync(string prompt, ulong seed, CancellationToken cancellationToken)
    {
        ModelPrompt asked = Prompt(prompt);
        TokenStream stream;
        try
        {
            stream = engine.Submit(new GenerationRequest(asked.Ids, options, seed), cancellationToken);
        }
        catch (PromptTooLongException error)
        {
            return new ModelResponse("", asked.Ids.Length, 0, false, error.Message);
        }
        Completion completion = await stream.Finished.ConfigureAwait(false);
        if (completion.FinishReason == FinishReason.Cancelled)
            throw new OperationCanceledException(cancellationToken);
        string text = completion.Text(model.Tokenizer, options.StopIds);
        return new ModelResponse(
            asked.OpensReasoning ? $"{AnswerExtraction.ThinkOpen}\n{text}" : text, asked.Ids.Length, completion.Tokens.Count, completion.FinishReason == FinishReason.Length);
    }

    /// <summary>The prompt's ids.</summary>
    /// <exception cref="InvalidDataException">The model has no chat format.</exception>
    public ModelPrompt Prompt(string text)
    {
        if (prompting == Prompting.Raw)
        {
            int[] begin = model.Tokenizer.BosId is { } bos ? [bos] : [];
            return new ModelPrompt([.. begin, .. model.Tokenizer.Encode(text)], OpensReasoning: false);
        }
        ModelPrompt prompt = model.Prompt(text);
        // Some templates leave it to the model whether it thinks; the published scores were made with reasoning forced (DeepSeek-R1's README).
        return model.Reasoning is { } reasoning && !prompt.OpensReasoning
            ? new ModelPrompt([.. prompt.Ids, reasoning.StartId, .. model.Tokenizer.Encode("\n")], OpensReasoning: true)
            : prompt;
    }
}
