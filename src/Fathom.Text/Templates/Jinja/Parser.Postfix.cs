// From tokens to the tree: what stands behind an operand. Attributes, items, calls, filters and tests.

namespace Fathom.Text.Templates.Jinja;

sealed partial class Parser
{
    Node ParsePostfix(Node node)
    {
        // Each turn makes the tree one deeper.
        for (int links = 0; ; links++)
        {
            if (links > MostDepth)
                throw new TemplateError($"more than {MostDepth} calls and look-ups in a row");
            int line = Current.Line;
            if (SkipOperator("."))
                node = Current.Kind == TokenKind.Integer ? new Subscript(line, node, new Literal(line, ParseInteger(Next().Value))) : new Attribute(line, node, ExpectName());
            else if (SkipOperator("["))
                node = ParseSubscript(line, node);
            else if (SkipOperator("("))
                node = new Call(line, node, ParseArguments());
            else
                return node;
        }
    }

    Node ParseSubscript(int line, Node target)
    {
        Node?[] parts = new Node?[3];
        int colons = 0;
        while (!IsOperator("]"))
        {
            if (SkipOperator(":"))
            {
                if (++colons > 2)
                    throw new TemplateError("a slice has at most three parts");
            }
            else if (parts[colons] is null)
                parts[colons] = ParseExpression();
            else
                break;
        }
        ExpectOperator("]");
        return colons > 0 ? new Slice(line, target, parts[0], parts[1], parts[2])
            : new Subscript(line, target, parts[0] ?? throw new TemplateError("an index is needed between '[' and ']'"));
    }

    CallArguments ParseArguments()
    {
        List<Node> positional = [];
        List<(string, Node)> named = [];
        Node? more = null, moreNamed = null;
        for (int count = 0; !SkipOperator(")"); count++)
        {
            if (count > 0)
            {
                ExpectOperator(",");
                if (SkipOperator(")"))
                    break;
            }
            if (SkipOperator("**"))
                moreNamed = ParseExpression();
            else if (SkipOperator("*"))
                more = ParseExpression();
            else if (Current.Kind == TokenKind.Name && tokens[at + 1] is { Kind: TokenKind.Operator, Value: "=" })
            {
                string name = Next().Value;
                at++;
                named.Add((name, ParseExpression()));
            }
            else if (named.Count > 0 || more is not null || moreNamed is not null)
                throw new TemplateError("an argument without a name stands behind one with a name");
            else
                positional.Add(ParseExpression());
        }
        return new CallArguments(positional, named, more, moreNamed);
    }

    Node ParseFiltersAndTests(Node node)
    {
        for (int links = 0; ; links++)
        {
            if (links > MostDepth)
                throw new TemplateError($"more than {MostDepth} filters in a row");
            if (SkipOperator("|"))
                node = ParseFilter(node);
            else if (Current is { Kind: TokenKind.Name, Value: "is" })
                node = ParseTest(node);
            else if (IsOperator("("))
                node = ParsePostfix(node);
            else
                return node;
        }
    }

    Filter ParseFilter(Node? target)
    {
        int line = Current.Line;
        return new Filter(line, target, ExpectName(), SkipOperator("(") ? ParseArguments() : CallArguments.None);
    }

    /// <summary>The filters of a block: one or several with bars between.</summary>
    Filter ParseFilters(Node? target)
    {
        Filter filter = ParseFilter(target);
        while (SkipOperator("|"))
            filter = ParseFilter(filter);
        return filter;
    }

    Node ParseTest(Node target)
    {
        int line = Next().Line;
        bool negated = SkipName("not");
        string name = ExpectName();
        CallArguments arguments = CallArguments.None;
        if (SkipOperator("("))
            arguments = ParseArguments();
        else if (Current is { Kind: TokenKind.String or TokenKind.Integer or TokenKind.Float }
            || Current is { Kind: TokenKind.Operator, Value: "[" or "{" }
            || Current.Kind == TokenKind.Name && Current.Value is not ("else" or "or" or "and" or "if" or "is" or "in" or "not" or "recursive"))
            arguments = new CallArguments([ParsePostfix(ParsePrimary())], [], null, null);
        Node test = new Test(line, target, name, arguments);
        return negated ? new Unary(line, "not", test) : test;
    }
}
