// JSON into values, and values as JSON in the way of Python's json.dumps.

using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Fathom.Text.Templates.Jinja;

static class Json
{
    /// <summary>The value of an element. Strings are the data's, not the template's.</summary>
    public static object? Read(JsonElement element)
    {
        try
        {
            return ReadUnchecked(element);
        }
        catch (InvalidOperationException)
        {
            throw new TemplateError("the data holds a string that is not valid Unicode");
        }
    }

    static object? ReadUnchecked(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                Mapping mapping = new();
                foreach (JsonProperty property in element.EnumerateObject())
                    mapping.Set(Text.OfData(property.Name), ReadUnchecked(property.Value));
                return mapping;
            case JsonValueKind.Array:
                return new Sequence([.. element.EnumerateArray().Select(ReadUnchecked)]);
            case JsonValueKind.String:
                return Text.OfData(element.GetString()!);
            case JsonValueKind.True or JsonValueKind.False:
                return element.GetBoolean();
            case JsonValueKind.Number:
                string digits = element.GetRawText();
                return element.TryGetInt64(out long integer) && digits.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? integer
                    : digits.AsSpan().IndexOfAny('.', 'e', 'E') < 0 && digits.Length <= 1000 ? BigInteger.Parse(digits, CultureInfo.InvariantCulture)
                    : element.GetDouble();
            default:
                return null;
        }
    }

    /// <summary>The value of a text of JSON.</summary>
    public static object? Parse(Text text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text.Value);
            return Read(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new TemplateError($"not valid JSON: {e.Message}");
        }
        catch (ArgumentException)
        {
            throw new TemplateError("not valid JSON: a string that is not valid Unicode");
        }
    }

    /// <summary><c>json.dumps(value, ...)</c></summary>
    /// <param name="value">The value.</param>
    /// <param name="indent">What a level is indented by; null for one line.</param>
    /// <param name="itemSeparator">Between items; null for the usual.</param>
    /// <param name="keySeparator">Between key and value; null for the usual.</param>
    /// <param name="sortKeys">Whether keys are sorted.</param>
    /// <param name="asciiOnly">Whether other characters are escaped.</param>
    /// <param name="budget">Accounts for the text.</param>
    public static Text Write(object? value, string? indent, string? itemSeparator, string? keySeparator, bool sortKeys, bool asciiOnly, Budget budget)
    {
        Writer writer = new(indent, itemSeparator ?? (indent is null ? ", " : ","), keySeparator ?? ": ", sortKeys, asciiOnly, budget);
        writer.Write(value, 0);
        budget.Make(writer.Result.Length);
        return Text.Of(writer.Result.ToString(), writer.IsTemplate);
    }

    sealed class Writer(string? indent, string itemSeparator, string keySeparator, bool sortKeys, bool asciiOnly, Budget budget)
    {
        public StringBuilder Result { get; } = new();

        /// <summary>Whether no string of the data is in it.</summary>
        public bool IsTemplate { get; private set; } = true;

        public void Write(object? value, int level)
        {
            budget.Step();
            budget.Enter();
            if (Result.Length > Budget.LongestText)
                budget.Make(Result.Length);
            switch (value)
            {
                case null:
                    Result.Append("null");
                    break;
                case bool flag:
                    Result.Append(flag ? "true" : "false");
                    break;
                case Text text:
                    WriteString(text);
                    break;
                case double number:
                    Result.Append(double.IsFinite(number) ? PythonFormat.Float(number) : double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                    break;
                case long or BigInteger:
                    Result.Append(Python.Represent(value));
                    break;
                case Sequence sequence:
                    WriteItems('[', ']', sequence.Items, level, item => Write(item, level + 1));
                    break;
                case Mapping mapping:
                    IEnumerable<KeyValuePair<object, object?>> items = sortKeys
                        ? mapping.Items.OrderBy(p => p.Key, Comparer<object>.Create((a, b) => Python.Order(a, b, "sort_keys") ?? 0)) : mapping.Items;
                    WriteItems('{', '}', [.. items], level, item =>
                    {
                        WriteString(item.Key is Text key ? key : Text.OfTemplate(item.Key is bool flag ? flag ? "true" : "false" : Python.Represent(item.Key)));
                        Result.Append(keySeparator);
                        Write(item.Value, level + 1);
                    });
                    break;
                default:
                    throw new TemplateError($"{Python.TypeName(value)} cannot be written as JSON");
            }
            budget.Leave();
        }

        void WriteItems<T>(char open, char close, List<T> items, int level, Action<T> write)
        {
            Result.Append(open);
            for (int i = 0; i < items.Count; i++)
            {
                Result.Append(i > 0 ? itemSeparator : "");
                NewLine(level + 1);
                write(items[i]);
            }
            if (items.Count > 0)
                NewLine(level);
            Result.Append(close);
        }

        void NewLine(int level)
        {
            if (indent is null)
                return;
            Result.Append('\n');
            for (int i = 0; i < level; i++)
                Result.Append(indent);
        }

        void WriteString(Text text)
        {
            IsTemplate &= text.IsTemplate;
            Result.Append('"');
            foreach (char c in text.Value)
                _ = c switch
                {
                    '"' => Result.Append("\\\""),
                    '\\' => Result.Append("\\\\"),
                    '\n' => Result.Append("\\n"),
                    '\r' => Result.Append("\\r"),
                    '\t' => Result.Append("\\t"),
                    '\b' => Result.Append("\\b"),
                    '\f' => Result.Append("\\f"),
                    < ' ' => Result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                    > '~' when asciiOnly && c != '\x7F' => Result.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                    _ => Result.Append(c),
                };
            Result.Append('"');
        }
    }
}
