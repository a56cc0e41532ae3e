// From tokens to the tree: statements. Expressions are in Parser.Expressions.cs.

namespace Fathom.Text.Templates.Jinja;

sealed partial class Parser
{
    // Deeper trees are no templates that anybody wrote, and recursion over them would end on the stack.
    const int MostDepth = 200;

    readonly List<Token> tokens;
    int at;
    int depth;

    Parser(List<Token> tokens) => this.tokens = tokens;

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">It is malformed.</exception>
    public static Body Parse(string source, string name)
    {
        int line = 1;
        Parser? parser = null;
        try
        {
            parser = new Parser(Lexer.Run(source, ref line));
            Body body = parser.ParseBody();
            return parser.Current.Kind == TokenKind.End ? body : throw new TemplateError($"'{parser.tokens[parser.at + 1].Value}' has nothing to end");
        }
        catch (TemplateError error)
        {
            throw new TemplateException(name, parser?.Current.Line ?? line, error.Message);
        }
    }

    Token Current => tokens[at];

    Token Next() => tokens[at++];

    bool Is(TokenKind kind, string value) => Current.Kind == kind && Current.Value == value;

    bool IsOperator(string value) => Is(TokenKind.Operator, value);

    bool SkipOperator(string value)
    {
        if (!IsOperator(value))
            return false;
        at++;
        return true;
    }

    bool SkipName(string value)
    {
        if (!Is(TokenKind.Name, value))
            return false;
        at++;
        return true;
    }

    void Expect(TokenKind kind, string value, string what)
    {
        if (!Is(kind, value))
            throw new TemplateError($"{what} is needed, found {Describe(Current)}");
        at++;
    }

    void ExpectOperator(string value) => Expect(TokenKind.Operator, value, $"'{value}'");

    string ExpectName() => Current.Kind == TokenKind.Name ? Next().Value : throw new TemplateError($"a name is needed, found {Describe(Current)}");

    void ExpectBlockEnd() => Expect(TokenKind.BlockEnd, "", "the end of the tag");

    static string Describe(Token token) => token.Kind switch
    {
        TokenKind.End => "the end of the template",
        TokenKind.OutputEnd => "'}}'",
        TokenKind.BlockEnd => "'%}'",
        TokenKind.Text => "text",
        _ => $"'{token.Value}'",
    };

    void Enter()
    {
        if (++depth > MostDepth)
            throw new TemplateError($"more than {MostDepth} tags and expressions inside one another");
    }

    /// <summary>Statements up to a tag that none of them opened; it stays to be read.</summary>
    Body ParseBody()
    {
        Enter();
        int line = Current.Line;
        List<Node> statements = [];
        while (true)
        {
            Token token = Current;
            if (token.Kind == TokenKind.Text)
            {
                at++;
                statements.Add(new Output(token.Line, Text.OfTemplate(token.Value)));
            }
            else if (token.Kind == TokenKind.OutputBegin)
            {
                at++;
                statements.Add(new Print(token.Line, ParseTuple()));
                Expect(TokenKind.OutputEnd, "", "'}}'");
            }
            else if (token.Kind == TokenKind.BlockBegin && !EndsBody(tokens[at + 1].Value))
            {
                at++;
                statements.Add(ParseStatement());
            }
            else
                break;
        }
        depth--;
        return new Body(line, statements);
    }

    static bool EndsBody(string keyword) => keyword is "else" or "elif" || keyword.StartsWith("end", StringComparison.Ordinal);

    Node ParseStatement()
    {
        int line = Current.Line;
        string keyword = ExpectName();
        switch (keyword)
        {
            case "if":
                return ParseIf(line);
            case "for":
                return ParseFor(line);
            case "set":
                return ParseSet(line);
            case "macro":
                return ParseMacro(line);
            case "call":
                return ParseCall(line);
            case "filter":
                Filter filter = ParseFilters(null) ?? throw new TemplateError("the name of a filter is needed");
                ExpectBlockEnd();
                return new FilterBlock(line, filter, ParseBodyUntil("endfilter"));
            case "with":
                return ParseWith(line);
            case "generation":
                // Marks what the model wrote, for training; what it holds is rendered.
                ExpectBlockEnd();
                return ParseBodyUntil("endgeneration");
            case "break" or "continue":
                ExpectBlockEnd();
                return new Jump(line, keyword == "continue");
            default:
                throw new TemplateError($"the tag '{keyword}' is not supported: a chat template consists of if, for, set, macro, call, filter, with, raw, break and continue");
        }
    }

    Body ParseBodyUntil(string end)
    {
        Body body = ParseBody();
        Expect(TokenKind.BlockBegin, "", $"{{% {end} %}}");
        Expect(TokenKind.Name, end, $"{{% {end} %}}");
        // Blocks may repeat their name at the end, as in {% endmacro name %}.
        if (end == "endmacro" && Current.Kind == TokenKind.Name)
            at++;
        ExpectBlockEnd();
        return body;
    }

    If ParseIf(int line)
    {
        List<(Node, Body)> branches = [];
        while (true)
        {
            Node condition = ParseTuple();
            ExpectBlockEnd();
            branches.Add((condition, ParseBody()));
            Expect(TokenKind.BlockBegin, "", "{% endif %}");
            if (SkipName("elif"))
                continue;
            Body? otherwise = null;
            if (SkipName("else"))
            {
                ExpectBlockEnd();
                otherwise = ParseBody();
                Expect(TokenKind.BlockBegin, "", "{% endif %}");
            }
            Expect(TokenKind.Name, "endif", "{% endif %}");
            ExpectBlockEnd();
            return new If(line, branches, otherwise);
        }
    }

    For ParseFor(int line)
    {
        Node target = ParseTarget();
        Expect(TokenKind.Name, "in", "'in'");
        // The condition behind the items is the loop's own, not that of a conditional expression.
        Node items = ParseTuple(withCondition: false);
        Node? condition = SkipName("if") ? ParseExpression() : null;
        if (Is(TokenKind.Name, "recursive"))
            throw new TemplateError("recursive loops are not supported");
        ExpectBlockEnd();
        Body body = ParseBody();
        Expect(TokenKind.BlockBegin, "", "{% endfor %}");
        Body? otherwise = null;
        if (SkipName("else"))
        {
            ExpectBlockEnd();
            otherwise = ParseBody();
            Expect(TokenKind.BlockBegin, "", "{% endfor %}");
        }
        Expect(TokenKind.Name, "endfor", "{% endfor %}");
        ExpectBlockEnd();
        return new For(line, target, items, condition, body, otherwise);
    }

    Node ParseTarget()
    {
        int line = Current.Line;
        List<Node> targets = [];
        bool isTuple = false;
        do
        {
            if (targets.Count > 0 && Current.Kind != TokenKind.Name && !IsOperator("("))
                break;
            targets.Add(ParseSingleTarget());
        }
        while (SkipOperator(",") && (isTuple = true));
        return isTuple ? new ListDisplay(line, targets, IsTuple: true) : targets[0];
    }

    Node ParseSingleTarget()
    {
        int line = Current.Line;
        if (SkipOperator("("))
        {
            Enter();
            Node inner = ParseTarget();
            depth--;
            ExpectOperator(")");
            return inner;
        }
        string name = ExpectName();
        return name is "true" or "false" or "none" or "True" or "False" or "None"
            ? throw new TemplateError($"'{name}' cannot be assigned to")
            : SkipOperator(".") ? new Attribute(line, new Name(line, name), ExpectName()) : new Name(line, name);
    }

    Node ParseSet(int line)
    {
        Node target = ParseTarget();
        if (SkipOperator("="))
        {
            Node value = ParseTuple();
            ExpectBlockEnd();
            return new Set(line, target, value);
        }
        Filter? filter = SkipOperator("|") ? ParseFilters(null) : null;
        ExpectBlockEnd();
        return new SetBlock(line, target, filter, ParseBodyUntil("endset"));
    }

    Macro ParseMacro(int line)
    {
        string name = ExpectName();
        ExpectOperator("(");
        IReadOnlyList<(string, Node?)> parameters = ParseParameters();
        ExpectBlockEnd();
        return new Macro(line, name, parameters, ParseBodyUntil("endmacro"));
    }

    CallBlock ParseCall(int line)
    {
        IReadOnlyList<(string, Node?)> parameters = SkipOperator("(") ? ParseParameters() : [];
        if (ParseExpression() is not Call call)
            throw new TemplateError("{% call %} needs a call of a macro");
        ExpectBlockEnd();
        return new CallBlock(line, new Macro(line, "caller", parameters, ParseBodyUntil("endcall")), call);
    }

    List<(string Name, Node? Default)> ParseParameters()
    {
        List<(string Name, Node? Default)> parameters = [];
        while (!SkipOperator(")"))
        {
            if (parameters.Count > 0)
                ExpectOperator(",");
            string name = ExpectName();
            Node? otherwise = SkipOperator("=") ? ParseExpression() : null;
            if (otherwise is null && parameters.Count > 0 && parameters[^1].Default is not null)
                throw new TemplateError($"the parameter '{name}' without a default stands behind one with a default");
            parameters.Add((name, otherwise));
        }
        return parameters;
    }

    With ParseWith(int line)
    {
        List<(Node, Node)> assignments = [];
        while (Current.Kind != TokenKind.BlockEnd)
        {
            if (assignments.Count > 0)
                ExpectOperator(",");
            Node target = ParseSingleTarget();
            ExpectOperator("=");
            assignments.Add((target, ParseExpression()));
        }
        ExpectBlockEnd();
        return new With(line, assignments, ParseBodyUntil("endwith"));
    }
}
