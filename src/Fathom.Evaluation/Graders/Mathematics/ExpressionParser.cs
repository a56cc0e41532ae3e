// Tokens into trees, by recursive descent: lists, relations, set operations, sums, products. Depth is bounded, so no text can exhaust the stack.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>Reads one text.</summary>
internal sealed partial class ExpressionParser
{
    /// <summary>Deepest nesting that is read.</summary>
    public const int MaxDepth = 100;

    readonly List<Token> tokens;
    int position, depth, bars;

    ExpressionParser(List<Token> tokens) => this.tokens = tokens;

    /// <summary>Reads a whole text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="groups">Whether "1,234" outside of brackets is one number.</param>
    /// <param name="hasGroups">Whether the text has such a number, so that it could also be read the other way.</param>
    /// <exception cref="NotMathException">It is no mathematics.</exception>
    /// <exception cref="WorkExceededException">It is too long or too deep.</exception>
    public static Expression Parse(string text, bool groups, out bool hasGroups)
    {
        var parser = new ExpressionParser(Tokenizer.Split(text, groups, out hasGroups));
        var items = parser.ParseItems();
        if (parser.Current.Kind != TokenKind.End || items.Count == 0)
            throw new NotMathException();
        return items.Count == 1 ? items[0] : new Enumeration(items);
    }

    Token Current => tokens[position];

    Token Next(int ahead = 1) => position + ahead < tokens.Count ? tokens[position + ahead] : tokens[^1];

    bool Take(string symbol)
    {
        if (!Current.Is(symbol))
            return false;
        position++;
        return true;
    }

    void Expect(string symbol)
    {
        if (!Take(symbol))
            throw new NotMathException();
    }

    void Enter()
    {
        if (++depth > MaxDepth)
            throw new WorkExceededException("nested deeper than " + MaxDepth);
    }

    // Operators in a row that nest to the left: each makes the tree one level deeper.
    static void LimitChain(int operators)
    {
        if (operators > MaxDepth)
            throw new WorkExceededException("more than " + MaxDepth + " operators in a row");
    }

    // Items up to a closing bracket or the end. Separators may stand in a row (", and") and at the end.
    List<Expression> ParseItems()
    {
        Enter();
        var items = new List<Expression>();
        while (true)
        {
            while (Current.Kind == TokenKind.Separator)
                position++;
            if (AtEnd())
                break;
            items.Add(ParseRelation());
            if (Current.Kind != TokenKind.Separator && !AtEnd())
                throw new NotMathException();
        }
        depth--;
        return items;
    }

    bool AtEnd() => Current.Kind == TokenKind.End || Current.Kind == TokenKind.Symbol && Current.Text is ")" or "]" or "}" or "\\}" || Current.Kind == TokenKind.Command && Current.Text.StartsWith("end:", StringComparison.Ordinal);

    Expression ParseRelation()
    {
        Enter();
        var sides = new List<Expression> { ParseSide() };
        var operators = new List<string>();
        while (Current.Kind == TokenKind.Symbol && Current.Text is "=" or "==" or "<" or ">" or "<=" or ">=" or "!=" or "~" or "in")
        {
            operators.Add(Current.Text == "==" ? "=" : Current.Text);
            position++;
            sides.Add(ParseSide());
        }
        depth--;
        return operators.Count == 0 ? sides[0] : new Relation(sides, operators);
    }

    // A set expression with its unit, or a ratio.
    Expression ParseSide()
    {
        if (TakeWords() is { } words)
            return words;
        Expression left = ParseSum();
        if (Current.Is(":"))
        {
            var parts = new List<Expression> { left };
            while (Take(":"))
                parts.Add(ParseSum());
            left = new Ratio(parts);
        }
        for (int chain = 1; Current.Kind == TokenKind.Symbol && Current.Text is "cup" or "cap" or "\\" || IsUnion(); chain++)
        {
            LimitChain(chain);
            string name = Current.Kind == TokenKind.Letter ? "cup" : Current.Text;
            position++;
            left = new SetOperation(name, left, ParseSum());
        }
        return TakeUnit() is { } unit ? Measured(left, unit) : left;
    }

    // A capital U between two brackets.
    bool IsUnion() => Current.Kind == TokenKind.Letter && Current.Text == "U" && position > 0 && tokens[position - 1].Kind == TokenKind.Symbol && tokens[position - 1].Text is ")" or "]" or "}" or "\\}"
        && Next().Kind == TokenKind.Symbol && Next().Text is "(" or "[" or "{" or "\\{";

    Expression ParseSum()
    {
        Enter();
        var terms = new List<Expression>();
        Expression? sum = null;
        int chain = 0;
        while (true)
        {
            string sign = Current.Kind == TokenKind.Symbol && Current.Text is "+" or "-" or "+-" or "-+" ? Current.Text : "";
            if (sign != "")
                position++;
            else if (terms.Count > 0 || sum is not null)
                break;
            Expression term = ParseTerm();
            if (sign is "+-" or "-+")
            {
                LimitChain(++chain);
                sum = new PlusMinus(terms.Count == 0 ? sum : Total(terms, sum), term, sign == "-+");
                terms.Clear();
            }
            else
            {
                terms.Add(sign == "-" ? Negate(term) : term);
            }
        }
        depth--;
        return terms.Count == 0 ? sum! : Total(terms, sum);
    }

    static Expression Total(List<Expression> terms, Expression? first)
    {
        if (first is null && terms.Count == 1)
            return terms[0];
        return new Sum(first is null ? [.. terms] : [first, .. terms]);
    }

    static Expression Negate(Expression term) => term is Number { Value.Sign: > 0 } number ? number with { Value = -number.Value } : new Negation(term);

    Expression ParseTerm()
    {
        Enter();
        var factors = new List<Expression>();
        Expression? quotient = null;
        int chain = 0;
        while (true)
        {
            bool divide = false;
            if (factors.Count > 0 || quotient is not null)
            {
                if (Current.Is("/") && !IsUnitSlash())
                {
                    divide = true;
                    position++;
                }
                else if (Current.Is("*"))
                {
                    position++;
                }
                else if (!StartsFactor() && !(Current.Kind == TokenKind.Number && factors.Count > 0 && factors[^1] is Power))
                {
                    break;
                }
            }
            Expression factor = ParseSigned();
            if (divide)
            {
                LimitChain(++chain);
                quotient = new Quotient(Multiply(factors, quotient), factor);
                factors.Clear();
            }
            else
            {
                factors.Add(factor);
            }
        }
        depth--;
        return factors.Count == 0 ? quotient! : Multiply(factors, quotient);
    }

    static Expression Multiply(List<Expression> factors, Expression? first)
    {
        if (first is null && factors.Count == 1)
            return factors[0];
        if (factors.Count == 0)
            return first!;
        return new Product(first is null ? [.. factors] : [first, .. factors]);
    }

    // The slash of "5 / can": a unit follows.
    bool IsUnitSlash() => Next().Kind == TokenKind.Word && UnitEnd(position) > position;

    // A factor that may have a sign, as after * or /.
    Expression ParseSigned()
    {
        Enter();
        Expression result = Take("-") ? Negate(ParseSigned()) : Take("+") ? ParseSigned() : ParsePower();
        depth--;
        return result;
    }

    // Whether a factor begins here without a sign of multiplication before it.
    bool StartsFactor()
    {
        var token = Current;
        return token.Kind switch
        {
            TokenKind.Number => tokens[position - 1].Kind is not (TokenKind.Number or TokenKind.Word),
            TokenKind.Letter => !IsUnion() && tokens[position - 1].Kind != TokenKind.Word,
            TokenKind.Command => !token.Text.StartsWith("end:", StringComparison.Ordinal) && !IsUnitHere(),
            TokenKind.Symbol => token.Text is "(" or "[" or "{" or "\\{" or "lfloor" or "lceil" || token.Text is "|" or "||" && bars == 0,
            _ => false,
        };
    }
}
