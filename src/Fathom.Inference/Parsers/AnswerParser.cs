// An answer's text into reasoning, content and calls of tools, as it comes. However the text is cut into pieces, the events put together
// are the same; markup that is no call, or not a whole one, stays text.
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Parsers;

/// <summary>
/// Parses one answer. Line ends next to the marks of reasoning and calls, and space before its beginning, are layout and are left out, and so are the marks of a call that was
/// recognised; all else becomes text of some part. For one thread.
/// </summary>
public sealed class AnswerParser
{
    readonly AnswerText _text = new();
    readonly CallParser? _calls;
    State _state;

    /// <summary>Prepares for an answer.</summary>
    /// <param name="format">How the model writes.</param>
    /// <param name="insideReasoning">Whether the prompt ends inside the reasoning (<see cref="AnswerFormat.OpensReasoning"/>).</param>
    public AnswerParser(AnswerFormat format, bool insideReasoning)
    {
        _calls = format.Calls switch
        {
            CallSyntax.DeepSeek => new DeepSeekCallParser(_text),
            CallSyntax.Dsml => new DsmlCallParser(_text),
            CallSyntax.Hermes => new JsonCallParser(_text, JsonCallParser.HermesOpen, JsonCallParser.HermesClose),
            CallSyntax.Llama => new JsonCallParser(_text, null, null),
            _ => null,
        };
        _state = insideReasoning ? State.Reasoning : format.Reasons ? State.Begin : State.ContentBegin;
        _text.DropsLineEnds = insideReasoning;
    }

    enum State
    {
        // Nothing has come yet: reasoning may begin.
        Begin,
        Reasoning,
        // Nothing of the content has come yet: it may be a call as a whole.
        ContentBegin,
        Content,
        Calls,
    }

    /// <summary>Takes the next piece of the answer's text.</summary>
    /// <param name="piece">The piece, special tokens spelled out.</param>
    /// <param name="events">Receives what is sure, in order.</param>
    public void Append(ReadOnlySpan<char> piece, List<AnswerEvent> events)
    {
        _text.Events = events;
        _text.Add(piece);
        while (!_text.Rest.IsEmpty && Step())
        {
        }
    }

    /// <summary>Ends the answer.</summary>
    /// <param name="events">Receives what was held back.</param>
    public void Finish(List<AnswerEvent> events)
    {
        _text.Events = events;
        _text.IsFinal = true;
        // In the middle of a call even nothing more has a meaning.
        while ((!_text.Rest.IsEmpty || _state == State.Calls) && Step())
        {
        }
    }

    // One transition; false when more text is needed.
    bool Step()
    {
        switch (_state)
        {
            case State.Begin:
                int space = _text.Space();
                Presence think = _text.At(DeepSeekTokens.ThinkStart, space);
                if (think == Presence.Maybe)
                    return false;
                if (think == Presence.Yes)
                    _text.Take(space + DeepSeekTokens.ThinkStart.Length);
                (_state, _text.DropsLineEnds) = think == Presence.Yes ? (State.Reasoning, true) : (State.ContentBegin, false);
                return true;
            case State.Reasoning:
                if (_text.EmitUntil(AnswerPart.Reasoning, [DeepSeekTokens.ThinkEnd], _ => { }) < 0)
                    return false;
                (_state, _text.DropsLineEnds) = (State.ContentBegin, true);
                return true;
            case State.ContentBegin:
                if (_calls is JsonCallParser { TakesWholeAnswer: true } whole)
                {
                    Presence call = whole.Begins();
                    if (call == Presence.Maybe)
                        return false;
                    _state = call == Presence.Yes ? State.Calls : State.Content;
                    return true;
                }
                _state = State.Content;
                return true;
            case State.Content:
                if (_calls?.Open is not { } open)
                {
                    _text.EmitUntil(AnswerPart.Content, [], null);
                    return false;
                }
                string layout = "";
                if (_text.EmitUntil(AnswerPart.Content, [open], ends => layout = ends) < 0)
                    return false;
                _calls.Begin(layout + open);
                _state = State.Calls;
                return true;
            default:
                CallStep step = _calls!.Step();
                if (step is CallStep.Done or CallStep.NoCall)
                    (_state, _text.DropsLineEnds) = (State.Content, step == CallStep.Done);
                return step != CallStep.NeedsMore;
        }
    }
}
