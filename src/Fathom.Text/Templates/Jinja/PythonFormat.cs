// Python's ways to write numbers and to put values into a text: repr of floats, '%' and str.format.

using System.Globalization;
using System.Numerics;
using System.Text;

namespace Fathom.Text.Templates.Jinja;

static class PythonFormat
{
    const int MostDigits = 400;

    /// <summary>The shortest text that reads back as the number, with an exponent from 1e16 and below 1e-4 on.</summary>
    public static string Float(double number)
    {
        if (!double.IsFinite(number))
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        string[] parts = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture).Split('E');
        int point = parts[0].IndexOf('.', StringComparison.Ordinal);
        string digits = parts[0].Replace(".", "", StringComparison.Ordinal), significant = digits.TrimStart('0');
        int exponent = (parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0)
            + (point < 0 ? digits.Length : point) - 1 - (digits.Length - significant.Length);
        digits = significant.TrimEnd('0');
        if (digits.Length == 0)
            (digits, exponent) = ("0", 0);
        string sign = double.IsNegative(number) ? "-" : "";
        if (exponent is < -4 or >= 16)
            return $"{sign}{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        digits = digits.PadRight(exponent + 2, '0');
        return $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary><c>format % value</c></summary>
    public static Text Percent(Text format, object? value, Budget budget)
    {
        TextBuilder result = new();
        List<object?> values = value is Sequence { IsTuple: true } tuple ? tuple.Items : [value];
        int used = 0;
        string f = format.Value;
        for (int i = 0; i < f.Length;)
        {
            int percent = f.IndexOf('%', i);
            if (percent != i)
            {
                int length = (percent < 0 ? f.Length : percent) - i;
                result.Append(format.Slice(i, length));
                i += length;
                continue;
            }
            i++;
            if (i < f.Length && f[i] == '%')
            {
                result.Append(format.Slice(i++, 1));
                continue;
            }
            object? argument = null;
            bool isNamed = i < f.Length && f[i] == '(';
            if (isNamed)
            {
                int close = f.IndexOf(')', i);
                if (close < 0 || value is not Mapping mapping || !mapping.TryGet(Text.OfTemplate(f[(i + 1)..close]), out argument))
                    throw new TemplateError("'%(name)' needs a dictionary that has the name");
                i = close + 1;
            }
            Spec spec = new();
            for (; i < f.Length && f[i] is '-' or '0' or '+' or ' ' or '#'; i++)
                spec = f[i] switch { '-' => spec with { Align = '<' }, '0' => spec with { ZeroPadded = true }, '+' or ' ' => spec with { Sign = f[i] }, _ => spec };
            spec = spec with { Width = Digits(f, ref i) ?? 0 };
            if (i < f.Length && f[i] == '.')
            {
                i++;
                spec = spec with { Precision = Digits(f, ref i) ?? 0 };
            }
            if (i >= f.Length)
                throw new TemplateError("a '%' at the end of a format");
            if (!isNamed)
                argument = used < values.Count ? values[used++] : throw new TemplateError("fewer values than '%' in a format");
            Append(result, argument, spec with { Type = f[i] is 'i' or 'u' ? 'd' : f[i] }, rightByDefault: true, budget);
            i++;
        }
        if (used < values.Count && value is not Mapping)
            throw new TemplateError("more values than '%' in a format");
        budget.Make(result.Length);
        return result.ToText();
    }

    /// <summary><c>format.format(...)</c></summary>
    public static Text Braces(Text format, Arguments arguments, Budget budget)
    {
        TextBuilder result = new();
        string f = format.Value;
        int next = 0;
        for (int i = 0; i < f.Length;)
        {
            int brace = f.AsSpan(i).IndexOfAny('{', '}');
            if (brace != 0)
            {
                int length = brace < 0 ? f.Length - i : brace;
                result.Append(format.Slice(i, length));
                i += length;
                continue;
            }
            if (i + 1 < f.Length && f[i + 1] == f[i])
            {
                result.Append(format.Slice(i, 1));
                i += 2;
                continue;
            }
            int close = f.IndexOf('}', i);
            if (f[i] == '}' || close < 0)
                throw new TemplateError("a single brace in a format");
            string field = f[(i + 1)..close];
            i = close + 1;
            int colon = field.IndexOf(':', StringComparison.Ordinal);
            string name = colon < 0 ? field : field[..colon];
            bool represents = name.EndsWith("!r", StringComparison.Ordinal);
            if (represents || name.EndsWith("!s", StringComparison.Ordinal))
                name = name[..^2];
            object? value = name.Length == 0 || int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && (next = index) >= 0
                ? next < arguments.Positional.Count ? arguments.Positional[next++] : throw new TemplateError("fewer values than fields in a format")
                : arguments.Named.TryGetValue(name, out object? named) ? named : throw new TemplateError($"the format needs a value '{name}'");
            if (represents)
                value = Text.Of(Python.Represent(value), value is not Text { IsTemplate: false });
            Append(result, value, colon < 0 ? new Spec() : ReadSpec(field[(colon + 1)..]), rightByDefault: value is not Text, budget);
        }
        budget.Make(result.Length);
        return result.ToText();
    }

    /// <summary>How one value is to be written.</summary>
    readonly record struct Spec(char Fill, char Align, char Sign, bool ZeroPadded, int Width, bool Groups, int? Precision, char Type)
    {
        public Spec() : this(' ', '\0', '-', false, 0, false, null, '\0')
        {
        }
    }

    static Spec ReadSpec(string text)
    {
        Spec spec = new();
        int i = 0;
        if (text.Length > 1 && text[1] is '<' or '>' or '^')
            (spec, i) = (spec with { Fill = text[0], Align = text[1] }, 2);
        else if (text.Length > 0 && text[0] is '<' or '>' or '^')
            (spec, i) = (spec with { Align = text[0] }, 1);
        if (i < text.Length && text[i] is '+' or '-' or ' ')
            spec = spec with { Sign = text[i++] };
        if (i < text.Length && text[i] == '0')
            (spec, i) = (spec with { ZeroPadded = true }, i + 1);
        spec = spec with { Width = Digits(text, ref i) ?? 0 };
        if (i < text.Length && text[i] == ',')
            (spec, i) = (spec with { Groups = true }, i + 1);
        if (i < text.Length && text[i] == '.')
        {
            i++;
            spec = spec with { Precision = Digits(text, ref i) ?? 0 };
        }
        if (i < text.Length)
            spec = spec with { Type = text[i++] };
        return i == text.Length ? spec : throw new TemplateError($"the format '{text}' is not supported");
    }

    static int? Digits(string text, ref int i)
    {
        int from = i;
        while (i < text.Length && char.IsAsciiDigit(text[i]))
            i++;
        return from == i ? null : i - from <= 6 ? int.Parse(text.AsSpan(from, i - from), CultureInfo.InvariantCulture) : throw new TemplateError("a width in a format is too large");
    }

    static void Append(TextBuilder result, object? value, Spec spec, bool rightByDefault, Budget budget)
    {
        bool isNumber = Python.IsNumber(value);
        Text text;
        if (spec.Type is '\0' or 's' && !(isNumber && (spec.Precision is not null || spec.Groups)))
        {
            text = Python.ToText(value, budget);
            if (spec.Precision is { } most && !isNumber && most < text.Value.Length)
                text = text.Slice(0, most);
        }
        else if (spec.Type == 'r')
            text = Text.Of(Python.Represent(value), value is not Text { IsTemplate: false });
        else if (!isNumber)
            throw new TemplateError($"the format '{spec.Type}' needs a number, not {Python.TypeName(value)}");
        else
            text = Text.OfTemplate(Number(value!, spec));
        if (isNumber && spec.Sign is '+' or ' ' && isNumber && !text.Value.StartsWith('-'))
            text = Text.OfTemplate(spec.Sign + text.Value);
        int padding = spec.Width - text.Value.Length;
        budget.Make(Math.Max(0, padding));
        if (padding <= 0)
            result.Append(text);
        else if (spec.ZeroPadded && isNumber && spec.Align != '<')
        {
            int sign = text.Value.StartsWith('-') || text.Value.StartsWith('+') ? 1 : 0;
            result.Append(text.Slice(0, sign));
            result.Append(new string('0', padding), true);
            result.Append(text.Slice(sign, text.Value.Length - sign));
        }
        else
        {
            char align = spec.Align != '\0' ? spec.Align : rightByDefault ? '>' : '<';
            int left = align == '<' ? 0 : align == '>' ? padding : padding / 2;
            result.Append(new string(spec.Fill, left), true);
            result.Append(text);
            result.Append(new string(spec.Fill, padding - left), true);
        }
    }

    static string Number(object value, Spec spec)
    {
        if (spec.Precision > MostDigits)
            throw new TemplateError($"{spec.Precision} digits in a format; at most {MostDigits} are supported");
        switch (spec.Type)
        {
            case 'd' or 'x' or 'X' or 'o' or 'b' or '\0' when value is long or bool or BigInteger:
                BigInteger whole = value is BigInteger big ? big : Python.Integer(value, "");
                return spec.Type switch
                {
                    'x' or 'X' => (whole.Sign < 0 ? "-" : "") + BigInteger.Abs(whole).ToString(spec.Type == 'x' ? "x" : "X", CultureInfo.InvariantCulture).TrimStart('0').PadLeft(1, '0'),
                    'o' or 'b' => throw new TemplateError($"the format '{spec.Type}' is not supported"),
                    _ => whole.ToString(spec.Groups ? "#,0" : "D", CultureInfo.InvariantCulture),
                };
            case 'd' when value is double number:
                return new BigInteger(Math.Truncate(number)).ToString(CultureInfo.InvariantCulture);
            case 'f' or 'F':
                return Fixed(Python.ToDouble(value), spec.Precision ?? 6, spec.Groups);
            case '%':
                return Fixed(Python.ToDouble(value) * 100, spec.Precision ?? 6, spec.Groups) + "%";
            case 'e' or 'E':
                return Exponent(Python.ToDouble(value), spec.Precision ?? 6, spec.Type);
            case 'g' or 'G' or '\0' or 's':
                return General(Python.ToDouble(value), Math.Max(1, spec.Precision ?? 6));
            default:
                throw new TemplateError($"the format '{spec.Type}' is not supported for {Python.TypeName(value)}");
        }
    }

    /// <summary>A number with so many digits behind the point; halves go to the even digit, as the exact value says.</summary>
    public static string Fixed(double number, int digits, bool groups = false)
    {
        if (!double.IsFinite(number))
            return Float(number);
        BigInteger scaled = Scaled(number, digits);
        string text = BigInteger.Abs(scaled).ToString(CultureInfo.InvariantCulture).PadLeft(digits + 1, '0');
        string whole = text[..^digits], fraction = text[^digits..];
        if (groups)
            whole = BigInteger.Parse(whole, CultureInfo.InvariantCulture).ToString("#,0", CultureInfo.InvariantCulture);
        return $"{(double.IsNegative(number) ? "-" : "")}{whole}{(digits > 0 ? "." : "")}{fraction}";
    }

    /// <summary>The number times a power of ten, rounded to an integer, exactly: a float is a fraction whose denominator is a power of two.</summary>
    static BigInteger Scaled(double number, int digits)
    {
        long bits = BitConverter.DoubleToInt64Bits(number);
        int exponent = (int)(bits >> 52 & 0x7FF);
        BigInteger numerator = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
        int shift = Math.Max(exponent, 1) - 1075;
        numerator *= BigInteger.Pow(10, digits);
        if (shift >= 0)
            numerator <<= shift;
        else
        {
            BigInteger whole = numerator >> -shift, rest = numerator - (whole << -shift), half = BigInteger.One << -shift - 1;
            numerator = rest > half || rest == half && !whole.IsEven ? whole + 1 : whole;
        }
        return double.IsNegative(number) ? -numerator : numerator;
    }

    static string Exponent(double number, int digits, char letter)
    {
        if (!double.IsFinite(number))
            return Float(number);
        string[] parts = number.ToString($"E{digits}", CultureInfo.InvariantCulture).Split('E');
        int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
        return $"{parts[0]}{letter}{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    static string General(double number, int digits)
    {
        if (!double.IsFinite(number))
            return Float(number);
        string[] parts = Exponent(number, digits - 1, 'e').Split('e');
        int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
        if (exponent < -4 || exponent >= digits)
            return $"{Trim(parts[0])}e{parts[1]}";
        return Trim(Fixed(number, digits - 1 - exponent));

        static string Trim(string text) => text.Contains('.') ? text.TrimEnd('0').TrimEnd('.') : text;
    }

    /// <summary><c>round(number, digits)</c></summary>
    public static double Round(double number, int digits)
    {
        if (!double.IsFinite(number) || digits > 323)
            return number;
        if (digits >= 0)
            return double.Parse(Fixed(number, digits), CultureInfo.InvariantCulture);
        BigInteger unit = BigInteger.Pow(10, Math.Min(-digits, 400)), whole = Scaled(number, 0);
        BigInteger down = BigInteger.Divide(BigInteger.Abs(whole), unit), rest = BigInteger.Abs(whole) - down * unit;
        down += rest * 2 > unit || rest * 2 == unit && !down.IsEven ? 1 : 0;
        return (double)(down * unit) * Math.Sign(number);
    }
}
