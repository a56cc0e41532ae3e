// Arithmetic as on squared paper. Every line is `terms=value: digits written so far`, so a reader that knows the tables of one-digit
// facts can follow it, and the last line ends in the result. A carry is the tens digit of the value; a borrow shows as a minuend of
// ten or more, and is taken back in the next line.
namespace Fathom.Evaluation.Tasks.Arithmetic;

static class ColumnArithmetic
{
    /// <summary>a + b: `8+6=14: 4`, `7+5+1=13: 34`, `4+2+1=7: 734`.</summary>
    public static void Add(List<string> lines, long a, long b)
    {
        string written = "";
        for (long carry = 0, last = 0; last == 0; a /= 10, b /= 10)
        {
            last = a < 10 && b < 10 ? 1 : 0;
            long sum = a % 10 + b % 10 + carry;
            string terms = $"{a % 10}+{b % 10}" + (carry > 0 ? $"+{carry}" : "");
            written = (last == 1 ? sum : sum % 10) + written;
            lines.Add($"{terms}={sum}: {written}");
            carry = sum / 10;
        }
    }

    /// <summary>a - b for a >= b >= 0: `12-7=5: 5`, `13-5-1=7: 75`, `4-1-1=2: 275`. Leading zeros stay in the last line.</summary>
    public static void Subtract(List<string> lines, long a, long b)
    {
        string written = "";
        for (long borrow = 0, last = 0; last == 0; a /= 10, b /= 10)
        {
            last = a < 10 ? 1 : 0;
            long upper = a % 10, lower = b % 10 + borrow;
            if (upper < lower)
                upper += 10;
            written = (upper - lower) + written;
            lines.Add($"{upper}-{b % 10}{(borrow > 0 ? "-1" : "")}={upper - lower}: {written}");
            borrow = upper >= 10 ? 1 : 0;
        }
    }

    /// <summary>a times one digit: `8*6=48: 8`, `7*6+4=42+4=46: 68`, `4*6+4=24+4=28: 2868`.</summary>
    public static void MultiplyByDigit(List<string> lines, long a, long digit)
    {
        string written = "";
        for (long carry = 0, last = 0; last == 0; a /= 10)
        {
            last = a < 10 ? 1 : 0;
            long product = a % 10 * digit, value = product + carry;
            string terms = carry > 0 ? $"{a % 10}*{digit}+{carry}={product}+{carry}" : $"{a % 10}*{digit}";
            written = (last == 1 ? value : value % 10) + written;
            lines.Add($"{terms}={value}: {written}");
            carry = value / 10;
        }
    }

    /// <summary>a times b of one or two digits: the columns of both digits of b, then the sum of the two products.</summary>
    public static void Multiply(List<string> lines, long a, long b)
    {
        MultiplyByDigit(lines, a, b % 10);
        if (b < 10)
            return;
        MultiplyByDigit(lines, a, b / 10);
        lines.Add($"{a * (b % 10)}+{a * (b / 10) * 10}");
        Add(lines, a * (b % 10), a * (b / 10) * 10);
    }

    /// <summary>a divided by one digit, from the left: `17-1*9=8: 1`, `81-9*9=0: 19`; the last difference is the remainder.
    /// Without <paramref name="quotient"/> only the remainders are written.</summary>
    public static void DivideByDigit(List<string> lines, long a, long digit, bool quotient)
    {
        string digits = a.ToString(System.Globalization.CultureInfo.InvariantCulture), written = "";
        long rest = 0;
        for (int i = 0; i < digits.Length; i++)
        {
            rest = rest * 10 + (digits[i] - '0');
            // Columns before the first digit of the quotient are not written.
            if (rest < digit && written == "" && i < digits.Length - 1)
                continue;
            long times = rest / digit;
            written += times;
            lines.Add($"{rest}-{times}*{digit}={rest % digit}" + (quotient ? $": {written}" : ""));
            rest %= digit;
        }
    }

    /// <summary>One step of a longer solution, `19-4=15`: a single line where the right operand has one digit and the left at most two,
    /// otherwise the operation and its columns. <paramref name="operation"/> is one of + - * /.</summary>
    public static void Step(List<string> lines, long a, char operation, long b)
    {
        bool fact = operation is '+' or '-' ? a < 100 && b < 10 : operation == '*' ? a <= 10 && b < 10 : a < 10 * b;
        if (fact)
        {
            long value = operation switch { '+' => a + b, '-' => a - b, '*' => a * b, _ => a / b };
            lines.Add($"{a}{operation}{b}={value}");
            return;
        }

        lines.Add($"{a}{operation}{b}");
        switch (operation)
        {
            case '+': Add(lines, a, b); break;
            case '-': Subtract(lines, a, b); break;
            case '*': Multiply(lines, a, b); break;
            default: DivideByDigit(lines, a, b, quotient: true); break;
        }
    }
}
