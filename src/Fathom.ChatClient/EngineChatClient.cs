// Fathom's engine behind Microsoft.Extensions.AI's IChatClient, for programs that are written against that.

using System.Runtime.CompilerServices;
using Fathom.Inference;
using Fathom.Inference.Parsers;
using Fathom.Text.Tokenizers;
using Microsoft.Extensions.AI;

namespace Fathom.ChatClient;

/// <summary>
/// A chat client that runs a model in this process. Prompts are made by the model's own chat template; reasoning comes as
/// <see cref="TextReasoningContent"/>, calls of tools as <see cref="FunctionCallContent"/>. Options that are not set take the defaults of
/// <see cref="SamplingOptions"/>; a request without a seed draws one. Safe for many threads: requests run together.
/// </summary>
public sealed class EngineChatClient : IChatClient
{
    readonly ChatModel _model;
    readonly InferenceEngine _engine;
    readonly ChatRequests _requests;
    readonly ChatClientMetadata _metadata;

    /// <summary>Makes a client over an engine.</summary>
    /// <param name="model">The model; it stays the caller's.</param>
    /// <param name="engine">The engine that runs it; it stays the caller's.</param>
    public EngineChatClient(ChatModel model, InferenceEngine engine)
    {
        (_model, _engine, _requests) = (model, engine, new ChatRequests(model));
        _metadata = new ChatClientMetadata("fathom", defaultModelId: Path.GetFileName(Path.TrimEndingDirectorySeparator(model.Path)));
    }

    /// <summary>Answers, as a whole.</summary>
    /// <inheritdoc cref="GetStreamingResponseAsync"/>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <summary>Answers piece by piece; the pieces together are the whole answer. The last one says why it ended and what it took.</summary>
    /// <param name="messages">The conversation.</param>
    /// <param name="options">How to answer.</param>
    /// <param name="cancellationToken">Ends the answer.</param>
    /// <exception cref="NotSupportedException">A message holds what is no text, or an option cannot be met.</exception>
    /// <exception cref="ArgumentException">An option is out of range; <see cref="PromptTooLongException"/> among them.</exception>
    /// <exception cref="EngineBusyException">The engine has as many requests as it takes.</exception>
    /// <exception cref="Inference.Constraints.ConstraintException">The schema of the response cannot be met.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatRequest request = _requests.Make(messages, options);
        SamplingOptions sampling = request.Generation.Options;
        string id = Guid.NewGuid().ToString("N");
        AnswerParser parser = new(request.Format, request.OpensReasoning);
        StreamingDecoder decoder = new(_model.Tokenizer);
        ToolCalls calls = new();
        List<AnswerEvent> events = [];
        StopTextFilter filter = new(sampling.StopStrings);

        TokenStream stream = _engine.Submit(request.Generation, cancellationToken);
        await foreach (GeneratedToken token in stream.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            if (!sampling.StopIds.Contains(token.Id))
                parser.Append(filter.Append(decoder.Append(token.Id)), events);
            foreach (AIContent content in calls.Take(events))
                yield return Update([content]);
        }
        Completion completion = await stream.Finished.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        parser.Append(filter.Append(decoder.Flush()), events);
        parser.Append(filter.Finish(), events);
        parser.Finish(events);
        foreach (AIContent content in calls.Take(events))
            yield return Update([content]);
        ChatResponseUpdate last = Update([new UsageContent(new UsageDetails
        {
            InputTokenCount = request.Generation.Prompt.Length,
            CachedInputTokenCount = completion.CachedPromptTokens,
            OutputTokenCount = completion.Tokens.Count,
            ReasoningTokenCount = completion.ReasoningTokens,
            TotalTokenCount = request.Generation.Prompt.Length + completion.Tokens.Count,
        })]);
        last.FinishReason = completion.FinishReason != FinishReason.Stop ? ChatFinishReason.Length
            : calls.Count > 0 ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop;
        yield return last;

        ChatResponseUpdate Update(IList<AIContent> contents) =>
            new(ChatRole.Assistant, contents) { ResponseId = id, MessageId = id, ModelId = _metadata.DefaultModelId, CreatedAt = DateTimeOffset.UtcNow };
    }

    /// <summary>The client itself, its <see cref="ChatClientMetadata"/>, its engine or its model, by type.</summary>
    /// <param name="serviceType">What is asked for.</param>
    /// <param name="serviceKey">Must be null.</param>
    public object? GetService(Type serviceType, object? serviceKey = null) => serviceKey is not null ? null
        : new object[] { this, _metadata, _engine, _model }.FirstOrDefault(serviceType.IsInstanceOfType);

    /// <summary>Does nothing: engine and model are the caller's.</summary>
    public void Dispose()
    {
    }
}
