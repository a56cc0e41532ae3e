// Calls of DeepSeek V3, R1 and V3.1. Marks stand around the calls and around each, and between name and arguments. V3 and R1 write
// `function` before that mark, and behind it the name and a fence with the arguments; V3.1 writes the name before it, and only the
// arguments behind.
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Parsers;

sealed class DeepSeekCallParser(AnswerText text) : CallParser(text, DeepSeekTokens.ToolCallsBegin)
{
    const string Type = "function", Fence = "```", OpenFence = Fence + "json";

    static readonly string[] s_ends = [Fence + DeepSeekTokens.ToolCallEnd, DeepSeekTokens.ToolCallEnd, DeepSeekTokens.ToolCallsEnd];

    State _state;

    enum State
    {
        Between,
        Header,
        Arguments,
    }

    protected override void Reset() => _state = State.Between;

    public override CallStep Step() => _state switch
    {
        State.Between => Between(),
        State.Header => Header(),
        _ => Arguments(),
    };

    CallStep Between()
    {
        int space = Text.Space();
        Presence call = Text.At(DeepSeekTokens.ToolCallBegin, space), end = Text.At(DeepSeekTokens.ToolCallsEnd, space);
        if (call == Presence.Yes)
        {
            TakeMarkup(space + DeepSeekTokens.ToolCallBegin.Length);
            _state = State.Header;
            return CallStep.GoesOn;
        }
        if (end == Presence.Yes)
        {
            TakeMarkup(space + DeepSeekTokens.ToolCallsEnd.Length);
            return Over();
        }
        return call == Presence.Maybe || end == Presence.Maybe ? CallStep.NeedsMore : GiveUp();
    }

    CallStep Header()
    {
        int separator = Text.Rest.IndexOf(DeepSeekTokens.ToolSeparator, StringComparison.Ordinal);
        if (separator < 0)
            return !Text.IsFinal && Text.Rest.Length <= MostNameLength + DeepSeekTokens.ToolSeparator.Length ? CallStep.NeedsMore : GiveUp();
        ReadOnlySpan<char> first = Text.Rest[..separator], after = Text.Rest[(separator + DeepSeekTokens.ToolSeparator.Length)..], seen = after.TrimStart(" \t\r\n");
        if (!IsName(first))
            return GiveUp();
        if (first.SequenceEqual(Type) && seen.IsEmpty && !Text.IsFinal)
            return CallStep.NeedsMore;
        string name = first.ToString();
        int header = separator + DeepSeekTokens.ToolSeparator.Length;
        if (first.SequenceEqual(Type) && !seen.StartsWith("{"))
        {
            int line = after.IndexOf('\n');
            if (line < 0)
                return !Text.IsFinal && after.Length <= MostNameLength ? CallStep.NeedsMore : GiveUp();
            name = after[..line].Trim().ToString();
            ReadOnlySpan<char> fence = after[(line + 1)..];
            if (line > MostNameLength || !IsName(name))
                return GiveUp();
            if (fence.Length < OpenFence.Length && OpenFence.AsSpan().StartsWith(fence) && !Text.IsFinal)
                return CallStep.NeedsMore;
            if (!fence.StartsWith(OpenFence))
                return GiveUp();
            header += line + 1 + OpenFence.Length;
        }
        Text.Take(header);
        Recognise(name);
        Text.DropsLineEnds = true;
        _state = State.Arguments;
        return CallStep.GoesOn;
    }

    CallStep Arguments()
    {
        int mark = Text.EmitUntil(AnswerPart.CallArguments, s_ends, _ => { });
        if (mark < 0)
            return Text.IsFinal ? Cut() : CallStep.NeedsMore;
        Text.EndCall(complete: true);
        _state = State.Between;
        return mark == s_ends.Length - 1 ? CallStep.Done : CallStep.GoesOn;
    }
}
