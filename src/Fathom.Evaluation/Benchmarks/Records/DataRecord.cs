// One record of a benchmark file, and the typed access to its fields that every benchmark's reader is written with.
using System.Globalization;

namespace Fathom.Evaluation.Benchmarks.Records;

/// <summary>A record.</summary>
/// <param name="Place">Where it stands: <c>file, line 3</c> or <c>file, row 3</c>.</param>
/// <param name="Value">Its fields.</param>
public sealed record DataRecord(string Place, DataValue Value)
{
    /// <summary>The names of the fields in file order.</summary>
    public IEnumerable<string> Names => Value.Fields.Select(pair => pair.Key);

    /// <summary>The first of the named fields that the record has with a value; null where it has none of them.</summary>
    public DataValue? Find(params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            if (Value[name] is { Kind: not DataKind.Null } value)
                return value;
        return null;
    }

    /// <summary>A text that is not blank, or a number as it is written.</summary>
    /// <exception cref="BenchmarkException">There is none.</exception>
    public string Text(params ReadOnlySpan<string> names) => TextOf(Find(names), string.Join("\" or \"", names.ToArray()));

    /// <summary>A text; empty where the record has none.</summary>
    public string TextOrEmpty(params ReadOnlySpan<string> names) => Find(names) is { Kind: DataKind.Text or DataKind.Number } value ? value.Text : "";

    /// <summary>A value as a text that is not blank.</summary>
    /// <param name="value">The value, or null.</param>
    /// <param name="what">Its name for the message.</param>
    /// <exception cref="BenchmarkException">It is not one.</exception>
    public string TextOf(DataValue? value, string what) =>
        value is { Kind: DataKind.Text or DataKind.Number } && !string.IsNullOrWhiteSpace(value.Text) ? value.Text
            : throw Wrong($"\"{what}\" must be a text that is not empty, not {Describe(value)}");

    /// <summary>A whole number, written as a number or as a text; <c>3.0</c> is one too.</summary>
    /// <exception cref="BenchmarkException">There is none, or it is outside the range.</exception>
    public int Integer(string name, int min, int max) =>
        WholeNumber(Find(name)) is { } number && number >= min && number <= max ? (int)number
            : throw Wrong($"\"{name}\" must be a whole number from {min} to {max}, not {Describe(Find(name))}");

    /// <summary>The list called by one of these names.</summary>
    /// <exception cref="BenchmarkException">There is none.</exception>
    public IReadOnlyList<DataValue> List(params ReadOnlySpan<string> names) =>
        Find(names) is { Kind: DataKind.List } value ? value.Items
            : throw Wrong($"\"{string.Join("\" or \"", names.ToArray())}\" must be a list, not {Describe(Find(names))}");

    /// <summary>A list of texts, none of them blank.</summary>
    /// <exception cref="BenchmarkException">There is none.</exception>
    public IReadOnlyList<string> Texts(params ReadOnlySpan<string> names)
    {
        string name = names[0];
        return [.. List(names).Select(item => TextOf(item, $"{name}[]"))];
    }

    /// <summary>The error that names this record's place.</summary>
    public BenchmarkException Wrong(string what) => new($"{Place}: {what}.");

    /// <summary>What a value is, in a few words for a message.</summary>
    public static string Describe(DataValue? value) => value switch
    {
        null or { Kind: DataKind.Null } => "missing",
        { Kind: DataKind.Text } => Quote(value.Text),
        { Kind: DataKind.List } => $"a list of {value.Items.Count}",
        { Kind: DataKind.Record } => "an object",
        _ => Shorten(value.Text),
    };

    /// <summary>A text in quotes, its end where it is long.</summary>
    public static string Quote(string text) => $"\"{Shorten(text)}\"";

    static string Shorten(string text) => text.Length <= 40 ? text : $"...{text[^40..]}";

    /// <summary>The value as a whole number; null where it is none or does not fit in 64 bits.</summary>
    public static long? WholeNumber(DataValue? value) =>
        value is { Kind: DataKind.Text or DataKind.Number } && value.Text.Length <= 40
        && decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number)
        && decimal.IsInteger(number) && number >= long.MinValue && number <= long.MaxValue ? (long)number : null;
}
