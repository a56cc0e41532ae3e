// Text that is shown while it is generated, without anything that a stop string will take back.
namespace Fathom.Inference;

/// <summary>
/// Passes a growing text on up to the first stop string, and holds back what may be the beginning of one. For one text and one thread.
/// </summary>
/// <param name="stops">The stop strings, none of them empty; may be none at all.</param>
public sealed class StopTextFilter(IReadOnlyList<string> stops)
{
    string _held = "";

    /// <summary>Whether a stop string came: nothing is passed on any more.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes the next piece.</summary>
    /// <returns>What is sure to stay, possibly nothing.</returns>
    public string Append(ReadOnlySpan<char> piece)
    {
        if (IsStopped)
            return "";
        string text = string.Concat(_held, piece);
        // The text ends where the first stop string begins that was complete first: how it is cut into pieces plays no part.
        (int Begin, int End) first = (-1, int.MaxValue);
        int begun = 0;
        foreach (string stop in stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (at + stop.Length, at).CompareTo((first.End, first.Begin)) < 0)
                first = (at, at + stop.Length);
            for (int length = Math.Min(text.Length, stop.Length - 1); length > begun; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                    begun = length;
            }
        }
        IsStopped = first.Begin >= 0;
        int sure = IsStopped ? first.Begin : text.Length - begun;
        _held = IsStopped ? "" : text[sure..];
        return text[..sure];
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back.</returns>
    public string Finish()
    {
        string held = _held;
        _held = "";
        return held;
    }
}
