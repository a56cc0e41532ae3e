// What the syntaxes of calls have in common: markup is held until it is known to be a call's, and given back as text where it is not.
namespace Fathom.Inference.Parsers;

/// <summary>What came of a step.</summary>
enum CallStep
{
    /// <summary>More text must come.</summary>
    NeedsMore,

    /// <summary>It goes on.</summary>
    GoesOn,

    /// <summary>The calls are over; content follows.</summary>
    Done,

    /// <summary>The markup went wrong: it was given back, and content follows.</summary>
    NoCall,
}

/// <summary>Reads calls of one syntax.</summary>
/// <param name="text">The text.</param>
/// <param name="open">The mark that begins them; null where only a whole answer can be one.</param>
abstract class CallParser(AnswerText text, string? open)
{
    /// <summary>Longest name of a tool or parameter.</summary>
    protected const int MostNameLength = 256;

    // Markup that was used up since the last call was recognised, for when it turns out to be none.
    string _markup = "";

    protected AnswerText Text { get; } = text;

    /// <summary>Whether a call was recognised since the mark that begins them.</summary>
    protected bool HasCall { get; private set; }

    /// <summary>The mark that begins calls, or null.</summary>
    public string? Open { get; } = open;

    /// <summary>Begins behind the mark, which was used up.</summary>
    public void Begin(string markup)
    {
        (_markup, HasCall) = (markup, false);
        Reset();
    }

    /// <summary>Makes one transition.</summary>
    public abstract CallStep Step();

    /// <summary>Forgets the last calls.</summary>
    protected abstract void Reset();

    /// <summary>Uses markup up.</summary>
    protected void TakeMarkup(int count) => _markup += Text.Take(count);

    /// <summary>A call is recognised: its markup is no text.</summary>
    protected void Recognise(string name)
    {
        (_markup, HasCall) = ("", true);
        Text.BeginCall(name);
    }

    /// <summary>The mark that ends the calls came, and was used up: without a call, it and the one that began them are text.</summary>
    protected CallStep Over()
    {
        if (!HasCall)
            return GiveUp();
        _markup = "";
        return CallStep.Done;
    }

    /// <summary>The markup is none: gives it back as content.</summary>
    protected CallStep GiveUp()
    {
        Text.Emit(AnswerPart.Content, _markup);
        _markup = "";
        return CallStep.NoCall;
    }

    /// <summary>The call that was begun went wrong.</summary>
    protected CallStep Cut()
    {
        Text.EndCall(complete: false);
        return GiveUp();
    }

    /// <summary>Whether a name can be one.</summary>
    protected static bool IsName(ReadOnlySpan<char> name) => name.Length is > 0 and <= MostNameLength && name.IndexOfAny("<>\"\n") < 0;
}
