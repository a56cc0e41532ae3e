// Messages and options of Microsoft.Extensions.AI as requests to the engine.

using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Fathom.Inference;
using Fathom.Inference.Constraints;
using Fathom.Inference.Parsers;
using Fathom.Text.Templates;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

namespace Fathom.ChatClient;

/// <summary>A request, and how its answer is to be read.</summary>
sealed record ChatRequest(GenerationRequest Generation, AnswerFormat Format, bool OpensReasoning);

/// <summary>Makes requests for one model.</summary>
sealed class ChatRequests(ChatModel model)
{
    /// <summary>Compiled schemas that are kept.</summary>
    const int MaxSchemas = 64;

    readonly ConcurrentDictionary<string, TokenConstraint> _schemas = new();

    public ChatRequest Make(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        bool? thinking = options?.Reasoning?.Effort is { } effort ? effort != ReasoningEffort.None : model.Reasoning is null ? null : true;
        JsonArray? tools = options?.ToolMode is NoneChatToolMode ? null : Tools(options?.Tools);
        if (options?.ToolMode is RequiredChatToolMode)
            throw new NotSupportedException("a tool cannot be required; the tool mode must be auto or none.");
        Conversation conversation = new(JsonSerializer.SerializeToElement(Turns(messages, options?.Instructions)))
        {
            Tools = tools is null ? null : JsonSerializer.SerializeToElement(tools),
            Thinking = thinking,
        };
        ModelPrompt prompt = model.Prompt(conversation);
        ulong seed = (ulong)(options?.Seed ?? Random.Shared.NextInt64());
        return new ChatRequest(new GenerationRequest(prompt.Ids, Sampling(options), seed),
            AnswerFormat.Of(model.Format!, model.Tokenizer, hasTools: tools is not null), prompt.OpensReasoning);
    }

    SamplingOptions Sampling(ChatOptions? options)
    {
        SamplingOptions sampling = model.Options;
        if (options is null)
            return sampling;
        return sampling with
        {
            Temperature = options.Temperature ?? sampling.Temperature,
            TopP = options.TopP ?? sampling.TopP,
            TopK = options.TopK ?? sampling.TopK,
            FrequencyPenalty = options.FrequencyPenalty ?? sampling.FrequencyPenalty,
            PresencePenalty = options.PresencePenalty ?? sampling.PresencePenalty,
            MaxNewTokens = options.MaxOutputTokens ?? sampling.MaxNewTokens,
            StopStrings = [.. options.StopSequences ?? []],
            Constraint = options.ResponseFormat is ChatResponseFormatJson json ? Constraint(json.Schema) : null,
        };
    }

    TokenConstraint Constraint(JsonElement? schema)
    {
        string text = schema?.GetRawText() ?? "";
        if (_schemas.TryGetValue(text, out TokenConstraint? known))
            return known;
        TokenConstraint made = schema is null ? TokenConstraint.FromJson(model.Vocabulary) : TokenConstraint.FromJsonSchema(text, model.Vocabulary);
        if (_schemas.Count >= MaxSchemas)
            _schemas.Clear();
        return _schemas.GetOrAdd(text, made);
    }

    static JsonArray Turns(IEnumerable<ChatMessage> messages, string? instructions)
    {
        JsonArray turns = [];
        if (!string.IsNullOrEmpty(instructions))
            turns.Add(new JsonObject { ["role"] = "system", ["content"] = instructions });
        foreach (ChatMessage message in messages)
        {
            List<FunctionResultContent> results = [.. message.Contents.OfType<FunctionResultContent>()];
            foreach (FunctionResultContent result in results)
                turns.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.CallId, ["content"] = Text(result.Result) });
            if (results.Count == 0 || message.Contents.Count > results.Count)
                turns.Add(Turn(message));
        }
        return turns;
    }

    static JsonObject Turn(ChatMessage message)
    {
        if (message.Contents.FirstOrDefault(c => c is not (TextContent or TextReasoningContent or FunctionCallContent or FunctionResultContent or UsageContent)) is { } other)
            throw new NotSupportedException($"a message holds {other.GetType().Name}; text, reasoning, calls and results of tools are supported.");
        JsonObject turn = new()
        {
            ["role"] = message.Role.Value,
            ["content"] = string.Concat(message.Contents.OfType<TextContent>().Select(c => c.Text)),
        };
        string reasoning = string.Concat(message.Contents.OfType<TextReasoningContent>().Select(c => c.Text));
        if (reasoning.Length > 0)
            turn["reasoning_content"] = reasoning;
        JsonNode[] calls = [.. message.Contents.OfType<FunctionCallContent>().Select(call => new JsonObject
        {
            ["id"] = call.CallId,
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>()) },
        })];
        if (calls.Length > 0)
            turn["tool_calls"] = new JsonArray(calls);
        return turn;
    }

    static string Text(object? result) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        _ => JsonSerializer.Serialize(result),
    };

    static JsonArray? Tools(IList<AITool>? tools)
    {
        if (tools is not { Count: > 0 })
            return null;
        JsonArray described = [];
        foreach (AITool tool in tools)
        {
            if (tool is not AIFunctionDeclaration function)
                throw new NotSupportedException($"the tool '{tool.Name}' is no function; functions are supported.");
            described.Add(new JsonObject
            {
                ["type"] = "function",
                ["function"] = new JsonObject
                {
                    ["name"] = function.Name,
                    ["description"] = function.Description,
                    ["parameters"] = JsonNode.Parse(function.JsonSchema.GetRawText()),
                },
            });
        }
        return described;
    }
}
