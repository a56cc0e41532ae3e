// JSON schemas: references, combinations, and what is common to all kinds of values. Objects, arrays and scalars stand in the other files.

using System.Globalization;
using System.Text.Json;

namespace Fathom.Inference.Constraints.Json;

/// <summary>
/// Turns a schema into rules. A place in the result is described by all the schemas that hold there at once: those behind <c>$ref</c> and
/// <c>allOf</c> are laid together, each branch of <c>anyOf</c> and <c>oneOf</c> is laid together with its surroundings. Schemas behind
/// <c>$ref</c> become rules of the grammar, so they may contain themselves.
/// </summary>
sealed partial class SchemaCompiler
{
    /// <summary>Deepest nesting of a schema's text.</summary>
    const int MaxDepth = 128;

    /// <summary>Most schemas, each counted as often as a combination needs it.</summary>
    const int MaxSchemas = 20_000;

    readonly Schema root;
    readonly Grammar grammar = new();
    readonly JsonSyntax syntax;
    readonly Dictionary<string, int> rules = [];
    readonly Queue<(int Rule, Combination Combination)> open = new();
    int compiled;

    // Schemas that hold together: their own keywords, and the alternatives still to choose from.
    sealed record Combination(List<Schema> Plain, List<Schema> Choices)
    {
        public bool IsNever { get; set; }

        public bool HasReference { get; set; }

        /// <summary>The schemas that are being laid, one inside the other.</summary>
        public HashSet<string> Laying { get; } = [];

        public string Key => $"{IsNever}{string.Join('\n', Plain.Select(s => s.Place).Distinct().Order(StringComparer.Ordinal))}\n\n"
            + string.Join('\n', Choices.Select(s => s.Place).Order(StringComparer.Ordinal));
    }

    SchemaCompiler(JsonElement element)
    {
        root = new Schema(element, "$");
        int rule = grammar.Declare("$");
        syntax = new JsonSyntax(grammar);
        grammar.Define(rule, Compile([root]));
        while (open.TryDequeue(out (int Rule, Combination Combination) next))
            grammar.Define(next.Rule, Compile(next.Combination));
    }

    /// <exception cref="ConstraintException">The schema is malformed, contradicts itself, uses what is not supported, or is too large.</exception>
    public static Grammar Compile(string schema)
    {
        if (schema.Length > Grammar.MaxSourceLength)
            throw new ConstraintException("schema", $"{schema.Length} characters long; at most {Grammar.MaxSourceLength} are allowed");
        try
        {
            using JsonDocument document = JsonDocument.Parse(schema, new JsonDocumentOptions { MaxDepth = MaxDepth, AllowDuplicateProperties = false });
            return new SchemaCompiler(document.RootElement).grammar;
        }
        catch (JsonException e)
        {
            throw new ConstraintException($"schema, line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}", $"no JSON: {e.Message}");
        }
        catch (InvalidOperationException)
        {
            // So the reader tells of a string that is no text.
            throw new ConstraintException("schema", "half of a surrogate pair in it; whole characters are needed");
        }
    }

    Expression Compile(IEnumerable<Schema> schemas)
    {
        Combination all = new([], []);
        HashSet<string> seen = [];
        foreach (Schema schema in schemas)
            Lay(schema, all, seen, ownOnly: false);
        return Rule(all);
    }

    // Behind a reference comes a rule, one for each combination.
    Expression Rule(Combination all)
    {
        if (!all.HasReference)
            return Compile(all);
        if (!rules.TryGetValue(all.Key, out int rule))
        {
            rules.Add(all.Key, rule = grammar.Declare(all.Plain.Concat(all.Choices).FirstOrDefault(root).Place));
            open.Enqueue((rule, all));
        }
        return new RuleCall(rule);
    }

    void Lay(Schema schema, Combination into, HashSet<string> seen, bool ownOnly)
    {
        if (++compiled > MaxSchemas)
            throw new ConstraintException(schema.Place, $"up to here more than {MaxSchemas} schemas were laid together; at most {MaxSchemas} are allowed");
        if (schema.Element.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            into.IsNever |= schema.Element.ValueKind == JsonValueKind.False;
            return;
        }
        schema.Require(schema.Element.ValueKind == JsonValueKind.Object, "a schema is needed: an object, true or false");
        if (into.Laying.Contains(schema.Place))
            throw new ConstraintException(schema.Place, "a reference leads from here back to here with nothing between; another schema is needed");
        if (!seen.Add(schema.Place))
            return;
        schema.CheckKeywords();
        if (IsSpecific(schema))
            into.Plain.Add(schema);
        if (ownOnly)
            return;
        into.Laying.Add(schema.Place);
        foreach (string keyword in new[] { "anyOf", "oneOf" })
        {
            if (schema.TryGet(keyword, out Schema choices))
                into.Choices.Add(choices);
        }
        if (schema.TryGet("allOf", out Schema parts))
        {
            foreach (Schema part in parts.Items("one or more schemas are needed"))
                Lay(part, into, seen, ownOnly: false);
        }
        if (schema.TryGet("$ref", out Schema reference))
        {
            into.HasReference = true;
            Lay(Resolve(reference), into, seen, ownOnly: false);
        }
        into.Laying.Remove(schema.Place);
    }

    Schema Resolve(Schema reference)
    {
        string pointer = reference.Text();
        Schema at = root;
        if (pointer != "#" && !pointer.StartsWith("#/", StringComparison.Ordinal))
            throw reference.Wrong("a place in the same schema is needed, such as #/$defs/name");
        foreach (string part in pointer.Split('/').Skip(1))
        {
            string name = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.Element.ValueKind == JsonValueKind.Object && at.TryGet(name, out Schema member))
                at = member;
            else if (at.Element.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
                && index < at.Element.GetArrayLength())
                at = new Schema(at.Element[index], $"{at.Place}[{index}]");
            else
                throw reference.Wrong($"there is no '{name}' at {at.Place}");
        }
        return at;
    }

    Expression Compile(Combination all)
    {
        if (all.IsNever)
            return Expression.Never;
        if (all.Choices.Count > 0)
        {
            Schema choices = all.Choices[0];
            List<Expression> branches = [];
            foreach (Schema branch in choices.Items("one or more schemas are needed"))
            {
                Combination with = new([], [.. all.Choices.Skip(1)]);
                HashSet<string> seen = [];
                foreach (Schema plain in all.Plain)
                    Lay(plain, with, seen, ownOnly: true);
                Lay(branch, with, seen, ownOnly: false);
                branches.Add(Rule(with));
            }
            return new Choice([.. branches]);
        }
        List<Schema> schemas = all.Plain;
        ValueKinds kinds = schemas.Aggregate(ValueKinds.All, (k, schema) => k & schema.Kinds());
        if (Constants(schemas, kinds) is { } constants)
            return constants;
        if (schemas.Count == 0)
            return syntax.Value;
        List<Expression> values = [];
        if ((kinds & ValueKinds.Object) != 0)
            values.Add(Object(schemas));
        if ((kinds & ValueKinds.Array) != 0)
            values.Add(Array(schemas));
        if ((kinds & ValueKinds.String) != 0)
            values.Add(String(schemas));
        if ((kinds & ValueKinds.Integer) != 0)
            values.Add(Number(schemas, integers: (kinds & ValueKinds.Number) != ValueKinds.Number));
        if ((kinds & ValueKinds.Boolean) != 0)
            values.Add(new Choice(Expression.Text("true"), Expression.Text("false")));
        if ((kinds & ValueKinds.Null) != 0)
            values.Add(Expression.Text("null"));
        return values.Count == 1 ? values[0] : new Choice([.. values]);
    }

    // Whether a schema says something itself, and not only by others that it names.
    static bool IsSpecific(Schema schema) =>
        schema.Element.EnumerateObject().Any(p => Schema.IsSupported(p.Name) && p.Name is not ("anyOf" or "oneOf" or "allOf" or "$ref"));

    /// <summary>The largest (sign 1) or smallest (sign -1) count among the schemas, or the default.</summary>
    static int Count(List<Schema> schemas, string keyword, int sign, int otherwise)
    {
        int? found = null;
        foreach (Schema schema in schemas)
        {
            if (schema.TryGet(keyword, out Schema value) && (found is null || value.Count().CompareTo(found.Value) * sign > 0))
                found = value.Count();
        }
        return found ?? otherwise;
    }

    // A range that is empty within one schema is a slip; between two of them it only means that no value meets both.
    static bool Range(List<Schema> schemas, string least, string most, out int min, out int max)
    {
        foreach (Schema schema in schemas)
        {
            if (schema.TryGet(least, out Schema low) && schema.TryGet(most, out Schema high) && low.Count() > high.Count())
                throw low.Wrong($"more than {most} allows, {high.Count()}");
        }
        min = Count(schemas, least, 1, 0);
        max = Count(schemas, most, -1, Repeat.Unlimited);
        return max == Repeat.Unlimited || min <= max;
    }
}
