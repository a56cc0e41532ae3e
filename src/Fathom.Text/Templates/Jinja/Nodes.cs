// The tree of a template.

namespace Fathom.Text.Templates.Jinja;

/// <summary>A node with the line it begins on.</summary>
abstract record Node(int Line);

// Expressions.

sealed record Literal(int Line, object? Value) : Node(Line);
sealed record Name(int Line, string Identifier) : Node(Line);
sealed record ListDisplay(int Line, IReadOnlyList<Node> Items, bool IsTuple) : Node(Line);
sealed record DictDisplay(int Line, IReadOnlyList<(Node Key, Node Value)> Items) : Node(Line);
/// <summary><c>a.b</c></summary>
sealed record Attribute(int Line, Node Target, string Identifier) : Node(Line);
/// <summary><c>a[b]</c></summary>
sealed record Subscript(int Line, Node Target, Node Index) : Node(Line);
/// <summary><c>a[b:c:d]</c></summary>
sealed record Slice(int Line, Node Target, Node? Start, Node? Stop, Node? Step) : Node(Line);
sealed record Call(int Line, Node Target, CallArguments Arguments) : Node(Line);
/// <summary><c>a | f(...)</c>; without a target inside <c>{% filter %}</c>.</summary>
sealed record Filter(int Line, Node? Target, string Identifier, CallArguments Arguments) : Node(Line);
/// <summary><c>a is t(...)</c></summary>
sealed record Test(int Line, Node Target, string Identifier, CallArguments Arguments) : Node(Line);
sealed record Unary(int Line, string Operator, Node Operand) : Node(Line);
sealed record Binary(int Line, string Operator, Node Left, Node Right) : Node(Line);
/// <summary><c>a &lt; b &lt;= c</c></summary>
sealed record Comparison(int Line, Node First, IReadOnlyList<(string Operator, Node Operand)> Rest) : Node(Line);
/// <summary><c>a if b else c</c></summary>
sealed record Conditional(int Line, Node Condition, Node Then, Node? Else) : Node(Line);

/// <summary>The arguments of a call.</summary>
/// <param name="Positional">By position.</param>
/// <param name="Named">By name.</param>
/// <param name="More"><c>*x</c></param>
/// <param name="MoreNamed"><c>**x</c></param>
sealed record CallArguments(IReadOnlyList<Node> Positional, IReadOnlyList<(string Name, Node Value)> Named, Node? More, Node? MoreNamed)
{
    public static CallArguments None { get; } = new([], [], null, null);
}

// Statements.

/// <summary>Text outside of tags.</summary>
sealed record Output(int Line, Text Text) : Node(Line);
/// <summary><c>{{ a }}</c></summary>
sealed record Print(int Line, Node Value) : Node(Line);
sealed record Body(int Line, IReadOnlyList<Node> Statements) : Node(Line);
sealed record If(int Line, IReadOnlyList<(Node Condition, Body Body)> Branches, Body? Else) : Node(Line);
/// <summary>A loop; the target is a <see cref="Name"/> or a tuple of targets.</summary>
sealed record For(int Line, Node Target, Node Items, Node? Condition, Body Body, Body? Else) : Node(Line);
/// <summary>The target is a <see cref="Name"/>, an <see cref="Attribute"/> of a namespace, or a tuple of targets.</summary>
sealed record Set(int Line, Node Target, Node Value) : Node(Line);
/// <summary><c>{% set a | f %}...{% endset %}</c></summary>
sealed record SetBlock(int Line, Node Target, Filter? Filter, Body Body) : Node(Line);
sealed record Macro(int Line, string Identifier, IReadOnlyList<(string Name, Node? Default)> Parameters, Body Body) : Node(Line);
/// <summary><c>{% call(a) m() %}...{% endcall %}</c></summary>
sealed record CallBlock(int Line, Macro Caller, Call Call) : Node(Line);
/// <summary><c>{% filter f %}...{% endfilter %}</c></summary>
sealed record FilterBlock(int Line, Filter Filter, Body Body) : Node(Line);
/// <summary><c>{% with a = b %}...{% endwith %}</c></summary>
sealed record With(int Line, IReadOnlyList<(Node Target, Node Value)> Assignments, Body Body) : Node(Line);
/// <summary><c>{% break %}</c> and <c>{% continue %}</c></summary>
sealed record Jump(int Line, bool Continues) : Node(Line);
