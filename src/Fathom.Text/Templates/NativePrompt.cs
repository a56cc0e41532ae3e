// What the native prompt encoders share: reading messages, and putting a prompt together from marks and texts.

using System.Text;
using System.Text.Json;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Templates;

/// <summary>One message of a conversation, read for a native encoder.</summary>
/// <param name="format">Name of the format, for messages.</param>
/// <param name="index">Which message it is.</param>
/// <param name="element">The message.</param>
sealed class NativeMessage(string format, int index, JsonElement element)
{
    public string Role { get; } = element.ValueKind == JsonValueKind.Object && Find(element, "role") is { ValueKind: JsonValueKind.String } role
        ? role.GetString()! : throw Wrong(format, index, "an object with a 'role' is needed");

    /// <summary>The text; empty where there is none. A list of text parts is joined by line ends.</summary>
    public string Content { get; } = Find(element, "content") switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts => string.Join('\n', parts.EnumerateArray().Select(part => Find(part, "text") is { ValueKind: JsonValueKind.String } text
            ? text.GetString()! : throw Wrong(format, index, "only parts of text are supported in 'content'"))),
        _ => throw Wrong(format, index, "'content' has to be a string or a list of parts"),
    };

    /// <summary>The thoughts; empty where there are none.</summary>
    public string Reasoning { get; } = (Find(element, "reasoning_content") ?? Find(element, "reasoning")) is { ValueKind: JsonValueKind.String } thoughts ? thoughts.GetString()! : "";

    public bool HasToolCalls => Calls.Count > 0;

    /// <summary>The calls of tools: name and arguments, the latter as JSON text or an object.</summary>
    public IReadOnlyList<(string Name, JsonElement Arguments)> Calls { get; } = Find(element, "tool_calls") is { } calls
        ? calls.ValueKind != JsonValueKind.Array ? throw Wrong(format, index, "'tool_calls' has to be a list")
            : [.. calls.EnumerateArray().Select(call => Find(call, "function") is { } function && Find(function, "name") is { ValueKind: JsonValueKind.String } name
                ? (name.GetString()!, Find(function, "arguments") ?? EmptyObject) : throw Wrong(format, index, "a call of a tool needs a 'function' with a 'name'"))]
        : [];

    /// <summary>A field that is there and not null.</summary>
    public JsonElement? Field(string name) => Find(element, name);

    public TemplateException Wrong(string problem) => Wrong(format, index, problem);

    /// <summary>All messages of a conversation.</summary>
    public static List<NativeMessage> ReadAll(string format, Conversation conversation)
    {
        if (conversation.Messages.ValueKind != JsonValueKind.Array)
            throw new TemplateException(format, 1, "messages have to be a list");
        try
        {
            return [.. conversation.Messages.EnumerateArray().Select((m, i) => new NativeMessage(format, i, m))];
        }
        catch (InvalidOperationException)
        {
            throw new TemplateException(format, 1, "a message holds a string that is not valid Unicode");
        }
    }

    /// <summary>The functions that tools describe.</summary>
    public static List<JsonElement> Functions(string format, JsonElement? tools)
    {
        if (tools is null)
            return [];
        return tools.Value.ValueKind == JsonValueKind.Array
            ? [.. tools.Value.EnumerateArray().Select(tool => Find(tool, "function") ?? throw new TemplateException(format, 1, "a tool needs a 'function'"))]
            : throw new TemplateException(format, 1, "tools have to be a list");
    }

    public static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    static readonly JsonElement EmptyObject = JsonSerializer.SerializeToElement(new Dictionary<string, string>());

    static TemplateException Wrong(string format, int index, string problem) => new(format, 1, $"message {index + 1}: {problem}");
}

/// <summary>Puts a prompt together.</summary>
sealed class PromptWriter
{
    readonly TextBuilder builder = new();

    /// <summary>Text of the format, in which special tokens are meant.</summary>
    public PromptWriter Format(string text)
    {
        builder.Append(text, isTemplate: true);
        return this;
    }

    /// <summary>Text of anybody.</summary>
    public PromptWriter Data(string text)
    {
        builder.Append(text, isTemplate: false);
        return this;
    }

    public IReadOnlyList<PromptSegment> ToSegments() => builder.ToSegments();

    /// <summary>An element as Python's json.dumps writes it, which is how models have seen it.</summary>
    public static string Json(JsonElement element) =>
        Jinja.Json.Write(Jinja.Json.Read(element), null, null, null, sortKeys: false, asciiOnly: false, new Budget()).Value;
}
