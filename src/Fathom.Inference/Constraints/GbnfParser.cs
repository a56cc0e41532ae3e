// Grammars in GBNF, the notation of llama.cpp.

using System.Text;

namespace Fathom.Inference.Constraints;

/// <summary>
/// Reads <c>name ::= …</c> rules: "literals", [classes] and [^negated ones], <c>.</c> (any character), rule names, groups, <c>|</c>,
/// <c>* + ?</c>, <c>{m} {m,} {m,n}</c> (also <c>{,n}</c>) and <c># comments</c>. A rule ends at the end of its line, unless a group is open or the next
/// line begins with <c>|</c>.
/// </summary>
sealed class GbnfParser
{
    readonly SourceText source;
    readonly Grammar grammar = new();
    readonly Dictionary<string, (int Rule, int Used)> rules = [];
    readonly HashSet<string> defined = [];
    long size;
    int nesting;

    GbnfParser(string text) => source = new SourceText(text, "grammar");

    public static Grammar Parse(string text)
    {
        GbnfParser parser = new(text);
        parser.RuleOf("root", 0);
        parser.Space(overLines: true);
        while (parser.source.Peek != SourceText.End)
        {
            parser.Rule();
            parser.Space(overLines: true);
        }
        foreach ((string name, (_, int used)) in parser.rules)
        {
            if (!parser.defined.Contains(name))
                throw parser.source.WrongAt(used, name == "root" ? "there is no rule 'root'; it describes the whole text" : $"there is no rule '{name}'");
        }
        return parser.grammar;
    }

    void Rule()
    {
        int at = source.At;
        string name = Name();
        Space(overLines: false);
        foreach (char c in "::=")
            source.Expect(c, "in '::=' behind a rule's name");
        Space(overLines: true);
        if (!defined.Add(name))
            throw source.WrongAt(at, $"rule '{name}' is defined a second time; once is allowed");
        grammar.Define(RuleOf(name, at), Alternatives(grouped: false));
        if (source.Peek is not ('\n' or SourceText.End))
            throw source.Wrong($"found {SourceText.Describe(source.Peek)}; the end of the line is needed behind a rule");
    }

    Expression Alternatives(bool grouped)
    {
        List<Expression> alternatives = [];
        do
        {
            Space(grouped || alternatives.Count > 0);
            alternatives.Add(Items(grouped));
        }
        while (NextAlternative(grouped));
        return alternatives.Count == 1 ? alternatives[0] : new Choice([.. alternatives]);
    }

    bool NextAlternative(bool grouped)
    {
        int at = source.At;
        Space(overLines: true);
        if (source.TryRead('|'))
            return true;
        if (!grouped)
            source.At = at;
        return false;
    }

    Expression Items(bool grouped)
    {
        List<Expression> items = [];
        while (true)
        {
            Space(grouped);
            int at = source.At;
            Expression item;
            switch (source.Peek)
            {
                case '"':
                    item = Text();
                    break;
                case '[':
                    item = Spell(Class());
                    break;
                case '.':
                    source.At++;
                    item = Spell(CodePointSet.All);
                    break;
                case '(':
                    source.At++;
                    if (++nesting > Grammar.MaxNesting)
                        throw source.WrongAt(at, $"more than {Grammar.MaxNesting} groups inside one another; at most {Grammar.MaxNesting} are allowed");
                    item = Alternatives(grouped: true);
                    source.Expect(')', "to close a group");
                    nesting--;
                    break;
                case '<' or '!':
                    throw source.Wrong("tokens cannot be named in a grammar; write their text");
                case int c when IsNameCharacter(c):
                    item = new RuleCall(RuleOf(Name(), at));
                    break;
                default:
                    return items.Count == 1 ? items[0] : new Sequence([.. items]);
            }
            Space(grouped);
            items.Add(Repeated(item, grouped));
        }
    }

    Expression Repeated(Expression item, bool grouped)
    {
        for (int quantifiers = 0; source.Peek is '*' or '+' or '?' or '{'; quantifiers++)
        {
            int at = source.At;
            // Each one is a node above the last one.
            if (quantifiers == 8)
                throw source.Wrong("more than 8 quantifiers behind one another; at most 8 are allowed");
            (int min, int max) = source.Read() switch
            {
                '*' => (0, Repeat.Unlimited),
                '+' => (1, Repeat.Unlimited),
                '?' => (0, 1),
                _ => Counts(at),
            };
            item = grammar.Repeat(item, min, max, source.Place(at));
            Space(grouped);
        }
        return item;
    }

    (int, int) Counts(int at)
    {
        Space(overLines: false);
        int min = source.Peek == ',' ? 0 : source.ReadCount(), max = min;
        Space(overLines: false);
        if (source.TryRead(','))
        {
            Space(overLines: false);
            max = source.Peek == '}' ? Repeat.Unlimited : source.ReadCount();
            Space(overLines: false);
        }
        source.Expect('}', "behind a count");
        return max == Repeat.Unlimited || max >= min ? (min, max)
            : throw source.WrongAt(at, $"a repetition of {min} to {max} times; the second count must not be less");
    }

    Expression Text()
    {
        int at = source.At++;
        StringBuilder text = new();
        while (!source.TryRead('"'))
        {
            if (source.Peek is SourceText.End)
                throw source.WrongAt(at, "a literal that is not closed; '\"' is needed");
            text.Append(new Rune(Character()).ToString());
        }
        return Grown(Expression.Text(text.ToString()));
    }

    CodePointSet Class()
    {
        int at = source.At++;
        bool negated = source.TryRead('^');
        List<(int, int)> ranges = [];
        while (!source.TryRead(']'))
        {
            if (source.Peek is SourceText.End)
                throw source.WrongAt(at, "a class that is not closed; ']' is needed");
            int from = source.At;
            int low = Character(), high = low;
            if (source.Peek == '-' && source.PeekAt(1) is not (']' or SourceText.End))
            {
                source.At++;
                high = Character();
            }
            ranges.Add(high >= low ? (low, high) : throw source.WrongAt(from, "a range that ends before it begins"));
        }
        CodePointSet set = CodePointSet.Of(ranges);
        return negated ? set.Complement() : set;
    }

    int Character()
    {
        int at = source.At;
        int c = source.Read();
        if (c != '\\')
            return c;
        c = source.Read();
        return c switch
        {
            'x' => source.ReadHex(2),
            'u' => source.ReadHex(4),
            'U' => source.ReadHex(8),
            't' => '\t',
            'r' => '\r',
            'n' => '\n',
            '\\' or '"' or '[' or ']' or '-' or '^' => c,
            _ => throw source.WrongAt(at, $"an unknown escape of {SourceText.Describe(c)}; \\x \\u \\U \\t \\r \\n \\\\ \\\" \\[ \\] \\- \\^ are known"),
        };
    }

    string Name()
    {
        StringBuilder name = new();
        while (IsNameCharacter(source.Peek))
            name.Append((char)source.Read());
        return name.Length > 0 ? name.ToString() : throw source.Wrong($"found {SourceText.Describe(source.Peek)}; a rule's name of letters, digits, - and _ is needed");
    }

    static bool IsNameCharacter(int c) => c is >= 0 and < 0x80 && (char.IsAsciiLetterOrDigit((char)c) || c is '-' or '_');

    int RuleOf(string name, int at)
    {
        if (!rules.TryGetValue(name, out (int Rule, int) found))
            rules.Add(name, found = (grammar.Declare(source.Place(at)), at));
        return found.Rule;
    }

    // Carriage returns are white space, so that lines may end either way.
    void Space(bool overLines)
    {
        while (true)
        {
            if (source.Peek == '#')
            {
                while (source.Peek is not ('\n' or SourceText.End))
                    source.At++;
            }
            else if (source.Peek is ' ' or '\t' or '\r' || overLines && source.Peek == '\n')
                source.At++;
            else
                return;
        }
    }

    Expression Spell(CodePointSet set) => Grown(set.Utf8());

    Expression Grown(Expression expression)
    {
        size += expression.Size;
        return size <= Grammar.MaxNodes ? expression
            : throw source.Wrong($"up to here more than {Grammar.MaxNodes} nodes are needed; at most {Grammar.MaxNodes} are allowed");
    }
}
