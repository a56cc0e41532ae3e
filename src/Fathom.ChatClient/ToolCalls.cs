// Events of an answer as contents; a tool's call is one content, once it is complete.

using System.Globalization;
using System.Text;
using System.Text.Json;
using Fathom.Inference.Parsers;
using Microsoft.Extensions.AI;

namespace Fathom.ChatClient;

/// <summary>Collects the calls of one answer.</summary>
sealed class ToolCalls
{
    readonly StringBuilder _arguments = new();
    string _name = "";

    /// <summary>Complete calls so far.</summary>
    public int Count { get; private set; }

    /// <summary>The contents of these events, which are then forgotten.</summary>
    public List<AIContent> Take(List<AnswerEvent> events)
    {
        List<AIContent> contents = [];
        foreach (AnswerEvent one in events)
        {
            switch (one.Part)
            {
                case AnswerPart.Reasoning:
                    contents.Add(new TextReasoningContent(one.Text));
                    break;
                case AnswerPart.Content:
                    contents.Add(new TextContent(one.Text));
                    break;
                case AnswerPart.CallBegin:
                    _name = one.Text;
                    _arguments.Clear();
                    break;
                case AnswerPart.CallArguments:
                    _arguments.Append(one.Text);
                    break;
                case AnswerPart.CallEnd:
                    contents.Add(Call(_arguments.ToString()));
                    break;
            }
        }
        events.Clear();
        return contents;
    }

    FunctionCallContent Call(string arguments)
    {
        FunctionCallContent call = new(string.Create(CultureInfo.InvariantCulture, $"call_{Count++}"), _name);
        try
        {
            call.Arguments = JsonSerializer.Deserialize<Dictionary<string, object?>>(arguments);
        }
        catch (JsonException e)
        {
            // Whoever calls the tool sees that the model wrote no JSON.
            call.Exception = e;
        }
        return call;
    }
}
