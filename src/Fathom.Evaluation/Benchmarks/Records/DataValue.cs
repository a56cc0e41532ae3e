// One value of a record, whatever file it came from. Numbers stay the text that stood in the file, so nothing is rounded on the way.
namespace Fathom.Evaluation.Benchmarks.Records;

/// <summary>What a value is.</summary>
public enum DataKind
{
    /// <summary>No value.</summary>
    Null,

    /// <summary>A text; every field of a CSV file is one.</summary>
    Text,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>Named values.</summary>
    Record,
}

/// <summary>A value.</summary>
public sealed class DataValue
{
    DataValue(DataKind kind, string text = "", IReadOnlyList<DataValue>? items = null, IReadOnlyList<KeyValuePair<string, DataValue>>? fields = null) =>
        (Kind, Text, Items, Fields) = (kind, text, items ?? [], fields ?? []);

    /// <summary>No value.</summary>
    public static DataValue Null { get; } = new(DataKind.Null);

    /// <summary>True.</summary>
    public static DataValue True { get; } = new(DataKind.Boolean, "true");

    /// <summary>False.</summary>
    public static DataValue False { get; } = new(DataKind.Boolean, "false");

    /// <summary>What it is.</summary>
    public DataKind Kind { get; }

    /// <summary>The text; a number as it is written; <c>true</c> or <c>false</c>; empty for the other kinds.</summary>
    public string Text { get; }

    /// <summary>The values of a list; empty for the other kinds.</summary>
    public IReadOnlyList<DataValue> Items { get; }

    /// <summary>The named values of a record in file order, names unique; empty for the other kinds.</summary>
    public IReadOnlyList<KeyValuePair<string, DataValue>> Fields { get; }

    /// <summary>A text.</summary>
    public static DataValue OfText(string text) => new(DataKind.Text, text);

    /// <summary>A number.</summary>
    /// <param name="literal">As it is written.</param>
    public static DataValue OfNumber(string literal) => new(DataKind.Number, literal);

    /// <summary>A list.</summary>
    public static DataValue OfList(IReadOnlyList<DataValue> items) => new(DataKind.List, items: items);

    /// <summary>Named values.</summary>
    public static DataValue OfRecord(IReadOnlyList<KeyValuePair<string, DataValue>> fields) => new(DataKind.Record, fields: fields);

    /// <summary>The value called <paramref name="name"/>; null where there is none.</summary>
    public DataValue? this[string name]
    {
        get
        {
            foreach ((string key, DataValue value) in Fields)
                if (key == name)
                    return value;
            return null;
        }
    }
}
