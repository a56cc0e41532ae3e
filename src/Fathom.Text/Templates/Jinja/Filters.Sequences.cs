// The filters of lists and dictionaries.

namespace Fathom.Text.Templates.Jinja;

sealed partial class Filters
{
    void AddSequences()
    {
        byName["list"] = (value, _) => Copy(Items(value));
        byName["items"] = (value, _) => value switch
        {
            Undefined => new Sequence([]),
            Mapping mapping => Copy(mapping.Items.Select(p => (object?)new Sequence([p.Key, p.Value], isTuple: true))),
            _ => throw new TemplateError($"items needs a dictionary, not {Python.TypeName(value)}"),
        };
        byName["first"] = (value, _) => Items(value) is [var first, ..] ? first : new Undefined("there is no first item");
        byName["last"] = (value, _) => Items(value) is [.., var last] ? last : new Undefined("there is no last item");
        byName["reverse"] = (value, _) => value is Text text ? Strings.Slice(text, null, null, -1, budget) : Copy(Enumerable.Reverse(Items(value)));
        byName["join"] = (value, a) => Strings.Join(Python.ToText(a.Take(0, "d", Text.Empty), budget),
            [.. Items(value).Select(Getter(a, 1, "attribute")).Select(i => Python.ToText(i, budget))], budget);
        byName["sort"] = (value, a) => Sorted(Items(value), Getter(a, 2, "attribute"), a.TakeFlag(1, "case_sensitive", false), a.TakeFlag(0, "reverse", false));
        byName["dictsort"] = DictSort;
        byName["unique"] = Unique;
        byName["min"] = (value, a) => Extreme(value, a, -1);
        byName["max"] = (value, a) => Extreme(value, a, 1);
        byName["sum"] = (value, a) => Items(value).Select(Getter(a, 0, "attribute")).Aggregate(a.Take(1, "start", 0L), (sum, item) => Python.Apply("+", sum, item, budget));
        byName["map"] = Map;
        byName["select"] = (value, a) => Select(value, a, byAttribute: false, keeps: true);
        byName["reject"] = (value, a) => Select(value, a, byAttribute: false, keeps: false);
        byName["selectattr"] = (value, a) => Select(value, a, byAttribute: true, keeps: true);
        byName["rejectattr"] = (value, a) => Select(value, a, byAttribute: true, keeps: false);
        byName["groupby"] = GroupBy;
        byName["batch"] = Batch;
    }

    List<object?> Items(object? value) => Python.Iterate(value, budget);

    // map, select and their like take None for nothing.
    List<object?> ItemsIfAny(object? value) => Python.IsTrue(value) ? Items(value) : [];

    Sequence Copy(IEnumerable<object?> items)
    {
        List<object?> list = [.. items];
        budget.Step(list.Count);
        return new Sequence(list);
    }

    /// <summary>What an argument such as <c>attribute='function.name'</c> takes from an item; the item itself where it is left out.</summary>
    Func<object?, object?> Getter(Arguments arguments, int index, string name, object? otherwise = null)
    {
        object? path = arguments.Take(index, name, null);
        if (path is null)
            return item => item;
        string[] parts = path is Text text ? text.Value.Split('.') : [Python.ToText(path, budget).Value];
        return item =>
        {
            foreach (string part in parts)
            {
                budget.Step();
                item = item is Undefined ? item
                    : long.TryParse(part, out long place) ? evaluator.GetItem(item, place) : evaluator.GetItem(item, Text.OfTemplate(part));
            }
            return item is Undefined && otherwise is not null ? otherwise : item;
        };
    }

    Sequence Sorted(List<object?> items, Func<object?, object?> key, bool caseSensitive, bool reverse)
    {
        // Each comparison is work, and keys may be long.
        budget.Step(items.Count * 16L);
        object?[] keys = [.. items.Select(i => Key(key(i), caseSensitive))];
        int Compare(int a, int b)
        {
            budget.Step();
            return Python.Order(keys[a], keys[b], "sorting") ?? 0;
        }
        Comparer<int> order = Comparer<int>.Create(reverse ? (a, b) => Compare(b, a) : Compare);
        try
        {
            return Copy(Enumerable.Range(0, keys.Length).OrderBy(i => i, order).Select(i => items[i]));
        }
        catch (InvalidOperationException e) when (e.InnerException is TemplateError error)
        {
            throw error;
        }
    }

    static object? Key(object? value, bool caseSensitive) => value switch
    {
        Text text when !caseSensitive => Text.OfTemplate(text.Value.ToLowerInvariant()),
        Sequence { IsTuple: true } tuple => new Sequence([.. tuple.Items.Select(i => Key(i, caseSensitive))], isTuple: true),
        _ => value,
    };

    Sequence DictSort(object? value, Arguments arguments)
    {
        if (value is not Mapping mapping)
            throw new TemplateError($"dictsort needs a dictionary, not {Python.TypeName(value)}");
        int by = arguments.TakeText(1, "by", "key").Value switch { "key" => 0, "value" => 1, _ => throw new TemplateError("dictsort sorts by 'key' or 'value'") };
        return Sorted([.. mapping.Items.Select(p => (object?)new Sequence([p.Key, p.Value], isTuple: true))], pair => ((Sequence)pair!).Items[by],
            arguments.TakeFlag(0, "case_sensitive", false), arguments.TakeFlag(2, "reverse", false));
    }

    Sequence Unique(object? value, Arguments arguments)
    {
        bool caseSensitive = arguments.TakeFlag(0, "case_sensitive", false);
        Func<object?, object?> getter = Getter(arguments, 1, "attribute");
        HashSet<object> seen = new(KeyComparer.Instance);
        bool seenNone = false;
        return Copy(Items(value).Where(item => Key(getter(item), caseSensitive) is { } key ? seen.Add(KeyComparer.Require(key)) : !seenNone && (seenNone = true)));
    }

    object? Extreme(object? value, Arguments arguments, int sign)
    {
        bool caseSensitive = arguments.TakeFlag(0, "case_sensitive", false);
        Func<object?, object?> getter = Getter(arguments, 1, "attribute");
        List<object?> items = Items(value);
        budget.Step(items.Count);
        return items.Count == 0 ? new Undefined("there is no item")
            : items.Aggregate((best, item) => (Python.Order(Key(getter(item), caseSensitive), Key(getter(best), caseSensitive), "min and max") ?? 0) * sign > 0 ? item : best);
    }

    Sequence Map(object? value, Arguments arguments)
    {
        if (arguments.Named.ContainsKey("attribute"))
        {
            Func<object?, object?> getter = Getter(arguments, int.MaxValue, "attribute", arguments.Take(int.MaxValue, "default", null));
            return Copy(ItemsIfAny(value).Select(getter));
        }
        string name = arguments.TakeText(0, "filter").Value;
        return Copy([.. ItemsIfAny(value).Select(item => Apply(name, item, Rest(arguments, 1)))]);
    }

    Sequence Select(object? value, Arguments arguments, bool byAttribute, bool keeps)
    {
        Func<object?, object?> getter = byAttribute ? Getter(arguments, 0, "attribute") : item => item;
        int from = byAttribute ? 1 : 0;
        string? name = arguments.Positional.Count > from ? arguments.TakeText(from, "test").Value : null;
        return Copy([.. ItemsIfAny(value).Where(item => keeps == (name is null
            ? Python.IsTrue(getter(item)) : evaluator.Tests.Apply(name, getter(item), Rest(arguments, from + 1))))]);
    }

    static Arguments Rest(Arguments arguments, int from) => new([.. arguments.Positional.Skip(from)], new Dictionary<string, object?>(arguments.Named));

    Sequence GroupBy(object? value, Arguments arguments)
    {
        Func<object?, object?> getter = Getter(arguments, 0, "attribute", arguments.Take(1, "default", null));
        bool caseSensitive = arguments.TakeFlag(2, "case_sensitive", false);
        List<(object? Key, List<object?> Items)> groups = [];
        foreach (object? item in Sorted(Items(value), getter, caseSensitive, reverse: false).Items)
        {
            object? key = getter(item);
            if (groups.Count == 0 || !Python.AreEqual(Key(groups[^1].Key, caseSensitive), Key(key, caseSensitive)))
                groups.Add((key, []));
            groups[^1].Items.Add(item);
        }
        return Copy(groups.Select(g => (object?)new Sequence([g.Key, new Sequence(g.Items)], isTuple: true)));
    }

    Sequence Batch(object? value, Arguments arguments)
    {
        long size = arguments.TakeInteger(0, "linecount", 0);
        object? fill = arguments.Take(1, "fill_with", null);
        if (size < 1)
            throw new TemplateError("batch needs a count of 1 or more");
        List<List<object?>> batches = [.. Items(value).Chunk((int)Math.Min(size, int.MaxValue)).Select(c => new List<object?>(c))];
        if (fill is not null && batches.Count > 0)
        {
            budget.Step(size);
            while (batches[^1].Count < size)
                batches[^1].Add(fill);
        }
        return Copy(batches.Select(b => (object?)new Sequence(b)));
    }
}
