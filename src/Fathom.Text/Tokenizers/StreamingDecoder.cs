// Decoding token by token, for output that appears as it is generated.

using System.Text;

namespace Fathom.Text.Tokenizers;

/// <summary>
/// Turns ids into text as they come. The bytes of an unfinished character are held back, so what has been given out never changes and
/// is always whole characters; all parts together equal <see cref="Tokenizer.Decode"/> of all ids. For one sequence, not thread-safe.
/// </summary>
/// <param name="tokenizer">The tokenizer.</param>
/// <param name="skipSpecials">As in <see cref="Tokenizer.Decode"/>.</param>
public sealed class StreamingDecoder(Tokenizer tokenizer, bool skipSpecials = false)
{
    readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    bool begun;

    /// <summary>Takes one id and gives the characters it completes, possibly none.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public string Append(int id)
    {
        ReadOnlySpan<byte> bytes = tokenizer.BytesOf(id, skipSpecials);
        // SentencePiece set the first space, not the text.
        if (!begun && !bytes.IsEmpty)
        {
            begun = true;
            if (tokenizer.Normalizer.SetsPrefix && bytes[0] == ' ')
                bytes = bytes[1..];
        }
        return Convert(bytes, flush: false);
    }

    /// <summary>Ends the text: an unfinished character comes out as U+FFFD. The decoder can then begin another text.</summary>
    public string Flush()
    {
        begun = false;
        return Convert(default, flush: true);
    }

    string Convert(ReadOnlySpan<byte> bytes, bool flush)
    {
        // Held back bytes (three at most) can add a replacement character each.
        int most = Encoding.UTF8.GetMaxCharCount(bytes.Length + 3);
        Span<char> characters = most <= 256 ? stackalloc char[most] : new char[most];
        return new string(characters[..decoder.GetChars(bytes, characters, flush)]);
    }
}
