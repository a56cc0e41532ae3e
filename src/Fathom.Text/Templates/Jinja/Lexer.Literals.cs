// Cuts a template into tokens: numbers and strings.

using System.Globalization;
using System.Text;

namespace Fathom.Text.Templates.Jinja;

sealed partial class Lexer
{
    void ReadNumber()
    {
        int from = at;
        TokenKind kind = TokenKind.Integer;
        if (source[at] == '0' && at + 1 < source.Length && source[at + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
        {
            at += 2;
            while (at < source.Length && (char.IsAsciiHexDigit(source[at]) || source[at] == '_'))
                at++;
            tokens.Add(new Token(kind, source[from..at].Replace("_", "", StringComparison.Ordinal), line));
            return;
        }
        Digits();
        if (at + 1 < source.Length && source[at] == '.' && char.IsAsciiDigit(source[at + 1]))
        {
            kind = TokenKind.Float;
            at++;
            Digits();
        }
        if (at < source.Length && source[at] is 'e' or 'E')
        {
            int sign = at + 1 < source.Length && source[at + 1] is '+' or '-' ? 1 : 0;
            if (at + 1 + sign < source.Length && char.IsAsciiDigit(source[at + 1 + sign]))
            {
                kind = TokenKind.Float;
                at += 1 + sign;
                Digits();
            }
        }
        tokens.Add(new Token(kind, source[from..at].Replace("_", "", StringComparison.Ordinal), line));

        void Digits()
        {
            while (at < source.Length && (char.IsAsciiDigit(source[at]) || source[at] == '_' && at + 1 < source.Length && char.IsAsciiDigit(source[at + 1])))
                at++;
        }
    }

    /// <summary>A string literal with Python's escapes; an unknown one stays as it is written.</summary>
    string ReadString(char quote)
    {
        StringBuilder text = new();
        int begin = at++;
        for (; at < source.Length && source[at] != quote; at++)
        {
            if (source[at] == '\\' && at + 1 < source.Length)
                ReadEscape(text);
            else
                text.Append(source[at]);
        }
        if (at >= source.Length)
            throw new TemplateError("a string is not closed");
        at++;
        CountLines(begin, at);
        return text.ToString();
    }

    void ReadEscape(StringBuilder text)
    {
        char c = source[++at];
        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (at + digits >= source.Length || !int.TryParse(source.AsSpan(at + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                || code > 0x10FFFF)
                throw new TemplateError($"\\{c} needs {digits} hexadecimal digits of a character");
            if (code < 0x10000)
                text.Append((char)code);
            else
                text.Append(char.ConvertFromUtf32(code));
            at += digits;
        }
        else if (c is >= '0' and <= '7')
        {
            int code = 0, length = 0;
            for (; length < 3 && at + length < source.Length && source[at + length] is >= '0' and <= '7'; length++)
                code = code * 8 + (source[at + length] - '0');
            text.Append((char)code);
            at += length - 1;
        }
        else
            _ = c switch
            {
                '\n' => text,
                'n' => text.Append('\n'),
                't' => text.Append('\t'),
                'r' => text.Append('\r'),
                'a' => text.Append('\a'),
                'b' => text.Append('\b'),
                'f' => text.Append('\f'),
                'v' => text.Append('\v'),
                '\\' or '\'' or '"' => text.Append(c),
                _ => text.Append('\\').Append(c),
            };
    }
}
