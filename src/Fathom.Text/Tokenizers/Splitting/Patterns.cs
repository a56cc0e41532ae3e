// The regular expressions of published pre-tokenizers and the hand-written scanner of each. No regular expression is ever run:
// a pattern from a file is looked up here, by its exact text.

using static Fathom.Text.Tokenizers.Splitting.CharacterClass;

namespace Fathom.Text.Tokenizers.Splitting;

/// <summary>The known patterns.</summary>
static partial class Patterns
{
    static readonly Dictionary<string, (Scanner Scanner, Contents Needs)> Known = new()
    {
        [Number] = (MatchNumber, Contents.Digit),
        [Numbers] = (MatchNumbers, Contents.Digit),
        [NumberTriples] = (MatchNumberTriple, Contents.Digit),
        [Newlines] = (MatchNewline, Contents.Newline),
        [FathomWords] = (MatchFathomWord, Contents.Anything),
        [CjkAndKana] = (MatchCjkAndKana, Contents.BeyondAscii),
        [DeepSeekV3Words] = (MatchDeepSeekV3Word, Contents.Anything),
        [DeepSeekLlmWords] = (MatchDeepSeekLlmWord, Contents.Letter),
        [DeepSeekLlmPunctuation] = (MatchDeepSeekLlmPunctuation, Contents.Sign),
        [DeepSeekLlmTrailingSpace] = (MatchTrailingSpace, Contents.Space | Contents.Newline),
        [DeepSeekLlmCjk] = (MatchDeepSeekLlmCjk, Contents.BeyondAscii),
        [DeepSeekCoderWords] = (MatchDeepSeekCoderWord, Contents.Letter),
        [DeepSeekCoderPunctuation] = (MatchDeepSeekCoderPunctuation, Contents.Sign),
        [Gpt2] = (MatchGpt2, Contents.Anything),
        [Qwen2] = (MatchQwen2, Contents.Anything),
        [Llama3] = (MatchLlama3, Contents.Anything),
        [GgufDefaultSigns] = (MatchGgufDefaultSigns, Contents.Sign),
        [GgufDefaultDigits] = (MatchGgufDefaultDigits, Contents.Digit),
    };

    /// <summary>All known patterns.</summary>
    public static IEnumerable<string> All => Known.Keys;

    /// <summary>The scanner of a pattern as it is written here, and what a text must hold one of for it to match anywhere.</summary>
    public static (Scanner Scanner, Contents Needs) Find(string pattern) => Known[pattern];

    /// <summary>A pattern of a tokenizer.json as it is written here, or null where it is not known.</summary>
    // Files write the line ends inside brackets as escapes or as the characters themselves.
    public static string? Canonical(string pattern)
    {
        string escaped = pattern.Replace("\r", @"\r", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return Known.ContainsKey(escaped) ? escaped : null;
    }

    /// <summary>Each number character alone.</summary>
    public const string Number = @"\p{N}";

    /// <summary>Number characters in runs: the stage <c>Digits</c> without <c>individual_digits</c>.</summary>
    public const string Numbers = @"\p{N}+";

    /// <summary>Up to three number characters.</summary>
    public const string NumberTriples = @"\p{N}{1,3}";

    /// <summary>Each line end character alone.</summary>
    public const string Newlines = @"[\r\n]";

    /// <summary>Words, everything else that is visible, and line ends in runs; one space goes with what follows it.</summary>
    public const string FathomWords = @" ?[\p{L}\p{M}]+| ?[^\s\p{L}\p{M}\p{N}]+|[\r\n]+|[^\S\r\n]+(?!\S)|[^\S\r\n]+";

    static int MatchNumber(ReadOnlySpan<byte> text, int at) => FoundOrSkipped(text, at, NumbersEnd(text, at, 1), CharacterClass.Number);

    static int MatchNumbers(ReadOnlySpan<byte> text, int at) =>
        FoundOrSkipped(text, at, Characters.Run(text, at, CharacterClass.Number), CharacterClass.Number);

    static int MatchNumberTriple(ReadOnlySpan<byte> text, int at) => FoundOrSkipped(text, at, NumbersEnd(text, at, 3), CharacterClass.Number);

    static int MatchNewline(ReadOnlySpan<byte> text, int at)
    {
        int skipped = text[at..].IndexOfAny((byte)'\r', (byte)'\n');
        return skipped == 0 ? 1 : -(skipped < 0 ? text.Length - at : skipped);
    }

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

    /// <summary>The same, where the next match can begin only at a character of the set.</summary>
    static int FoundOrSkipped(ReadOnlySpan<byte> text, int at, int end, CharacterClass set) =>
        end > at ? end - at : at - Characters.Run(text, at, Any & ~set);

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
