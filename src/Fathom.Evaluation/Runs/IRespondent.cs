// Who is asked: a model in this process, or a server elsewhere.
using Fathom.Evaluation.Graders;

namespace Fathom.Evaluation.Runs;

/// <summary>Answers prompts. May be asked from several threads at once.</summary>
public interface IRespondent
{
    /// <summary>Asks once.</summary>
    /// <param name="prompt">The user's turn; there is no system prompt (DeepSeek-R1, section 3: instructions stand in the user's turn).</param>
    /// <param name="seed">Seeds the draws.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="IOException">The respondent could not be asked, after as many attempts as make sense.</exception>
    Task<ModelResponse> RespondAsync(string prompt, ulong seed, CancellationToken cancellationToken);
}

/// <summary>One response.</summary>
/// <param name="Text">What the model wrote. Where the prompt or the server's protocol opens the reasoning, its opening tag is put before it.</param>
/// <param name="PromptTokens">Tokens of the prompt as the model saw it.</param>
/// <param name="Tokens">Tokens of the response, the reasoning and the ending one counted in.</param>
/// <param name="Truncated">Whether the length limit ended it.</param>
/// <param name="Problem">Why there is no response, as a prompt that does not fit into the model's context; null where there is one.</param>
public sealed record ModelResponse(string Text, int PromptTokens, int Tokens, bool Truncated, string? Problem = null)
{
    /// <summary>Reasoning and answer.</summary>
    public ParsedResponse Parsed => AnswerExtraction.Parse(Text, opened: false);
}
