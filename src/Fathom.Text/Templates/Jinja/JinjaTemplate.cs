// A chat template in Jinja: parsed once, rendered over plain data.

using System.Text.Json;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Templates.Jinja;

/// <summary>
/// A chat template as published models carry it (<c>chat_template</c>): the part of Jinja2 that such templates use, with Python's meaning,
/// and with limits on steps, depth and text. A template reaches its data and nothing else. Immutable and safe for many threads.
/// </summary>
public sealed class JinjaTemplate
{
    // The longest published template has about 20,000 characters.
    const int LongestSource = 1 << 22;

    readonly Body body;

    JinjaTemplate(string name, Body body) => (Name, this.body) = (name, body);

    /// <summary>What the template is called in messages.</summary>
    public string Name { get; }

    /// <summary>Parses a template.</summary>
    /// <param name="source">The template.</param>
    /// <param name="name">What to call it in messages, such as the path of its file.</param>
    /// <exception cref="TemplateException">It is malformed or uses what is not supported.</exception>
    public static JinjaTemplate Parse(string source, string name) => source.Length <= LongestSource
        ? new JinjaTemplate(name, Parser.Parse(source, name))
        : throw new TemplateException(name, 1, $"{source.Length} characters; at most {LongestSource} are read");

    /// <summary>Renders the template.</summary>
    /// <param name="data">Variables from outside. No string of them is ever taken for the template's own text.</param>
    /// <param name="trusted">Variables that are as good as the template's own text, such as <c>bos_token</c>.</param>
    /// <param name="now">The time that the template may ask for.</param>
    /// <returns>The prompt in segments of template and data; joined they are what other libraries render.</returns>
    /// <exception cref="TemplateException">The template refuses the data, cannot be run on them or asks for too much.</exception>
    public IReadOnlyList<PromptSegment> Render(IReadOnlyDictionary<string, JsonElement> data, IReadOnlyDictionary<string, string> trusted, DateTimeOffset now) =>
        Evaluator.Run(body, Name, globals =>
        {
            Scope scope = new(globals);
            foreach ((string name, JsonElement value) in data)
                scope.Set(name, name == "messages" ? WithRoles(Json.Read(value)) : Json.Read(value));
            foreach ((string name, string text) in trusted)
                scope.Set(name, Text.OfTemplate(text));
            return scope;
        }, now).ToSegments();

    /// <summary>
    /// Who speaks is not a user's text: it comes from a handful of words, and some templates build marks of it (<c>'&lt;|' + message.role
    /// + '|&gt;'</c>). What consists of small letters and underscores is taken as the template's.
    /// </summary>
    static object? WithRoles(object? messages)
    {
        Text key = Text.OfTemplate("role");
        if (messages is Sequence list)
            foreach (Mapping message in list.Items.OfType<Mapping>())
                if (message.TryGet(key, out object? role) && role is Text { Value: { Length: > 0 and <= 32 } word } && word.All(c => char.IsAsciiLetterLower(c) || c == '_'))
                    message.Set(key, Text.OfTemplate(word));
        return messages;
    }
}
