// DeepSeek's pre-tokenizers: LLM (also MoE 16B and V2), Coder, and V3 (also R1).

using static Fathom.Text.Tokenizers.Splitting.CharacterClass;

namespace Fathom.Text.Tokenizers.Splitting;

static partial class Patterns
{
    /// <summary>Runs of CJK ideographs and kana (V3; Fathom's own too).</summary>
    public const string CjkAndKana = "[" + CjkAndKanaSet + "]+";

    const string CjkAndKanaSet =
        "\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF";

    /// <summary>Words, signs and white space of V3 and R1.</summary>
    public const string DeepSeekV3Words =
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S" +
        "}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    /// <summary>Words of DeepSeek-LLM.</summary>
    public const string DeepSeekLlmWords = @"\s?[" + DeepSeekLlmLetters + "]+";

    /// <summary>Punctuation of DeepSeek-LLM.</summary>
    public const string DeepSeekLlmPunctuation = @"\s?[" + DeepSeekLlmMarks + "]+";

    /// <summary>White space at the end of a line, in DeepSeek-LLM.</summary>
    public const string DeepSeekLlmTrailingSpace = @"\s+$";

    /// <summary>East Asian text of DeepSeek-LLM and Coder.</summary>
    public const string DeepSeekLlmCjk = "[" + DeepSeekLlmIdeographs + "]+";

    /// <summary>Words of DeepSeek-Coder.</summary>
    public const string DeepSeekCoderWords = @"\s?\p{L}+";

    /// <summary>Punctuation of DeepSeek-Coder.</summary>
    public const string DeepSeekCoderPunctuation = @"\s?\p{P}+";

    const string DeepSeekLlmMarks =
        "!-/:-~\uFF01-\uFF0F\uFF1A-\uFF5E\u2018-\u201F\u3000-\u3002";

    // As published: from U+0800 to U+4E00 and on, which is more than ideographs.
    const string DeepSeekLlmIdeographs =
        "\u4E00-\u9FA5\u0800-\u4E00\uAC00-\uD7FF";

    // Letters with case, as Unicode knew them when the list was made.
    const string DeepSeekLlmLetters =
        "A-Za-z\u00B5\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u01BA\u01BC-\u01BF\u01C4-\u0293\u0295-\u02AF\u0370-\u0373\u0376" +
        "\u0377\u037B-\u037D\u037F\u0386\u0388-\u038A\u038C\u038E-\u03A1\u03A3-\u03F5\u03F7-\u0481\u048A-\u052F\u0531-" +
        "\u0556\u10A0-\u10C5\u13A0-\u13F5\u13F8-\u13FD\u1C90-\u1CBA\u1CBD-\u1CBF\u1D00-\u1D2B\u1D6B-\u1D77\u1D79-\u1D9A" +
        "\u1E00-\u1F15\u1F18-\u1F1D\u1F20-\u1F45\u1F48-\u1F4D\u1F50-\u1F57\u1F59\u1F5B\u1F5D\u1F5F-\u1F7D\u1F80-\u1FB4" +
        "\u1FB6-\u1FBC\u1FBE\u1FC2-\u1FC4\u1FC6-\u1FCC\u1FD0-\u1FD3\u1FD6-\u1FDB\u1FE0-\u1FEC\u1FF2-\u1FF4\u1FF6-\u1FFC" +
        "\u2102\u2107\u210A-\u2113\u2115\u2119-\u211D\u2124\u2126\u2128\u212A-\u212D\u212F-\u2134\u2139\u213C-\u213F" +
        "\u2145-\u2149\u214E\u2183\u2184\u2C00-\u2C7B\u2C7E-\u2CE4\u2CEB-\u2CEE\u2CF2\u2CF3\uA640-\uA66D\uA680-\uA69B" +
        "\uA722-\uA76F\uA771-\uA787\uA78B-\uA78E\uAB70-\uABBF\uFB00-\uFB06\uFB13-\uFB17\uFF21-\uFF3A\uFF41-\uFF5A" +
        "\U00010400-\U0001044F\U000104B0-\U000104D3\U000104D8-\U000104FB\U00010C80-\U00010CB2\U00010CC0-\U00010CF2" +
        "\U000118A0-\U000118DF\U0001E900-\U0001E943";

    static readonly CharacterSet CjkAndKanaCharacters = new(CjkAndKanaSet);
    static readonly CharacterSet LlmLetters = new(DeepSeekLlmLetters);
    static readonly CharacterSet LlmMarks = new(DeepSeekLlmMarks);
    static readonly CharacterSet LlmIdeographs = new(DeepSeekLlmIdeographs);

    static int MatchCjkAndKana(ReadOnlySpan<byte> text, int at) => MatchRun(text, at, CjkAndKanaCharacters);

    static int MatchDeepSeekLlmCjk(ReadOnlySpan<byte> text, int at) => MatchRun(text, at, LlmIdeographs);

    static int MatchDeepSeekLlmWord(ReadOnlySpan<byte> text, int at) => MatchAfterSpace(text, at, LlmLetters);

    static int MatchDeepSeekLlmPunctuation(ReadOnlySpan<byte> text, int at) => MatchAfterSpace(text, at, LlmMarks);

    static int MatchDeepSeekCoderWord(ReadOnlySpan<byte> text, int at) => MatchAfterSpace(text, at, Letter);

    static int MatchDeepSeekCoderPunctuation(ReadOnlySpan<byte> text, int at) => MatchAfterSpace(text, at, Punctuation);

    // [set]+
    static int MatchRun(ReadOnlySpan<byte> text, int at, CharacterSet set)
    {
        int end = set.Run(text, at);
        return end > at ? end - at : at - set.RunOutside(text, at);
    }

    // \s?[set]+ where the set may hold white space itself (U+3000 does): the space is given back if nothing follows it.
    static int MatchAfterSpace(ReadOnlySpan<byte> text, int at, CharacterSet set)
    {
        bool isSpace = (Characters.At(text, at, out int length) & Space) != 0;
        int start = isSpace ? at + length : at;
        int end = set.Run(text, start);
        if (end == start)
            end = set.Run(text, at);
        if (end > at && (end > start || !isSpace || set.Holds(text, at, out _)))
            return end - at;
        // The next match begins at white space or in the set.
        for (at += length, end = at - length; at < text.Length && (Characters.At(text, at, out length) & Space) == 0 && !set.Holds(text, at, out _);)
            at += length;
        return end - at;
    }

    static int MatchAfterSpace(ReadOnlySpan<byte> text, int at, CharacterClass set)
    {
        int start = (Characters.At(text, at, out int length) & Space) != 0 ? at + length : at;
        int end = Characters.Run(text, start, set);
        return end > start ? end - at : at - Characters.Run(text, at + length, Any & ~(Space | set));
    }

    // \s+$: a run that does not reach the end cannot match from any of its characters, so all of it is skipped at once.
    static int MatchTrailingSpace(ReadOnlySpan<byte> text, int at)
    {
        int end = Characters.Run(text, at, Space);
        if (end > at)
            return end == text.Length ? end - at : at - end;
        return at - Characters.Run(text, at, Any & ~Space);
    }

    static int MatchDeepSeekV3Word(ReadOnlySpan<byte> text, int at)
    {
        // An ASCII punctuation mark leads ASCII letters: [!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+
        if (text[at] < 0x80 && char.IsAsciiLetter((char)text[at]) is false
            && (Characters.At(text, at, out _) & (Punctuation | Symbol)) != 0)
        {
            int letters = at + 1;
            while (letters < text.Length && char.IsAsciiLetter((char)text[letters]))
                letters++;
            if (letters > at + 1)
                return letters - at;
        }
        // [^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
        bool leads = (Characters.At(text, at, out int length) & (Newline | Letter | Punctuation | Symbol)) == 0;
        int start = leads ? at + length : at;
        int end = Characters.Run(text, start, Letter | Mark);
        if (end == start && leads)
            end = Characters.Run(text, start = at, Letter | Mark);
        if (end > start)
            return end - at;
        //  ?[\p{P}\p{S}]+[\r\n]*
        start = AfterSpace(text, at);
        end = Characters.Run(text, start, Punctuation | Symbol);
        return end > start ? Characters.Run(text, end, Newline) - at : WhiteSpace(text, at, newlinesFirst: true);
    }
}
