// Structure-aware damage to JSON: a valid text is read into a tree, one to three places of it are changed (a number to one that overflows, a
// name twice, a value of another kind, depth without end, ...), and the result is written; now and then the text itself is damaged too.

using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Fathom.Testing.Mutations;

/// <summary>Makes damaged versions of one JSON text. The same seed gives the same texts.</summary>
public sealed class JsonMutator
{
    static readonly string[] Scalars =
    [
        "null", "true", "false", "\"\"", "\"x\"", "{}", "[]", "0", "-0", "-1", "1", "2", "1.5", "-1.5", "1e400", "-1e400", "1e-400", "NaN", "Infinity", "0x10", "007", "1e0", "1.0",
        "127", "255", "65535", "65536", "16777216", "2147483646", "2147483647", "2147483648", "-2147483648", "4294967295", "4294967296", "3037000500", "9007199254740993",
        "4611686018427387904", "9223372036854775806", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999999999", "\"NaN\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"../../x\"", "\"/etc/passwd\"", "\"F32\"", "\"BF16\"", "\"F8_E4M3\"",
    ];

    static readonly byte[] Structural = "{}[]\",:\0\\u\n"u8.ToArray();

    readonly Node seed;
    readonly Random random;

    /// <param name="json">A valid text.</param>
    /// <param name="seed">Of the damage.</param>
    public JsonMutator(string json, int seed)
    {
        using var document = JsonDocument.Parse(json);
        this.seed = Node.Of(document.RootElement);
        random = new Random(seed);
    }

    /// <summary>The next damaged text, in UTF-8; it may happen to be valid.</summary>
    public byte[] Next()
    {
        Node root = seed.Copy();
        for (int changes = random.Next(1, 4); changes > 0; changes--)
            Change(root);
        var text = new StringBuilder();
        root.Write(text);
        byte[] bytes = Encoding.UTF8.GetBytes(text.ToString());
        return bytes.Length > 0 && random.Next(12) == 0 ? Damage(bytes) : bytes;
    }

    void Change(Node root)
    {
        List<Node> all = [.. root.All()];
        Node at = all[random.Next(all.Count)];
        if (at.Children.Count == 0 || random.Next(3) == 0)
        {
            Replace(at, all);
            return;
        }
        int child = random.Next(at.Children.Count);
        (string? Key, Node Value) chosen = at.Children[child];
        switch (random.Next(9))
        {
            case 0:
                at.Children.RemoveAt(child);
                break;
            case 1:
                at.Children.Insert(random.Next(at.Children.Count + 1), (chosen.Key, chosen.Value.Copy()));
                break;
            case 2:
                Node other = all[random.Next(all.Count)].Copy();
                at.Children[child] = (chosen.Key, other);
                break;
            case 3 when chosen.Key is not null:
                at.Children[child] = (AnyKey(all) ?? "\"\"", chosen.Value);
                break;
            case 4 when chosen.Key is not null:
                at.Children[child] = (Scalars.Where(s => s[0] == '"').ElementAt(random.Next(5)), chosen.Value);
                break;
            case 5:
                int second = random.Next(at.Children.Count);
                (at.Children[child], at.Children[second]) = ((chosen.Key, at.Children[second].Value), (at.Children[second].Key, chosen.Value));
                break;
            case 6:
                at.Children.Clear();
                break;
            case 7:
                int copies = 1 << random.Next(8);
                for (int i = 0; i < copies; i++)
                    at.Children.Add((chosen.Key, chosen.Value.Copy()));
                break;
            default:
                Replace(chosen.Value, all);
                break;
        }
    }

    void Replace(Node at, List<Node> all)
    {
        string? near = Near(at.Scalar);
        at.Children.Clear();
        at.Brackets = null;
        at.Scalar = random.Next(40) switch
        {
            0 => Deep(1 << random.Next(14)),
            < 16 when near is not null => near,
            < 20 => all[random.Next(all.Count)].Scalar ?? "null",
            _ => Scalars[random.Next(Scalars.Length)],
        };
    }

    // A number close to, or a simple multiple of, what is there: what slips through coarse checks.
    string? Near(string? scalar)
    {
        if (!decimal.TryParse(scalar, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal value) || Math.Abs(value) > 1e18m)
            return null;
        decimal changed = random.Next(9) switch
        {
            0 => value + 1,
            1 => value - 1,
            2 => -value,
            3 => value * 2,
            4 => Math.Floor(value / 2),
            5 => value + 0.5m,
            6 => value * (1L << random.Next(1, 33)),
            7 => value + (1L << random.Next(1, 63)),
            _ => value * 1000,
        };
        return changed.ToString(CultureInfo.InvariantCulture);
    }

    string? AnyKey(List<Node> all)
    {
        string[] keys = [.. all.SelectMany(node => node.Children).Select(child => child.Key).OfType<string>()];
        return keys.Length == 0 ? null : keys[random.Next(keys.Length)];
    }

    string Deep(int depth) => random.Next(3) switch
    {
        0 => new string('[', depth) + new string(']', depth),
        1 => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth),
        _ => new string('[', depth),
    };

    byte[] Damage(byte[] text)
    {
        int at = random.Next(text.Length), end = Math.Min(at + random.Next(1, 30), text.Length);
        return random.Next(5) switch
        {
            0 => text[..at],
            1 => [.. text[..at], .. text[end..]],
            2 => [.. text[..end], .. text[at..]],
            3 => [.. text[..at], Structural[random.Next(Structural.Length)], .. text[at..]],
            _ => [.. text[..at], (byte)random.Next(256), .. text[(at + 1)..]],
        };
    }

    // A value: brackets with children, or a scalar as it is written.
    sealed class Node
    {
        public string? Brackets { get; set; }

        public string? Scalar { get; set; }

        public List<(string? Key, Node Value)> Children { get; } = [];

        public static Node Of(JsonElement element)
        {
            var node = new Node();
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    node.Brackets = "{}";
                    foreach (JsonProperty property in element.EnumerateObject())
                        node.Children.Add((JsonSerializer.Serialize(property.Name), Of(property.Value)));
                    break;
                case JsonValueKind.Array:
                    node.Brackets = "[]";
                    foreach (JsonElement item in element.EnumerateArray())
                        node.Children.Add((null, Of(item)));
                    break;
                default:
                    node.Scalar = element.GetRawText();
                    break;
            }
            return node;
        }

        public Node Copy()
        {
            var copy = new Node { Brackets = Brackets, Scalar = Scalar };
            foreach ((string? key, Node value) in Children)
                copy.Children.Add((key, value.Copy()));
            return copy;
        }

        public IEnumerable<Node> All() => Children.SelectMany(child => child.Value.All()).Prepend(this);

        public void Write(StringBuilder text)
        {
            if (Brackets is null)
            {
                text.Append(Scalar);
                return;
            }
            text.Append(Brackets[0]);
            for (int i = 0; i < Children.Count; i++)
            {
                text.Append(i == 0 ? "" : ",");
                if (Brackets[0] == '{')
                    text.Append(Children[i].Key ?? "\"\"").Append(':');
                Children[i].Value.Write(text);
            }
            text.Append(Brackets[1]);
        }
    }
}
