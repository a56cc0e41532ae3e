// The regular expressions of published pre-tokenizers and the hand-written scanner of each. No regular expression is ever run:
// a pattern from a file is looked up here, by its exact text.

using static Fathom.Text.Tokenizers.Splitting.CharacterClass;

namespace Fathom.Text.Tokenizers.Splitting;

/// <summary>The known patterns.</summary>
static partial class Patterns
{
    static readonly Dictionary<string, Scanner> Known = new()
    {
        [Number] = MatchNumber,
        [NumberTriples] = MatchNumberTriple,
        [Newlines] = MatchNewline,
        [FathomWords] = MatchFathomWord,
        [CjkAndKana] = MatchCjkAndKana,
        [DeepSeekV3Words] = MatchDeepSeekV3Word,
        [DeepSeekLlmWords] = MatchDeepSeekLlmWord,
        [DeepSeekLlmPunctuation] = MatchDeepSeekLlmPunctuation,
        [DeepSeekLlmTrailingSpace] = MatchTrailingSpace,
        [DeepSeekLlmCjk] = MatchDeepSeekLlmCjk,
        [DeepSeekCoderWords] = MatchDeepSeekCoderWord,
        [DeepSeekCoderPunctuation] = MatchDeepSeekCoderPunctuation,
        [Gpt2] = MatchGpt2,
        [Qwen2] = MatchQwen2,
        [Llama3] = MatchLlama3,
    };

    /// <summary>All known patterns.</summary>
    public static IEnumerable<string> All => Known.Keys;

    /// <summary>The scanner of a pattern as a tokenizer.json writes it, or null.</summary>
    // Files write the line ends inside brackets as escapes or as the characters themselves.
    public static Scanner? Find(string pattern) =>
        Known.GetValueOrDefault(pattern.Replace("\r", @"\r", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal));

    /// <summary>Each number character alone.</summary>
    public const string Number = @"\p{N}";

    /// <summary>Up to three number characters.</summary>
    public const string NumberTriples = @"\p{N}{1,3}";

    /// <summary>Each line end character alone.</summary>
    public const string Newlines = @"[\r\n]";

    /// <summary>Words, everything else that is visible, and line ends in runs; one space goes with what follows it.</summary>
    public const string FathomWords = @" ?[\p{L}\p{M}]+| ?[^\s\p{L}\p{M}\p{N}]+|[\r\n]+|[^\S\r\n]+(?!\S)|[^\S\r\n]+";

    static int MatchNumber(ReadOnlySpan<byte> text, int at) =>
        (Characters.At(text, at, out int length) & CharacterClass.Number) != 0 ? length : -length;

    /// <summary><c>\p{N}+</c>: the stage <c>Digits</c> without <c>individual_digits</c>.</summary>
    public static int MatchNumbers(ReadOnlySpan<byte> text, int at) =>
        Found(text, at, Characters.Run(text, at, CharacterClass.Number));

    static int MatchNumberTriple(ReadOnlySpan<byte> text, int at) => Found(text, at, NumbersEnd(text, at, 3));

    static int MatchNewline(ReadOnlySpan<byte> text, int at) => text[at] is (byte)'\r' or (byte)'\n' ? 1 : -Characters.Length(text, at);

    static int MatchFathomWord(ReadOnlySpan<byte> text, int at)
    {
        int start = AfterSpace(text, at);
        int end = Characters.Run(text, start, Letter | Mark);
        if (end == start)
            end = Characters.Run(text, start, Any & ~(Space | Letter | Mark | CharacterClass.Number));
        if (end == start)
            end = Characters.Run(text, at, Newline);
        return end > start ? end - at : Blanks(text, at);
    }

    /// <summary><c>[^\S\r\n]+(?!\S)|[^\S\r\n]+</c></summary>
    static int Blanks(ReadOnlySpan<byte> text, int at)
    {
        int end = at, beforeLast = at;
        while (end < text.Length && (Characters.At(text, end, out int length) & Blank) != 0)
        {
            beforeLast = end;
            end += length;
        }
        bool visibleFollows = end < text.Length && (Characters.At(text, end, out _) & Space) == 0;
        return Found(text, at, visibleFollows && beforeLast > at ? beforeLast : end);
    }

    /// <summary>The result for a match that ends at <paramref name="end"/>, where an empty one is none.</summary>
    static int Found(ReadOnlySpan<byte> text, int at, int end) => end > at ? end - at : -Characters.Length(text, at);

    /// <summary>Past one plain space, if there is one.</summary>
    static int AfterSpace(ReadOnlySpan<byte> text, int at) => text[at] == ' ' ? at + 1 : at;

    static int NumbersEnd(ReadOnlySpan<byte> text, int at, int most)
    {
        for (; most > 0 && at < text.Length && (Characters.At(text, at, out int length) & CharacterClass.Number) != 0; most--)
            at += length;
        return at;
    }

    /// <summary><c>\s+(?!\S)|\s+</c>, or with <paramref name="newlinesFirst"/> <c>\s*[\r\n]+|\s+(?!\S)|\s+</c>.</summary>
    static int WhiteSpace(ReadOnlySpan<byte> text, int at, bool newlinesFirst)
    {
        int end = at, beforeLast = at, newlineEnd = at;
        while (end < text.Length)
        {
            CharacterClass kind = Characters.At(text, end, out int length);
            if ((kind & Space) == 0)
                break;
            beforeLast = end;
            end += length;
            if (kind == Newline)
                newlineEnd = end;
        }
        if (newlinesFirst && newlineEnd > at)
            return newlineEnd - at;
        return Found(text, at, end < text.Length && beforeLast > at ? beforeLast : end);
    }
}
