// Python's arithmetic on the values of templates.

using System.Numerics;

namespace Fathom.Text.Templates.Jinja;

static partial class Python
{
    public static long Integer(object? value, string what) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => throw new TemplateError($"{what} has to be an integer, not {TypeName(value)}"),
    };

    public static double ToDouble(object value) => value switch { double d => d, BigInteger big => (double)big, _ => ToLong(value) };

    static long ToLong(object value) => value is bool flag ? flag ? 1 : 0 : (long)value;

    static BigInteger ToBig(object value) => value is BigInteger big ? big : ToLong(value);

    public static object Negate(object? value) => value switch
    {
        bool or long => (object)checked(-ToLong(value)),
        double number => -number,
        _ => throw new TemplateError($"'-' does not work on {TypeName(value)}"),
    };

    /// <summary>a sign b.</summary>
    public static object? Apply(string sign, object? a, object? b, Budget budget)
    {
        if (IsNumber(a) && IsNumber(b))
            return Calculate(sign, a!, b!);
        switch (sign, a, b)
        {
            case ("+", Text x, Text y):
                return Concatenate(budget, x, y);
            case ("+", Sequence x, Sequence y) when x.IsTuple == y.IsTuple:
                budget.Step((long)x.Items.Count + y.Items.Count);
                return new Sequence([.. x.Items, .. y.Items], x.IsTuple);
            case ("*", Text text, long or bool):
                return Repeat(text, ToLong(b!), budget);
            case ("*", long or bool, Text text):
                return Repeat(text, ToLong(a!), budget);
            case ("*", Sequence list, long or bool):
                return Repeat(list, ToLong(b!), budget);
            case ("*", long or bool, Sequence list):
                return Repeat(list, ToLong(a!), budget);
            case ("%", Text format, _):
                return PythonFormat.Percent(format, b, budget);
        }
        throw new TemplateError($"'{sign}' does not work between {TypeName(a)} and {TypeName(b)}");
    }

    public static Text Concatenate(Budget budget, params ReadOnlySpan<Text> texts)
    {
        TextBuilder builder = new();
        long length = 0;
        foreach (Text text in texts)
            length += text.Value.Length;
        budget.Make(length);
        foreach (Text text in texts)
            builder.Append(text);
        return builder.ToText();
    }

    static Text Repeat(Text text, long times, Budget budget)
    {
        times = Math.Max(times, 0);
        budget.Make(text.Value.Length == 0 ? 0 : times > Budget.LongestText ? long.MaxValue / 2 : times * text.Value.Length);
        TextBuilder builder = new();
        for (long i = 0; i < times && text.Value.Length > 0; i++)
            builder.Append(text);
        return builder.ToText();
    }

    static Sequence Repeat(Sequence list, long times, Budget budget)
    {
        times = Math.Max(times, 0);
        budget.Step(list.Items.Count == 0 ? 0 : times > Budget.MostSteps ? long.MaxValue / 2 : times * list.Items.Count);
        List<object?> items = [];
        for (long i = 0; i < times && list.Items.Count > 0; i++)
            items.AddRange(list.Items);
        return new Sequence(items, list.IsTuple);
    }

    static object Calculate(string sign, object a, object b)
    {
        if (a is BigInteger || b is BigInteger)
            throw new TemplateError("integers beyond 64 bits can be shown, but not calculated with");
        try
        {
            return sign != "/" && a is not double && b is not double ? OfIntegers(sign, ToLong(a), ToLong(b)) : OfFloats(sign, ToDouble(a), ToDouble(b));
        }
        catch (OverflowException)
        {
            throw new TemplateError($"the result of '{sign}' is beyond 64 bits");
        }
    }

    static object OfIntegers(string sign, long a, long b)
    {
        if (b == 0 && sign is "//" or "%")
            throw new TemplateError("division by zero");
        switch (sign)
        {
            case "+":
                return checked(a + b);
            case "-":
                return checked(a - b);
            case "*":
                return checked(a * b);
            case "//":
                return checked(a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0));
            case "%":
                // The least number has no remainder with -1 in .NET.
                long rest = b == -1 ? 0 : a % b;
                return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
            case "**" when b >= 0:
                long power = 1;
                for (; b > 0; b >>= 1)
                {
                    if ((b & 1) != 0)
                        power = checked(power * a);
                    if (b > 1)
                        a = checked(a * a);
                }
                return power;
            default:
                return OfFloats(sign, a, b);
        }
    }

    static object OfFloats(string sign, double a, double b)
    {
        if (b == 0 && sign is "/" or "//" or "%" || a == 0 && sign == "**" && b < 0)
            throw new TemplateError("division by zero");
        return sign switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "//" => Math.Floor(a / b),
            "%" => a - b * Math.Floor(a / b),
            _ => Math.Pow(a, b),
        };
    }
}
