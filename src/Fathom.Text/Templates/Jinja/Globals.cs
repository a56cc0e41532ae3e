// The functions that templates find without being given them.

using System.Globalization;
using System.Text;

namespace Fathom.Text.Templates.Jinja;

static class Globals
{
    // As the sandboxes of other libraries allow.
    const long LongestRange = 100_000;

    public static Scope Make(Evaluator evaluator)
    {
        Scope scope = new(null);
        foreach (Function function in new Function[]
        {
            new("range", arguments => Range(arguments, evaluator.Budget)),
            new("dict", arguments => Dict(arguments, evaluator.Budget)),
            new("namespace", arguments => MakeNamespace(arguments, evaluator.Budget)),
            new("cycler", arguments => new Cycler([.. arguments.Positional])),
            new("joiner", arguments => new Joiner(arguments.TakeText(0, "sep", ", ")).Function),
            new("raise_exception", arguments => throw new TemplateError(Python.ToText(arguments.Take(0, "message"), evaluator.Budget).Value, isRefusal: true)),
            new("strftime_now", arguments => Text.OfTemplate(Time(evaluator.Now, arguments.TakeText(0, "format").Value))),
        })
            scope.Set(function.Name, function);
        return scope;
    }

    static Sequence Range(Arguments arguments, Budget budget)
    {
        long first = arguments.TakeInteger(0, "start", 0), step = arguments.TakeInteger(2, "step", 1);
        (long start, long stop) = arguments.Positional.Count == 1 ? (0, first) : (first, Python.Integer(arguments.Take(1, "stop"), "range(): 'stop'"));
        if (step == 0)
            throw new TemplateError("range(): 'step' cannot be 0");
        Int128 count = step > 0 ? ((Int128)stop - start + step - 1) / step : ((Int128)start - stop - step - 1) / -(Int128)step;
        if (count > LongestRange)
            throw new TemplateError($"a range of {count} numbers; at most {LongestRange} are allowed");
        budget.Step(Math.Max(0, (long)count));
        List<object?> items = [];
        for (long i = 0; i < count; i++)
            items.Add(start + i * step);
        return new Sequence(items);
    }

    /// <summary>A dictionary of a dictionary or pairs, and of named arguments.</summary>
    public static Mapping Dict(Arguments arguments, Budget budget)
    {
        Mapping mapping = new();
        if (arguments.TryTake(0, "", out object? first))
            foreach ((object? key, object? value) in first is Mapping other ? other.Items.Select(p => ((object?)p.Key, p.Value)) : Pairs(first, budget))
                mapping.Set(key, value);
        foreach ((string name, object? value) in arguments.Named)
            mapping.Set(Text.OfTemplate(name), value);
        budget.Step(mapping.Items.Count);
        return mapping;
    }

    static IEnumerable<(object?, object?)> Pairs(object? value, Budget budget) => Python.Iterate(value, budget).Select(item =>
        Python.Iterate(item, budget) is [var key, var second] ? (key, second) : throw new TemplateError("dict() needs pairs"));

    static Namespace MakeNamespace(Arguments arguments, Budget budget)
    {
        Namespace space = new();
        foreach ((object key, object? value) in Dict(arguments, budget).Items)
            space.Attributes[key is Text name ? name.Value : throw new TemplateError("namespace() needs names")] = value;
        return space;
    }

    /// <summary>A time in the way of C's <c>strftime</c>, in English.</summary>
    static string Time(DateTimeOffset now, string format)
    {
        StringBuilder text = new();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }
            bool bare = format[i + 1] == '-' && i + 2 < format.Length;
            i += bare ? 2 : 1;
            string part = format[i] switch
            {
                'Y' => At("yyyy"),
                'y' => At("yy"),
                'm' => At("MM"),
                'd' => At("dd"),
                'H' => At("HH"),
                'I' => At("hh"),
                'M' => At("mm"),
                'S' => At("ss"),
                'B' => At("MMMM"),
                'b' or 'h' => At("MMM"),
                'A' => At("dddd"),
                'a' => At("ddd"),
                'p' => At("tt"),
                'F' => At("yyyy-MM-dd"),
                'T' => At("HH:mm:ss"),
                'D' => At("MM/dd/yy"),
                'R' => At("HH:mm"),
                'e' => now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
                'f' => At("ffffff"),
                'j' => now.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
                'u' => $"{((int)now.DayOfWeek + 6) % 7 + 1}",
                'w' => $"{(int)now.DayOfWeek}",
                'z' => At("zzz").Replace(":", "", StringComparison.Ordinal),
                'Z' => "",
                'n' => "\n",
                't' => "\t",
                '%' => "%",
                'c' => At("ddd MMM ") + now.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + At(" HH:mm:ss yyyy"),
                'x' => At("MM/dd/yy"),
                'X' => At("HH:mm:ss"),
                _ => throw new TemplateError($"strftime_now(): '%{format[i]}' is not supported"),
            };
            text.Append(bare ? part.TrimStart('0', ' ') is { Length: > 0 } trimmed ? trimmed : "0" : part);
        }
        return text.ToString();

        string At(string pattern) => now.ToString(pattern, CultureInfo.InvariantCulture);
    }
}

/// <summary><c>cycler(a, b, ...)</c>: its values in turn.</summary>
sealed class Cycler(object?[] values) : Special
{
    int at;

    public override bool TryGetAttribute(string name, out object? value)
    {
        if (values.Length == 0)
            throw new TemplateError("cycler() needs values");
        value = name switch
        {
            "current" => values[at],
            "next" => new Function("next", _ =>
            {
                object? current = values[at];
                at = (at + 1) % values.Length;
                return current;
            }),
            "reset" => new Function("reset", _ =>
            {
                at = 0;
                return null;
            }),
            _ => null,
        };
        return value is not null || name == "current";
    }
}

/// <summary><c>joiner(sep)</c>: nothing at the first call, then the separator.</summary>
sealed class Joiner(Text separator)
{
    bool used;

    public Function Function => new("joiner", _ =>
    {
        Text text = used ? separator : Text.Empty;
        used = true;
        return text;
    });
}
