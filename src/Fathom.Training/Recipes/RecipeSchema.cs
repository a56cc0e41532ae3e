// The JSON schema of recipes, generated from the same records and attributes that the reader follows.
// It stands in recipes/recipe.schema.json so that editors complete and check recipes; a test keeps it up to date.

using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Fathom.Training.Recipes;

/// <summary>Generates the schema (draft 2020-12).</summary>
public static class RecipeSchema
{
    /// <summary>The schema's text. Descriptions come from the XML documentation file beside the assembly.</summary>
    /// <exception cref="FileNotFoundException">The documentation file is not there.</exception>
    public static string Generate()
    {
        XElement documentation = XElement.Load(Path.ChangeExtension(typeof(RecipeSchema).Assembly.Location, ".xml"));
        Dictionary<string, string> summaries = documentation.Descendants("member").ToDictionary(
            member => member.Attribute("name")!.Value,
            member => string.Join(' ', (member.Element("summary")?.Value ?? "").Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)));

        JsonObject schema = new()
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Fathom recipe",
        };
        foreach ((string key, JsonNode? value) in Group(typeof(Recipe), summaries))
            schema[key] = value?.DeepClone();
        ((JsonObject)schema["properties"]!).Insert(0, "$schema", new JsonObject { ["type"] = "string" });
        return schema.ToJsonString(OptionWriter.Indented) + "\n";
    }

    static JsonObject Group(Type type, Dictionary<string, string> summaries)
    {
        object defaults = Activator.CreateInstance(type)!;
        JsonObject properties = [];
        JsonArray required = [];
        if (defaults is StageOptions stage)
        {
            properties[StageOptions.KindKey] = new JsonObject { ["const"] = stage.Kind };
            required.Add(StageOptions.KindKey);
        }
        foreach (Option option in OptionSet.Of(type))
        {
            JsonObject property = option.ItemType is { } itemType ? ListOf(itemType, option.Facts, summaries) : Value(option.Type, option.Facts, summaries);
            property["description"] = summaries[$"P:{option.Property.DeclaringType!.FullName}.{option.Property.Name}"];
            if (option.IsNullable)
                property["type"] = new JsonArray(property["type"]!.DeepClone(), "null");
            if (option.Facts.Required)
                required.Add(option.Key);
            else if (option.Property.GetValue(defaults) is { } value)
                property["default"] = OptionWriter.WriteValue(value);
            properties[option.Key] = property;
        }
        JsonObject group = new() { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        if (required.Count > 0)
            group["required"] = required;
        return group;
    }

    static JsonObject ListOf(Type itemType, OptionAttribute facts, Dictionary<string, string> summaries)
    {
        JsonObject list = new()
        {
            ["type"] = "array",
            ["items"] = itemType == typeof(StageOptions)
                ? new JsonObject { ["oneOf"] = new JsonArray([.. StageOptions.Kinds.Values.Select(kind => Group(kind, summaries))]) }
                : Value(itemType, OptionSet.IsGroup(itemType) ? new OptionAttribute() : facts, summaries),
        };
        if (double.IsFinite(facts.Minimum))
            list["minItems"] = (int)facts.Minimum;
        return list;
    }

    static JsonObject Value(Type type, OptionAttribute facts, Dictionary<string, string> summaries)
    {
        if (OptionSet.IsGroup(type))
        {
            JsonObject group = Group(type, summaries);
            return type.IsAssignableTo(typeof(IShorthand))
                ? new JsonObject { ["oneOf"] = new JsonArray(Value(typeof(string), OptionSet.Of(type)[0].Facts, summaries), group) }
                : group;
        }
        JsonObject value = [];
        if (type.IsEnum || facts.Values.Length > 0)
        {
            value["type"] = "string";
            value["enum"] = new JsonArray([.. (type.IsEnum ? OptionSet.EnumTexts(type) : facts.Values).Select(text => JsonValue.Create(text))]);
            return value;
        }
        value["type"] = type == typeof(string) ? "string" : type == typeof(bool) ? "boolean" : type == typeof(double) ? "number" : "integer";
        if (type != typeof(string) && type != typeof(bool))
        {
            if (double.IsFinite(facts.Minimum))
                value[facts.ExclusiveMinimum ? "exclusiveMinimum" : "minimum"] = facts.Minimum;
            if (double.IsFinite(facts.Maximum))
                value[facts.ExclusiveMaximum ? "exclusiveMaximum" : "maximum"] = facts.Maximum;
        }
        return value;
    }
}
