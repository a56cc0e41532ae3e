// Operands that begin with a command: fractions, roots, accents, functions, matrices.
namespace Fathom.Evaluation.Graders.Mathematics;

internal sealed partial class ExpressionParser
{
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
