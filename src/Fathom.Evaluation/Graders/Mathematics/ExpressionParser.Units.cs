// Words behind a value are its unit: "18 dollars per day", "5 cm^2", "3 m/s".
namespace Fathom.Evaluation.Graders.Mathematics;

internal sealed partial class ExpressionParser
{
    // Words with nothing mathematical around them, as a side of a relation or an item of a list.
    Expression? TakeWords()
    {
        int end = position;
        while (tokens[end].Kind == TokenKind.Word)
            end++;
        if (end == position || !(tokens[end].Kind is TokenKind.End or TokenKind.Separator || tokens[end].Kind == TokenKind.Symbol && tokens[end].Text is "=" or ")" or "\\}" or "}"))
            return null;
        string words = string.Join(' ', tokens.Skip(position).Take(end - position).Select(token => token.Text));
        position = end;
        return new Words(words);
    }

    // Whether the tokens from here to the end of the item are a unit.
    bool IsUnitHere() => position > 0 && UnitEnd(position) > position;

    string? TakeUnit()
    {
        int end = UnitEnd(position);
        if (end == position)
            return null;
        string unit = string.Concat(tokens.Skip(position).Take(end - position).Select(token => (token.Kind == TokenKind.Word && token.SpaceBefore ? " " : "") + token.Text)).Trim();
        position = end;
        return unit;
    }

    // Percent is a mark of its own, and "million" is a factor.
    static Expression Measured(Expression value, string unit)
    {
        string first = unit.Split(' ')[0].ToLowerInvariant();
        if (first is "percent" or "pct")
            return new Call("percent", [value]);
        int zeros = first switch { "hundred" => 2, "thousand" => 3, "million" => 6, "billion" => 9, "trillion" => 12, _ => 0 };
        return zeros == 0 ? new Measure(value, unit) : new Measure(new Product([value, new Number(System.Numerics.BigInteger.Pow(10, zeros))]), unit[first.Length..].Trim());
    }

    // A unit begins with a word (or a slash and a word), goes on with words, letters, powers, slashes and dots, and ends where the item ends.
    int UnitEnd(int start)
    {
        int at = start;
        if (tokens[at].Is("/"))
            at++;
        if (!IsUnitWord(tokens[at]))
            return start;
        at++;
        while (true)
        {
            var token = tokens[at];
            if (IsUnitWord(token) || token.Kind == TokenKind.Letter && tokens[at - 1].Kind == TokenKind.Symbol && tokens[at - 1].Text is "/" or "*" || token.Is("/") || token.Is("*"))
                at++;
            else if (token.Is("^"))
            {
                at++;
                int level = 0;
                do
                {
                    level += tokens[at].Is("{") ? 1 : tokens[at].Is("}") ? -1 : 0;
                    if (tokens[at].Kind == TokenKind.End)
                        return start;
                    if (tokens[at].Is("-") && level == 0)
                        at++;
                    at++;
                }
                while (level > 0);
            }
            else
                break;
        }
        bool ends = tokens[at].Kind is TokenKind.End or TokenKind.Separator
            || tokens[at].Kind == TokenKind.Symbol && tokens[at].Text is ")" or "]" or "}" or "\\}" or "=" or "~" or "<" or ">" or "<=" or ">=" or "&" or "\\\\";
        return ends ? at : start;
    }

    static bool IsUnitWord(Token token) => token.Kind == TokenKind.Word || token.Kind == TokenKind.Command && token.Text is "min" or "sec";
}
