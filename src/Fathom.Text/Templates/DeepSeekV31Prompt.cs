// The prompt format of DeepSeek V3.1, with the tools that its template leaves out.

using System.Text.Json;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Templates;

/// <summary>
/// DeepSeek V3.1: as V3, but answers begin with <c>&lt;think&gt;</c> or <c>&lt;/think&gt;</c> behind the assistant's mark, calls of tools have
/// neither type nor fence, and tools are described behind the system text (model card of DeepSeek-V3.1, "ToolCall"). Of earlier answers everything up to
/// the first <c>&lt;/think&gt;</c> is dropped. Equal to the template in the release's tokenizer_config.json on conversations without tools.
/// </summary>
sealed class DeepSeekV31Prompt : PromptFormat
{
    const string ToolsHeader = "## Tools\nYou have access to the following tools:\n\n";

    // As the model card has it, for the model was trained to see these words.
    const string ToolsFooter =
        "IMPORTANT: ALWAYS adhere to this exact format for tool use:\n" +
        DeepSeekTokens.ToolCallsBegin + DeepSeekTokens.ToolCallBegin + "tool_call_name" + DeepSeekTokens.ToolSeparator + "tool_call_arguments" +
        DeepSeekTokens.ToolCallEnd + "{additional_tool_calls}" + DeepSeekTokens.ToolCallsEnd + "\n\n" +
        "Where:\n" +
        "- `tool_call_name` must be an exact match to one of the available tools\n" +
        "- `tool_call_arguments` must be valid JSON that strictly follows the tool's Parameters Schema\n" +
        "- For multiple tool calls, chain them directly without separators or spaces";

    public override string Name => "deepseek-v3.1";

    public override IReadOnlyList<PromptSegment> Render(Conversation conversation)
    {
        List<NativeMessage> messages = NativeMessage.ReadAll(Name, conversation);
        PromptWriter prompt = new();
        prompt.Format(DeepSeekTokens.BeginOfSentence);
        prompt.Data(string.Join("\n\n", messages.Where(m => m.Role == "system").Select(m => m.Content)));
        WriteTools(prompt, NativeMessage.Functions(Name, conversation.Tools));

        bool thinking = conversation.Thinks;
        bool afterUser = false, afterTool = false;
        foreach (NativeMessage message in messages)
            switch (message.Role)
            {
                case "system":
                    break;
                case "user":
                    prompt.Format(DeepSeekTokens.User).Data(message.Content);
                    (afterUser, afterTool) = (true, false);
                    break;
                case "assistant":
                    if (afterUser)
                        prompt.Format(DeepSeekTokens.Assistant)
                            .Format(thinking && !message.HasToolCalls && message.Field("prefix") is { ValueKind: JsonValueKind.True } ? DeepSeekTokens.ThinkStart : DeepSeekTokens.ThinkEnd);
                    if (message.HasToolCalls)
                        WriteCalls(prompt.Data(message.Content), message);
                    else
                        prompt.Data(afterTool ? message.Content : AfterThoughts(message.Content));
                    prompt.Format(DeepSeekTokens.EndOfSentence);
                    (afterUser, afterTool) = (false, false);
                    break;
                case "tool":
                    prompt.Format(DeepSeekTokens.ToolOutputBegin).Data(message.Content).Format(DeepSeekTokens.ToolOutputEnd);
                    (afterUser, afterTool) = (false, true);
                    break;
                default:
                    throw message.Wrong($"the role '{message.Role}' is not known; system, user, assistant and tool are");
            }
        if (conversation.AddGenerationPrompt && afterUser)
            prompt.Format(DeepSeekTokens.Assistant).Format(thinking ? DeepSeekTokens.ThinkStart : DeepSeekTokens.ThinkEnd);
        return prompt.ToSegments();
    }

    static void WriteTools(PromptWriter prompt, List<JsonElement> functions)
    {
        if (functions.Count == 0)
            return;
        prompt.Format("\n\n" + ToolsHeader);
        foreach (JsonElement function in functions)
            prompt.Format("### ").Data(Text(function, "name")).Format("\nDescription: ").Data(Text(function, "description"))
                .Format("\n\nParameters: ").Data(NativeMessage.Find(function, "parameters") is { } parameters ? PromptWriter.Json(parameters) : "{}").Format("\n\n");
        prompt.Format(ToolsFooter);

        static string Text(JsonElement function, string name) =>
            NativeMessage.Find(function, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
    }

    static void WriteCalls(PromptWriter prompt, NativeMessage message)
    {
        prompt.Format(DeepSeekTokens.ToolCallsBegin);
        foreach ((string name, JsonElement arguments) in message.Calls)
            prompt.Format(DeepSeekTokens.ToolCallBegin).Data(name).Format(DeepSeekTokens.ToolSeparator)
                .Data(arguments.ValueKind == JsonValueKind.String ? arguments.GetString()! : PromptWriter.Json(arguments)).Format(DeepSeekTokens.ToolCallEnd);
        prompt.Format(DeepSeekTokens.ToolCallsEnd);
    }

    static string AfterThoughts(string content)
    {
        int end = content.IndexOf(DeepSeekTokens.ThinkEnd, StringComparison.Ordinal);
        return end < 0 ? content : content[(end + DeepSeekTokens.ThinkEnd.Length)..];
    }
}
