// From tokens to the tree: expressions, loosest binding first. What stands behind an operand is in Parser.Postfix.cs.

using System.Globalization;

namespace Fathom.Text.Templates.Jinja;

sealed partial class Parser
{
    Node ParseExpression(bool withCondition = true)
    {
        Enter();
        Node expression = withCondition ? ParseConditional() : ParseOr();
        depth--;
        return expression;
    }

    /// <summary>An expression, or several with commas between, which are a tuple.</summary>
    Node ParseTuple(bool withCondition = true)
    {
        int line = Current.Line;
        Node first = ParseExpression(withCondition);
        if (!IsOperator(","))
            return first;
        List<Node> items = [first];
        while (SkipOperator(","))
        {
            if (Current.Kind is TokenKind.OutputEnd or TokenKind.BlockEnd || IsOperator(")"))
                break;
            items.Add(ParseExpression(withCondition));
        }
        return new ListDisplay(line, items, IsTuple: true);
    }

    Node ParseConditional()
    {
        int line = Current.Line;
        Node value = ParseOr();
        while (SkipName("if"))
        {
            Node condition = ParseOr();
            value = new Conditional(line, condition, value, SkipName("else") ? ParseExpression() : null);
        }
        return value;
    }

    Node ParseOr()
    {
        Node left = ParseAnd();
        while (Current is { Kind: TokenKind.Name, Value: "or", Line: int line })
        {
            at++;
            left = new Binary(line, "or", left, ParseAnd());
        }
        return left;
    }

    Node ParseAnd()
    {
        Node left = ParseNot();
        while (Current is { Kind: TokenKind.Name, Value: "and", Line: int line })
        {
            at++;
            left = new Binary(line, "and", left, ParseNot());
        }
        return left;
    }

    Node ParseNot()
    {
        int line = Current.Line;
        if (!SkipName("not"))
            return ParseComparison();
        Enter();
        Node operand = ParseNot();
        depth--;
        return new Unary(line, "not", operand);
    }

    Node ParseComparison()
    {
        int line = Current.Line;
        Node first = ParseSum();
        List<(string, Node)> rest = [];
        while (true)
        {
            if (Current is { Kind: TokenKind.Operator, Value: "==" or "!=" or "<" or "<=" or ">" or ">=" })
                rest.Add((Next().Value, ParseSum()));
            else if (SkipName("in"))
                rest.Add(("in", ParseSum()));
            else if (Is(TokenKind.Name, "not") && tokens[at + 1] is { Kind: TokenKind.Name, Value: "in" })
            {
                at += 2;
                rest.Add(("not in", ParseSum()));
            }
            else
                return rest.Count == 0 ? first : new Comparison(line, first, rest);
        }
    }

    Node ParseSum() => ParseBinary(ParseConcatenation, "+", "-");

    Node ParseConcatenation() => ParseBinary(ParseProduct, "~");

    Node ParseProduct() => ParseBinary(ParsePower, "*", "/", "//", "%");

    Node ParsePower() => ParseBinary(() => ParseUnary(), "**");

    Node ParseBinary(Func<Node> operand, params ReadOnlySpan<string> operators)
    {
        Node left = operand();
        while (Current.Kind == TokenKind.Operator && operators.Contains(Current.Value))
        {
            Token sign = Next();
            left = new Binary(sign.Line, sign.Value, left, operand());
        }
        return left;
    }

    Node ParseUnary(bool withFilters = true)
    {
        int line = Current.Line;
        Node node;
        if (Current is { Kind: TokenKind.Operator, Value: "-" or "+" })
        {
            string sign = Next().Value;
            Enter();
            node = new Unary(line, sign, ParseUnary(withFilters: false));
            depth--;
        }
        else
            node = ParsePrimary();
        node = ParsePostfix(node);
        return withFilters ? ParseFiltersAndTests(node) : node;
    }

    Node ParsePrimary()
    {
        Token token = Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Value switch
                {
                    "true" or "True" => new Literal(token.Line, true),
                    "false" or "False" => new Literal(token.Line, false),
                    "none" or "None" => new Literal(token.Line, null),
                    _ => new Name(token.Line, token.Value),
                };
            case TokenKind.String:
                string text = token.Value;
                while (Current.Kind == TokenKind.String)
                    text += Next().Value;
                return new Literal(token.Line, Text.OfTemplate(text));
            case TokenKind.Integer:
                return new Literal(token.Line, ParseInteger(token.Value));
            case TokenKind.Float:
                return new Literal(token.Line, double.Parse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture));
            case TokenKind.Operator when token.Value == "(":
                if (SkipOperator(")"))
                    return new ListDisplay(token.Line, [], IsTuple: true);
                Node inner = ParseTuple();
                ExpectOperator(")");
                return inner;
            case TokenKind.Operator when token.Value == "[":
                return new ListDisplay(token.Line, ParseItems("]"), IsTuple: false);
            case TokenKind.Operator when token.Value == "{":
                return ParseDict(token.Line);
            default:
                at--;
                throw new TemplateError($"an expression is needed, found {Describe(token)}");
        }
    }

    static long ParseInteger(string digits)
    {
        int radix = digits.Length > 2 ? digits[1] switch { 'x' or 'X' => 16, 'o' or 'O' => 8, 'b' or 'B' => 2, _ => 10 } : 10;
        try
        {
            return radix == 10 ? long.Parse(digits, CultureInfo.InvariantCulture) : Convert.ToInt64(digits[2..], radix);
        }
        catch (Exception e) when (e is OverflowException or FormatException or ArgumentException)
        {
            throw new TemplateError($"the number {digits} is not an integer of 64 bits");
        }
    }

    List<Node> ParseItems(string end)
    {
        List<Node> items = [];
        while (!SkipOperator(end))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator(end))
                    break;
            }
            items.Add(ParseExpression());
        }
        return items;
    }

    DictDisplay ParseDict(int line)
    {
        List<(Node, Node)> items = [];
        while (!SkipOperator("}"))
        {
            if (items.Count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator("}"))
                    break;
            }
            Node key = ParseExpression();
            ExpectOperator(":");
            items.Add((key, ParseExpression()));
        }
        return new DictDisplay(line, items);
    }
}
