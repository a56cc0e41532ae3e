// Solves problems from their English prompts alone, by trying or counting, sharing no code with the tasks.
using System.Data;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Fathom.Evaluation.Tests.Tasks;

static partial class PromptOracle
{
    [ThreadStatic]
    static DataTable? t_table;

    const string Alphabet = "abcdefghijklmnopqrstuvwxyz";

    /// <summary>The answer that the prompt asks for; null for countdown, which has many.</summary>
    public static string? Solve(string task, string prompt)
    {
        List<long> n = Integers(prompt);
        return task switch
        {
            "addition" => $"{n[0] + n[1]}",
            "subtraction" => $"{n[0] - n[1]}",
            "multiplication" => $"{n[0] * n[1]}",
            "division" => Division(n[0], n[1]),
            "modulo" => $"{n[0] % n[1]}",
            "comparison" => $"{n.Max()}",
            "counting" => $"{prompt.Split("appear in")[1].Count(letter => letter == (char)('0' + n[0]))}",
            "sorting" or "merging" => string.Join(' ', n.Order()),
            "linear-equation" => $"{Enumerable.Range(0, 100).Single(x => n[0] * x + (prompt.Contains('-', StringComparison.Ordinal) ? -n[1] : n[1]) == n[2])}",
            "word-problem" => $"{Story(prompt, n)}",
            "fractions" => Fraction(prompt),
            "mixed-expression" => $"{Evaluate(Regex.Match(prompt, "is (.*)\\?").Groups[1].Value)}",
            "two-equations" => TwoEquations(prompt),
            "quadratic" => Quadratic(prompt),
            "progression" => Progression(prompt, n),
            "next-number" => NextNumber(n),
            "gcd-lcm" => prompt.Contains("divisor", StringComparison.Ordinal)
                ? $"{Enumerable.Range(1, (int)n.Min()).Last(d => n[0] % d == 0 && n[1] % d == 0)}"
                : $"{Enumerable.Range(1, (int)(n[0] * n[1])).First(m => m % n[0] == 0 && m % n[1] == 0)}",
            "prime-factors" => string.Join('*', PrimeFactors(n[0])),
            "modular-power" => $"{BigInteger.ModPow(n[0], n[1], n[2])}",
            "base-conversion" => prompt.StartsWith("Write", StringComparison.Ordinal)
                ? InBase(n[0], n[1])
                : $"{Value($"{n[0]}", n[1])}",
            "knights-and-knaves" => Knights(prompt),
            "ordering" => Order(prompt),
            "binary-search" => string.Join(' ', Searched(n[0], [.. n.Skip(1)])),
            "reversal" => new string([.. prompt.Split(' ')[1].Reverse()]),
            "letter-count" => $"{prompt.Split("occur in ")[1].Count(letter => letter == prompt.Split("does ")[1][0])}",
            "caesar" => Caesar(prompt, n[0]),
            "palindrome" => $"{Mismatches(prompt.Split(' ')[4])}",
            "weekday" => Weekday(n, prompt.Contains("ago", StringComparison.Ordinal)),
            "days-between" => Days(n),
            "unit-conversion" => Units(prompt, n),
            "geometry" => Geometry(prompt, n),
            "program-output" => $"{new TinyPython(prompt.Split('\n')[1..]).Run()}",
            "rates-and-ages" => $"{Rates(prompt, n)}",
            "countdown" => null,
            _ => throw new ArgumentException(task),
        };
    }

    /// <summary>Whether an expression reaches the countdown's target with the given numbers.</summary>
    public static bool IsCountdown(string prompt, string answer)
    {
        List<long> n = Integers(prompt);
        return Evaluate(answer) == n[0] && Integers(answer).Order().SequenceEqual(n.Skip(1).Order());
    }

    /// <summary>The value of an expression (1 or 0 of a comparison), by the framework's own evaluator.</summary>
    public static double Evaluate(string expression)
    {
        // A table costs far more than an expression.
        DataTable table = t_table ??= new DataTable { Locale = CultureInfo.InvariantCulture };
        return Convert.ToDouble(table.Compute(expression, ""), CultureInfo.InvariantCulture);
    }

    public static List<long> Integers(string text) => [.. Number().Matches(text).Select(match => long.Parse(match.Value, CultureInfo.InvariantCulture))];

    /// <summary>Of a knights-and-knaves prompt: for every speaker whether the statement is true, given who is a knight.</summary>
    public static List<Func<bool[], bool>> Statements(string prompt) => [.. Saying().Matches(prompt).Select(match => (Func<bool[], bool>)(knights =>
    {
        string said = match.Groups[1].Value;
        int[] who = [.. Regex.Matches(said, "\\b[A-E]\\b").Select(m => m.Value[0] - 'A')];
        return said switch
        {
            _ when said.EndsWith("is a knight", StringComparison.Ordinal) => knights[who[0]],
            _ when said.EndsWith("is a knave", StringComparison.Ordinal) => !knights[who[0]],
            _ when said.EndsWith("same kind", StringComparison.Ordinal) => knights[who[0]] == knights[who[1]],
            _ when said.EndsWith("different kinds", StringComparison.Ordinal) => knights[who[0]] != knights[who[1]],
            _ => knights.Count(k => k) == Integers(said)[0],
        };
    }))];

    static string Division(long a, long b)
    {
        long quotient = 0;
        for (; a >= b; a -= b)
            quotient++;
        return $"{quotient} {a}";
    }

    static long Story(string prompt, List<long> n)
    {
        long value = prompt.Contains("boxes with", StringComparison.Ordinal) ? n[0] * n[1] : prompt.Contains("equally", StringComparison.Ordinal) ? n[0] / n[1] : n[0];
        if (prompt.Contains(" gets ", StringComparison.Ordinal))
            value += n[1];
        if (prompt.Contains("gives away", StringComparison.Ordinal) || prompt.Contains(" takes ", StringComparison.Ordinal))
            value -= n[^1];
        return prompt.Contains("each and", StringComparison.Ordinal) ? value + n[^1] : value;
    }

    // The smallest denominator with which the value is whole.
    static string Fraction(string prompt)
    {
        List<long> n = Integers(prompt);
        (long top, long bottom) = prompt.Contains("plus", StringComparison.Ordinal) ? (n[0] * n[3] + n[2] * n[1], n[1] * n[3])
            : prompt.Contains("minus", StringComparison.Ordinal) ? (n[0] * n[3] - n[2] * n[1], n[1] * n[3])
            : prompt.Contains("times", StringComparison.Ordinal) ? (n[0] * n[2], n[1] * n[3]) : (n[0] * n[3], n[1] * n[2]);
        int denominator = Enumerable.Range(1, (int)bottom).First(d => top * d % bottom == 0);
        return denominator == 1 ? $"{top / bottom}" : $"{top * denominator / bottom}/{denominator}";
    }

    static string TwoEquations(string prompt)
    {
        long[][] equations = [.. LinearTerms().Matches(prompt).Select(m => (long[])[Factor(m.Groups[1].Value), Factor(m.Groups[2].Value), long.Parse(m.Groups[3].Value, CultureInfo.InvariantCulture)])];
        List<string> found = [];
        for (int x = -30; x <= 30; x++)
            for (int y = -30; y <= 30; y++)
                if (equations.All(e => e[0] * x + e[1] * y == e[2]))
                    found.Add($"{x} {y}");
        return found.Single();
    }

    static string Quadratic(string prompt)
    {
        Match m = QuadraticTerms().Match(prompt);
        long a = Factor(m.Groups[1].Value), b = m.Groups[2].Success ? Factor(m.Groups[2].Value) : 0, c = m.Groups[3].Success ? long.Parse(m.Groups[3].Value, CultureInfo.InvariantCulture) : 0;
        int[] roots = [.. Enumerable.Range(-50, 101).Where(x => a * x * x + b * x + c == 0)];
        return roots.Length == 2 ? $"{roots[0]} {roots[1]}" : throw new InvalidOperationException(prompt);
    }

    static long Factor(string text) => text is "" or "+" ? 1 : text == "-" ? -1 : long.Parse(text, CultureInfo.InvariantCulture);

    static string Progression(string prompt, List<long> n)
    {
        List<long> members = [n[0]];
        while (members.Count < 100)
            members.Add(members[^1] + n[1] - n[0]);
        long answer = prompt.Contains("number", StringComparison.Ordinal) && !prompt.Contains("sum", StringComparison.Ordinal) ? members[(int)n[3] - 1]
            : prompt.Contains("place", StringComparison.Ordinal) ? members.IndexOf(n[3]) + 1 : members.Take((int)n[3]).Sum();
        return $"{answer}";
    }

    // Every kind of rule that the members fit must say the same.
    static string NextNumber(List<long> m)
    {
        HashSet<long> next = [];
        long[] steps = [.. m.Zip(m.Skip(1), (a, b) => b - a)];
        if (steps.Distinct().Count() == 1)
            next.Add(m[^1] + steps[0]);
        if (m.Zip(m.Skip(1)).All(pair => pair.Second * m[0] == pair.First * m[1]))
            next.Add(m[^1] * m[1] / m[0]);
        if (steps.Zip(steps.Skip(1), (a, b) => b - a).Distinct().Count() == 1)
            next.Add(m[^1] + 2 * steps[^1] - steps[^2]);
        if (Enumerable.Range(2, m.Count - 2).All(i => m[i] == m[i - 1] + m[i - 2]))
            next.Add(m[^1] + m[^2]);
        if (m.Count == 6 && m[4] - m[2] == m[2] - m[0] && m[5] - m[3] == m[3] - m[1])
            next.Add(m[4] + m[2] - m[0]);
        return $"{next.Single()}";
    }

    static IEnumerable<long> PrimeFactors(long number)
    {
        while (number > 1)
        {
            long prime = Enumerable.Range(2, 1000).First(d => number % d == 0);
            yield return prime;
            number /= prime;
        }
    }

    // From the largest power down: how often does it fit?
    static string InBase(long number, long radix)
    {
        long power = 1;
        while (power * radix <= number)
            power *= radix;
        string digits = "";
        for (; power > 0; power /= radix)
            for (long digit = radix - 1; digit >= 0; digit--)
                if (digit * power <= number)
                {
                    (digits, number) = (digits + digit, number - digit * power);
                    break;
                }
        return digits;
    }

    static long Value(string digits, long radix)
    {
        long value = 0;
        foreach (char digit in digits)
            value = digit - '0' < radix ? value * radix + (digit - '0') : long.MinValue / 100;
        return value;
    }

    static string Knights(string prompt)
    {
        List<Func<bool[], bool>> statements = Statements(prompt);
        List<string> found = [];
        for (int assignment = 0; assignment < 1 << statements.Count; assignment++)
        {
            bool[] knights = [.. Enumerable.Range(0, statements.Count).Select(i => (assignment >> i & 1) == 1)];
            if (Enumerable.Range(0, statements.Count).All(i => statements[i](knights) == knights[i]))
                found.Add(string.Join(' ', Enumerable.Range(0, statements.Count).Where(i => knights[i]).Select(i => (char)('A' + i))));
        }
        return found.Single();
    }

    static string Order(string prompt)
    {
        (char Left, char Right)[] pairs = [.. Standing().Matches(prompt).Select(m => m.Groups[2].Value == "left" ? (m.Groups[1].Value[0], m.Groups[3].Value[0]) : (m.Groups[3].Value[0], m.Groups[1].Value[0]))];
        char[] letters = [.. pairs.SelectMany(pair => new[] { pair.Left, pair.Right }).Distinct()];
        return string.Join(' ', Orders(letters).Single(order => pairs.All(pair => order.IndexOf(pair.Left, StringComparison.Ordinal) < order.IndexOf(pair.Right, StringComparison.Ordinal))).AsEnumerable());
    }

    static IEnumerable<string> Orders(char[] letters) => letters.Length == 0 ? [""]
        : from letter in letters from rest in Orders([.. letters.Where(other => other != letter)]) select letter + rest;

    static List<long> Searched(long wanted, long[] list)
    {
        if (list.Length == 0)
            return [];
        long middle = list[list.Length / 2];
        return [middle, .. middle == wanted ? [] : Searched(wanted, middle < wanted ? list[(list.Length / 2 + 1)..] : list[..(list.Length / 2)])];
    }

    static string Caesar(string prompt, long shift)
    {
        bool undo = prompt.StartsWith("A word", StringComparison.Ordinal);
        string word = Regex.Match(prompt, undo ? "now ([a-z]+)" : "of ([a-z]+) by").Groups[1].Value;
        // Letter by letter and step by step around the alphabet.
        return string.Concat(word.Select(letter =>
        {
            int at = Alphabet.IndexOf(letter, StringComparison.Ordinal);
            for (long step = 0; step < shift; step++)
                at = undo ? at == 0 ? 25 : at - 1 : at == 25 ? 0 : at + 1;
            return Alphabet[at];
        }));
    }

    static int Mismatches(string word) => word.Length < 2 ? 0 : (word[0] == word[^1] ? 0 : 1) + Mismatches(word[1..^1]);

    static string Weekday(List<long> n, bool ago)
    {
        long day = n[2];
        for (long i = 0; i < n[3]; i++)
            day = ago ? day == 1 ? 7 : day - 1 : day == 7 ? 1 : day + 1;
        return $"{day}";
    }

    static string Days(List<long> n)
    {
        (long year, long month, long day, int days) = (n[0], n[1], n[2], 0);
        for (; (year, month, day) != (n[3], n[4], n[5]) && days < 1000; days++)
        {
            bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            long length = month is 4 or 6 or 9 or 11 ? 30 : month != 2 ? 31 : leap ? 29 : 28;
            (year, month, day) = day < length ? (year, month, day + 1) : month < 12 ? (year, month + 1, 1) : (year + 1, 1, 1);
        }
        return $"{days}";
    }

    static string Units(string prompt, List<long> n)
    {
        Dictionary<string, int> factors = new()
        {
            ["weeks days"] = 7,
            ["days hours"] = 24,
            ["hours minutes"] = 60,
            ["minutes seconds"] = 60,
            ["meters centimeters"] = 100,
            ["kilometers meters"] = 1000,
            ["kilograms grams"] = 1000,
            ["liters milliliters"] = 1000,
        };
        if (prompt.StartsWith("How many whole", StringComparison.Ordinal))
        {
            Match back = Regex.Match(prompt, "whole ([a-z]+) are [0-9]+ ([a-z]+),");
            return Division(n[0], factors[$"{back.Groups[1]} {back.Groups[2]}"]);
        }
        Match match = Regex.Match(prompt, "many ([a-z]+) are [0-9]+ ([a-z]+)");
        return $"{n[0] * factors[$"{match.Groups[2]} {match.Groups[1]}"] + (n.Count > 1 ? n[1] : 0)}";
    }

    static string Geometry(string prompt, List<long> n)
    {
        long answer = prompt switch
        {
            _ when prompt.Contains("perimeter", StringComparison.Ordinal) => n[0] + n[1] + n[0] + n[1],
            _ when prompt.Contains("angles", StringComparison.Ordinal) => 180 - n[0] - n[1],
            _ when prompt.Contains("its hypotenuse", StringComparison.Ordinal) => Enumerable.Range(1, 200).Single(c => n[0] * n[0] + n[1] * n[1] == c * c),
            _ when prompt.Contains("other leg", StringComparison.Ordinal) => Enumerable.Range(1, 200).Single(b => n[0] * n[0] + b * b == n[1] * n[1]),
            _ when prompt.Contains("hole", StringComparison.Ordinal) => n[0] * n[1] - n[2] * n[3],
            _ when prompt.Contains("triangle", StringComparison.Ordinal) => n[0] * n[1] / 2,
            _ => n[0] * n[1],
        };
        return $"{answer}";
    }

    static long Rates(string prompt, List<long> n) => prompt switch
    {
        _ when prompt.Contains("in one hour", StringComparison.Ordinal) => n[0] / n[1],
        _ when prompt.StartsWith("A train", StringComparison.Ordinal) => n[0] * n[1],
        _ when prompt.Contains("cost", StringComparison.Ordinal) => Enumerable.Range(1, 100).Single(price => price * n[0] == n[1]) * n[2],
        _ when prompt.StartsWith("Two trains", StringComparison.Ordinal) => n[0] * n[2] + n[1] * n[2],
        _ when prompt.StartsWith("Two towns", StringComparison.Ordinal) => Enumerable.Range(1, 100).Single(hours => hours * n[1] + hours * n[2] == n[0]),
        _ when prompt.Contains("will be", StringComparison.Ordinal) => Enumerable.Range(0, 200).Single(age => age + n[1] == n[2] * (n[0] + n[1])),
        _ => n[0] * n[1] + n[2],
    };

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();

    [GeneratedRegex("[A-E] says: ([^.]*)\\.")]
    private static partial Regex Saying();

    [GeneratedRegex("([A-Z]) stands (left|right) of ([A-Z])")]
    private static partial Regex Standing();

    [GeneratedRegex("(-?[0-9]*)x([+-][0-9]*)y=(-?[0-9]+)")]
    private static partial Regex LinearTerms();

    [GeneratedRegex("Solve ([0-9]*)x\\^2(?:([+-][0-9]*)x)?([+-][0-9]+)?=0")]
    private static partial Regex QuadraticTerms();
}
