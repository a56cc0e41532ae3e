// A little validator of JSON schemas, written for the tests alone.

using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Fathom.Inference.Tests.Constraints;

static class SchemaValidator
{
    /// <summary>What is wrong with a value; null if it is valid.</summary>
    public static string? Complaint(JsonElement root, JsonElement schema, JsonElement value, string at = "$")
    {
        if (schema.ValueKind == JsonValueKind.True)
            return null;
        if (schema.ValueKind == JsonValueKind.False)
            return $"{at}: nothing is valid";
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            string? wrong = keyword.Name switch
            {
                "type" => Check(schema.TryGetProperty("nullable", out JsonElement n) && n.GetBoolean() && value.ValueKind == JsonValueKind.Null
                    || Types(keyword.Value).Any(t => Is(t, value))),
                "enum" => Check(keyword.Value.EnumerateArray().Any(v => JsonElement.DeepEquals(v, value))),
                "const" => Check(JsonElement.DeepEquals(keyword.Value, value)),
                "anyOf" or "oneOf" => Check(keyword.Value.EnumerateArray().Any(s => Complaint(root, s, value) is null)),
                "allOf" => keyword.Value.EnumerateArray().Select(s => Complaint(root, s, value, at)).FirstOrDefault(c => c is not null),
                "$ref" => Complaint(root, Resolve(root, keyword.Value.GetString()!), value, at),
                _ => value.ValueKind switch
                {
                    JsonValueKind.String => Text(keyword, value.GetString()!),
                    JsonValueKind.Number => Number(keyword, decimal.Parse(value.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture)),
                    JsonValueKind.Array => Array(root, schema, keyword, value, at),
                    JsonValueKind.Object => Object(root, schema, keyword, value, at),
                    _ => null,
                },
            };
            if (wrong is not null)
                return wrong.StartsWith('$') ? wrong : $"{at}: {keyword.Name}: {value}";
        }
        return null;
    }

    static string? Check(bool valid) => valid ? null : "";

    static string[] Types(JsonElement type) => type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.GetString()!)] : [type.GetString()!];

    static bool Is(string type, JsonElement value) => (type, value.ValueKind) switch
    {
        ("null", JsonValueKind.Null) or ("boolean", JsonValueKind.True or JsonValueKind.False) or ("string", JsonValueKind.String)
            or ("number", JsonValueKind.Number) or ("array", JsonValueKind.Array) or ("object", JsonValueKind.Object) => true,
        ("integer", JsonValueKind.Number) => !value.GetRawText().AsSpan().ContainsAny(".eE"),
        _ => false,
    };

    static string? Text(JsonProperty keyword, string text) => keyword.Name switch
    {
        "minLength" => Check(text.EnumerateRunes().Count() >= keyword.Value.GetInt32()),
        "maxLength" => Check(text.EnumerateRunes().Count() <= keyword.Value.GetInt32()),
        "pattern" => Check(Regex.IsMatch(text, keyword.Value.GetString()!)),
        "format" => Check(keyword.Value.GetString() switch
        {
            // .NET knows no year 0; the seven digits of a second are its limit.
            "date" => text.StartsWith("0000", StringComparison.Ordinal) || DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            "time" => TimeOnly.TryParse(text[..8], CultureInfo.InvariantCulture, out _),
            "date-time" => text.StartsWith("0000", StringComparison.Ordinal) || DateTime.TryParse(text[..19], CultureInfo.InvariantCulture, out _),
            "uuid" => Guid.TryParseExact(text, "D", out _),
            "ipv4" => text.Split('.') is { Length: 4 } parts && parts.All(p => byte.TryParse(p, out _)),
            "email" => System.Net.Mail.MailAddress.TryCreate(text, out _),
            "uri" => Regex.IsMatch(text, "^[a-zA-Z][^ ]*://[^ ]*$"),
            "hostname" => Regex.IsMatch(text, "^[a-zA-Z0-9.-]+$"),
            _ => false,
        }),
        _ => null,
    };

    static string? Number(JsonProperty keyword, decimal number) => keyword.Name switch
    {
        "minimum" => Check(number >= keyword.Value.GetDecimal()),
        "maximum" => Check(number <= keyword.Value.GetDecimal()),
        "exclusiveMinimum" => Check(number > keyword.Value.GetDecimal()),
        "exclusiveMaximum" => Check(number < keyword.Value.GetDecimal()),
        _ => null,
    };

    static string? Array(JsonElement root, JsonElement schema, JsonProperty keyword, JsonElement value, string at)
    {
        int prefix = schema.TryGetProperty("prefixItems", out JsonElement p) ? p.GetArrayLength() : 0;
        return keyword.Name switch
        {
            "minItems" => Check(value.GetArrayLength() >= keyword.Value.GetInt32()),
            "maxItems" => Check(value.GetArrayLength() <= keyword.Value.GetInt32()),
            "prefixItems" => value.EnumerateArray().Zip(p.EnumerateArray()).Select((x, i) => Complaint(root, x.Second, x.First, $"{at}[{i}]")).FirstOrDefault(c => c is not null),
            "items" => value.EnumerateArray().Skip(prefix).Select((x, i) => Complaint(root, keyword.Value, x, $"{at}[{i + prefix}]")).FirstOrDefault(c => c is not null),
            _ => null,
        };
    }

    static string? Object(JsonElement root, JsonElement schema, JsonProperty keyword, JsonElement value, string at) => keyword.Name switch
    {
        "required" => Check(keyword.Value.EnumerateArray().All(name => value.TryGetProperty(name.GetString()!, out _))),
        "minProperties" => Check(value.EnumerateObject().Count() >= keyword.Value.GetInt32()),
        "maxProperties" => Check(value.EnumerateObject().Count() <= keyword.Value.GetInt32()),
        "properties" => value.EnumerateObject().Where(m => keyword.Value.TryGetProperty(m.Name, out _))
            .Select(m => Complaint(root, keyword.Value.GetProperty(m.Name), m.Value, $"{at}.{m.Name}")).FirstOrDefault(c => c is not null),
        "additionalProperties" => value.EnumerateObject().Where(m => !(schema.TryGetProperty("properties", out JsonElement own) && own.TryGetProperty(m.Name, out _)))
            .Select(m => Complaint(root, keyword.Value, m.Value, $"{at}.{m.Name}")).FirstOrDefault(c => c is not null),
        _ => null,
    };

    static JsonElement Resolve(JsonElement root, string reference) =>
        reference.Split('/').Skip(1).Aggregate(root, (at, name) => at.GetProperty(name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)));
}
