// Powers and what else stands behind an operand: factorials, percent, degrees, primes.
namespace Fathom.Evaluation.Graders.Mathematics;

internal sealed partial class ExpressionParser
{
    Expression ParsePower()
    {
        Enter();
        Expression result = ParsePrimary();
        int chain = 0;
        while (true)
        {
            if (Current.Is("^"))
            {
                position++;
                result = ParseExponent(result);
            }
            else if (Current.Is("!") && !Next().Is("="))
            {
                position++;
                result = new Call("factorial", [result]);
            }
            else if (Current.Is("%"))
            {
                position++;
                result = new Call("percent", [result]);
            }
            else if (Current.IsCommand("circ"))
            {
                position++;
                result = Degrees(result);
            }
            else if (Current.Is("'"))
            {
                position++;
                result = result is Symbol symbol ? symbol with { Name = symbol.Name + "'" } : throw new NotMathException();
            }
            else
            {
                break;
            }
            LimitChain(++chain);
        }
        depth--;
        return result;
    }

    Expression ParseExponent(Expression operand)
    {
        // x^\circ, x^{\circ}, x'' as x^{\prime\prime}
        bool braces = Current.Is("{");
        if ((braces ? Next() : Current).IsCommand("circ") && (!braces || Next(2).Is("}")))
        {
            position += braces ? 3 : 1;
            return Degrees(operand);
        }
        if ((braces ? Next() : Current).Is("'"))
        {
            if (braces)
                position++;
            string name = operand is Symbol symbol ? symbol.Name : throw new NotMathException();
            for (int primes = 0; primes < MaxDepth && Take("'"); primes++)
                name += "'";
            if (braces)
                Expect("}");
            return new Symbol(name);
        }
        Enter();
        Expression exponent;
        if (Take("{"))
        {
            exponent = ParseSum();
            Expect("}");
        }
        else
        {
            // A power in the exponent binds first: 2^3^4.
            exponent = Take("-") ? Negate(ParsePower()) : Take("+") ? ParsePower() : ParsePower();
        }
        depth--;
        return new Power(operand, exponent);
    }

    // Degrees; a letter C or F behind is a temperature and no part of the number.
    Expression Degrees(Expression operand)
    {
        if (Current.Kind is TokenKind.Letter or TokenKind.Word && Current.Text is "C" or "F")
            position++;
        return new Call("degree", [operand]);
    }
}
