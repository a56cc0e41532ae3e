// What an answer consists of, piece by piece, and as a whole.
using System.Text;

namespace Fathom.Inference.Parsers;

/// <summary>What a piece of an answer is.</summary>
public enum AnswerPart
{
    /// <summary>Text of the reasoning.</summary>
    Reasoning,

    /// <summary>Text for the reader.</summary>
    Content,

    /// <summary>A tool is called; the text is its name.</summary>
    CallBegin,

    /// <summary>A piece of the call's arguments, which are JSON.</summary>
    CallArguments,

    /// <summary>The call is complete.</summary>
    CallEnd,

    /// <summary>The call broke off: the answer ended within it, or its markup went wrong. What follows is content.</summary>
    CallCut,
}

/// <summary>A piece of an answer.</summary>
/// <param name="Part">What it is.</param>
/// <param name="Text">Its text; empty for <see cref="AnswerPart.CallEnd"/> and <see cref="AnswerPart.CallCut"/>.</param>
/// <param name="Call">The call it belongs to, from 0; -1 outside calls.</param>
public readonly record struct AnswerEvent(AnswerPart Part, string Text, int Call = -1);

/// <summary>A call of a tool.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">JSON, as the model wrote it; a part of it where the call is not complete.</param>
/// <param name="IsComplete">Whether the call came to its end.</param>
public sealed record ToolCall(string Name, string Arguments, bool IsComplete);

/// <summary>A whole answer.</summary>
/// <param name="Reasoning">The reasoning; empty where there is none.</param>
/// <param name="Content">The text for the reader.</param>
/// <param name="Calls">Calls of tools, in order.</param>
public sealed record ParsedAnswer(string Reasoning, string Content, IReadOnlyList<ToolCall> Calls)
{
    /// <summary>Parses an answer as one piece.</summary>
    /// <param name="text">The answer, its special tokens spelled out, without the one that ended it.</param>
    /// <param name="format">How the model writes.</param>
    /// <param name="insideReasoning">Whether it begins inside its reasoning.</param>
    public static ParsedAnswer Of(string text, AnswerFormat format, bool insideReasoning)
    {
        var parser = new AnswerParser(format, insideReasoning);
        List<AnswerEvent> events = [];
        parser.Append(text, events);
        parser.Finish(events);
        return Of(events);
    }

    /// <summary>Puts the pieces of an answer together.</summary>
    public static ParsedAnswer Of(IEnumerable<AnswerEvent> events)
    {
        StringBuilder reasoning = new(), content = new();
        List<(string Name, StringBuilder Arguments, bool IsComplete)> calls = [];
        foreach (AnswerEvent one in events)
        {
            switch (one.Part)
            {
                case AnswerPart.Reasoning:
                    reasoning.Append(one.Text);
                    break;
                case AnswerPart.Content:
                    content.Append(one.Text);
                    break;
                case AnswerPart.CallBegin:
                    calls.Add((one.Text, new StringBuilder(), false));
                    break;
                case AnswerPart.CallArguments:
                    calls[one.Call].Arguments.Append(one.Text);
                    break;
                case AnswerPart.CallEnd:
                    calls[one.Call] = calls[one.Call] with { IsComplete = true };
                    break;
            }
        }
        return new ParsedAnswer(reasoning.ToString(), content.ToString(), [.. calls.Select(call => new ToolCall(call.Name, call.Arguments.ToString(), call.IsComplete))]);
    }
}
