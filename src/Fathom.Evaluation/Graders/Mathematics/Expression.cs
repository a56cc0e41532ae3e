// The tree an answer is read into. Nodes are immutable; what a node means is in Evaluator.cs, how two trees are compared in AnswerComparison.cs.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Anything that can be written as an answer.</summary>
internal abstract record Expression;

/// <summary>A number as it was written.</summary>
/// <param name="Value">Its value.</param>
/// <param name="Decimals">Digits after the decimal point; 0 for integers and for numbers with a power of ten.</param>
/// <param name="Decimal">Written with a decimal point or a power of ten as in 1.2e5.</param>
internal sealed record Number(Rational Value, int Decimals = 0, bool Decimal = false) : Expression;

/// <summary>A variable, or a word that stands for one.</summary>
internal sealed record Symbol(string Name) : Expression;

/// <summary>A number with a name: <c>pi</c>, <c>e</c>, <c>i</c>, <c>infinity</c>.</summary>
internal sealed record Constant(string Name) : Expression;

/// <summary>A sum.</summary>
internal sealed record Sum(IReadOnlyList<Expression> Terms) : Expression;

/// <summary>A product.</summary>
internal sealed record Product(IReadOnlyList<Expression> Factors) : Expression;

/// <summary>A quotient.</summary>
internal sealed record Quotient(Expression Numerator, Expression Denominator) : Expression;

/// <summary>The opposite.</summary>
internal sealed record Negation(Expression Operand) : Expression;

/// <summary>A power.</summary>
internal sealed record Power(Expression Base, Expression Exponent) : Expression;

/// <summary>A function of the list in <see cref="Evaluator"/>, or an unknown one (<c>f(x)</c>).</summary>
internal sealed record Call(string Function, IReadOnlyList<Expression> Arguments) : Expression;

/// <summary>Both signs: <c>a ± b</c>, <c>± b</c> without <paramref name="Left"/>. <paramref name="Inverted"/> is ∓.</summary>
internal sealed record PlusMinus(Expression? Left, Expression Right, bool Inverted) : Expression;

/// <summary>A number in another base.</summary>
internal sealed record BasedNumber(string Digits, int Base) : Expression;

/// <summary>Items between brackets whose kind decides what they are: tuple, point, interval, vector.</summary>
internal sealed record Bracketed(char Open, IReadOnlyList<Expression> Items, char Close) : Expression;

/// <summary>Items separated by commas or "and", without brackets.</summary>
internal sealed record Enumeration(IReadOnlyList<Expression> Items) : Expression;

/// <summary>A finite set.</summary>
internal sealed record SetOf(IReadOnlyList<Expression> Items) : Expression;

/// <summary>∪, ∩ or \ of two sets.</summary>
internal sealed record SetOperation(string Operator, Expression Left, Expression Right) : Expression;

/// <summary>A matrix, row by row.</summary>
internal sealed record Matrix(IReadOnlyList<IReadOnlyList<Expression>> Rows) : Expression;

/// <summary>A chain of relations, <c>Sides.Count == Operators.Count + 1</c>.</summary>
internal sealed record Relation(IReadOnlyList<Expression> Sides, IReadOnlyList<string> Operators) : Expression;

/// <summary>Numbers with colons between them: ratios and times.</summary>
internal sealed record Ratio(IReadOnlyList<Expression> Parts) : Expression;

/// <summary>A value with a unit behind it.</summary>
internal sealed record Measure(Expression Value, string Unit) : Expression;

/// <summary>Words.</summary>
internal sealed record Words(string Text) : Expression;
