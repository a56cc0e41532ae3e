// The pieces an answer is made of.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Kinds of tokens.</summary>
internal enum TokenKind
{
    /// <summary>The end of the text.</summary>
    End,

    /// <summary>A number without sign; <see cref="Token.Number"/> holds it.</summary>
    Number,

    /// <summary>One letter, or the name of a Greek one.</summary>
    Letter,

    /// <summary>A word: a unit, a name, text of <c>\text{}</c>.</summary>
    Word,

    /// <summary>A command or a function by its name, without backslash: <c>frac</c>, <c>sin</c>, <c>pi</c>.</summary>
    Command,

    /// <summary>An operator, bracket or separator; <c>{</c> and <c>}</c> group, <c>\{</c> and <c>\}</c> are braces that are seen.</summary>
    Symbol,

    /// <summary>A comma, a semicolon, "and", "or".</summary>
    Separator,
}

/// <summary>One token.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; the content of a word, the name of a command.</param>
/// <param name="SpaceBefore">Whether white space stands before it.</param>
internal readonly record struct Token(TokenKind Kind, string Text, bool SpaceBefore)
{
    /// <summary>The number, for numbers.</summary>
    public Number? Number { get; init; }

    public bool Is(string symbol) => Kind == TokenKind.Symbol && Text == symbol;

    public bool IsCommand(string name) => Kind == TokenKind.Command && Text == name;
}
