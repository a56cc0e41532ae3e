// The pre-tokenizers of GPT-2 and of those who took up GPT-4's: Qwen2 and Llama 3.

using System.Text;
using static Fathom.Text.Tokenizers.Splitting.CharacterClass;

namespace Fathom.Text.Tokenizers.Splitting;

static partial class Patterns
{
    /// <summary>GPT-2, which is also what the stage <c>ByteLevel</c> with <c>use_regex</c> does.</summary>
    public const string Gpt2 = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    /// <summary>Qwen2, which the R1 distills of Qwen share.</summary>
    public const string Qwen2 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    /// <summary>Llama 3, which the R1 distills of Llama share.</summary>
    public const string Llama3 = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>First stage of what GGUF files call <c>default</c>.</summary>
    public const string GgufDefaultSigns = @"[\p{P}$+<=>^~|]+";

    /// <summary>Last stage of what GGUF files call <c>default</c>.</summary>
    public const string GgufDefaultDigits = "[0-9][0-9][0-9]";

    /// <summary>Everything but white space, letters and numbers.</summary>
    const CharacterClass Signs = Any & ~(Space | Letter | CharacterClass.Number);

    static int MatchGpt2(ReadOnlySpan<byte> text, int at)
    {
        if (Contraction(text, at, anyCase: false) is > 0 and int contraction)
            return contraction;
        int start = AfterSpace(text, at);
        int end = Characters.Run(text, start, Letter);
        if (end == start)
            end = Characters.Run(text, start, CharacterClass.Number);
        if (end == start)
            end = Characters.Run(text, start, Signs);
        return end > start ? end - at : WhiteSpace(text, at, newlinesFirst: false);
    }

    static int MatchQwen2(ReadOnlySpan<byte> text, int at) => MatchGpt4(text, at, digits: 1);

    static int MatchLlama3(ReadOnlySpan<byte> text, int at) => MatchGpt4(text, at, digits: 3);

    static int MatchGpt4(ReadOnlySpan<byte> text, int at, int digits)
    {
        if (Contraction(text, at, anyCase: true) is > 0 and int contraction)
            return contraction;
        // [^\r\n\p{L}\p{N}]?\p{L}+
        bool leads = (Characters.At(text, at, out int length) & (Newline | Letter | CharacterClass.Number)) == 0;
        int start = leads ? at + length : at;
        int end = Characters.Run(text, start, Letter);
        if (end > start)
            return end - at;
        end = NumbersEnd(text, at, digits);
        if (end > at)
            return end - at;
        //  ?[^\s\p{L}\p{N}]+[\r\n]*
        start = AfterSpace(text, at);
        end = Characters.Run(text, start, Signs);
        return end > start ? Characters.Run(text, end, Newline) - at : WhiteSpace(text, at, newlinesFirst: true);
    }

    static int MatchGgufDefaultSigns(ReadOnlySpan<byte> text, int at)
    {
        int end = at;
        while (end < text.Length && ((Characters.At(text, end, out int length) & Punctuation) != 0 || "$+<=>^~|"u8.Contains(text[end])))
            end += length;
        return Found(text, at, end);
    }

    static int MatchGgufDefaultDigits(ReadOnlySpan<byte> text, int at) =>
        text.Length - at >= 3 && !text.Slice(at, 3).ContainsAnyExceptInRange((byte)'0', (byte)'9') ? 3 : -Characters.Length(text, at);

    /// <summary>Length of <c>'s|'t|'re|'ve|'m|'ll|'d</c> at a position, or 0.</summary>
    static int Contraction(ReadOnlySpan<byte> text, int at, bool anyCase)
    {
        if (text[at] != '\'')
            return 0;
        ReadOnlySpan<byte> rest = text[(at + 1)..];
        foreach (byte[] ending in Contractions)
            if (rest.StartsWith(ending)
                || anyCase && rest.Length >= ending.Length && Ascii.EqualsIgnoreCase(rest[..ending.Length], ending))
                return 1 + ending.Length;
        // Case folding makes the long s (U+017F) an s.
        return anyCase && rest.StartsWith("\u017F"u8) ? 3 : 0;
    }

    static readonly byte[][] Contractions =
        [.. new[] { "s", "t", "re", "ve", "m", "ll", "d" }.Select(Encoding.ASCII.GetBytes)];
}
