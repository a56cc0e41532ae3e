// How JSON is written under a constraint.

using System.Text;

namespace Fathom.Inference.Constraints.Json;

/// <summary>
/// The pieces of JSON. White space is bounded: behind an opening bracket or a comma, and before a closing bracket, one space, or a line
/// end and up to <see cref="MaxIndent"/> spaces or tabs; behind a colon one space; nowhere else.
/// </summary>
sealed class JsonSyntax
{
    /// <summary>Deepest indentation, in characters.</summary>
    public const int MaxIndent = 40;

    /// <summary>Characters that a string holds as they are.</summary>
    public static readonly CodePointSet Plain = CodePointSet.Of((0, 0x1F), ('"', '"'), ('\\', '\\')).Complement();

    static readonly Expression Hex = new AnyByte(ByteSet.Range('0', '9') | ByteSet.Range('a', 'f') | ByteSet.Range('A', 'F'));

    readonly Grammar grammar;
    int text = -1, plainTail = -1, value = -1, newLine = -1;

    public JsonSyntax(Grammar grammar)
    {
        this.grammar = grammar;
        Character = new Choice([.. Items(Plain.Utf8()), Escapes()]);
    }

    /// <summary>One character of a string, however it is written.</summary>
    public Expression Character { get; }

    /// <summary>Any string.</summary>
    public Expression String => Rule(ref text, () => Quoted(new Repeat(Character, 0, Repeat.Unlimited)));

    /// <summary>The rest of a string of characters that need no escapes, and its closing quote.</summary>
    public Expression PlainTail => Rule(ref plainTail, () => new Sequence(new Repeat(Plain.Utf8(), 0, Repeat.Unlimited), Quote));

    public static Expression Quote { get; } = Expression.Text("\"");

    public static Expression Quoted(Expression body) => new Sequence(Quote, body, Quote);

    public static Expression Number { get; } = new Sequence(
        Expression.Text("-").Optional(),
        new Choice(Expression.Text("0"), new Sequence(new AnyByte(ByteSet.Range('1', '9')), new Repeat(Digit, 0, Repeat.Unlimited))),
        new Sequence(Expression.Text("."), new Repeat(Digit, 1, Repeat.Unlimited)).Optional(),
        new Sequence(new AnyByte(ByteSet.Range('e', 'e') | ByteSet.Range('E', 'E')), new AnyByte(ByteSet.Range('+', '+') | ByteSet.Range('-', '-')).Optional(),
            new Repeat(Digit, 1, Repeat.Unlimited)).Optional());

    public static Expression Digit => new AnyByte(ByteSet.Range('0', '9'));

    /// <summary>White space between parts.</summary>
    public Expression Gap => new Choice(Expression.Text(" "), Rule(ref newLine, () => new Sequence(
        Expression.Text("\n"), new Repeat(new AnyByte(ByteSet.Range(' ', ' ') | ByteSet.Range('\t', '\t')), 0, MaxIndent)))).Optional();

    public Expression Comma => new Sequence(Expression.Text(","), Gap);

    public static Expression Colon => new Sequence(Expression.Text(":"), Expression.Text(" ").Optional());

    public Expression AnyObject => Object(new Sequence(Pair(String, Value), new Repeat(new Sequence(Comma, Pair(String, Value)), 0, Repeat.Unlimited)).Optional());

    public Expression AnyArray => Array(new Sequence(Value, new Repeat(new Sequence(Comma, Value), 0, Repeat.Unlimited)).Optional());

    /// <summary>Any value.</summary>
    public Expression Value => Rule(ref value, () => new Choice(
        AnyObject, AnyArray, String, Number, Expression.Text("true"), Expression.Text("false"), Expression.Text("null")));

    public Expression Object(Expression members) => new Sequence(Expression.Text("{"), Gap, members, Gap, Expression.Text("}"));

    public Expression Array(Expression items) => new Sequence(Expression.Text("["), Gap, items, Gap, Expression.Text("]"));

    public static Expression Pair(Expression key, Expression value) => new Sequence(key, Colon, value);

    /// <summary>The grammar of any object or any value.</summary>
    public static Grammar AnyGrammar(bool anyValue)
    {
        Grammar grammar = new();
        int root = grammar.Declare("constraint");
        JsonSyntax syntax = new(grammar);
        grammar.Define(root, anyValue ? syntax.Value : syntax.AnyObject);
        return grammar;
    }

    /// <summary>A text as a string, written in one way: only what must be is escaped.</summary>
    public static Expression StringLiteral(string text) => Expression.Text($"\"{Escaped(text)}\"");

    /// <summary>One character of a set within a string; what must be escaped is, in one way.</summary>
    public static Expression CharacterOf(CodePointSet set)
    {
        List<Expression> choices = [.. Items(set.Intersect(Plain).Utf8())];
        for (char c = '\0'; c <= '\\'; c++)
        {
            if (!Plain.Contains(c) && set.Contains(c))
                choices.Add(Expression.Text(Escaped(c.ToString())));
        }
        return choices.Count == 1 ? choices[0] : new Choice([.. choices]);
    }

    static string Escaped(string text)
    {
        StringBuilder escaped = new();
        foreach (char c in text)
        {
            escaped.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                < ' ' => $"\\u{(int)c:x4}",
                _ => c.ToString(),
            });
        }
        return escaped.ToString();
    }

    // Half a surrogate pair cannot be written.
    static Expression Escapes()
    {
        Expression d = OneOf("dD"), u = Expression.Text("u");
        Expression whole = new Choice(
            new Sequence(u, OneOf("0123456789abcefABCEF"), Hex, Hex, Hex),
            new Sequence(u, d, OneOf("01234567"), Hex, Hex),
            new Sequence(u, d, OneOf("89abAB"), Hex, Hex, Expression.Text("\\u"), d, OneOf("cdefCDEF"), Hex, Hex));
        return new Sequence(Expression.Text("\\"), new Choice(OneOf("\"\\/bfnrt"), whole));
    }

    static AnyByte OneOf(string characters) => new(characters.Aggregate(default(ByteSet), (set, c) => set.With((byte)c)));

    static Expression[] Items(Expression expression) => expression is Choice choice ? choice.Items : [expression];

    Expression Rule(ref int rule, Func<Expression> body)
    {
        if (rule < 0)
        {
            rule = grammar.Declare("constraint");
            grammar.Define(rule, body());
        }
        return new RuleCall(rule);
    }
}
