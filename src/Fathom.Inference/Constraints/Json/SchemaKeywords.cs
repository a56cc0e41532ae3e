// The keywords of JSON schemas that are known, and typed access to their values.

using System.Text.Json;

namespace Fathom.Inference.Constraints.Json;

/// <summary>The kinds of values a schema admits.</summary>
[Flags]
enum ValueKinds
{
    None = 0,
    Null = 1,
    Boolean = 2,
    String = 4,
    Integer = 8,
    Number = 16 | Integer,
    Array = 32,
    Object = 64,
    All = Null | Boolean | String | Number | Array | Object,
}

/// <summary>One schema object with its place.</summary>
/// <param name="Element">The schema: an object, or true or false.</param>
/// <param name="Place">Its path, such as <c>$.properties.age</c>.</param>
readonly record struct Schema(JsonElement Element, string Place)
{
    static readonly string[] Supported =
    [
        "type", "enum", "const", "nullable", "anyOf", "oneOf", "allOf", "$ref",
        "properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "items", "prefixItems", "minItems", "maxItems",
        "minLength", "maxLength", "pattern", "format",
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    ];

    static readonly HashSet<string> Silent =
    [
        "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "$comment", "$schema", "$id", "$defs", "definitions",
    ];

    static readonly HashSet<string> SupportedSet = [.. Supported];

    public static bool IsSupported(string keyword) => SupportedSet.Contains(keyword);

    /// <summary>Refuses keywords that are not known: left out they would admit what the schema forbids.</summary>
    public void CheckKeywords()
    {
        foreach (JsonProperty property in Element.EnumerateObject())
        {
            if (!SupportedSet.Contains(property.Name) && !Silent.Contains(property.Name) && !property.Name.StartsWith("x-", StringComparison.Ordinal))
                throw new ConstraintException(PlaceOf(property.Name), $"this keyword is not supported; supported are {string.Join(", ", Supported)}");
        }
    }

    public bool TryGet(string keyword, out Schema value)
    {
        bool found = Element.TryGetProperty(keyword, out JsonElement element);
        value = new Schema(element, PlaceOf(keyword));
        return found;
    }

    public string PlaceOf(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$')
        ? $"{Place}.{name}" : $"{Place}[{JsonSerializer.Serialize(name)}]";

    public IEnumerable<Schema> Items(string needed, bool mayBeEmpty = false)
    {
        Require(Element.ValueKind == JsonValueKind.Array && (mayBeEmpty || Element.GetArrayLength() > 0), needed);
        string place = Place;
        return Element.EnumerateArray().Select((e, i) => new Schema(e, $"{place}[{i}]"));
    }

    public IEnumerable<(string Name, Schema Schema)> Members()
    {
        Require(Element.ValueKind == JsonValueKind.Object, "an object of schemas is needed");
        Schema self = this;
        return Element.EnumerateObject().Select(p => (p.Name, new Schema(p.Value, self.PlaceOf(p.Name))));
    }

    public string Text()
    {
        Require(Element.ValueKind == JsonValueKind.String, "a string is needed");
        try
        {
            return Element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("a string of whole characters is needed");
        }
    }

    public int Count()
    {
        Require(Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out int count) && count >= 0, "an integer from 0 to 2147483647 is needed");
        return Element.GetInt32();
    }

    public DecimalText Number()
    {
        Require(Element.ValueKind == JsonValueKind.Number, "a number is needed");
        return DecimalText.Parse(Element, Place);
    }

    public bool Flag()
    {
        Require(Element.ValueKind is JsonValueKind.True or JsonValueKind.False, "true or false is needed");
        return Element.GetBoolean();
    }

    /// <summary>The kinds that <c>type</c> and <c>nullable</c> admit.</summary>
    public ValueKinds Kinds()
    {
        ValueKinds kinds = ValueKinds.All;
        if (TryGet("type", out Schema type))
        {
            kinds = type.Element.ValueKind == JsonValueKind.Array
                ? type.Items("type names are needed").Aggregate(ValueKinds.None, (sum, t) => sum | Kind(t))
                : Kind(type);
        }
        return TryGet("nullable", out Schema nullable) && nullable.Flag() ? kinds | ValueKinds.Null : kinds;
    }

    static ValueKinds Kind(Schema type) => type.Element.ValueKind == JsonValueKind.String ? type.Text() switch
    {
        "null" => ValueKinds.Null,
        "boolean" => ValueKinds.Boolean,
        "string" => ValueKinds.String,
        "integer" => ValueKinds.Integer,
        "number" => ValueKinds.Number,
        "array" => ValueKinds.Array,
        "object" => ValueKinds.Object,
        _ => throw type.WrongType(),
    }
    : throw type.WrongType();

    ConstraintException WrongType() => Wrong("null, boolean, string, integer, number, array or object is needed");

    public void Require(bool condition, string needed)
    {
        if (!condition)
            throw Wrong(needed);
    }

    public ConstraintException Wrong(string needed)
    {
        string found = Element.GetRawText();
        return new(Place, $"found {(found.Length > 80 ? found[..80] + "…" : found)}; {needed}");
    }
}
