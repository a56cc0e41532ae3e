// Tokens that stand beside the BPE vocabulary and are found in text by their spelling.

using System.Buffers;
using System.Text;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tokenizers;

/// <summary>One entry of <c>added_tokens</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Content">Its spelling.</param>
/// <param name="Special">Left out by a decoding that skips specials (<c>special</c>).</param>
/// <param name="Normalized">Looked for in the normalized text (<c>normalized</c>).</param>
/// <param name="SingleWord">Found only where no letter, digit or underscore adjoins (<c>single_word</c>).</param>
/// <param name="TakesLeft">Takes the white space before it along (<c>lstrip</c>).</param>
/// <param name="TakesRight">Takes the white space behind it along (<c>rstrip</c>).</param>
sealed record AddedToken(
    int Id, string Content, bool Special, bool Normalized = false, bool SingleWord = false, bool TakesLeft = false, bool TakesRight = false)
{
    /// <summary>Longer spellings do not occur; they would make looking for them slow.</summary>
    public const int LongestContent = 1024;

    /// <summary>
    /// Whether the token marks structure and so must never come out of a user's text. Published files flag only some of these as
    /// special (DeepSeek's <c>&lt;think&gt;</c> and <c>&lt;|EOT|&gt;</c> are not), while letters such as <c>ü</c>, which DeepSeek-LLM has
    /// as added tokens, are plain text: a mark is what is flagged, or is written in brackets or full-width bars.
    /// </summary>
    public bool IsMark => Special || Content is ['<', .., '>'] or ['[', .., ']'] or ['\uFF5C', .., '\uFF5C'];
}

/// <summary>An added token found in a text.</summary>
/// <param name="Start">Where what it takes begins.</param>
/// <param name="End">Where what it takes ends.</param>
/// <param name="Id">Its id.</param>
readonly record struct FoundToken(int Start, int End, int Id);

/// <summary>Finds the leftmost, at one place the longest, spelling of a set of tokens.</summary>
sealed class AddedTokenFinder
{
    readonly Dictionary<(int Node, byte Byte), int> children = [];
    readonly List<AddedToken?> tokenOf = [null];
    readonly bool[] begins = new bool[256];

    public AddedTokenFinder(IEnumerable<AddedToken> tokens, Func<string, byte[]>? spelling = null)
    {
        foreach (AddedToken token in tokens.OrderBy(t => t.Id))
        {
            byte[] bytes = spelling is null ? Encoding.UTF8.GetBytes(token.Content) : spelling(token.Content);
            if (bytes.Length == 0)
                continue;
            begins[bytes[0]] = true;
            int node = 0;
            foreach (byte b in bytes)
            {
                if (!children.TryGetValue((node, b), out int child))
                {
                    children.Add((node, b), child = tokenOf.Count);
                    tokenOf.Add(null);
                }
                node = child;
            }
            tokenOf[node] ??= token;
        }
    }

    /// <summary>The first spelling at or after a position; false if there is none.</summary>
    public bool Find(ReadOnlySpan<byte> text, int from, out FoundToken found)
    {
        found = default;
        if (tokenOf.Count == 1)
            return false;
        for (int at = from; at < text.Length; at++)
        {
            if (!begins[text[at]])
                continue;
            AddedToken? longest = null;
            int end = at;
            for (int node = 0, next = at; next < text.Length && children.TryGetValue((node, text[next]), out node);)
            {
                next++;
                if (tokenOf[node] is { } token && (!token.SingleWord || StandsAlone(text, at, next)))
                    (longest, end) = (token, next);
            }
            if (longest is null)
                continue;
            int start = at;
            if (longest.TakesLeft)
                while (start > from && Rune.DecodeLastFromUtf8(text[from..start], out Rune before, out int length) == OperationStatus.Done
                    && Rune.IsWhiteSpace(before))
                    start -= length;
            if (longest.TakesRight)
                end = Characters.Run(text, end, CharacterClass.Space);
            found = new FoundToken(start, end, longest.Id);
            return true;
        }
        return false;
    }

    static bool StandsAlone(ReadOnlySpan<byte> text, int start, int end)
    {
        if (end < text.Length && IsWord(text, end))
            return false;
        Rune.DecodeLastFromUtf8(text[..start], out _, out int length);
        return start == 0 || !IsWord(text, start - length);
    }

    static bool IsWord(ReadOnlySpan<byte> text, int at) =>
        text[at] == '_' || (Characters.At(text, at, out _) & (CharacterClass.Letter | CharacterClass.Mark | CharacterClass.Number)) != 0;
}
