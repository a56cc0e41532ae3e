// Cuts a template into text and the tokens of its tags. White space around tags is dealt with here: trim_blocks and lstrip_blocks are on,
// as every library that renders chat templates has them.

namespace Fathom.Text.Templates.Jinja;

/// <summary>What a token is.</summary>
enum TokenKind
{
    /// <summary>Text outside of tags.</summary>
    Text,
    /// <summary><c>{{</c></summary>
    OutputBegin,
    /// <summary><c>}}</c></summary>
    OutputEnd,
    /// <summary><c>{%</c></summary>
    BlockBegin,
    /// <summary><c>%}</c></summary>
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Value">Its characters: of a string what they stand for.</param>
/// <param name="Line">Its line, counted from 1.</param>
readonly record struct Token(TokenKind Kind, string Value, int Line);

sealed partial class Lexer
{
    static readonly string[] Operators =
    [
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";",
    ];

    readonly string source;
    readonly List<Token> tokens = [];
    int at;
    int line = 1;

    Lexer(string source) => this.source = source;

    /// <summary>All tokens of a template.</summary>
    /// <exception cref="TemplateError">A tag is malformed; <paramref name="line"/> says where.</exception>
    public static List<Token> Run(string source, ref int line)
    {
        string lines = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        // The line end that editors put at the end of a file is none of the template's.
        Lexer lexer = new(lines.EndsWith('\n') ? lines[..^1] : lines);
        try
        {
            lexer.Run();
            return lexer.tokens;
        }
        finally
        {
            line = lexer.line;
        }
    }

    void Run()
    {
        bool startsLine = true;
        while (at < source.Length)
        {
            int tag = FindTag(at);
            if (tag < 0)
            {
                AddText(source[at..]);
                at = source.Length;
                break;
            }
            char kind = source[tag + 1];
            char sign = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            AddText(TextBefore(tag, kind, sign, startsLine));
            at = tag + (sign == ' ' ? 2 : 3);
            startsLine = kind switch
            {
                '#' => SkipComment(),
                '{' => Tag(TokenKind.OutputBegin, TokenKind.OutputEnd, "}}", trims: false),
                _ => SkipsToRaw() ? Raw() : Tag(TokenKind.BlockBegin, TokenKind.BlockEnd, "%}", trims: true),
            };
        }
        tokens.Add(new Token(TokenKind.End, "", line));
    }

    int FindTag(int from)
    {
        for (int i = source.IndexOf('{', from); i >= 0 && i + 1 < source.Length; i = source.IndexOf('{', i + 1))
            if (source[i + 1] is '{' or '%' or '#')
                return i;
        return -1;
    }

    string TextBefore(int tag, char kind, char sign, bool startsLine)
    {
        string text = source[at..tag];
        if (sign == '-')
            return text.TrimEnd(Python.Spaces);
        if (sign == '+' || kind == '{')
            return text;
        // lstrip_blocks: blanks between the beginning of the line and the tag are dropped.
        int lineStart = text.LastIndexOf('\n') + 1;
        return (lineStart > 0 || startsLine) && text.AsSpan(lineStart).Trim(" \t").IsEmpty ? text[..lineStart] : text;
    }

    void AddText(string text)
    {
        if (text.Length > 0)
            tokens.Add(new Token(TokenKind.Text, text, line));
        CountLines(at, Math.Min(source.Length, NextTag()));

        int NextTag() => FindTag(at) is >= 0 and int tag ? tag : source.Length;
    }

    void CountLines(int from, int to) => line += source.AsSpan(from, to - from).Count('\n');

    /// <summary>Past the end of a tag and what white space it takes along; whether a new line begins there.</summary>
    bool PastEnd(char sign, bool trims)
    {
        int from = at;
        if (sign == '-')
            while (at < source.Length && Python.IsSpace(source[at]))
                at++;
        else if (trims && sign != '+' && at < source.Length && source[at] == '\n')
            at++;
        CountLines(from, at);
        return at > from && source[at - 1] == '\n';
    }

    bool SkipComment()
    {
        int end = source.IndexOf("#}", at, StringComparison.Ordinal);
        if (end < 0)
            throw new TemplateError("a comment is not closed by #}");
        char sign = end > at ? source[end - 1] : ' ';
        CountLines(at, end);
        at = end + 2;
        return PastEnd(sign, trims: true);
    }

    bool SkipsToRaw()
    {
        int i = SkipSpaces(at);
        if (string.CompareOrdinal(source, i, "raw", 0, 3) != 0)
            return false;
        i = SkipSpaces(i + 3);
        char sign = i < source.Length && source[i] is '-' or '+' ? source[i++] : ' ';
        if (string.CompareOrdinal(source, i, "%}", 0, 2) != 0)
            return false;
        CountLines(at, i);
        at = i + 2;
        PastEnd(sign, trims: true);
        return true;
    }

    int SkipSpaces(int i)
    {
        while (i < source.Length && Python.IsSpace(source[i]))
            i++;
        return i;
    }

    bool Raw()
    {
        for (int tag = source.IndexOf("{%", at, StringComparison.Ordinal); tag >= 0; tag = source.IndexOf("{%", tag + 2, StringComparison.Ordinal))
        {
            char begin = tag + 2 < source.Length && source[tag + 2] is '-' or '+' ? source[tag + 2] : ' ';
            int i = SkipSpaces(tag + (begin == ' ' ? 2 : 3));
            if (string.CompareOrdinal(source, i, "endraw", 0, 6) != 0)
                continue;
            i = SkipSpaces(i + 6);
            char end = i < source.Length && source[i] is '-' or '+' ? source[i++] : ' ';
            if (string.CompareOrdinal(source, i, "%}", 0, 2) != 0)
                continue;
            string text = TextBefore(tag, '%', begin, startsLine: false);
            if (text.Length > 0)
                tokens.Add(new Token(TokenKind.Text, text, line));
            CountLines(at, i);
            at = i + 2;
            return PastEnd(end, trims: true);
        }
        throw new TemplateError("{% raw %} is not closed by {% endraw %}");
    }

    bool Tag(TokenKind begin, TokenKind end, string closing, bool trims)
    {
        tokens.Add(new Token(begin, "", line));
        Stack<char> open = [];
        while (true)
        {
            int from = at;
            at = SkipSpaces(at);
            CountLines(from, at);
            if (at >= source.Length)
                throw new TemplateError($"a tag is not closed by {closing}");
            // A closing mark inside brackets is part of the expression, as in {{ {'a': {}} }}.
            if (open.Count == 0)
            {
                char sign = source[at] is '-' or '+' ? source[at] : ' ';
                int close = sign == ' ' ? at : at + 1;
                if (string.CompareOrdinal(source, close, closing, 0, 2) == 0)
                {
                    tokens.Add(new Token(end, "", line));
                    at = close + 2;
                    return PastEnd(sign, trims);
                }
            }
            NextToken(open);
        }
    }

    void NextToken(Stack<char> open)
    {
        char c = source[at];
        if (c is '\'' or '"')
            tokens.Add(new Token(TokenKind.String, ReadString(c), line));
        else if (char.IsAsciiDigit(c))
            ReadNumber();
        else if (c == '_' || char.IsLetter(c))
        {
            int from = at;
            while (at < source.Length && (source[at] == '_' || char.IsLetterOrDigit(source[at])))
                at++;
            tokens.Add(new Token(TokenKind.Name, source[from..at], line));
        }
        else
        {
            string name = Operators.FirstOrDefault(o => string.CompareOrdinal(source, at, o, 0, o.Length) == 0)
                ?? throw new TemplateError($"the character '{c}' has no meaning here");
            Balance(open, c);
            tokens.Add(new Token(TokenKind.Operator, name, line));
            at += name.Length;
        }
    }

    static void Balance(Stack<char> open, char c)
    {
        if (c is '(' or '[' or '{')
            open.Push(c == '(' ? ')' : c == '[' ? ']' : '}');
        else if (c is ')' or ']' or '}' && !(open.TryPop(out char expected) && expected == c))
            throw new TemplateError($"unexpected '{c}'");
    }
}
