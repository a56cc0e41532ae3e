// Calls that are JSON objects with a name and arguments: in a tag (Qwen, Hermes), or as the whole answer (Llama 3). Where name and arguments
// come first and in this order, arguments are given on as they come; in a tag any other order is read when the tag is closed.
using System.Text.Json;

namespace Fathom.Inference.Parsers;

/// <param name="text">The text.</param>
/// <param name="open">The opening tag, or null where the whole answer is a call.</param>
/// <param name="close">The closing tag, or null.</param>
sealed class JsonCallParser(AnswerText text, string? open, string? close) : CallParser(text, open)
{
    public const string HermesOpen = "<tool_call>", HermesClose = "</tool_call>";

    const string PythonTag = "<|python_tag|>";
    static readonly string[] s_argumentKeys = ["arguments", "parameters"];

    State _state;
    int _depth;
    bool _inString, _escaped;

    enum State
    {
        Header,
        Arguments,
        Close,
        Next,
        Whole,
    }

    /// <summary>Whether a call is the whole answer.</summary>
    public bool TakesWholeAnswer => close is null;

    protected override void Reset() => _state = State.Header;

    /// <summary>Whether the answer begins as one that is a call.</summary>
    public Presence Begins()
    {
        int at = Text.Space();
        Presence tag = Text.At(PythonTag, at), brace = Text.At("{", at);
        if (tag == Presence.Yes || brace == Presence.Yes)
        {
            Begin("");
            if (tag == Presence.Yes)
                TakeMarkup(at + PythonTag.Length);
            return Presence.Yes;
        }
        return tag == Presence.Maybe || brace == Presence.Maybe ? Presence.Maybe : Presence.No;
    }

    public override CallStep Step() => _state switch
    {
        State.Header => Header(),
        State.Arguments => Arguments(),
        State.Close => Closing(),
        State.Next => Next(),
        _ => Whole(),
    };

    CallStep Header()
    {
        var cursor = new Cursor(Text.Rest, Text.IsFinal);
        Presence found = Read(ref cursor, out string name);
        if (found == Presence.Maybe)
            return CallStep.NeedsMore;
        if (found == Presence.No)
        {
            if (TakesWholeAnswer)
                return GiveUp();
            _state = State.Whole;
            return CallStep.GoesOn;
        }
        Text.Take(cursor.At);
        Recognise(name);
        (_state, _depth, _inString, _escaped) = (State.Arguments, 0, false, false);
        return CallStep.GoesOn;
    }

    // { "name": "…", "arguments": and then, not used up, {
    static Presence Read(ref Cursor cursor, out string name)
    {
        name = "";
        Presence found = cursor.Mark('{');
        string key = "";
        if (found == Presence.Yes)
            found = cursor.Key(out key);
        if (found == Presence.Yes && key == "type")
        {
            found = cursor.String(out _);
            if (found == Presence.Yes)
                found = cursor.Mark(',');
            if (found == Presence.Yes)
                found = cursor.Key(out key);
        }
        if (found != Presence.Yes)
            return found;
        if (key != "name")
            return Presence.No;
        found = cursor.String(out name);
        if (found == Presence.Yes)
            found = IsName(name) ? cursor.Mark(',') : Presence.No;
        if (found == Presence.Yes)
            found = cursor.Key(out key);
        if (found != Presence.Yes)
            return found;
        return s_argumentKeys.Contains(key) ? cursor.Ahead('{') : Presence.No;
    }

    CallStep Arguments()
    {
        ReadOnlySpan<char> rest = Text.Rest;
        int at = 0;
        bool broken = false;
        for (; at < rest.Length && !broken; at++)
        {
            char c = rest[at];
            if (_inString)
            {
                _inString = _escaped || c != '"';
                _escaped = !_escaped && c == '\\';
                continue;
            }
            _inString = c == '"';
            if (c is '{' or '[')
            {
                _depth++;
            }
            else if (c is '}' or ']' && --_depth == 0)
            {
                Text.Emit(AnswerPart.CallArguments, Text.Take(at + 1));
                _state = State.Close;
                return CallStep.GoesOn;
            }
            // JSON has none outside texts: a tag.
            broken = c == '<';
        }
        Text.Emit(AnswerPart.CallArguments, Text.Take(broken ? at - 1 : at));
        return broken || Text.IsFinal ? Cut() : CallStep.NeedsMore;
    }

    // Behind the arguments: the object's end, and the tag's.
    CallStep Closing()
    {
        int space = Text.Space();
        Presence brace = Text.At("}", space);
        if (brace == Presence.Maybe)
            return CallStep.NeedsMore;
        if (close is null)
        {
            if (brace == Presence.No)
                return Cut();
            Text.Take(space + 1);
            Text.EndCall(complete: true);
            _state = State.Next;
            return CallStep.GoesOn;
        }
        // A brace that is forgotten does no harm.
        int after = space + (brace == Presence.Yes ? 1 : 0);
        while (after < Text.Rest.Length && char.IsWhiteSpace(Text.Rest[after]))
            after++;
        Presence tag = Text.At(close, after);
        if (tag == Presence.Maybe)
            return CallStep.NeedsMore;
        if (tag == Presence.No)
            return Cut();
        Text.Take(after + close.Length);
        Text.EndCall(complete: true);
        return CallStep.Done;
    }

    // Behind a whole answer's call: another one behind a semicolon, or text.
    CallStep Next()
    {
        var cursor = new Cursor(Text.Rest, Text.IsFinal);
        Presence found = cursor.Mark(';');
        int at = cursor.At;
        if (found == Presence.Yes)
            found = cursor.Ahead('{');
        if (found == Presence.Maybe)
            return CallStep.NeedsMore;
        if (found == Presence.No)
            return GiveUp();
        TakeMarkup(at);
        _state = State.Header;
        return CallStep.GoesOn;
    }

    // Any other order of keys, and what is no call: known when the tag is closed.
    CallStep Whole()
    {
        int end = Text.Rest.IndexOf(close, StringComparison.Ordinal);
        if (end < 0)
            return Text.IsFinal ? GiveUp() : CallStep.NeedsMore;
        if (ReadWhole(Text.Rest[..end].ToString()) is not var (name, arguments))
        {
            TakeMarkup(end + close!.Length);
            return GiveUp();
        }
        Text.Take(end + close!.Length);
        Recognise(name);
        Text.Emit(AnswerPart.CallArguments, arguments);
        Text.EndCall(complete: true);
        return CallStep.Done;
    }

    static (string Name, string Arguments)? ReadWhole(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String || !IsName(name.GetString()))
                return null;
            foreach (string key in s_argumentKeys)
            {
                if (root.TryGetProperty(key, out JsonElement arguments))
                    return arguments.ValueKind is JsonValueKind.Object ? (name.GetString()!, arguments.GetRawText()) : arguments.ValueKind is JsonValueKind.String ? (name.GetString()!, arguments.GetString()!) : null;
            }
            return (name.GetString()!, "{}");
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            // No JSON, or half a character.
            return null;
        }
    }

    // Reads a beginning of JSON token by token; Maybe where the text ends too soon.
    ref struct Cursor(ReadOnlySpan<char> text, bool isFinal)
    {
        readonly ReadOnlySpan<char> _text = text;

        public int At { get; private set; }

        readonly Presence Missing => isFinal ? Presence.No : Presence.Maybe;

        public Presence Ahead(char mark)
        {
            while (At < _text.Length && _text[At] is ' ' or '\t' or '\r' or '\n')
                At++;
            return At == _text.Length ? Missing : _text[At] == mark ? Presence.Yes : Presence.No;
        }

        public Presence Mark(char mark)
        {
            Presence found = Ahead(mark);
            At += found == Presence.Yes ? 1 : 0;
            return found;
        }

        public Presence Key(out string key)
        {
            Presence found = String(out key);
            return found == Presence.Yes ? Mark(':') : found;
        }

        // The names and keys of calls need no escapes; what has them is not read here.
        public Presence String(out string value)
        {
            value = "";
            Presence found = Mark('"');
            if (found != Presence.Yes)
                return found;
            int length = _text[At..].IndexOfAny("\"\\");
            if (length < 0)
                return _text.Length - At > MostNameLength ? Presence.No : Missing;
            if (_text[At + length] == '\\' || length > MostNameLength)
                return Presence.No;
            value = _text.Slice(At, length).ToString();
            At += length + 1;
            return Presence.Yes;
        }
    }
}
