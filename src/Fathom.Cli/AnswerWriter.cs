// An answer as it appears: reasoning dimmed, the rest plain, and nothing shown that a stop text will take back.
using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>Writes one answer piece by piece.</summary>
/// <param name="output">Where it goes.</param>
/// <param name="styles">Whether reasoning is dimmed.</param>
/// <param name="reasons">Whether the answer begins inside its reasoning.</param>
/// <param name="stops">Texts that end the answer.</param>
sealed class AnswerWriter(TextWriter output, bool styles, bool reasons, IReadOnlyList<string> stops)
{
    const string Dim = "\e[2m", Plain = "\e[0m";

    readonly StringBuilder _text = new();
    int _written;
    bool _thinking;
    bool _begun;

    /// <summary>Takes the next piece and writes what is sure to stay.</summary>
    public void Append(string piece)
    {
        _text.Append(piece);
        Write(SureLength());
    }

    /// <summary>Writes what is left of the whole answer, and ends the line.</summary>
    /// <param name="answer">The whole answer: what was appended, cut at a stop text.</param>
    public void Finish(string answer)
    {
        _text.Clear().Append(answer);
        Write(Math.Max(_written, answer.Length));
        output.WriteLine();
        output.Flush();
    }

    // A stop text, or the mark that ends the reasoning, may be half there.
    int SureLength()
    {
        string rest = _text.ToString(_written, _text.Length - _written);
        int sure = rest.Length;
        foreach (string stop in stops)
        {
            int at = rest.IndexOf(stop, StringComparison.Ordinal);
            sure = Math.Min(sure, at >= 0 ? at : rest.Length - Begun(rest, stop));
        }
        if ((_thinking || !_begun) && !rest.Contains(DeepSeekTokens.ThinkEnd, StringComparison.Ordinal))
            sure = Math.Min(sure, rest.Length - Begun(rest, DeepSeekTokens.ThinkEnd));
        return _written + sure;
    }

    // Characters at the end of the text that may be the beginning of the mark.
    static int Begun(string text, string mark)
    {
        for (int length = Math.Min(text.Length, mark.Length - 1); length > 0; length--)
        {
            if (text.AsSpan(text.Length - length).SequenceEqual(mark.AsSpan(0, length)))
                return length;
        }
        return 0;
    }

    void Write(int upto)
    {
        string part = _text.ToString(_written, upto - _written);
        _written = upto;
        if (!_begun && reasons)
        {
            _thinking = true;
            part = $"{DeepSeekTokens.ThinkStart}\n{part}";
        }
        _begun = true;
        if (_thinking)
        {
            int end = part.IndexOf(DeepSeekTokens.ThinkEnd, StringComparison.Ordinal);
            int thought = end < 0 ? part.Length : end + DeepSeekTokens.ThinkEnd.Length;
            output.Write(styles ? Dim + Shown(part[..thought]) + Plain : part[..thought]);
            part = part[thought..];
            _thinking = end < 0;
        }
        output.Write(Shown(part));
        output.Flush();
    }

    // A model may write anything, also what would command the terminal.
    string Shown(string part) => styles ? string.Concat(part.Select(c => char.IsControl(c) && c is not ('\n' or '\t') ? '\uFFFD' : c)) : part;
}
