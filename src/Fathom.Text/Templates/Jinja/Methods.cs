// The methods of strings, lists and dictionaries.

namespace Fathom.Text.Templates.Jinja;

sealed class Methods
{
    readonly Budget budget;
    readonly Dictionary<string, Func<Text, Arguments, object?>> ofStrings;
    readonly Dictionary<string, Func<Sequence, Arguments, object?>> ofLists;
    readonly Dictionary<string, Func<Mapping, Arguments, object?>> ofDictionaries;

    public Methods(Evaluator evaluator)
    {
        budget = evaluator.Budget;
        ofStrings = new()
        {
            ["strip"] = (text, a) => Strings.Strip(text, Characters(a)),
            ["lstrip"] = (text, a) => Strings.Strip(text, Characters(a), right: false),
            ["rstrip"] = (text, a) => Strings.Strip(text, Characters(a), left: false),
            ["split"] = (text, a) => Strings.Split(text, Separator(a), a.TakeInteger(1, "maxsplit", -1), fromEnd: false, budget),
            ["rsplit"] = (text, a) => Strings.Split(text, Separator(a), a.TakeInteger(1, "maxsplit", -1), fromEnd: true, budget),
            ["splitlines"] = (text, a) => Strings.SplitLines(text, a.TakeFlag(0, "keepends", false), budget),
            ["partition"] = (text, a) => Partition(text, a.TakeText(0, "sep"), text.Value.IndexOf(a.TakeText(0, "sep").Value, StringComparison.Ordinal), atEnd: false),
            ["rpartition"] = (text, a) => Partition(text, a.TakeText(0, "sep"), text.Value.LastIndexOf(a.TakeText(0, "sep").Value, StringComparison.Ordinal), atEnd: true),
            ["startswith"] = (text, a) => Affixes(a).Any(p => text.Value.StartsWith(p, StringComparison.Ordinal)),
            ["endswith"] = (text, a) => Affixes(a).Any(p => text.Value.EndsWith(p, StringComparison.Ordinal)),
            ["removeprefix"] = (text, a) => a.TakeText(0, "prefix").Value is var prefix && text.Value.StartsWith(prefix, StringComparison.Ordinal)
                ? text.Slice(prefix.Length, text.Value.Length - prefix.Length) : text,
            ["removesuffix"] = (text, a) => a.TakeText(0, "suffix").Value is var suffix && text.Value.EndsWith(suffix, StringComparison.Ordinal)
                ? text.Slice(0, text.Value.Length - suffix.Length) : text,
            ["replace"] = (text, a) => Strings.Replace(text, a.TakeText(0, "old"), a.TakeText(1, "new"), a.TakeInteger(2, "count", -1), budget),
            ["upper"] = (text, _) => Make(text.With(text.Value.ToUpperInvariant())),
            ["lower"] = (text, _) => Make(text.With(text.Value.ToLowerInvariant())),
            ["title"] = (text, _) => Make(Strings.Title(text)),
            ["capitalize"] = (text, _) => Make(Strings.Capitalize(text)),
            ["find"] = (text, a) => Place(text, text.Value.IndexOf(a.TakeText(0, "sub").Value, StringComparison.Ordinal)),
            ["rfind"] = (text, a) => Place(text, text.Value.LastIndexOf(a.TakeText(0, "sub").Value, StringComparison.Ordinal)),
            ["index"] = (text, a) => Place(text, text.Value.IndexOf(a.TakeText(0, "sub").Value, StringComparison.Ordinal)) is >= 0 and long place
                ? place : throw new TemplateError("index(): the string is not found"),
            ["count"] = (text, a) => Count(text.Value, a.TakeText(0, "sub").Value),
            ["join"] = (text, a) => Strings.Join(text, [.. Python.Iterate(a.Take(0, "iterable"), budget).Select(i => i as Text
                ?? throw new TemplateError($"join() needs strings, not {Python.TypeName(i)}"))], budget),
            ["format"] = (text, a) => PythonFormat.Braces(text, a, budget),
            ["zfill"] = (text, a) => text.Value is ['+' or '-', ..]
                ? Python.Concatenate(budget, text.Slice(0, 1), Strings.Pad(text.Slice(1, text.Value.Length - 1), a.TakeInteger(0, "width", 0) - 1, '0', true, false, budget))
                : Strings.Pad(text, a.TakeInteger(0, "width", 0), '0', left: true, right: false, budget),
            ["ljust"] = (text, a) => Strings.Pad(text, a.TakeInteger(0, "width", 0), Fill(a), left: false, right: true, budget),
            ["rjust"] = (text, a) => Strings.Pad(text, a.TakeInteger(0, "width", 0), Fill(a), left: true, right: false, budget),
            ["center"] = (text, a) => Strings.Pad(text, a.TakeInteger(0, "width", 0), Fill(a), left: true, right: true, budget),
            ["isdigit"] = (text, _) => text.Value.Length > 0 && text.Value.All(char.IsDigit),
            ["isdecimal"] = (text, _) => text.Value.Length > 0 && text.Value.All(char.IsDigit),
            ["isnumeric"] = (text, _) => text.Value.Length > 0 && text.Value.All(char.IsNumber),
            ["isalpha"] = (text, _) => text.Value.Length > 0 && text.Value.All(char.IsLetter),
            ["isalnum"] = (text, _) => text.Value.Length > 0 && text.Value.All(char.IsLetterOrDigit),
            ["isspace"] = (text, _) => text.Value.Length > 0 && text.Value.All(Python.IsSpace),
            ["isupper"] = (text, _) => Jinja.Tests.IsCased(text.Value, char.IsLower, char.IsUpper),
            ["islower"] = (text, _) => Jinja.Tests.IsCased(text.Value, char.IsUpper, char.IsLower),
        };
        ofLists = new()
        {
            ["append"] = (list, a) => Change(list, items => items.Add(a.Take(0, "object"))),
            ["extend"] = (list, a) => Change(list, items => items.AddRange([.. Python.Iterate(a.Take(0, "iterable"), budget)])),
            ["insert"] = (list, a) => Change(list, items => items.Insert((int)Math.Clamp(a.TakeInteger(0, "index", 0) is var i && i < 0 ? i + items.Count : i, 0, items.Count), a.Take(1, "object"))),
            ["pop"] = (list, a) => Pop(list, a.TakeInteger(0, "index", -1)),
            ["index"] = (list, a) => list.Items.FindIndex(i => Python.AreEqual(i, a.Take(0, "value"))) is >= 0 and int place
                ? (long)place : throw new TemplateError("index(): the value is not in the list"),
            ["count"] = (list, a) => (long)list.Items.Count(i => Python.AreEqual(i, a.Take(0, "value"))),
            ["copy"] = (list, _) => Copy(list),
        };
        ofDictionaries = new()
        {
            ["items"] = (mapping, _) => Items(mapping),
            ["keys"] = (mapping, _) => List(mapping.Items.Keys),
            ["values"] = (mapping, _) => List(mapping.Items.Values),
            ["get"] = (mapping, a) => mapping.TryGet(a.Take(0, "key"), out object? value) ? value : a.Take(1, "default", null),
            ["copy"] = (mapping, _) => Update(new Mapping(), mapping),
            ["update"] = (mapping, a) =>
            {
                Update(mapping, Globals.Dict(a, budget));
                return null;
            },
        };
    }

    /// <summary>The method of a value, bound to it; null where there is none.</summary>
    public Function? Find(object? target, string name) => target switch
    {
        Text text when ofStrings.TryGetValue(name, out var method) => Bind(name, text, a => method(text, a)),
        Sequence list when ofLists.TryGetValue(name, out var method) => Bind(name, list, a => method(list, a)),
        Mapping mapping when ofDictionaries.TryGetValue(name, out var method) => Bind(name, mapping, a => method(mapping, a)),
        _ => null,
    };

    // Every method looks through its value, or may.
    Function Bind(string name, object target, Func<Arguments, object?> method) => new(name, arguments =>
    {
        budget.LookThrough(target);
        foreach (object? argument in arguments.Positional)
            budget.LookThrough(argument);
        return method(arguments);
    });

    public Sequence Items(Mapping mapping)
    {
        budget.Step(mapping.Items.Count);
        return new Sequence([.. mapping.Items.Select(p => (object?)new Sequence([p.Key, p.Value], isTuple: true))]);
    }

    Sequence List(IEnumerable<object?> items)
    {
        List<object?> list = [.. items];
        budget.Step(list.Count);
        return new Sequence(list);
    }

    Sequence Copy(Sequence list)
    {
        budget.Step(list.Items.Count);
        return new Sequence([.. list.Items]);
    }

    Mapping Update(Mapping mapping, Mapping other)
    {
        budget.Step(other.Items.Count);
        foreach ((object key, object? value) in other.Items.ToArray())
            mapping.Set(key, value);
        return mapping;
    }

    object? Change(Sequence list, Action<List<object?>> change)
    {
        if (list.IsTuple)
            throw new TemplateError("a tuple cannot be changed");
        int before = list.Items.Count;
        change(list.Items);
        budget.Step(Math.Max(1, list.Items.Count - before));
        return null;
    }

    static object? Pop(Sequence list, long index)
    {
        long place = index < 0 ? index + list.Items.Count : index;
        if (list.IsTuple || place < 0 || place >= list.Items.Count)
            throw new TemplateError($"pop(): there is no item {index} of {list.Items.Count} that could be taken out");
        object? item = list.Items[(int)place];
        list.Items.RemoveAt((int)place);
        return item;
    }

    Text Make(Text text)
    {
        budget.Make(text.Value.Length);
        return text;
    }

    Sequence Partition(Text text, Text separator, int at, bool atEnd)
    {
        if (separator.Value.Length == 0)
            throw new TemplateError("the separator of partition() is empty");
        budget.Make(text.Value.Length);
        return new Sequence(at < 0
            ? atEnd ? [Text.Empty, Text.Empty, text] : [text, Text.Empty, Text.Empty]
            : [text.Slice(0, at), separator, text.Slice(at + separator.Value.Length, text.Value.Length - at - separator.Value.Length)], isTuple: true);
    }

    static string? Characters(Arguments arguments) => arguments.Take(0, "chars", null) is null ? null : arguments.TakeText(0, "chars").Value;

    static Text? Separator(Arguments arguments) => arguments.Take(0, "sep", null) is null ? null : arguments.TakeText(0, "sep");

    static char Fill(Arguments arguments) =>
        arguments.TakeText(1, "fillchar", " ").Value is [var c] ? c : throw new TemplateError("the character to fill with has to be one");

    static IEnumerable<string> Affixes(Arguments arguments) => arguments.Take(0, "prefix") is Sequence { IsTuple: true } tuple
        ? tuple.Items.Select(i => i is Text text ? text.Value : throw new TemplateError($"a string is needed, not {Python.TypeName(i)}"))
        : [arguments.TakeText(0, "prefix").Value];

    static long Place(Text text, int index) => index <= 0 ? index : Strings.Length(text.Value[..index]);

    static long Count(string text, string part)
    {
        if (part.Length == 0)
            return Strings.Length(text) + 1;
        long count = 0;
        for (int at = 0; (at = text.IndexOf(part, at, StringComparison.Ordinal)) >= 0; at += part.Length)
            count++;
        return count;
    }
}
