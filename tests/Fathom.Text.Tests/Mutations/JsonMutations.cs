// Changes JSON where it hurts: at any place of its structure, by any kind of value.

using System.Text.Json.Nodes;

namespace Fathom.Text.Tests.Mutations;

static class JsonMutations
{
    // Stands in the tree for text that no tree can hold.
    const string Place = "@mutation@";

    static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "-1", "255", "256", "4194303", "4194304", "2147483647", "2147483648", "-9223372036854775808", "18446744073709551616",
        "1e999", "0.5", "\"\"", "\"a\"", "\"a b\"", "\" \"", "\"\\u2581\"", "\"\\u0120\"", "\"<s>\"", "\"<0x0A>\"", "\"<0xZZ>\"", "\"\\ud800\"", "\"\\u0000\"", "\"BPE\"",
        "\"Sequence\"", "\"Metaspace\"", "\"ByteLevel\"", "\"NFC\"", "\"Prepend\"", "\"Split\"", "\"first\"", "\"\\\\p{N}\"", "\"(a+)+$\"", "[]", "{}", "[[]]", "[null]", "{\"type\":\"Sequence\"}",
        "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"NFC\"}]}", "{\"type\":\"ByteLevel\",\"add_prefix_space\":false}", "{\"a\":1,\"a\":2}", "[\"a\",\"b\"]", "[\"a b\"]",
        new string('[', 60) + new string(']', 60), new string('[', 5000) + new string(']', 5000), $"\"{new string('x', 100_000)}\"", "[" + string.Join(",", Enumerable.Repeat("\"a\"", 20_000)) + "]",
    ];

    /// <summary>The text after one to three changes.</summary>
    public static string Apply(string json, Random random)
    {
        JsonNode root = JsonNode.Parse(json)!;
        List<string> raw = [];
        for (int changes = random.Next(1, 4); changes > 0; changes--)
            Change(root, random, raw);
        string text = root.ToJsonString();
        foreach (string value in raw)
        {
            int at = text.IndexOf($"\"{Place}\"", StringComparison.Ordinal);
            if (at >= 0)
                text = string.Concat(text.AsSpan(0, at), value, text.AsSpan(at + Place.Length + 2));
        }
        return text;
    }

    static void Change(JsonNode node, Random random, List<string> raw)
    {
        // Down a random way, so that the few fields at the top are met as often as the many entries below.
        while (random.Next(4) != 0 && Children(node) is { Count: > 0 } children && children[random.Next(children.Count)] is JsonObject or JsonArray)
            node = Children(node).Where(c => c is JsonObject or JsonArray).ElementAt(random.Next(Children(node).Count(c => c is JsonObject or JsonArray)))!;
        switch (node)
        {
            case JsonObject { Count: > 0 } fields:
                string key = fields.ElementAt(random.Next(fields.Count)).Key, other = fields.ElementAt(random.Next(fields.Count)).Key;
                switch (random.Next(5))
                {
                    case 0:
                        fields.Remove(key);
                        break;
                    case 1:
                        fields[other] = fields[key]?.DeepClone();
                        break;
                    case 2:
                        JsonNode? moved = fields[key]?.DeepClone();
                        fields.Remove(key);
                        fields[key + "x"] = moved;
                        break;
                    default:
                        fields[key] = NewValue(random, raw);
                        break;
                }
                break;
            case JsonArray { Count: > 0 } items:
                int index = random.Next(items.Count);
                switch (random.Next(4))
                {
                    case 0:
                        items.RemoveAt(index);
                        break;
                    case 1:
                        items.Insert(random.Next(items.Count), items[index]?.DeepClone());
                        break;
                    default:
                        items[index] = NewValue(random, raw);
                        break;
                }
                break;
        }
    }

    static List<JsonNode?> Children(JsonNode node) => node switch
    {
        JsonObject fields => [.. fields.Select(f => f.Value)],
        JsonArray items => [.. items],
        _ => [],
    };

    static JsonNode NewValue(Random random, List<string> raw)
    {
        raw.Add(Values[random.Next(Values.Length)]);
        return Place;
    }
}
