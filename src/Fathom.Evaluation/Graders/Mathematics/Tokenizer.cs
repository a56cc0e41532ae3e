// LaTeX and plain notation into tokens. What only changes the look (spaces, sizes, fonts, dollar signs, \left and \right) is dropped here.
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Reads one text.</summary>
internal sealed class Tokenizer
{
    /// <summary>Longest text that is read as mathematics; longer ones are compared as text.</summary>
    public const int MaxLength = 20_000;

    /// <summary>Most digits of a number.</summary>
    public const int MaxDigits = 9_000;

    // Fonts within fonts.
    const int MaxLevel = 8;

    readonly string text;
    readonly bool groups;
    readonly int level;
    readonly List<Token> tokens = [];
    int position, depth, environments;
    bool space;

    Tokenizer(string text, bool groups, int level)
    {
        if (level > MaxLevel)
            throw new NotMathException();
        this.text = text;
        this.groups = groups;
        this.level = level;
    }

    /// <summary>Whether commas were taken as separators of thousands, which could also be commas of a list: "100,200".</summary>
    public bool HasGroups { get; private set; }

    /// <summary>Splits a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="groups">Whether "1,234" is one number outside of brackets.</param>
    /// <param name="hasGroups">Whether there was such a number.</param>
    /// <exception cref="NotMathException">The text cannot be mathematics.</exception>
    public static List<Token> Split(string text, bool groups, out bool hasGroups)
    {
        if (text.Length > MaxLength)
            throw new WorkExceededException("more than " + MaxLength + " characters");
        return Split(text, groups, 0, out hasGroups);
    }

    static List<Token> Split(string text, bool groups, int level, out bool hasGroups)
    {
        var tokenizer = new Tokenizer(text, groups, level);
        tokenizer.Run();
        hasGroups = tokenizer.HasGroups;
        return tokenizer.tokens;
    }

    char Peek(int ahead = 0) => position + ahead < text.Length ? text[position + ahead] : '\0';

    bool At(string what) => string.CompareOrdinal(text, position, what, 0, what.Length) == 0;

    void Add(TokenKind kind, string what, Number? number = null)
    {
        tokens.Add(new(kind, what, space) { Number = number });
        space = false;
    }

    void Run()
    {
        while (position < text.Length)
        {
            char c = text[position];
            if (char.IsAsciiDigit(c) || c == '.' && char.IsAsciiDigit(Peek(1)))
                ReadNumber();
            else if (c == '\\')
                ReadCommand();
            else if (char.IsAsciiLetter(c))
                ReadLetters();
            else
                ReadSymbol(c);
        }
        Add(TokenKind.End, "");
    }

    void ReadNumber()
    {
        int start = position;
        var digits = new StringBuilder();
        while (char.IsAsciiDigit(Peek()))
            digits.Append(text[position++]);
        int first = digits.Length;
        bool grouped = false, plainComma = false;
        // A leading 0 or more than three digits cannot stand before a separator of thousands.
        if (first is >= 1 and <= 3 && text[start] != '0')
        {
            while (GroupSeparator(out int length, out bool plain) && ThreeDigitsAt(position + length))
            {
                if (plain && (!groups || depth > 0))
                    break;
                digits.Append(text, position + length, 3);
                position += length + 3;
                (grouped, plainComma) = (true, plainComma || plain);
            }
        }
        HasGroups |= plainComma;

        int decimals = 0;
        bool isDecimal = false;
        Rational repeating = Rational.Zero;
        if (Peek() == '.' && (char.IsAsciiDigit(Peek(1)) || RepeatAt(1)))
        {
            isDecimal = true;
            position++;
            while (char.IsAsciiDigit(Peek()))
            {
                digits.Append(text[position++]);
                decimals++;
            }
        }
        if (digits.Length > MaxDigits)
            throw new WorkExceededException("more than " + MaxDigits + " digits");
        if (isDecimal && RepeatAt(0))
            repeating = ReadRepeat(decimals);

        long power = 0;
        if (Peek() is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || Peek(1) is '-' or '+' && char.IsAsciiDigit(Peek(2))))
        {
            int from = ++position;
            if (Peek() is '-' or '+')
                position++;
            while (char.IsAsciiDigit(Peek()))
                position++;
            if (!long.TryParse(text.AsSpan(from, position - from), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out power) || Math.Abs(power) > MaxDigits)
                throw new WorkExceededException("a power of ten beyond " + MaxDigits);
            isDecimal = true;
        }

        var whole = BigInteger.Parse(digits.Length == 0 ? "0" : digits.ToString(), NumberStyles.None, CultureInfo.InvariantCulture);
        long shift = power - decimals;
        Rational value = shift >= 0 ? whole * BigInteger.Pow(10, (int)shift) : Rational.Of(whole, BigInteger.Pow(10, (int)-shift));
        if (!repeating.IsZero)
            (value, isDecimal) = (value + repeating, false);
        Add(TokenKind.Number, grouped ? "" : digits.ToString(), new Number(value, power == 0 ? decimals : 0, isDecimal));
    }

    // The separators of thousands: , and {,} and \, and ,\! with their spaces.
    bool GroupSeparator(out int length, out bool plain)
    {
        plain = false;
        length = 0;
        if (Peek() == ',')
        {
            length = 1;
            while (string.CompareOrdinal(text, position + length, "\\!", 0, 2) == 0)
                length += 2;
            plain = length == 1;
            if (!plain && Peek(length) == ' ')
                length++;
        }
        else if (At("{,}"))
        {
            length = 3;
        }
        else if (At("\\,"))
        {
            length = 2;
        }
        return length > 0;
    }

    bool ThreeDigitsAt(int at) => at + 3 <= text.Length && char.IsAsciiDigit(text[at]) && char.IsAsciiDigit(text[at + 1]) && char.IsAsciiDigit(text[at + 2])
        && (at + 3 == text.Length || !char.IsAsciiDigit(text[at + 3]));

    bool RepeatAt(int ahead) => string.CompareOrdinal(text, position + ahead, "\\overline{", 0, 10) == 0 || string.CompareOrdinal(text, position + ahead, "\\bar{", 0, 5) == 0;

    // 0.1\overline{6}: the repeating digits as a fraction.
    Rational ReadRepeat(int decimals)
    {
        string content = ReadGroup(text.IndexOf('{', position));
        if (content.Length is 0 or > 100 || !content.All(char.IsAsciiDigit))
            throw new NotMathException();
        var nines = BigInteger.Pow(10, content.Length) - 1;
        return Rational.Of(BigInteger.Parse(content, NumberStyles.None, CultureInfo.InvariantCulture), nines * BigInteger.Pow(10, decimals));
    }

    // The content of the group that opens at a brace; the position moves behind it.
    string ReadGroup(int open)
    {
        int level = 0;
        for (int i = open; i < text.Length; i++)
        {
            if (text[i] == '\\')
            {
                i++;
                continue;
            }
            level += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
            if (level == 0)
            {
                position = i + 1;
                return text[(open + 1)..i];
            }
        }
        throw new NotMathException();
    }

    void ReadLetters()
    {
        int start = position;
        while (char.IsAsciiLetter(Peek()))
            position++;
        string run = text[start..position];
        // np.arcsin, as references that were Python code have it
        if (run == "np" && Peek() == '.')
        {
            position++;
            return;
        }
        // a.m. and p.m., however they are written
        if (tokens.Count > 0 && tokens[^1].Kind == TokenKind.Number && run.ToUpperInvariant() is "A" or "P" or "AM" or "PM" && MeridiemEnd(start) is int end && end > 0)
        {
            position = end;
            Add(TokenKind.Word, char.ToLowerInvariant(run[0]) + "m");
            return;
        }
        AddRun(run);
    }

    int? MeridiemEnd(int start)
    {
        int i = start + 1;
        if (i < text.Length && text[i] == '.')
            i++;
        if (i >= text.Length || char.ToLowerInvariant(text[i]) != 'm')
            return null;
        i++;
        if (i < text.Length && char.IsAsciiLetter(text[i]))
            return null;
        return i < text.Length && text[i] == '.' ? i + 1 : i;
    }

    void AddRun(string run)
    {
        string lower = run.ToLowerInvariant();
        if (lower is "and" or "or")
            Add(TokenKind.Separator, lower);
        else if (Vocabulary.Command(run) is { } command)
            Add(TokenKind.Command, command);
        else if (run.Length == 1)
            Add(TokenKind.Letter, run);
        else if (Vocabulary.SplitFunction(run) is { } function)
        {
            Add(TokenKind.Command, function);
            foreach (char c in run[function.Length..])
                Add(TokenKind.Letter, c.ToString());
        }
        else if (run.Length >= 4 || Vocabulary.IsWord(lower) || UnitNames.IsUnit(run))
            Add(TokenKind.Word, run);
        else
        {
            foreach (char c in run)
                Add(TokenKind.Letter, c.ToString());
        }
    }

    void ReadCommand()
    {
        char next = Peek(1);
        if (!char.IsAsciiLetter(next))
        {
            position = Math.Min(position + 2, text.Length);
            switch (next)
            {
                case '\\' when environments == 0 && char.IsAsciiLetter(Peek()):
                    // Outside of a matrix \\le is \le whose backslash was escaped twice.
                    position--;
                    break;
                case '\\':
                    Add(TokenKind.Symbol, "\\\\");
                    break;
                case '{' or '}':
                    depth += next == '{' ? 1 : -1;
                    Add(TokenKind.Symbol, "\\" + next);
                    break;
                case '%':
                    Add(TokenKind.Symbol, "%");
                    break;
                case '|':
                    Add(TokenKind.Symbol, "||");
                    break;
                case '\0':
                    break;
                case '!' or '(' or ')' or '[' or ']' or '$' or '#' or '&' or '_':
                    break;
                default:
                    space = true; // \, \; \: and the control space
                    break;
            }
            return;
        }

        int start = ++position;
        while (char.IsAsciiLetter(Peek()))
            position++;
        string name = text[start..position];
        if (Vocabulary.IsLayout(name))
        {
            if (name.StartsWith("phantom", StringComparison.Ordinal) || name.EndsWith("space", StringComparison.Ordinal))
                SkipGroup();
            // \left. and \right. are brackets that are not seen.
            if (name is "left" or "right" && Peek() == '.')
                position++;
            space |= name.Contains("quad", StringComparison.Ordinal);
        }
        else if (Vocabulary.IsFont(name))
            ReadFont(name);
        else if (Vocabulary.Symbol(name) is { } symbol)
        {
            if (symbol is "(" or "\\{")
                depth++;
            else if (symbol is ")" or "\\}")
                depth--;
            Add(symbol is "," ? TokenKind.Separator : TokenKind.Symbol, symbol);
        }
        else if (name is "begin" or "end")
        {
            SkipSpace();
            if (Peek() != '{')
                throw new NotMathException();
            string environment = ReadGroup(position).Trim('*', ' ');
            environments += name == "begin" ? 1 : -1;
            if (name == "begin" && environment is "array" or "tabular")
                SkipGroup();
            Add(TokenKind.Command, name + ":" + environment);
        }
        else if (Vocabulary.IsGreek(name))
            Add(TokenKind.Letter, name.StartsWith("var", StringComparison.Ordinal) ? name[3..] : name);
        else
            Add(TokenKind.Command, Vocabulary.Command(name) ?? name);
    }

    void SkipSpace()
    {
        while (Peek() is ' ' or '\n' or '\t' or '\r')
            position++;
    }

    void SkipGroup()
    {
        SkipSpace();
        if (Peek() == '{')
            ReadGroup(position);
    }

    // \text{...}, \mathrm{...} and their like: words, or letters in another font.
    void ReadFont(string name)
    {
        SkipSpace();
        if (Peek() != '{')
            return;
        string content = ReadGroup(position).Replace('~', ' ').Replace("\\,", " ", StringComparison.Ordinal).Replace("\\ ", " ", StringComparison.Ordinal).Trim();
        bool letters = name is "mathbf" or "mathcal" or "mathit" or "boldsymbol" or "bm" or "mathbb" or "mathfrak" or "mathscr";
        string lower = content.ToLowerInvariant();
        if (content.Length == 0)
            return;
        if (lower is "and" or "or" or ", and" or ",and" or ", or" or "," or ";")
            Add(TokenKind.Separator, lower);
        else if (lower is "am" or "pm" or "a.m." or "p.m." or "a.m" or "p.m")
            Add(TokenKind.Word, lower[0] + "m");
        else if (content.Length == 1 && char.IsAsciiLetter(content[0]) && (letters || content is "e" or "i" or "d"))
            Add(TokenKind.Letter, content);
        else if (Vocabulary.Command(content) is { } command)
            Add(TokenKind.Command, command);
        else if (content.All(c => char.IsAsciiLetter(c) || c is ' ' or '-' or '\'' or '.' or '/' or '°'))
            Add(TokenKind.Word, content);
        else
        {
            // Mathematics in a font of its own: read it in place.
            foreach (var token in Split(content, groups, level + 1, out bool inner))
            {
                HasGroups |= inner;
                if (token.Kind != TokenKind.End)
                    tokens.Add(token);
            }
            if (tokens.Count > MaxLength)
                throw new WorkExceededException("more than " + MaxLength + " tokens");
        }
    }

    void ReadSymbol(char c)
    {
        position++;
        switch (c)
        {
            case ' ' or '\t' or '\n' or '\r' or '~' or '\u00a0' or '\u3000':
                space = true;
                return;
            case '$' or '€' or '£' or '¥' or '￥' or '₹' or '"' or '“' or '”' or '`' or '\u200b':
                return;
            case '.' or '。' or '?':
                space = true;
                return;
            case '\0':
                throw new NotMathException();
        }
        if (Vocabulary.Unicode(c) is { } replaced)
        {
            if (replaced.Length > 1 && replaced[0] == '\\' && char.IsAsciiLetter(replaced[1]))
            {
                string name = replaced[1..];
                if (Vocabulary.Symbol(name) is { } symbol)
                    Add(TokenKind.Symbol, symbol);
                else if (Vocabulary.IsGreek(name))
                    Add(TokenKind.Letter, name);
                else
                    Add(TokenKind.Command, name);
            }
            else
            {
                foreach (var token in Split(replaced, groups, level + 1, out _))
                {
                    if (token.Kind != TokenKind.End)
                        tokens.Add(token);
                }
            }
            return;
        }
        switch (c)
        {
            case '(' or '[' or '{':
                depth++;
                break;
            case ')' or ']' or '}':
                depth--;
                break;
            case '*' when Peek() == '*':
                position++;
                Add(TokenKind.Symbol, Peek() == '*' ? throw new NotMathException() : "^");
                return;
            case '<' or '>' or '!' or '=' when Peek() == '=':
                position++;
                Add(TokenKind.Symbol, c switch { '<' => "<=", '>' => ">=", '!' => "!=", _ => "=" });
                return;
            case '-' when Peek() == '>':
                throw new NotMathException();
        }
        if (c is ',' or ';')
            Add(TokenKind.Separator, c.ToString());
        else if ("()[]{}+-*/^_=<>!|:%'&".Contains(c))
            Add(TokenKind.Symbol, c.ToString());
        else
            throw new NotMathException();
    }
}
