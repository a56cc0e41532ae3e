// Tokens that stand beside the BPE vocabulary and are found in text by their spelling.

using System.Text;

namespace Fathom.Text.Tokenizers;

/// <summary>One entry of <c>added_tokens</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its spelling.</param>
/// <param name="Special">Left out by a decoding that skips specials (<c>special</c>).</param>
/// <param name="Normalized">The file's <c>normalized</c>, kept for writing it back.</param>
sealed record AddedToken(int Id, string Content, bool Special, bool Normalized = false)
{
    /// <summary>
    /// Whether the token marks structure and so must never come out of a user's text. Published files flag only some of these as
    /// special (DeepSeek's <c>&lt;think&gt;</c> and <c>&lt;|EOT|&gt;</c> are not), while letters such as <c>ü</c>, which DeepSeek-LLM has
    /// as added tokens, are plain text: a mark is what is flagged or is written in brackets.
    /// </summary>
    public bool IsMark => Special || Content is ['<', .., '>'] or ['[', .., ']'];
}

/// <summary>Finds the leftmost, at one place the longest, spelling of a set of tokens.</summary>
sealed class AddedTokenFinder
{
    readonly (byte[] Bytes, int Id)[]?[] byFirstByte = new (byte[], int)[]?[256];
    readonly bool empty = true;

    public AddedTokenFinder(IEnumerable<AddedToken> tokens)
    {
        foreach (var group in tokens.Select(t => (Bytes: Encoding.UTF8.GetBytes(t.Content), t.Id)).GroupBy(t => t.Bytes[0]))
        {
            byFirstByte[group.Key] = [.. group.OrderByDescending(t => t.Bytes.Length).ThenBy(t => t.Id)];
            empty = false;
        }
    }

    /// <summary>The first spelling at or after a position; false if there is none.</summary>
    public bool Find(ReadOnlySpan<byte> text, int from, out int at, out int length, out int id)
    {
        for (at = from; !empty && at < text.Length; at++)
            foreach ((byte[] bytes, int candidate) in byFirstByte[text[at]] ?? [])
                if (text[at..].StartsWith(bytes))
                {
                    (length, id) = (bytes.Length, candidate);
                    return true;
                }
        (at, length, id) = (text.Length, 0, -1);
        return false;
    }
}
