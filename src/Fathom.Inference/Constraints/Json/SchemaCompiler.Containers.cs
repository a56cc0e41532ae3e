// Objects and arrays of a schema.

using System.Text;
using System.Text.Json;

namespace Fathom.Inference.Constraints.Json;

sealed partial class SchemaCompiler
{
    /// <summary>Longest name of a property, in UTF-16 units.</summary>
    const int MaxNameLength = 256;

    // Declared properties in the order of the schema, then others where they are allowed: where additionalProperties says so, or where no
    // property is declared at all.
    Expression Object(List<Schema> schemas)
    {
        List<string> names = [];
        HashSet<string> known = [], required = [];
        bool isOpen = false;
        foreach (Schema schema in schemas)
        {
            if (schema.TryGet("properties", out Schema properties))
            {
                foreach ((string name, Schema property) in properties.Members())
                {
                    property.Require(name.Length <= MaxNameLength, $"a name of at most {MaxNameLength} characters is needed");
                    if (known.Add(name))
                        names.Add(name);
                }
            }
            isOpen |= schema.TryGet("additionalProperties", out _);
        }
        bool hasDeclared = names.Count > 0;
        foreach (Schema schema in schemas)
        {
            if (!schema.TryGet("required", out Schema list))
                continue;
            foreach (Schema item in list.Items("an array of names is needed", mayBeEmpty: true))
            {
                string name = item.Text();
                item.Require(name.Length <= MaxNameLength, $"a name of at most {MaxNameLength} characters is needed");
                required.Add(name);
                if (known.Add(name))
                    names.Add(name);
            }
        }
        List<ListItem> items = [];
        foreach (string name in names)
        {
            Expression value = Compile(schemas.SelectMany(schema => Of(schema, name)));
            items.Add(new ListItem(JsonSyntax.Pair(JsonSyntax.StringLiteral(name), value), IsOptional: !required.Contains(name)));
        }
        bool possible = Range(schemas, "minProperties", "maxProperties", out int min, out int max);
        if (min > 0 || max != Repeat.Unlimited)
        {
            if (names.Count > 0)
                throw new ConstraintException(schemas[0].Place, "minProperties or maxProperties beside named properties; one or the other is supported");
            if (!possible)
                return Expression.Never;
        }
        if (isOpen || !hasDeclared)
        {
            Expression value = Compile(schemas.SelectMany(Additional));
            Expression key = names.Count == 0 ? syntax.String : new Sequence(JsonSyntax.Quote, NameOtherThan(names));
            if (names.Count == 0)
                return syntax.Object(Counted(JsonSyntax.Pair(key, value), min, max, schemas[0].Place));
            items.Add(new ListItem(JsonSyntax.Pair(key, value), IsOptional: true, Repeats: true));
        }
        // What can never be is left out, or makes the whole impossible.
        items.RemoveAll(item => item.IsOptional && item.Body.IsNever);
        return syntax.Object(new SeparatedList([.. items], syntax.Comma));

        IEnumerable<Schema> Of(Schema schema, string name) =>
            schema.TryGet("properties", out Schema properties) && properties.TryGet(name, out Schema own) ? [own] : Additional(schema);

        static IEnumerable<Schema> Additional(Schema schema) => schema.TryGet("additionalProperties", out Schema additional) ? [additional] : [];
    }

    Expression Counted(Expression item, int min, int max, string place)
    {
        if (max == 0)
            return Expression.Empty;
        Expression rest = grammar.Repeat(new Sequence(syntax.Comma, item), Math.Max(0, min - 1), max == Repeat.Unlimited ? max : max - 1, place);
        Expression some = new Sequence(item, rest);
        return min == 0 ? some.Optional() : some;
    }

    Expression Array(List<Schema> schemas)
    {
        if (!Range(schemas, "minItems", "maxItems", out int min, out int max))
            return Expression.Never;
        int named = 0;
        List<List<Schema>> prefixes = [];
        foreach (Schema schema in schemas)
        {
            List<Schema> prefix = schema.TryGet("prefixItems", out Schema list) ? [.. list.Items("schemas are needed", mayBeEmpty: true)] : [];
            prefixes.Add(prefix);
            named = Math.Max(named, prefix.Count);
        }
        if (max != Repeat.Unlimited)
            named = Math.Min(named, max);
        List<Expression> items = [];
        for (int i = 0; i < named; i++)
        {
            Expression item = Compile(schemas.SelectMany((schema, s) => i < prefixes[s].Count ? [prefixes[s][i]] : Rest(schema)));
            if (item.IsNever)
            {
                (named, max) = (i, i);
                break;
            }
            items.Add(i == 0 ? item : new Sequence(syntax.Comma, item));
        }
        if (max != Repeat.Unlimited && min > max)
            return Expression.Never;
        int atLeast = Math.Max(0, min - named), atMost = max == Repeat.Unlimited ? max : max - named;
        if (atMost != 0)
        {
            Expression rest = Compile(schemas.SelectMany(Rest));
            if (rest.IsNever && atLeast > 0)
                return Expression.Never;
            if (!rest.IsNever && named == 0)
                return syntax.Array(Counted(rest, min, max, schemas[0].Place));
            if (!rest.IsNever)
                items.Add(grammar.Repeat(new Sequence(syntax.Comma, rest), atLeast, atMost, schemas[0].Place));
        }
        return syntax.Array(new Prefix([.. items], Math.Min(min, items.Count)));

        static IEnumerable<Schema> Rest(Schema schema)
        {
            if (!schema.TryGet("items", out Schema items))
                return [];
            items.Require(items.Element.ValueKind != JsonValueKind.Array, "a schema is needed; a list of them is called prefixItems");
            return [items];
        }
    }

    // A name in plain characters, and its closing quote, that is none of these.
    Expression NameOtherThan(List<string> names)
    {
        NameTree tree = new();
        foreach (string name in names)
            tree.Add(name);
        return tree.Others(syntax);
    }

    sealed class NameTree
    {
        readonly SortedDictionary<int, NameTree> below = [];
        bool isName;

        public void Add(string name)
        {
            NameTree at = this;
            foreach (Rune rune in name.EnumerateRunes())
            {
                // Plain characters never spell such a name.
                if (!JsonSyntax.Plain.Contains(rune.Value))
                    return;
                if (!at.below.TryGetValue(rune.Value, out NameTree? next))
                    at.below.Add(rune.Value, next = new NameTree());
                at = next;
            }
            at.isName = true;
        }

        public Expression Others(JsonSyntax syntax)
        {
            List<Expression> choices = [];
            if (!isName)
                choices.Add(JsonSyntax.Quote);
            CodePointSet other = JsonSyntax.Plain.Except(CodePointSet.Of(below.Keys.Select(c => (c, c))));
            choices.Add(new Sequence(other.Utf8(), syntax.PlainTail));
            foreach ((int c, NameTree next) in below)
                choices.Add(new Sequence(Expression.Text(new Rune(c).ToString()), next.Others(syntax)));
            return new Choice([.. choices]);
        }
    }
}
