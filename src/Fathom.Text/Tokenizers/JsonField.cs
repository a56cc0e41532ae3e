// A JSON value that knows where it stands, so that every complaint about it can say so.

using System.Text.Json;

namespace Fathom.Text.Tokenizers;

/// <summary>One value of a JSON file with its place in it.</summary>
/// <param name="File">Path of the file.</param>
/// <param name="Path">The place, such as <c>model.vocab</c>.</param>
/// <param name="Element">The value; undefined where the file has none.</param>
readonly record struct JsonField(string File, string Path, JsonElement Element)
{
    /// <summary>Absent or null.</summary>
    public bool IsNull => Element.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>A property; an absent one is a field that <see cref="IsNull"/>.</summary>
    public JsonField this[string name]
    {
        get
        {
            Require(JsonValueKind.Object, "an object");
            return new(File, Path.Length == 0 ? name : $"{Path}.{name}", Element.TryGetProperty(name, out JsonElement value) ? value : default);
        }
    }

    /// <summary>The elements of an array.</summary>
    public IEnumerable<JsonField> Items()
    {
        Require(JsonValueKind.Array, "an array");
        JsonField self = this;
        return Element.EnumerateArray().Select((e, i) => new JsonField(self.File, $"{self.Path}[{i}]", e));
    }

    /// <summary>A string.</summary>
    public string Text()
    {
        Require(JsonValueKind.String, "a string");
        try
        {
            return Element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("a string of valid Unicode is needed");
        }
    }

    /// <summary>A string; null where absent or null.</summary>
    public string? TextOrNull() => IsNull ? null : Text();

    /// <summary>A truth value; the given one where absent or null.</summary>
    public bool Flag(bool otherwise)
    {
        if (IsNull)
            return otherwise;
        if (Element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            throw Wrong("true or false is needed");
        return Element.GetBoolean();
    }

    /// <summary>An integer from 0 to a bound.</summary>
    public int Number(int most)
    {
        if (Element.ValueKind != JsonValueKind.Number || !Element.TryGetInt32(out int value) || value < 0 || value > most)
            throw Wrong($"an integer from 0 to {most} is needed");
        return value;
    }

    /// <summary>Refuses what is not of the kind.</summary>
    public void Require(JsonValueKind kind, string name)
    {
        if (Element.ValueKind != kind)
            throw Wrong($"{name} is needed");
    }

    /// <summary>The error about this field: what stands there, and what is allowed.</summary>
    public TokenizerFormatException Wrong(string allowed)
    {
        string found = Element.ValueKind == JsonValueKind.Undefined ? "nothing" : Element.GetRawText();
        return new(File, Path, $"found {(found.Length > 120 ? found[..120] + "…" : found)}; {allowed}");
    }
}
