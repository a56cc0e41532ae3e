// Regular expressions.

using System.Collections.Concurrent;
using System.Text;

namespace Fathom.Inference.Constraints;

/// <summary>
/// Reads a regular expression: literals, <c>.</c> (no line end), classes, groups, alternatives, quantifiers (lazy ones match the same
/// texts), <c>\d \w \s</c> (ASCII) and their complements, <c>\p{L}</c>, <c>\xHH</c>, <c>\uHHHH</c>, <c>\u{H…}</c>. <c>^</c> and <c>$</c>
/// may stand at the ends of a top-level alternative.
/// </summary>
/// <param name="pattern">The expression.</param>
/// <param name="origin">What it is, for messages.</param>
/// <param name="grammar">Takes the rules that large repetitions need.</param>
/// <param name="spell">How one character of a set is written.</param>
sealed class RegexParser(string pattern, string origin, Grammar grammar, Func<CodePointSet, Expression> spell)
{
    static readonly ConcurrentDictionary<string, CodePointSet> Categories = new();
    static readonly CodePointSet Dot = CodePointSet.LineEnds.Complement();

    readonly SourceText source = new(pattern, origin);
    readonly Dictionary<CodePointSet, Expression> spelled = [];
    long size;
    int nesting;

    /// <summary>What the expression matches as a whole; <c>^</c> and <c>$</c> add nothing.</summary>
    public Expression ParseWhole() => Parse(_ => Expression.Empty);

    /// <summary>What has a match of the expression somewhere in it.</summary>
    public Expression ParseWithin() => Parse(anchored => anchored ? Expression.Empty : new Repeat(Spell(CodePointSet.All), 0, Repeat.Unlimited));

    // Around: what may stand at an end, that has an anchor or none.
    Expression Parse(Func<bool, Expression> around)
    {
        List<Expression> alternatives = [];
        do
        {
            bool begins = source.TryRead('^');
            Expression body = Sequence();
            bool ends = source.TryRead('$');
            if (source.Peek is not ('|' or SourceText.End))
                throw source.Wrong(source.Peek == ')' ? "a ')' that closes nothing; escape it" : "'$' stands in the middle; it may stand at the end only");
            alternatives.Add(new Sequence(around(begins), body, around(ends)));
        }
        while (source.TryRead('|'));
        return alternatives.Count == 1 ? alternatives[0] : new Choice([.. alternatives]);
    }

    Expression Sequence()
    {
        List<Expression> items = [];
        while (source.Peek is not ('|' or ')' or '$' or SourceText.End))
            items.Add(Quantified());
        return items.Count == 1 ? items[0] : new Sequence([.. items]);
    }

    Expression Quantified()
    {
        Expression body = Atom();
        int at = source.At;
        (int min, int max) = source.Peek switch
        {
            '*' => (0, Repeat.Unlimited),
            '+' => (1, Repeat.Unlimited),
            '?' => (0, 1),
            '{' => (-1, 0),
            _ => (-2, 0),
        };
        if (min == -2)
            return body;
        source.At++;
        if (min == -1)
        {
            min = max = source.ReadCount();
            if (source.TryRead(','))
                max = source.Peek == '}' ? Repeat.Unlimited : source.ReadCount();
            source.Expect('}', "behind a count");
            if (max != Repeat.Unlimited && max < min)
                throw source.WrongAt(at, $"a repetition of {min} to {max} times; the second count must not be less");
        }
        // A lazy quantifier matches the same texts.
        if (!source.TryRead('?') && source.Peek == '+')
            throw source.Wrong("a possessive quantifier; greedy and lazy ones are supported");
        if (source.Peek is '*' or '+' or '?' or '{')
            throw source.Wrong($"found {SourceText.Describe(source.Peek)} behind a quantifier; put a group around what it repeats");
        return grammar.Repeat(body, min, max, source.Place(at));
    }

    Expression Atom()
    {
        int at = source.At;
        int c = source.Read();
        switch (c)
        {
            case '(':
                return Group(at);
            case '[':
                return Spell(Class(at));
            case '.':
                return Spell(Dot);
            case '\\':
                return Spell(Escape(out CodePointSet? set) is int one and >= 0 ? CodePointSet.Of((one, one)) : set!);
            case '*' or '+' or '?' or '{':
                throw source.WrongAt(at, $"{SourceText.Describe(c)} has nothing to repeat; escape it to mean the character");
            case '^':
                throw source.WrongAt(at, "'^' stands in the middle; it may stand at the beginning only");
            case ']' or '}':
                throw source.WrongAt(at, $"{SourceText.Describe(c)} opens nothing; escape it to mean the character");
            default:
                return Spell(CodePointSet.Of((c, c)));
        }
    }

    Expression Group(int at)
    {
        if (source.TryRead('?'))
        {
            bool python = source.Peek == 'P' && source.PeekAt(1) == '<';
            if (python)
                source.At++;
            if (source.Peek == '<' && source.PeekAt(1) is not ('=' or '!'))
            {
                source.At++;
                while (source.Read() is int c && c != '>')
                {
                    if (c > 0x7F || !char.IsAsciiLetterOrDigit((char)c) && c != '_')
                        throw source.WrongAt(at, "a group's name must be made of letters, digits and underscores");
                }
            }
            else if (!source.TryRead(':'))
                throw source.WrongAt(at, "(?… is not supported here: no look-around, conditions, options or atomic groups; (…), (?:…) and (?<name>…) are");
        }
        if (++nesting > Grammar.MaxNesting)
            throw source.WrongAt(at, $"more than {Grammar.MaxNesting} groups inside one another; at most {Grammar.MaxNesting} are allowed");
        List<Expression> alternatives = [];
        do
        {
            alternatives.Add(Sequence());
            if (source.Peek == '$')
                throw source.Wrong("'$' stands inside a group; it may stand at the end of the expression only");
        }
        while (source.TryRead('|'));
        source.Expect(')', "to close a group");
        nesting--;
        return alternatives.Count == 1 ? alternatives[0] : new Choice([.. alternatives]);
    }

    CodePointSet Class(int at)
    {
        bool negated = source.TryRead('^');
        if (source.Peek == ']')
            throw source.Wrong("an empty class; escape ']' to mean the character");
        List<(int, int)> ranges = [];
        CodePointSet sets = CodePointSet.Empty;
        while (!source.TryRead(']'))
        {
            if (source.Peek == SourceText.End)
                throw source.WrongAt(at, "a class that is not closed; ']' is needed");
            int from = source.At;
            int low = Member(out CodePointSet? set);
            if (low < 0)
                sets = sets.Union(set!);
            else if (source.Peek == '-' && source.PeekAt(1) is not (']' or SourceText.End))
            {
                source.At++;
                if (source.Peek == '[')
                    throw source.Wrong("classes cannot be subtracted; escape '[' to mean the character");
                int high = Member(out _);
                if (high < low)
                    throw source.WrongAt(from, "a range that ends before it begins, or in a set; one character to a later one is needed");
                ranges.Add((low, high));
            }
            else
                ranges.Add((low, low));
        }
        CodePointSet found = CodePointSet.Of(ranges).Union(sets);
        return negated ? found.Complement() : found;
    }

    int Member(out CodePointSet? set)
    {
        set = null;
        int c = source.Read();
        if (c != '\\')
            return c;
        if (source.TryRead('b'))
            return '\b';
        return source.TryRead('-') ? '-' : Escape(out set);
    }

    // One character, or -1 and a set.
    int Escape(out CodePointSet? set)
    {
        int at = source.At - 1;
        set = null;
        int c = source.Read();
        switch (c)
        {
            case 'n': return '\n';
            case 'r': return '\r';
            case 't': return '\t';
            case 'f': return '\f';
            case 'v': return '\v';
            case '0' when source.Peek is not (>= '0' and <= '9'): return 0;
            case 'x': return source.ReadHex(2);
            case 'u' when source.TryRead('{'):
                int value = 0;
                for (int digit; (digit = source.Read()) != '}';)
                {
                    if (digit > 0x7F || !char.IsAsciiHexDigit((char)digit) || value > 0x10FFFF)
                        throw source.WrongAt(at, "1 to 6 hexadecimal digits are needed between the braces");
                    value = value * 16 + Convert.ToInt32(((char)digit).ToString(), 16);
                }
                return source.Scalar(value, at);
            case 'u':
                return SurrogatePair(at) ?? source.ReadHex(4);
            case 'd': set = CodePointSet.Digits; return -1;
            case 'D': set = CodePointSet.Digits.Complement(); return -1;
            case 'w': set = CodePointSet.WordCharacters; return -1;
            case 'W': set = CodePointSet.WordCharacters.Complement(); return -1;
            case 's': set = CodePointSet.Spaces; return -1;
            case 'S': set = CodePointSet.Spaces.Complement(); return -1;
            case 'p' or 'P':
                source.Expect('{', "behind \\p");
                StringBuilder name = new();
                for (int letter; (letter = source.Read()) != '}';)
                    name.Append(letter <= 0x7F && name.Length < 3 ? (char)letter : throw Unknown());
                if (!Categories.TryGetValue(name.ToString(), out CodePointSet? category))
                    Categories[name.ToString()] = category = CodePointSet.Category(name.ToString()) ?? throw Unknown();
                set = c == 'p' ? category : category.Complement();
                return -1;
            default:
                if (c > 0x7F || char.IsAsciiLetterOrDigit((char)c))
                    throw source.WrongAt(at, $"\\{new Rune(c)} is not supported: no references back and no word borders; \\n \\r \\t \\f \\v \\0 \\x \\u \\d \\w \\s \\p and escaped signs are");
                return c;
        }

        ConstraintException Unknown() => source.WrongAt(at, "an unknown category; the general categories of Unicode by one or two letters are supported, such as L, Lu, N, P");
    }

    // \uD83D\uDE00 is one character, as in JSON and JavaScript.
    int? SurrogatePair(int at)
    {
        string ahead = string.Concat(Enumerable.Range(0, 10).Select(i => source.PeekAt(i)).TakeWhile(c => c is > 0 and < 0x80).Select(c => (char)c));
        if (ahead.Length < 10 || ahead[4] != '\\' || ahead[5] != 'u' || !ushort.TryParse(ahead[..4], System.Globalization.NumberStyles.AllowHexSpecifier, null, out ushort high)
            || !ushort.TryParse(ahead[6..], System.Globalization.NumberStyles.AllowHexSpecifier, null, out ushort low)
            || !char.IsHighSurrogate((char)high) || !char.IsLowSurrogate((char)low))
            return null;
        source.At += 10;
        return source.Scalar(char.ConvertToUtf32((char)high, (char)low), at);
    }

    Expression Spell(CodePointSet set)
    {
        if (!spelled.TryGetValue(set, out Expression? expression))
            spelled.Add(set, expression = spell(set));
        size += expression.Size;
        return size <= Grammar.MaxNodes ? expression
            : throw source.Wrong($"up to here more than {Grammar.MaxNodes} nodes are needed; at most {Grammar.MaxNodes} are allowed");
    }
}
