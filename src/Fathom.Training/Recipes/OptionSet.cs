// The options of one record type, found once by reflection: the shared ground of reader, writer and schema.

using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;

namespace Fathom.Training.Recipes;

/// <summary>One option: its JSON key, the property behind it and its facts.</summary>
sealed record Option(string Key, PropertyInfo Property, OptionAttribute Facts)
{
    /// <summary>The property's type without <see cref="Nullable{T}"/>.</summary>
    internal Type Type { get; } = Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType;

    /// <summary>Whether the key may be null or absent with the meaning "not given".</summary>
    internal bool IsNullable { get; } =
        Nullable.GetUnderlyingType(Property.PropertyType) is not null
        || new NullabilityInfoContext().Create(Property).WriteState == NullabilityState.Nullable;

    /// <summary>The item type where the option is a list, else null.</summary>
    internal Type? ItemType { get; } =
        Property.PropertyType.IsGenericType && Property.PropertyType.GetGenericTypeDefinition() == typeof(OptionList<>)
            ? Property.PropertyType.GetGenericArguments()[0]
            : null;
}

/// <summary>The options of a record type, in the order of declaration, those of the base types first.</summary>
static class OptionSet
{
    static readonly ConcurrentDictionary<Type, IReadOnlyList<Option>> Known = new();

    internal static IReadOnlyList<Option> Of(Type type) => Known.GetOrAdd(type, static type =>
    {
        // Reflection lists the most derived type's properties first; a reader expects the stage's name before its numbers.
        List<Type> line = [];
        for (Type? at = type; at is not null && at != typeof(object); at = at.BaseType)
            line.Insert(0, at);
        return
        [
            .. from at in line
               from property in at.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
               let facts = property.GetCustomAttribute<OptionAttribute>()
               where facts is not null
               select new Option(JsonNamingPolicy.CamelCase.ConvertName(property.Name), property, facts),
        ];
    });

    /// <summary>Whether values of the type are objects with options of their own.</summary>
    internal static bool IsGroup(Type type) => Of(type).Count > 0;

    /// <summary>The text that stands for an enum's member in JSON: <c>SequenceMean</c> is <c>sequence-mean</c>.</summary>
    internal static string EnumText(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    internal static IReadOnlyList<string> EnumTexts(Type type) => [.. Enum.GetValues(type).Cast<Enum>().Select(EnumText)];
}
