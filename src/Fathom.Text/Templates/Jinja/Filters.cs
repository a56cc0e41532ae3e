// The filters of expressions: `value | name(arguments)`.

using System.Globalization;
using System.Numerics;

namespace Fathom.Text.Templates.Jinja;

sealed partial class Filters
{
    readonly Evaluator evaluator;
    readonly Budget budget;
    readonly Dictionary<string, Func<object?, Arguments, object?>> byName = [];

    public Filters(Evaluator evaluator)
    {
        this.evaluator = evaluator;
        budget = evaluator.Budget;
        AddValues();
        AddStrings();
        AddSequences();
    }

    public bool Knows(string name) => byName.ContainsKey(name);

    public object? Apply(string name, object? value, Arguments arguments)
    {
        if (!byName.TryGetValue(name, out Func<object?, Arguments, object?>? filter))
            throw new TemplateError($"there is no filter '{name}'; known: {string.Join(", ", byName.Keys)}");
        budget.LookThrough(value);
        arguments.Function = name;
        return filter(value, arguments);
    }

    void AddValues()
    {
        byName["abs"] = (value, _) => value is double number ? (object)Math.Abs(number)
            : Python.Integer(value, "abs") is var whole && whole != long.MinValue ? Math.Abs(whole) : throw new TemplateError("the result of abs is beyond 64 bits");
        byName["default"] = byName["d"] = (value, a) =>
            value is Undefined || a.TakeFlag(1, "boolean", false) && !Python.IsTrue(value) ? a.Take(0, "default_value", Text.Empty) : value;
        byName["int"] = (value, a) => ToInteger(value) ?? a.Take(0, "default", 0L);
        byName["float"] = (value, a) => ToFloat(value) ?? a.Take(0, "default", 0.0);
        byName["round"] = (value, a) => Round(value, a);
        byName["string"] = (value, _) => Python.ToText(value, budget);
        byName["safe"] = (value, _) => value;
        byName["length"] = byName["count"] = (value, _) => value switch
        {
            Text text => (long)Strings.Length(text.Value),
            Sequence sequence => (long)sequence.Items.Count,
            Mapping mapping => (long)mapping.Items.Count,
            Undefined => 0L,
            _ => throw new TemplateError($"{Python.TypeName(value)} has no length"),
        };
        byName["tojson"] = ToJson;
        byName["from_json"] = byName["fromjson"] = (value, a) => value is Text text ? Json.Parse(text) : throw new TemplateError($"from_json needs a string, not {Python.TypeName(value)}");
        byName["attr"] = (value, a) => value is Mapping ? new Undefined("attr looks for no items") : evaluator.GetAttribute(value, a.TakeText(0, "name").Value);
    }

    static object? ToInteger(object? value)
    {
        switch (value)
        {
            case long or BigInteger:
                return value;
            case bool flag:
                return flag ? 1L : 0L;
            case double number:
                return double.IsFinite(number) && Math.Abs(number) < 9e18 ? (long)number : null;
            case Text text:
                string digits = text.Value.Trim().Replace("_", "", StringComparison.Ordinal);
                return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long whole) ? whole
                    : ToFloat(text) is double parsed ? ToInteger(parsed) : null;
            default:
                return null;
        }
    }

    static object? ToFloat(object? value) => value switch
    {
        Text text => double.TryParse(text.Value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : null,
        not null when Python.IsNumber(value) => Python.ToDouble(value),
        _ => null,
    };

    static object Round(object? value, Arguments arguments)
    {
        if (!Python.IsNumber(value))
            throw new TemplateError($"round needs a number, not {Python.TypeName(value)}");
        int digits = (int)Math.Clamp(arguments.TakeInteger(0, "precision", 0), -400, 400);
        double number = Python.ToDouble(value!);
        switch (arguments.TakeText(1, "method", "common").Value)
        {
            case "common":
                // Python's round gives an integer back for an integer.
                return value is double ? PythonFormat.Round(number, digits) : digits >= 0 ? value! : (object)(long)PythonFormat.Round(number, digits);
            case "ceil":
                return Math.Ceiling(number * Math.Pow(10, digits)) / Math.Pow(10, digits);
            case "floor":
                return Math.Floor(number * Math.Pow(10, digits)) / Math.Pow(10, digits);
            default:
                throw new TemplateError("round knows the methods common, ceil and floor");
        }
    }

    Text ToJson(object? value, Arguments arguments)
    {
        const int mostIndent = 64;
        // The order of the usual function's arguments: value, ensure_ascii, indent, separators, sort_keys.
        bool asciiOnly = arguments.TakeFlag(0, "ensure_ascii", false);
        string? indent = arguments.Take(1, "indent", null) switch
        {
            null => null,
            Text text when text.Value.Length <= mostIndent => text.Value,
            long or bool => new string(' ', (int)Math.Clamp(arguments.TakeInteger(1, "indent", 0), 0, mostIndent)),
            _ => throw new TemplateError($"tojson: 'indent' has to be a number, or a string of at most {mostIndent} characters"),
        };
        (string? items, string? keys) = arguments.Take(2, "separators", null) switch
        {
            null => (null, null),
            Sequence { Items: [Text between, Text behindKey] } => (between.Value, behindKey.Value),
            _ => throw new TemplateError("tojson: 'separators' has to be two strings"),
        };
        bool sorted = arguments.TakeFlag(3, "sort_keys", false);
        arguments.Finish(4);
        return Json.Write(value, indent, items, keys, sorted, asciiOnly, budget);
    }

    void AddStrings()
    {
        byName["upper"] = (value, _) => Of(value) is var t ? t.With(t.Value.ToUpperInvariant()) : t;
        byName["lower"] = (value, _) => Of(value) is var t ? t.With(t.Value.ToLowerInvariant()) : t;
        byName["capitalize"] = (value, _) => Strings.Capitalize(Of(value));
        byName["title"] = (value, _) => Strings.TitleWords(Of(value));
        byName["trim"] = (value, a) => Strings.Strip(Of(value), a.Take(0, "chars", null) is null ? null : a.TakeText(0, "chars").Value);
        byName["replace"] = (value, a) => Strings.Replace(Of(value), Of(a.Take(0, "old")), Of(a.Take(1, "new")), a.Take(2, "count", null) is null ? -1 : a.TakeInteger(2, "count", -1), budget);
        byName["indent"] = (value, a) => Strings.Indent(Of(value), a.Take(0, "width", 4L) is Text text ? text
            : Text.OfTemplate(new string(' ', (int)Math.Clamp(a.TakeInteger(0, "width", 4), 0, 1000))), a.TakeFlag(1, "first", false), a.TakeFlag(2, "blank", false), budget);
        byName["center"] = (value, a) => Strings.Pad(Of(value), a.TakeInteger(0, "width", 80), ' ', left: true, right: true, budget);
        byName["format"] = (value, a) => PythonFormat.Percent(Of(value), a.Named.Count > 0 ? Globals.Dict(new Arguments([], a.Named), budget) : new Sequence(a.Positional, isTuple: true), budget);
        byName["truncate"] = Truncate;
        byName["wordcount"] = (value, _) => (long)Of(value).Value.Split([.. Of(value).Value.Where(c => c != '_' && !char.IsLetterOrDigit(c)).Distinct()], StringSplitOptions.RemoveEmptyEntries).Length;
        byName["escape"] = byName["e"] = byName["forceescape"] = (value, _) => new (string, string)[] { ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("'", "&#39;"), ("\"", "&#34;") }
            .Aggregate(Of(value), (text, pair) => Strings.Replace(text, Text.OfTemplate(pair.Item1), Text.OfTemplate(pair.Item2), -1, budget));
    }

    Text Of(object? value)
    {
        Text text = Python.ToText(value, budget);
        budget.Make(text.Value.Length);
        return text;
    }

    object Truncate(object? value, Arguments arguments)
    {
        Text text = Of(value), end = arguments.TakeText(2, "end", "...");
        long length = arguments.TakeInteger(0, "length", 255), leeway = arguments.Take(3, "leeway", null) is null ? 5 : arguments.TakeInteger(3, "leeway", 5);
        if (length < end.Value.Length || leeway < 0)
            throw new TemplateError("truncate: the length has to hold the end, and the leeway to be 0 or more");
        if (Strings.Length(text.Value) <= length + leeway)
            return text;
        Text cut = Strings.Slice(text, 0, length - Strings.Length(end.Value), 1, budget);
        int space = cut.Value.LastIndexOf(' ');
        if (!arguments.TakeFlag(1, "killwords", false) && space >= 0)
            cut = cut.Slice(0, space);
        return Python.Concatenate(budget, cut, end);
    }
}
