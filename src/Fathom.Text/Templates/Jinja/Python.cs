// Python's meaning of the values of templates: truth, equality, order, and how a value reads as text.

using System.Globalization;
using System.Numerics;
using System.Text;

namespace Fathom.Text.Templates.Jinja;

static partial class Python
{
    /// <summary>Characters that Python's <c>str.strip</c> takes for white space.</summary>
    public static readonly char[] Spaces = [.. Enumerable.Range(0, 0x10000).Select(c => (char)c).Where(IsSpace)];

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F';

    public static string TypeName(object? value) => value switch
    {
        null => "None",
        bool => "a truth value",
        long or BigInteger => "an integer",
        double => "a float",
        Text => "a string",
        Sequence { IsTuple: true } => "a tuple",
        Sequence => "a list",
        Mapping => "a dictionary",
        Undefined undefined => $"undefined ({undefined.Description})",
        Function => "a function",
        _ => "an object",
    };

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        Text text => text.Value.Length > 0,
        Sequence sequence => sequence.Items.Count > 0,
        Mapping mapping => mapping.Items.Count > 0,
        _ => true,
    };

    public static bool AreEqual(object? a, object? b, int depth = 0)
    {
        Budget.StepOfThread();
        if (depth > Budget.MostDepth)
            throw new TemplateError("values too deep to compare");
        switch (a, b)
        {
            case (Text x, Text y):
                return x.Value == y.Value;
            case (Sequence x, Sequence y):
                bool same = x.IsTuple == y.IsTuple && x.Items.Count == y.Items.Count;
                for (int i = 0; same && i < x.Items.Count; i++)
                    same = AreEqual(x.Items[i], y.Items[i], depth + 1);
                return same;
            case (Mapping x, Mapping y):
                return x.Items.Count == y.Items.Count && x.Items.All(p => y.TryGet(p.Key, out object? other) && AreEqual(p.Value, other, depth + 1));
            case (Undefined, Undefined) or (null, null):
                return true;
        }
        return IsNumber(a) && IsNumber(b) ? CompareNumbers(a!, b!) == 0 : ReferenceEquals(a, b);
    }

    public static bool IsNumber(object? value) => value is bool or long or double or BigInteger;

    static int? CompareNumbers(object a, object b)
    {
        if (a is double || b is double)
        {
            double x = ToDouble(a), y = ToDouble(b);
            return double.IsNaN(x) || double.IsNaN(y) ? null : x.CompareTo(y);
        }
        return a is BigInteger || b is BigInteger ? ToBig(a).CompareTo(ToBig(b)) : ToLong(a).CompareTo(ToLong(b));
    }

    /// <summary>Whether a stands to b as the operator says.</summary>
    public static bool Compare(string sign, object? a, object? b)
    {
        if (sign is "==" or "!=")
            return AreEqual(a, b) == (sign == "==");
        int? order = Order(a, b, $"'{sign}'");
        return order is { } o && sign switch { "<" => o < 0, "<=" => o <= 0, ">" => o > 0, _ => o >= 0 };
    }

    /// <summary>Which comes first; null where neither does (NaN).</summary>
    public static int? Order(object? a, object? b, string what, int depth = 0)
    {
        Budget.StepOfThread();
        if (depth > Budget.MostDepth)
            throw new TemplateError("values too deep to compare");
        if (IsNumber(a) && IsNumber(b))
            return CompareNumbers(a!, b!);
        if (a is Text x && b is Text y)
            return CompareByCodePoints(x.Value, y.Value);
        if (a is Sequence s && b is Sequence t && s.IsTuple == t.IsTuple)
        {
            for (int i = 0; i < Math.Min(s.Items.Count, t.Items.Count); i++)
                if (!AreEqual(s.Items[i], t.Items[i], depth + 1))
                    return Order(s.Items[i], t.Items[i], what, depth + 1);
            return s.Items.Count.CompareTo(t.Items.Count);
        }
        throw new TemplateError($"{what} does not work between {TypeName(a)} and {TypeName(b)}");
    }

    // Surrogates stand for characters behind all others; as units they would come before U+E000.
    static int CompareByCodePoints(string a, string b)
    {
        int i = a.AsSpan().CommonPrefixLength(b);
        if (i == a.Length || i == b.Length)
            return a.Length.CompareTo(b.Length);
        return Rank(a[i]).CompareTo(Rank(b[i]));

        static int Rank(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
    }

    public static bool Contains(object? container, object? item) => container switch
    {
        Text text => item is Text part ? text.Value.Contains(part.Value, StringComparison.Ordinal)
            : throw new TemplateError($"'in' a string needs a string, not {TypeName(item)}"),
        Sequence sequence => sequence.Items.Any(i => AreEqual(i, item)),
        Mapping mapping => mapping.TryGet(item, out _),
        Undefined => false,
        _ => throw new TemplateError($"'in' does not work on {TypeName(container)}"),
    };

    /// <summary>The elements of what a loop can run over.</summary>
    public static List<object?> Iterate(object? value, Budget budget)
    {
        switch (value)
        {
            case Sequence sequence:
                return sequence.Items;
            case Mapping mapping:
                return [.. mapping.Items.Keys];
            case Undefined:
                return [];
            case Text text:
                budget.Step(text.Value.Length);
                List<object?> characters = [];
                for (int i = 0, length; i < text.Value.Length; i += length)
                {
                    length = char.IsSurrogatePair(text.Value, i) ? 2 : 1;
                    characters.Add(text.Slice(i, length));
                }
                return characters;
            default:
                throw new TemplateError($"{TypeName(value)} has no elements");
        }
    }

    /// <summary><c>str(value)</c></summary>
    public static Text ToText(object? value, Budget budget) => value switch
    {
        Text text => text,
        Undefined => Text.Empty,
        null or bool or long or double or BigInteger => Text.OfTemplate(Represent(value)),
        _ => Represented(value, budget),
    };

    static Text Represented(object? value, Budget budget)
    {
        StringBuilder text = new();
        bool isTemplate = true;
        Represent(value, text, budget, ref isTemplate);
        budget.Make(text.Length);
        return Text.Of(text.ToString(), isTemplate);
    }

    /// <summary><c>repr(value)</c> of what has no parts.</summary>
    public static string Represent(object? value) => value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        BigInteger number => number.ToString(CultureInfo.InvariantCulture),
        double number => PythonFormat.Float(number),
        Text text => Quote(text.Value),
        Undefined => "Undefined",
        Function function => $"<function {function.Name}>",
        _ => "<object>",
    };

    static void Represent(object? value, StringBuilder into, Budget budget, ref bool isTemplate)
    {
        budget.Step();
        budget.Enter();
        if (into.Length > Budget.LongestText)
            budget.Make(into.Length);
        switch (value)
        {
            case Sequence sequence:
                into.Append(sequence.IsTuple ? '(' : '[');
                for (int i = 0; i < sequence.Items.Count; i++)
                {
                    into.Append(i > 0 ? ", " : "");
                    Represent(sequence.Items[i], into, budget, ref isTemplate);
                }
                into.Append(sequence.IsTuple ? sequence.Items.Count == 1 ? ",)" : ")" : "]");
                break;
            case Mapping mapping:
                into.Append('{');
                int count = 0;
                foreach ((object key, object? item) in mapping.Items)
                {
                    into.Append(count++ > 0 ? ", " : "");
                    Represent(key, into, budget, ref isTemplate);
                    into.Append(": ");
                    Represent(item, into, budget, ref isTemplate);
                }
                into.Append('}');
                break;
            default:
                isTemplate &= value is not Text { IsTemplate: false };
                into.Append(Represent(value));
                break;
        }
        budget.Leave();
    }

    static string Quote(string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        StringBuilder quoted = new();
        quoted.Append(quote);
        foreach (Rune rune in text.EnumerateRunes())
            _ = rune.Value switch
            {
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                int c when c == quote => quoted.Append('\\').Append(quote),
                < 0x20 or 0x7F => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                _ when rune.IsAscii || IsPrintable(rune) => quoted.Append(rune),
                < 0x100 => quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 0x10000 => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        return quoted.Append(quote).ToString();
    }

    static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
