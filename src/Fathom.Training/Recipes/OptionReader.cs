// JSON to option records, strictly: every key known, every type right, every number in its range.
// An error names the source, the JSON path, the value and what was allowed.

using System.Collections;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fathom.Training.Recipes;

/// <summary>Reads option records from JSON that came from <paramref name="source"/> (a file name, for messages).</summary>
sealed class OptionReader(string source)
{
    /// <summary>Reads an object with options; keys that are absent keep the record's default.</summary>
    internal object ReadGroup(JsonNode? node, Type type, string path, object? defaults = null)
    {
        // A name alone stands for a group whose first option is that name: "nano", "addition".
        if (node is JsonValue text && text.GetValueKind() == JsonValueKind.String && type.IsAssignableTo(typeof(IShorthand)))
            node = new JsonObject { [OptionSet.Of(type)[0].Key] = text.GetValue<string>() };
        if (node is not JsonObject given)
            throw Wrong(path, node, "an object");

        // Stages are told apart by their first key.
        if (type == typeof(StageOptions))
            type = StageType(given, path);

        object group = defaults ?? Activator.CreateInstance(type)!;
        IReadOnlyList<Option> options = OptionSet.Of(type);
        foreach ((string key, JsonNode? value) in given)
        {
            if (type == typeof(Recipe) && key == "$schema")
                continue;
            if (type.IsAssignableTo(typeof(StageOptions)) && key == StageOptions.KindKey)
                continue;
            Option option = options.FirstOrDefault(option => option.Key == key)
                ?? throw Error(path, $"unknown key '{key}'{RecipeException.Hint(key, [.. options.Select(option => option.Key)])}");
            // The default of a nested group is the one its owner holds, not the one of its type.
            object? current = OptionSet.IsGroup(option.Type) ? option.Property.GetValue(group) : null;
            option.Property.SetValue(group, ReadValue(value, option, $"{path}.{key}", current));
        }
        foreach (Option option in options)
        {
            if (option.Facts.Required && !given.ContainsKey(option.Key))
                throw Error(path, $"the key '{option.Key}' is missing");
        }
        if (group is IChecked @checked && @checked.Problem() is { } problem)
            throw Error(path, problem);
        return group;
    }

    object? ReadValue(JsonNode? node, Option option, string path, object? current)
    {
        if (node is null)
            return option.IsNullable ? null : throw Wrong(path, node, Expected(option.Type));
        if (option.ItemType is not { } itemType)
            return ReadItem(node, option.Type, option.Facts, path, current);

        if (node is not JsonArray array)
            throw Wrong(path, node, "a list");
        if (array.Count < option.Facts.Minimum)
            throw Error(path, $"the list has {array.Count} items; allowed are {option.Facts.Range}");
        Array items = Array.CreateInstance(itemType, array.Count);
        for (int i = 0; i < array.Count; i++)
            items.SetValue(ReadItem(array[i], itemType, option.Facts, $"{path}[{i}]", null), i);
        return ListOf(items, option.Property.PropertyType);
    }

    object ReadItem(JsonNode? node, Type type, OptionAttribute facts, string path, object? current)
    {
        if (type == typeof(StageOptions) || OptionSet.IsGroup(type))
            return ReadGroup(node, type, path, current is null ? null : Copy(current));
        if (node is not JsonValue value)
            throw Wrong(path, node, Expected(type));

        JsonValueKind kind = value.GetValueKind();
        if (type == typeof(string) && kind == JsonValueKind.String)
        {
            string text = value.GetValue<string>();
            return facts.Values.Length == 0 || facts.Values.Contains(text) ? text : throw UnknownText(path, text, facts.Values);
        }
        if (type == typeof(bool) && kind is JsonValueKind.True or JsonValueKind.False)
            return value.GetValue<bool>();
        if (type.IsEnum && kind == JsonValueKind.String)
        {
            string text = value.GetValue<string>();
            return Enum.GetValues(type).Cast<Enum>().FirstOrDefault(member => OptionSet.EnumText(member) == text)
                ?? throw UnknownText(path, text, OptionSet.EnumTexts(type));
        }
        if (kind == JsonValueKind.Number && (type == typeof(double) || type == typeof(int) || type == typeof(long)))
            return ReadNumber(value, type, facts, path);
        throw Wrong(path, node, Expected(type));
    }

    object ReadNumber(JsonValue value, Type type, OptionAttribute facts, string path)
    {
        string text = value.ToJsonString();
        double number = double.Parse(text, CultureInfo.InvariantCulture);
        bool whole = type != typeof(double);
        decimal exact = 0;
        // 1e6 is a whole number; 1.5 is not; 1e30 is whole but fits no integer type and so is out of range.
        if (whole && Math.Abs(number) < 1e28)
        {
            exact = decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            if (exact != decimal.Truncate(exact))
                throw Wrong(path, value, "a whole number");
        }
        if (!facts.Holds(number) || !double.IsFinite(number))
            throw Error(path, $"{text} is out of range; allowed is {facts.Range}");
        if (!whole)
            return number;
        (decimal least, decimal most) = type == typeof(int) ? (int.MinValue, int.MaxValue) : ((decimal)long.MinValue, long.MaxValue);
        if (Math.Abs(number) >= 1e28 || exact < least || exact > most)
            throw Error(path, $"{text} is out of range; allowed is at least {least} and at most {most}");
        return type == typeof(int) ? (object)(int)exact : (long)exact;
    }

    Type StageType(JsonObject given, string path)
    {
        if (given[StageOptions.KindKey] is not JsonValue kind || kind.GetValueKind() != JsonValueKind.String)
            throw Error(path, $"the key '{StageOptions.KindKey}' is missing or not a text; allowed are {string.Join(", ", StageOptions.Kinds.Keys)}");
        string text = kind.GetValue<string>();
        return StageOptions.Kinds.TryGetValue(text, out Type? type)
            ? type
            : throw UnknownText($"{path}.{StageOptions.KindKey}", text, [.. StageOptions.Kinds.Keys]);
    }

    static object Copy(object group)
    {
        object copy = Activator.CreateInstance(group.GetType())!;
        foreach (Option option in OptionSet.Of(group.GetType()))
            option.Property.SetValue(copy, option.Property.GetValue(group));
        return copy;
    }

    static object ListOf(Array items, Type listType) =>
        typeof(OptionReader).GetMethod(nameof(ListOfItems), System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
            .MakeGenericMethod(listType.GetGenericArguments()[0])
            .Invoke(null, [items])!;

    static OptionList<T> ListOfItems<T>(IEnumerable items) => [.. items.Cast<T>()];

    static string Expected(Type type) =>
        type == typeof(string) ? "a text"
        : type == typeof(bool) ? "true or false"
        : type.IsEnum ? $"one of {string.Join(", ", OptionSet.EnumTexts(type))}"
        : type == typeof(double) ? "a number"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : "an object";

    RecipeException UnknownText(string path, string text, IReadOnlyCollection<string> allowed) =>
        Error(path, $"'{text}' is not allowed{RecipeException.Hint(text, allowed)}");

    RecipeException Wrong(string path, JsonNode? node, string expected) =>
        Error(path, $"expected {expected}, found {node?.ToJsonString() ?? "null"}");

    internal RecipeException Error(string path, string problem) => new($"{source}: {path}: {problem}.");
}
