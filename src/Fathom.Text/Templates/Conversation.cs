// A conversation as chat APIs carry it: plain JSON, with what a prompt needs besides.

using System.Text.Json;

namespace Fathom.Text.Templates;

/// <summary>What a prompt is made of.</summary>
/// <param name="Messages">
/// The turns: an array of objects with <c>role</c> and <c>content</c> and, where they have them, <c>tool_calls</c>, <c>reasoning_content</c> and others.
/// </param>
public sealed record Conversation(JsonElement Messages)
{
    /// <summary>The tools that the model may call: an array of <c>{"type": "function", "function": {...}}</c>; null for none.</summary>
    public JsonElement? Tools { get; init; }

    /// <summary>Whether the prompt ends where the model goes on.</summary>
    public bool AddGenerationPrompt { get; init; } = true;

    /// <summary>Whether the model shall think first; null where the format decides.</summary>
    public bool? Thinking { get; init; }

    /// <summary>The same where a variable of the name that templates know it by may say so.</summary>
    internal bool Thinks => Thinking ?? new[] { "thinking", "enable_thinking" }.Any(name => Variables.TryGetValue(name, out JsonElement value) && value.ValueKind == JsonValueKind.True);

    /// <summary>Further variables of a template.</summary>
    public IReadOnlyDictionary<string, JsonElement> Variables { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>The time that a template may ask for.</summary>
    public DateTimeOffset Now { get; init; } = DateTimeOffset.Now;

    /// <summary>A conversation of plain turns.</summary>
    public static Conversation Of(IEnumerable<ChatMessage> messages) => new(JsonSerializer.SerializeToElement(messages.Select(
        message => new Dictionary<string, string> { ["role"] = message.Role.ToString().ToLowerInvariant(), ["content"] = message.Content }).ToArray()));
}
