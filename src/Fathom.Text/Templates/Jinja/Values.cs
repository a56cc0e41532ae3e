// What template expressions work on. A value is null (None), bool, long, BigInteger (from data only), double, Text, or one of these.

using System.Diagnostics.CodeAnalysis;

namespace Fathom.Text.Templates.Jinja;

/// <summary>A list or tuple.</summary>
sealed class Sequence(List<object?> items, bool isTuple = false)
{
    public List<object?> Items { get; } = items;
    public bool IsTuple { get; } = isTuple;
}

/// <summary>A dictionary in the order of insertion.</summary>
sealed class Mapping
{
    public OrderedDictionary<object, object?> Items { get; } = new(KeyComparer.Instance);

    public bool TryGet(object? key, out object? value)
    {
        value = null;
        return key is not null && Items.TryGetValue(key, out value);
    }

    public void Set(object? key, object? value) => Items[KeyComparer.Require(key)] = value;
}

/// <summary>What a name or place without a value is.</summary>
/// <param name="description">What was looked for, for messages.</param>
sealed class Undefined(string description)
{
    public string Description { get; } = description;
}

/// <summary>An object whose attributes a template may set: <c>namespace()</c>.</summary>
sealed class Namespace
{
    public Dictionary<string, object?> Attributes { get; } = [];
}

/// <summary>An object with attributes of its own making: <c>loop</c>, <c>cycler</c>, <c>joiner</c>, a group.</summary>
abstract class Special
{
    /// <summary>The value of an attribute; false where there is none.</summary>
    public abstract bool TryGetAttribute(string name, out object? value);
}

/// <summary>Something that can be called.</summary>
sealed class Function(string name, Func<Arguments, object?> body)
{
    public string Name { get; } = name;

    public object? Call(Arguments arguments)
    {
        arguments.Function = Name;
        return body(arguments);
    }
}

/// <summary>The arguments of a call, taken one by one by position or name.</summary>
sealed class Arguments(List<object?> positional, Dictionary<string, object?> named)
{
    readonly HashSet<string> taken = [];

    public string Function { get; set; } = "";
    public List<object?> Positional => positional;
    public Dictionary<string, object?> Named => named;

    /// <summary>The argument at a place or of a name; false where it is left out.</summary>
    public bool TryTake(int index, string name, out object? value)
    {
        taken.Add(name);
        if (index < positional.Count)
        {
            if (named.ContainsKey(name))
                throw new TemplateError($"{Function}() got '{name}' twice");
            value = positional[index];
            return true;
        }
        return named.TryGetValue(name, out value);
    }

    public object? Take(int index, string name) =>
        TryTake(index, name, out object? value) ? value : throw new TemplateError($"{Function}() needs the argument '{name}'");

    public object? Take(int index, string name, object? otherwise) => TryTake(index, name, out object? value) ? value : otherwise;

    public Text TakeText(int index, string name, string? otherwise = null) => Take(index, name, otherwise is null ? Missing : Text.OfTemplate(otherwise)) switch
    {
        Text text => text,
        var other when ReferenceEquals(other, Missing) => throw new TemplateError($"{Function}() needs the argument '{name}'"),
        var other => throw new TemplateError($"{Function}(): '{name}' has to be a string, not {Python.TypeName(other)}"),
    };

    public long TakeInteger(int index, string name, long otherwise) => Python.Integer(Take(index, name, otherwise), $"{Function}(): '{name}'");

    public bool TakeFlag(int index, string name, bool otherwise) => Python.IsTrue(Take(index, name, otherwise));

    static readonly object Missing = new();

    /// <summary>Refuses what has not been taken.</summary>
    public void Finish(int most)
    {
        if (positional.Count > most)
            throw new TemplateError($"{Function}() takes at most {most} arguments, not {positional.Count}");
        if (named.Keys.FirstOrDefault(name => !taken.Contains(name)) is { } unknown)
            throw new TemplateError($"{Function}() has no argument '{unknown}'");
    }
}

/// <summary>Python's equality of dictionary keys.</summary>
sealed class KeyComparer : IEqualityComparer<object>
{
    public static readonly KeyComparer Instance = new();

    public new bool Equals(object? x, object? y) => Python.AreEqual(x, y);

    public int GetHashCode([DisallowNull] object key) => HashOf(key, 0);

    static int HashOf(object? key, int depth) => key switch
    {
        Text text => string.GetHashCode(text.Value, StringComparison.Ordinal),
        bool flag => (flag ? 1L : 0L).GetHashCode(),
        long number => number.GetHashCode(),
        double number => number == Math.Floor(number) && Math.Abs(number) < 1e18 ? ((long)number).GetHashCode() : number.GetHashCode(),
        // A look at the beginning is enough: what is equal has the same.
        Sequence { IsTuple: true } tuple when depth < 4 => tuple.Items.Take(4).Aggregate(17, (hash, item) => hash * 31 + HashOf(item, depth + 1)),
        _ => 0,
    };

    /// <summary>A value as a key; an error where it cannot be one.</summary>
    public static object Require(object? key) => key is Text or bool or long or double or Sequence { IsTuple: true }
        ? key : throw new TemplateError($"{Python.TypeName(key)} cannot be a key of a dictionary");
}
