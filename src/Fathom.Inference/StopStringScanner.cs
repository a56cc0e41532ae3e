// Finds stop strings in a growing completion, across token borders.
using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference;

/// <summary>Watches one completion's text for stop strings.</summary>
sealed class StopStringScanner(Tokenizer tokenizer, IReadOnlyList<string> stops)
{
    readonly StreamingDecoder _decoder = new(tokenizer);
    readonly StringBuilder _text = new();
    readonly int _longest = stops.Max(s => s.Length);

    /// <summary>Adds a token; returns the text before the first stop string once one has appeared, else null.</summary>
    public string? Append(int token)
    {
        int before = _text.Length;
        _text.Append(_decoder.Append(token));
        int from = Math.Max(0, before - _longest + 1);
        string tail = _text.ToString(from, _text.Length - from);
        int first = -1;
        foreach (string stop in stops)
        {
            int at = tail.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first))
                first = at;
        }
        return first < 0 ? null : _text.ToString(0, from + first);
    }
}
