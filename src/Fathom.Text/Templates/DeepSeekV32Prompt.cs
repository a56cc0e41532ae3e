// The prompt format of DeepSeek V3.2, which ships no template: tools are described in JSON and called in DSML tags.

using System.Text.Json;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Templates;

/// <summary>
/// DeepSeek V3.2, after the format of the release's folder <c>encoding</c>. Thoughts stand in the turns behind the last message of a user alone;
/// before it they are dropped, and so are messages of developers (but not the conversation's tools). Where the release insists on thoughts in a turn behind the last message of a
/// user, none are taken for empty ones here: clients send back what they were given.
/// </summary>
sealed class DeepSeekV32Prompt : PromptFormat
{
    const string D = DeepSeekTokens.Dsml;

    // As the release has it, for the model was trained to see these words.
    const string ToolsHeader =
        "## Tools\n\nYou have access to a set of tools you can use to answer the user's question.\n" +
        "You can invoke functions by writing a \"<" + D + "function_calls>\" block like the following as part of your reply to the user:\n" +
        "<" + D + "function_calls>\n<" + D + "invoke name=\"$FUNCTION_NAME\">\n" +
        "<" + D + "parameter name=\"$PARAMETER_NAME\" string=\"true|false\">$PARAMETER_VALUE</" + D + "parameter>\n...\n</" + D + "invoke>\n" +
        "<" + D + "invoke name=\"$FUNCTION_NAME2\">\n...\n</" + D + "invoke>\n</" + D + "function_calls>\n\n" +
        "String and scalar parameters should be specified as is without any escaping or quotes, while lists and objects should use JSON format. " +
        "The \"string\" attribute should be set to \"true\" for string type parameters and \"false\" for other types (numbers, booleans, arrays, objects).\n\n" +
        "If the thinking_mode is enabled, then after function results you should strongly consider outputting a thinking block. Here is an example:\n\n" +
        "<" + D + "function_calls>\n...\n</" + D + "function_calls>\n\n<function_results>\n...\n</function_results>\n\n" +
        DeepSeekTokens.ThinkStart + "...thinking about results" + DeepSeekTokens.ThinkEnd + "\n\n" +
        "Here are the functions available in JSONSchema format:\n<functions>\n";

    const string ToolsFooter = "\n</functions>\n";

    const string ResponseFormat = "## Response Format:\n\nYou MUST strictly adhere to the following schema to reply:\n";

    public override string Name => "deepseek-v3.2";

    public override IReadOnlyList<PromptSegment> Render(Conversation conversation)
    {
        bool thinking = conversation.Thinks;
        List<NativeMessage> messages = NativeMessage.ReadAll(Name, conversation);
        int lastUser = messages.FindLastIndex(IsUser);
        if (thinking)
        {
            messages = [.. messages.Where((m, i) => i >= lastUser || m.Role is "user" or "system" or "tool" or "assistant")];
            lastUser = messages.FindLastIndex(IsUser);
        }

        PromptWriter prompt = new();
        prompt.Format(DeepSeekTokens.BeginOfSentence);
        // Tools of the whole conversation belong to a system or developer message at its beginning.
        bool leads = messages.Count > 0 && messages[0].Role is "system" or "developer";
        if (!leads)
            WriteTools(prompt, conversation.Tools);
        for (int i = 0; i < messages.Count; i++)
        {
            bool goesOn = i + 1 < messages.Count || conversation.AddGenerationPrompt;
            WriteMessage(prompt, messages, i, lastUser, thinking, goesOn, i == 0 && leads ? conversation.Tools ?? messages[0].Field("tools") : messages[i].Field("tools"));
        }
        return prompt.ToSegments();
    }

    static bool IsUser(NativeMessage message) => message.Role is "user" or "developer";

    void WriteMessage(PromptWriter prompt, List<NativeMessage> messages, int index, int lastUser, bool thinking, bool goesOn, JsonElement? tools)
    {
        NativeMessage message = messages[index];
        // What stands where the assistant's turn begins.
        string begin = thinking && index >= lastUser ? DeepSeekTokens.ThinkStart : DeepSeekTokens.ThinkEnd;
        switch (message.Role)
        {
            case "system":
                prompt.Data(message.Content);
                WriteTools(prompt, tools);
                WriteResponseFormat(prompt, message);
                break;
            case "user" or "developer":
                prompt.Format(DeepSeekTokens.User);
                if (message.Role == "developer")
                {
                    WriteTools(prompt, tools);
                    WriteResponseFormat(prompt, message);
                    prompt.Format("\n\n# The user's message is: ");
                }
                prompt.Data(message.Content);
                if (goesOn)
                    prompt.Format(DeepSeekTokens.Assistant).Format(begin);
                break;
            case "tool":
                WriteResult(prompt, messages, index, goesOn ? begin : null);
                break;
            case "assistant":
                if (thinking && index > lastUser)
                    prompt.Data(message.Reasoning).Format(DeepSeekTokens.ThinkEnd);
                prompt.Data(message.Content);
                WriteCalls(prompt, message);
                prompt.Format(DeepSeekTokens.EndOfSentence);
                break;
            default:
                throw message.Wrong($"the role '{message.Role}' is not known; system, developer, user, assistant and tool are");
        }
    }

    void WriteTools(PromptWriter prompt, JsonElement? tools)
    {
        List<JsonElement> functions = NativeMessage.Functions(Name, tools);
        if (functions.Count > 0)
            prompt.Format("\n\n" + ToolsHeader).Data(string.Join('\n', functions.Select(PromptWriter.Json))).Format(ToolsFooter);
    }

    static void WriteResponseFormat(PromptWriter prompt, NativeMessage message)
    {
        if (message.Field("response_format") is { } schema)
            prompt.Format("\n\n" + ResponseFormat).Data(PromptWriter.Json(schema));
    }

    /// <summary>The result of a call: results stand in the order of the calls, in one block.</summary>
    static void WriteResult(PromptWriter prompt, List<NativeMessage> messages, int index, string? begin)
    {
        int caller = index;
        while (caller >= 0 && messages[caller].Role == "tool")
            caller--;
        int count = caller >= 0 && messages[caller].Role == "assistant" ? messages[caller].Calls.Count : 0;
        if (index - caller > count)
            throw messages[index].Wrong("a result without a call of a tool before it");
        if (index - caller == 1)
            prompt.Format("\n\n<function_results>");
        prompt.Format("\n<result>").Data(messages[index].Content).Format("</result>");
        if (index - caller == count)
        {
            prompt.Format("\n</function_results>");
            if (begin is not null)
                prompt.Format("\n\n").Format(begin);
        }
    }

    static void WriteCalls(PromptWriter prompt, NativeMessage message)
    {
        if (!message.HasToolCalls)
            return;
        prompt.Format($"\n\n<{D}function_calls>\n");
        foreach ((string name, JsonElement arguments) in message.Calls)
        {
            prompt.Format($"<{D}invoke name=\"").Data(name).Format("\">\n");
            bool first = true;
            foreach ((string parameter, bool isText, string value) in Parameters(message, arguments))
            {
                prompt.Format(first ? "" : "\n").Format($"<{D}parameter name=\"").Data(parameter)
                    .Format($"\" string=\"{(isText ? "true" : "false")}\">").Data(value).Format($"</{D}parameter>");
                first = false;
            }
            prompt.Format($"\n</{D}invoke>\n");
        }
        prompt.Format($"</{D}function_calls>");
    }

    static List<(string Name, bool IsText, string Value)> Parameters(NativeMessage message, JsonElement arguments)
    {
        if (arguments.ValueKind == JsonValueKind.String)
            try
            {
                using JsonDocument document = JsonDocument.Parse(arguments.GetString()!);
                return Parameters(message, document.RootElement.Clone());
            }
            catch (JsonException e)
            {
                throw message.Wrong($"the arguments of a call are not valid JSON: {e.Message}");
            }
        return arguments.ValueKind == JsonValueKind.Object
            ? [.. arguments.EnumerateObject().Select(p => (p.Name, p.Value.ValueKind == JsonValueKind.String,
                p.Value.ValueKind == JsonValueKind.String ? p.Value.GetString()! : PromptWriter.Json(p.Value)))]
            : throw message.Wrong("the arguments of a call have to be an object");
    }
}
