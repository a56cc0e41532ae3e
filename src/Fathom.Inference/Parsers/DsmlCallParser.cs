// Calls of DeepSeek V3.2: <｜DSML｜function_calls>, in it <｜DSML｜invoke name="…">, in that <｜DSML｜parameter name="…" string="true|false">…,
// each with its closing tag. Arguments are put together as a JSON object: texts as they stand, other values as the JSON they are.
using System.Text.Encodings.Web;
using System.Text.Json;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Parsers;

sealed class DsmlCallParser(AnswerText text) : CallParser(text, "<" + D + "function_calls>")
{
    const string D = DeepSeekTokens.Dsml;
    const string Close = "</" + D + "function_calls>", Invoke = "<" + D + "invoke name=\"", InvokeEnd = "</" + D + "invoke>";
    const string Parameter = "<" + D + "parameter name=\"", ParameterEnd = "</" + D + "parameter>";
    const string NameEnd = "\">", TextAttribute = "\" string=\"true\">", ValueAttribute = "\" string=\"false\">";

    static readonly JavaScriptEncoder s_encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;

    State _state;
    bool _first;

    enum State
    {
        Calls,
        Parameters,
        TextValue,
        OtherValue,
    }

    protected override void Reset() => _state = State.Calls;

    public override CallStep Step() => _state switch
    {
        State.Calls => Calls(),
        State.Parameters => Parameters(),
        State.TextValue => TextValue(),
        _ => OtherValue(),
    };

    CallStep Calls()
    {
        int space = Text.Space();
        Presence invoke = Text.At(Invoke, space), close = Text.At(Close, space);
        if (close == Presence.Yes)
        {
            TakeMarkup(space + Close.Length);
            return Over();
        }
        if (invoke != Presence.Yes)
            return invoke == Presence.Maybe || close == Presence.Maybe ? CallStep.NeedsMore : GiveUp();
        (Presence found, string name, int length) = Name(space + Invoke.Length, NameEnd);
        if (found != Presence.Yes)
            return found == Presence.Maybe ? CallStep.NeedsMore : GiveUp();
        Text.Take(length);
        Recognise(name);
        (_state, _first) = (State.Parameters, true);
        return CallStep.GoesOn;
    }

    CallStep Parameters()
    {
        int space = Text.Space();
        Presence parameter = Text.At(Parameter, space), end = Text.At(InvokeEnd, space);
        if (end == Presence.Yes)
        {
            Text.Take(space + InvokeEnd.Length);
            Text.Emit(AnswerPart.CallArguments, _first ? "{}" : "}");
            Text.EndCall(complete: true);
            _state = State.Calls;
            return CallStep.GoesOn;
        }
        if (parameter != Presence.Yes)
            return parameter == Presence.Maybe || end == Presence.Maybe ? CallStep.NeedsMore : Cut();
        foreach ((string attribute, State value) in ((string, State)[])[(TextAttribute, State.TextValue), (ValueAttribute, State.OtherValue)])
        {
            (Presence found, string name, int length) = Name(space + Parameter.Length, attribute);
            if (found == Presence.No)
                continue;
            if (found == Presence.Maybe)
                return CallStep.NeedsMore;
            Text.Take(length);
            Text.Emit(AnswerPart.CallArguments, $"{(_first ? "{" : ", ")}\"{s_encoder.Encode(name)}\": {(value == State.TextValue ? "\"" : "")}");
            (_state, _first) = (value, false);
            return CallStep.GoesOn;
        }
        return Cut();
    }

    // A name from a place on, up to what ends it; the length of both with what is before.
    (Presence Found, string Name, int Length) Name(int start, string end)
    {
        ReadOnlySpan<char> rest = Text.Rest[start..];
        int quote = rest.IndexOf('"');
        if (quote < 0)
            return (!Text.IsFinal && rest.Length <= MostNameLength ? Presence.Maybe : Presence.No, "", 0);
        return IsName(rest[..quote]) ? (Text.At(end, start + quote), rest[..quote].ToString(), start + quote + end.Length) : (Presence.No, "", 0);
    }

    CallStep TextValue()
    {
        // Escaping works on whole characters: one half of a pair waits for the other.
        int end = Text.Rest.IndexOf(ParameterEnd, StringComparison.Ordinal), sure = end >= 0 ? end : Sure();
        if (sure > 0)
            Text.Emit(AnswerPart.CallArguments, s_encoder.Encode(Text.Take(sure)));
        if (end < 0)
            return Text.IsFinal ? Cut() : CallStep.NeedsMore;
        Text.Take(ParameterEnd.Length);
        Text.Emit(AnswerPart.CallArguments, "\"");
        _state = State.Parameters;
        return CallStep.GoesOn;
    }

    int Sure()
    {
        int length = Text.Rest.Length;
        if (Text.IsFinal)
            return length;
        for (int begun = Math.Min(length, ParameterEnd.Length - 1); begun > 0; begun--)
        {
            if (ParameterEnd.AsSpan(0, begun).SequenceEqual(Text.Rest[^begun..]))
                return length - begun;
        }
        return length > 0 && char.IsHighSurrogate(Text.Rest[^1]) ? length - 1 : length;
    }

    // Numbers, truth values, lists and objects are known to be JSON when they are whole; what is none becomes a text.
    CallStep OtherValue()
    {
        int end = Text.Rest.IndexOf(ParameterEnd, StringComparison.Ordinal);
        if (end < 0 && !Text.IsFinal)
            return CallStep.NeedsMore;
        if (end < 0)
        {
            Text.Emit(AnswerPart.CallArguments, Text.Take(Text.Rest.Length));
            return Cut();
        }
        string value = Text.Take(end);
        Text.Take(ParameterEnd.Length);
        Text.Emit(AnswerPart.CallArguments, IsJson(value) ? value : $"\"{s_encoder.Encode(value)}\"");
        _state = State.Parameters;
        return CallStep.GoesOn;
    }

    static bool IsJson(string value)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(value);
            return true;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // No JSON, or half a character.
            return false;
        }
    }
}
