// Operands: numbers, letters, brackets, functions, fractions, roots, matrices.
using System.Text;

namespace Fathom.Evaluation.Graders.Mathematics;

internal sealed partial class ExpressionParser
{
    Expression ParsePrimary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number:
                position++;
                return AfterNumber(token);
            case TokenKind.Letter:
                position++;
                return Letter(token);
            case TokenKind.Word:
                position++;
                return Subscripted(token.Text);
            case TokenKind.Command:
                position++;
                return Command(token.Text);
            case TokenKind.Symbol:
                position++;
                return Bracket(token.Text);
            default:
                throw new NotMathException();
        }
    }

    // Mixed numbers, numbers with a base.
    Expression AfterNumber(Token token)
    {
        Number number = token.Number!;
        bool whole = number.Value.IsInteger && !number.Decimal;
        if (Current.Is("_") && whole)
        {
            position++;
            string subscript = ReadSubscript();
            if (!int.TryParse(subscript, out int radix) || radix is < 2 or > 36 || token.Text.Length == 0 || token.Text.Any(c => c - '0' >= radix))
                throw new NotMathException();
            return new BasedNumber(token.Text, radix);
        }
        if (!whole)
            return number;
        // 1 1/2
        if (Current is { Kind: TokenKind.Number, SpaceBefore: true } && Next().Is("/") && Next(2).Kind == TokenKind.Number && IsProper(Current.Number!, Next(2).Number!))
        {
            var part = new Quotient(Current.Number!, Next(2).Number!);
            position += 3;
            return new Sum([number, part]);
        }
        // 1 \frac{1}{2}
        if (Current.IsCommand("frac"))
        {
            int start = position++;
            if (Fraction() is Quotient { Numerator: Number top, Denominator: Number bottom } fraction && IsProper(top, bottom))
                return new Sum([number, fraction]);
            position = start;
        }
        return number;
    }

    static bool IsProper(Number top, Number bottom) =>
        !top.Decimal && !bottom.Decimal && top.Value.IsInteger && bottom.Value.IsInteger && top.Value.Sign > 0 && top.Value.CompareTo(bottom.Value) < 0;

    Expression Letter(Token token)
    {
        Expression letter = token.Text switch
        {
            "e" when !Current.Is("_") => new Constant("e"),
            "i" when !Current.Is("_") => new Constant("i"),
            _ => Subscripted(token.Text),
        };
        for (int primes = 0; letter is Symbol symbol && Current.Is("'"); primes++)
        {
            if (primes > MaxDepth)
                throw new WorkExceededException("more than " + MaxDepth + " primes");
            position++;
            letter = symbol with { Name = symbol.Name + "'" };
        }
        // f(x), I(0), y(t): a function of the usual names, or any letter before one letter or number in brackets.
        if (letter is Symbol { Name: var name } && Current is { SpaceBefore: false } && Current.Is("(")
            && (name[0] is 'f' or 'g' or 'h' or 'F' or 'G' or 'H' || name is "delta" or "phi" or "psi" or "Gamma" or "Phi"
                || Next().Kind is TokenKind.Letter or TokenKind.Number && Next(2).Is(")") && !(Next(3).Is("^") || Next(3).Is("("))))
        {
            position++;
            var arguments = ParseItems();
            Expect(")");
            return new Call("function " + name, arguments);
        }
        return letter;
    }

    Symbol Subscripted(string name)
    {
        if (!Current.Is("_"))
            return new(name);
        position++;
        return new(name + "_" + ReadSubscript());
    }

    // The text of a subscript, without its braces.
    string ReadSubscript()
    {
        if (!Current.Is("{"))
        {
            if (Current.Kind is not (TokenKind.Number or TokenKind.Letter or TokenKind.Word))
                throw new NotMathException();
            return tokens[position++].Text;
        }
        int level = 0;
        var text = new StringBuilder();
        do
        {
            level += Current.Is("{") ? 1 : Current.Is("}") ? -1 : 0;
            if (Current.Kind == TokenKind.End)
                throw new NotMathException();
            if (!Current.Is("{") && !Current.Is("}"))
                text.Append(Current.Text);
            position++;
        }
        while (level > 0);
        return text.ToString();
    }

    Expression Bracket(string open)
    {
        Enter();
        Expression result;
        switch (open)
        {
            case "(" or "[":
                result = Brackets(open[0]);
                break;
            case "{":
                // Braces only group; where they hold a list they are a set whose backslashes were lost.
                var grouped = ParseItems();
                Expect("}");
                result = grouped.Count switch { 0 => throw new NotMathException(), 1 => grouped[0], _ => new SetOf(grouped) };
                break;
            case "\\{":
                result = Set();
                break;
            case "|" or "||":
                bars++;
                Expression inside = ParseSum();
                Expect(open);
                bars--;
                result = new Call("abs", [inside]);
                break;
            case "lfloor" or "lceil":
                Expression operand = ParseSum();
                Expect(open == "lfloor" ? "rfloor" : "rceil");
                result = new Call(open == "lfloor" ? "floor" : "ceil", [operand]);
                break;
            default:
                throw new NotMathException();
        }
        depth--;
        return result;
    }

    Expression Brackets(char open)
    {
        int outer = bars;
        bars = 0;
        var items = ParseItems();
        bars = outer;
        char close = Take(")") ? ')' : Take("]") ? ']' : throw new NotMathException();
        if (items.Count == 1 && open == '(' == (close == ')') && items[0] is not (Relation or Measure))
            return items[0] is Enumeration ? new Bracketed(open, items, close) : items[0];
        return items.Count == 0 ? throw new NotMathException() : new Bracketed(open, items, close);
    }

    // {1, 2}; {x | x > 3} and {x : x > 3} are what stands behind the bar.
    Expression Set()
    {
        int start = position;
        if (Current.Kind == TokenKind.Letter && Next() is { Kind: TokenKind.Symbol, Text: "|" or ":" })
        {
            position += 2;
            var conditions = ParseItems();
            if (Take("\\}") && conditions is [Relation])
                return conditions[0];
            position = start;
        }
        var items = ParseItems();
        Expect("\\}");
        return new SetOf(items);
    }

    Expression Command(string name)
    {
        Enter();
        Expression result = name switch
        {
            "pi" or "infinity" => new Constant(name),
            "emptyset" => new SetOf([]),
            "frac" => Fraction(),
            "binom" => new Call("binomial", [Argument(single: true), Argument(single: true)]),
            "sqrt" => Root(),
            "cbrt" => new Call("root", [Argument(single: false), new Number(3)]),
            "overline" or "bar" or "vec" or "hat" or "tilde" or "widehat" or "overrightarrow" or "overleftrightarrow" => Accented(name),
            "dot" => Derivative("'"),
            "ddot" => Derivative("''"),
            "begin:pmatrix" or "begin:bmatrix" or "begin:matrix" or "begin:array" or "begin:smallmatrix" or "begin:Bmatrix" or "begin:cases" => ParseMatrix(name[6..]),
            _ when Vocabulary.IsFunction(name) => Function(name),
            "int" or "sum" or "prod" or "lim" or "iint" or "oint" => throw new NotMathException(),
            _ when name.Contains(':') => throw new NotMathException(),
            _ => Subscripted("\\" + name),
        };
        depth--;
        return result;
    }

    Expression Fraction()
    {
        // \frac{a}{b}, \frac12, \frac1{23}: without braces one digit is one argument.
        Expression top = Argument(single: true), bottom = Argument(single: true);
        return (Expression?)Differential(top, bottom) ?? new Quotient(top, bottom);
    }

    // dy/dt and d²y/dt² are names of derivatives, as y' and y'' are.
    static Symbol? Differential(Expression top, Expression bottom)
    {
        static (string? Name, int Order) Read(Expression e) => e switch
        {
            Product { Factors: [Symbol { Name: "d" or "partial" }, Symbol s] } => (s.Name, 1),
            Product { Factors: [Symbol { Name: "d" or "partial" }, Power { Base: Symbol s, Exponent: Number { Value: var n } }] } when n == 2 => (s.Name, 2),
            Product { Factors: [Power { Base: Symbol { Name: "d" or "partial" }, Exponent: Number { Value: var n } }, Symbol s] } when n == 2 => (s.Name, 2),
            _ => (null, 0),
        };
        var (function, order) = Read(top);
        var (variable, same) = Read(bottom);
        return function is not null && variable is not null && order == same ? new Symbol(function + new string('\'', order)) : null;
    }

    // A group in braces, or one token; a number is cut to its first digit where TeX would do so.
    Expression Argument(bool single)
    {
        Enter();
        Expression result;
        if (Take("{"))
        {
            result = ParseSum();
            if (TakeUnit() is { } unit)
                result = Measured(result, unit);
            Expect("}");
        }
        else if (Current.Kind == TokenKind.Number && single && Current.Text.Length > 1 && !Current.Number!.Decimal && Current.Number.Value.IsInteger)
        {
            string digits = Current.Text;
            tokens[position] = new Token(TokenKind.Number, digits[1..], false) { Number = new Number(System.Numerics.BigInteger.Parse(digits.AsSpan(1), System.Globalization.NumberStyles.None)) };
            result = new Number(digits[0] - '0');
        }
        else if (Current.Kind == TokenKind.Number)
        {
            result = Current.Number!;
            position++;
        }
        else
        {
            result = ParsePrimary();
        }
        depth--;
        return result;
    }

    Expression Root()
    {
        Expression? degree = null;
        if (Take("["))
        {
            degree = ParseSum();
            Expect("]");
        }
        Expression operand = Argument(single: false);
        return new Call("root", [operand, degree ?? new Number(2)]);
    }

    Expression Derivative(string primes) => Argument(single: true) is Symbol symbol ? Subscripted(symbol.Name + primes) : throw new NotMathException();

    // \overline{AB}: a name made of letters.
    Expression Accented(string accent)
    {
        Expression operand = Argument(single: true);
        var letters = operand is Product product ? product.Factors : [operand];
        if (letters.Any(letter => letter is not Symbol))
            throw new NotMathException();
        return Subscripted(accent is "overline" or "bar" ? string.Concat(letters.Select(letter => ((Symbol)letter).Name)) : ((Symbol)letters[0]).Name);
    }

    Expression Function(string name)
    {
        Expression? power = null, radix = null;
        while (Current.Is("^") || Current.Is("_"))
        {
            bool isPower = Take("^");
            if (!isPower)
                position++;
            if (isPower && Current.IsCommand("circ"))
                throw new NotMathException();
            Expression script = Current.Is("-") && isPower ? SignedScript() : Argument(single: !isPower);
            if (isPower)
                power = script;
            else if (name == "log")
                radix = script;
            else
                throw new NotMathException();
        }

        IReadOnlyList<Expression> arguments;
        if (Current.Is("(") || Current.Is("[") || Current.Is("{"))
        {
            string close = Current.Text switch { "(" => ")", "[" => "]", _ => "}" };
            position++;
            int outer = bars;
            bars = 0;
            arguments = ParseItems();
            bars = outer;
            Expect(close);
        }
        else
        {
            arguments = [OpenArgument()];
        }
        if (name is "log" && arguments.Count == 2 && radix is null)
            (arguments, radix) = ([arguments[0]], arguments[1]);

        bool inverse = power is Number { Value: var exponent } && exponent == -1 && name is "sin" or "cos" or "tan" or "cot";
        Expression call = name switch
        {
            "sqrt" => new Call("root", [arguments[0], new Number(2)]),
            "log" when radix is not null => new Quotient(new Call("ln", arguments), new Call("ln", [radix])),
            "lg" => new Quotient(new Call("ln", arguments), new Call("ln", [new Number(10)])),
            "exp" => arguments.Count == 1 ? new Power(new Constant("e"), arguments[0]) : throw new NotMathException(),
            _ when inverse => new Call("arc" + name, arguments),
            _ => new Call(name, arguments),
        };
        return power is null || inverse ? call : new Power(call, power);
    }

    Expression SignedScript()
    {
        position++;
        return Negate(Argument(single: true));
    }

    // \sin 2x: numbers, letters and fractions in a row, up to an operator or the next function.
    Expression OpenArgument()
    {
        Enter();
        bool negative = Take("-");
        var factors = new List<Expression>();
        while (factors.Count == 0 || Current.Kind is TokenKind.Number or TokenKind.Letter || Current.Kind == TokenKind.Command && !Vocabulary.IsFunction(Current.Text) && !IsUnitHere() && !Current.Text.Contains(':', StringComparison.Ordinal))
            factors.Add(ParsePower());
        depth--;
        Expression result = factors.Count == 1 ? factors[0] : new Product(factors);
        return negative ? Negate(result) : result;
    }

    Expression ParseMatrix(string environment)
    {
        var rows = new List<IReadOnlyList<Expression>>();
        var row = new List<Expression>();
        while (!Current.IsCommand("end:" + environment))
        {
            if (Take("\\\\"))
            {
                if (row.Count > 0)
                    rows.Add(row);
                row = [];
                continue;
            }
            if (Take("&") || environment == "cases" && Current.Kind == TokenKind.Separator)
            {
                position += Current.Kind == TokenKind.Separator ? 1 : 0;
                continue;
            }
            row.Add(ParseRelation());
        }
        position++;
        if (row.Count > 0)
            rows.Add(row);
        if (rows.Count == 0 || rows.Any(other => other.Count != rows[0].Count))
            throw new NotMathException();
        // Cases without conditions are a list: a system of equations, a solution by variables.
        return environment == "cases" && rows[0].Count == 1 ? new Enumeration([.. rows.Select(entries => entries[0])]) : new Matrix(rows);
    }
}
