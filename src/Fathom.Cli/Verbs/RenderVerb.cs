// `fathom render`: the prompt that a model's chat template makes of a conversation.
using System.CommandLine;
using System.Text.Json;
using Fathom.Text.Templates;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>render</c>.</summary>
static class RenderVerb
{
    static readonly Argument<string> s_model = new("MODEL") { Description = "A model, a run's folder, or a tokenizer.json or its folder." };

    static readonly Option<string> s_messages = new("--messages")
    {
        Description = "A JSON file with the messages: a list, or an object with 'messages' and perhaps 'tools'.",
        HelpName = "FILE",
        Required = true,
    };

    static readonly Option<string?> s_tools = new("--tools") { Description = "A JSON file with a list of tools that the model may call.", HelpName = "FILE" };

    static readonly Option<bool> s_noGeneration = new("--no-generation-prompt") { Description = "End with the last message, not where the model goes on." };

    static readonly Option<string[]> s_set = new("--set")
    {
        Description = "A variable of the template, as in thinking=true; a value that is not JSON is a string.",
        HelpName = "KEY=VALUE",
    };

    public static Verb Create() => new Verb(
        "render", "Shows the prompt that a model's chat template makes of a conversation. Text of messages never becomes a special token.",
        "render runs/nano-r1 --messages chat.json",
        "render deepseek-v3.gguf --messages chat.json --tools tools.json --set thinking=true --json")
    {
        s_model, s_messages, s_tools, s_noGeneration, s_set, CommonOptions.Store, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(s_model)!, file = parsed.GetValue(s_messages)!;
        Tokenizer tokenizer = StoredTokenizer.Named(name);
        PromptFormat format = PromptFormat.Of(tokenizer)
            ?? throw CommandException.Failure($"the model '{name}' has no chat template, and its tokenizer lacks the marks of DeepSeek's chat format.");
        JsonElement messages = Read(file);
        JsonElement? tools = parsed.GetValue(s_tools) is { } toolFile ? Read(toolFile) : null;
        if (messages.ValueKind == JsonValueKind.Object)
        {
            tools ??= messages.TryGetProperty("tools", out JsonElement inside) && inside.ValueKind != JsonValueKind.Null ? inside : null;
            messages = messages.TryGetProperty("messages", out JsonElement list) ? list : throw CommandException.Failure($"{file}: a list of messages, or an object with 'messages', is needed.");
        }
        Conversation conversation = new(messages)
        {
            Tools = tools,
            AddGenerationPrompt = !parsed.GetValue(s_noGeneration),
            Variables = Variables(parsed.GetValue(s_set) ?? []),
        };
        IReadOnlyList<PromptSegment> prompt = format.Render(conversation);
        string text = string.Concat(prompt.Select(segment => segment.Text));
        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { Format = format.Name, Prompt = text, Ids = tokenizer.EncodePrompt(prompt), Segments = prompt });
        else
            // To the character where it goes to a file, and with the line ended where a person reads.
            Console.Out.Write(Console.IsOutputRedirected ? text : text + "\n");
        return Endings.Fine;
    }

    static JsonElement Read(string file)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw CommandException.Failure($"{file}: not valid JSON: {e.Message}");
        }
    }

    static Dictionary<string, JsonElement> Variables(string[] settings)
    {
        Dictionary<string, JsonElement> variables = [];
        foreach (string setting in settings)
        {
            int sign = setting.IndexOf('=', StringComparison.Ordinal);
            if (sign <= 0)
                throw CommandException.Usage($"--set {setting}: KEY=VALUE is needed.");
            variables[setting[..sign]] = Value(setting[(sign + 1)..]);
        }
        return variables;
    }

    static JsonElement Value(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return JsonSerializer.SerializeToElement(text);
        }
    }
}
