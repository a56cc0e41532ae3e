// Operands that are no command: numbers, letters with their subscripts, brackets, sets.
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
}
