// Text that has come and is not used yet. Everything is decided by characters and never by where a piece of the text ended.
namespace Fathom.Inference.Parsers;

/// <summary>Whether something stands at the beginning of the text.</summary>
enum Presence
{
    /// <summary>It does not.</summary>
    No,

    /// <summary>More text must come to tell.</summary>
    Maybe,

    /// <summary>It does.</summary>
    Yes,
}

/// <summary>The unused rest of an answer, and where its events go.</summary>
sealed class AnswerText
{
    string _text = "";
    int _at;

    /// <summary>Where events go.</summary>
    public List<AnswerEvent> Events { get; set; } = [];

    /// <summary>Whether no more text will come.</summary>
    public bool IsFinal { get; set; }

    /// <summary>The call that was begun last, from 0.</summary>
    public int Call { get; private set; } = -1;

    /// <summary>What has come and is not used.</summary>
    public ReadOnlySpan<char> Rest => _text.AsSpan(_at);

    /// <summary>Whether line ends are layout until something else comes: so behind a mark.</summary>
    public bool DropsLineEnds { get; set; }

    /// <summary>Adds a piece.</summary>
    public void Add(ReadOnlySpan<char> piece)
    {
        _text = string.Concat(Rest, piece);
        _at = 0;
    }

    /// <summary>Uses characters up.</summary>
    public string Take(int count)
    {
        string taken = _text.Substring(_at, count);
        _at += count;
        return taken;
    }

    public void Emit(AnswerPart part, ReadOnlySpan<char> text)
    {
        if (text.Length > 0)
            Events.Add(new AnswerEvent(part, text.ToString(), part == AnswerPart.CallArguments ? Call : -1));
    }

    public void BeginCall(string name) => Events.Add(new AnswerEvent(AnswerPart.CallBegin, name, ++Call));

    public void EndCall(bool complete) => Events.Add(new AnswerEvent(complete ? AnswerPart.CallEnd : AnswerPart.CallCut, "", Call));

    /// <summary>Whether a mark stands at the beginning, behind <paramref name="skip"/> characters.</summary>
    public Presence At(string mark, int skip = 0)
    {
        ReadOnlySpan<char> rest = Rest[skip..];
        return rest.StartsWith(mark, StringComparison.Ordinal) ? Presence.Yes
            : !IsFinal && mark.AsSpan().StartsWith(rest, StringComparison.Ordinal) ? Presence.Maybe
            : Presence.No;
    }

    /// <summary>Characters of white space at the beginning.</summary>
    public int Space()
    {
        ReadOnlySpan<char> rest = Rest;
        return rest.Length - rest.TrimStart(" \t\r\n").Length;
    }

    /// <summary>Emits text up to the first of some marks, which is used up; without one, all that cannot be the beginning of one.</summary>
    /// <param name="part">What the text is.</param>
    /// <param name="marks">The marks; none is the end of another's beginning.</param>
    /// <param name="layout">Receives the line ends before the mark, which are its layout; null: they are text.</param>
    /// <returns>The mark, or -1.</returns>
    public int EmitUntil(AnswerPart part, ReadOnlySpan<string> marks, Action<string>? layout)
    {
        if (DropsLineEnds)
        {
            Take(Rest.Length - Rest.TrimStart('\n').Length);
            if (Rest.IsEmpty)
                return -1;
        }
        int first = -1, mark = -1;
        for (int i = 0; i < marks.Length; i++)
        {
            int at = Rest.IndexOf(marks[i], StringComparison.Ordinal);
            if (at >= 0 && (mark < 0 || at < first))
                (first, mark) = (at, i);
        }
        int sure = mark >= 0 ? first : IsFinal ? Rest.Length : Rest.Length - Begun(marks);
        int text = (mark >= 0 || !IsFinal) && layout is not null ? Rest[..sure].TrimEnd('\n').Length : sure;
        if (text > 0)
            DropsLineEnds = false;
        Emit(part, Take(text));
        if (mark >= 0)
        {
            layout?.Invoke(Take(sure - text));
            Take(marks[mark].Length);
        }
        return mark;
    }

    // Characters at the end that may be the beginning of a mark.
    int Begun(ReadOnlySpan<string> marks)
    {
        int most = 0;
        foreach (string mark in marks)
        {
            for (int length = Math.Min(Rest.Length, mark.Length - 1); length > most; length--)
            {
                if (Rest[^length..].SequenceEqual(mark.AsSpan(0, length)))
                    most = length;
            }
        }
        return most;
    }
}
