// The pre-tokenizer: cuts text into the pieces that BPE may not merge across.

namespace Fathom.Text.Tokenizers.Splitting;

/// <summary>
/// Looks for one match of a pattern at a position of UTF-8 text: a positive result is the match's length in bytes, a negative one
/// says that no match begins in that many bytes. A scanner looks at no more than a constant times what its result skips,
/// which makes splitting linear on any text.
/// </summary>
delegate int Scanner(ReadOnlySpan<byte> text, int at);

/// <summary>Takes the pieces, in order.</summary>
interface IPieceSink
{
    /// <summary>Takes one piece, never empty.</summary>
    void Take(ReadOnlySpan<byte> piece);
}

/// <summary>
/// Stages applied one after the other, each to every piece of the one before: a match is a piece, and so is what lies between
/// matches (<c>Split</c> with behaviour <c>Isolated</c> of a tokenizer.json).
/// </summary>
/// <param name="stages">The scanners.</param>
/// <param name="json">The <c>pre_tokenizer</c> of the tokenizer.json that says the same.</param>
sealed class PreTokenizer(Scanner[] stages, string json)
{
    /// <summary>The <c>pre_tokenizer</c> of the tokenizer.json that says the same.</summary>
    public string Json => json;

    /// <summary>Gives the pieces of a text to the sink.</summary>
    public void Split<TSink>(ReadOnlySpan<byte> text, ref TSink sink)
        where TSink : struct, IPieceSink => Split(text, 0, ref sink);

    void Split<TSink>(ReadOnlySpan<byte> text, int stage, ref TSink sink)
        where TSink : struct, IPieceSink
    {
        if (text.IsEmpty)
            return;
        if (stage == stages.Length)
        {
            sink.Take(text);
            return;
        }
        int done = 0, at = 0;
        while (at < text.Length)
        {
            int length = stages[stage](text, at);
            if (length > 0)
            {
                Split(text[done..at], stage + 1, ref sink);
                Split(text.Slice(at, length), stage + 1, ref sink);
                done = at + length;
            }
            at += Math.Abs(length);
        }
        Split(text[done..], stage + 1, ref sink);
    }
}
