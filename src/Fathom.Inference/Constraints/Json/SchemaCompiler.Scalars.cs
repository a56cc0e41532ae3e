// Strings, numbers and constants of a schema.

using System.Numerics;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fathom.Inference.Constraints.Json;

sealed partial class SchemaCompiler
{
    Expression String(List<Schema> schemas)
    {
        bool possible = Range(schemas, "minLength", "maxLength", out int min, out int max);
        List<(Schema Place, Expression Body)> shapes = [];
        foreach (Schema schema in schemas)
        {
            if (schema.TryGet("pattern", out Schema pattern))
            {
                RegexParser parser = new(pattern.Text(), pattern.Place, grammar, JsonSyntax.CharacterOf);
                shapes.Add((pattern, parser.ParseWithin()));
            }
            if (schema.TryGet("format", out Schema format))
            {
                string known = StringFormats.Patterns.GetValueOrDefault(format.Text())
                    ?? throw format.Wrong($"one of {string.Join(", ", StringFormats.Patterns.Keys)} is needed");
                shapes.Add((format, new RegexParser(known, format.Place, grammar, JsonSyntax.CharacterOf).ParseWhole()));
            }
        }
        if (!possible)
            return Expression.Never;
        bool isBounded = min > 0 || max != Repeat.Unlimited;
        if (shapes.Count > 1 || shapes.Count == 1 && isBounded)
            throw new ConstraintException(shapes[^1].Place.Place, "together with another pattern, format or length; only one of them at a time is supported");
        if (shapes.Count == 1)
            return JsonSyntax.Quoted(shapes[0].Body);
        if (!isBounded)
            return syntax.String;
        string place = schemas.First(s => s.TryGet("minLength", out _) || s.TryGet("maxLength", out _)).Place;
        return JsonSyntax.Quoted(grammar.Repeat(syntax.Character, min, max, place));
    }

    static Expression Number(List<Schema> schemas, bool integers)
    {
        (Bound? min, Bound? max) = Bounds(schemas);
        foreach (Schema schema in schemas)
        {
            if (schema.TryGet("multipleOf", out Schema multiple))
            {
                multiple.Require(multiple.Number() == new DecimalText(BigInteger.One, 0), "only 1, which means integers, is supported");
                integers = true;
            }
        }
        if (!integers)
            return min is null && max is null ? JsonSyntax.Number : NumberRange.Decimals(min, max);
        BigInteger? low = min is not { } m ? null : m.Included && m.Value.IsInteger ? m.Value.Floor : m.Value.Floor + 1;
        BigInteger? high = max is not { } n ? null : !n.Included && n.Value.IsInteger ? n.Value.Floor - 1 : n.Value.Floor;
        return low > high ? Expression.Never : NumberRange.Integers(low, high);
    }

    static (Bound? Min, Bound? Max) Bounds(List<Schema> schemas)
    {
        Bound? min = null, max = null;
        foreach (Schema schema in schemas)
        {
            Bound? ownMin = Tighter(Read(schema, "minimum", true), Read(schema, "exclusiveMinimum", false), 1);
            Bound? ownMax = Tighter(Read(schema, "maximum", true), Read(schema, "exclusiveMaximum", false), -1);
            if (ownMin is { } low && ownMax is { } high && (low.Value.CompareTo(high.Value) is int order && order > 0 || order == 0 && !(low.Included && high.Included)))
                throw new ConstraintException(schema.Place, $"no number is from {low.Value} to {high.Value}; the lower bound must be below the upper one");
            min = Tighter(min, ownMin, 1);
            max = Tighter(max, ownMax, -1);
        }
        return (min, max);

        static Bound? Read(Schema schema, string keyword, bool included) =>
            schema.TryGet(keyword, out Schema value) ? new Bound(value.Number(), included) : null;

        static Bound? Tighter(Bound? x, Bound? y, int sign)
        {
            if (x is not { } a || y is not { } b)
                return x ?? y;
            int order = a.Value.CompareTo(b.Value) * sign;
            return order > 0 || order == 0 && !a.Included ? x : y;
        }
    }

    // The values of enum and const, those that all schemas admit; null without such keywords.
    static Expression? Constants(List<Schema> schemas, ValueKinds kinds)
    {
        List<Schema>? values = null;
        Schema first = default;
        foreach (Schema schema in schemas)
        {
            if (schema.TryGet("enum", out Schema list))
                Keep(list, [.. list.Items("one or more values are needed")]);
            if (schema.TryGet("const", out Schema constant))
                Keep(constant, [constant]);
        }
        if (values is null)
            return null;
        List<Schema> admitted = values.FindAll(value => Admits(schemas, kinds, value));
        if (admitted.Count == 0 && schemas.Count == 1)
            throw first.Wrong("the keywords beside it admit none of these values; at least one is needed");
        return new Choice([.. admitted.Select(v => Literal(v))]);

        void Keep(Schema place, List<Schema> own)
        {
            first = place;
            values = values is null ? own : values.FindAll(v => own.Exists(o => JsonElement.DeepEquals(o.Element, v.Element)));
        }
    }

    static bool Admits(List<Schema> schemas, ValueKinds kinds, Schema value)
    {
        JsonElement element = value.Element;
        ValueKinds kind = element.ValueKind switch
        {
            JsonValueKind.Null => ValueKinds.Null,
            JsonValueKind.True or JsonValueKind.False => ValueKinds.Boolean,
            JsonValueKind.String => ValueKinds.String,
            JsonValueKind.Number => value.Number().IsInteger ? ValueKinds.Integer : ValueKinds.Number,
            JsonValueKind.Array => ValueKinds.Array,
            _ => ValueKinds.Object,
        };
        if ((kinds & kind) != kind)
            return false;
        string[] unjudged = kind switch
        {
            ValueKinds.String => ["pattern", "format"],
            ValueKinds.Array => ["items", "prefixItems", "minItems", "maxItems"],
            ValueKinds.Object => ["properties", "required", "additionalProperties", "minProperties", "maxProperties"],
            _ => [],
        };
        foreach (Schema schema in schemas)
        {
            foreach (string keyword in unjudged)
            {
                if (schema.TryGet(keyword, out Schema found))
                    throw new ConstraintException(found.Place, "together with enum or const; the values alone are needed");
            }
        }
        if (kind == ValueKinds.String)
        {
            int length = value.Text().EnumerateRunes().Count();
            return Range(schemas, "minLength", "maxLength", out int min, out int max) && length >= min && (max == Repeat.Unlimited || length <= max);
        }
        if ((kind & ValueKinds.Integer) == 0)
            return true;
        (Bound? low, Bound? high) = Bounds(schemas);
        DecimalText number = value.Number();
        return (low is not { } l || number.CompareTo(l.Value) is int below && (below > 0 || below == 0 && l.Included))
            && (high is not { } h || number.CompareTo(h.Value) is int above && (above < 0 || above == 0 && h.Included));
    }

    // A value, written in one way.
    static Expression Literal(Schema value) => value.Element.ValueKind switch
    {
        JsonValueKind.String => JsonSyntax.StringLiteral(value.Text()),
        JsonValueKind.Array => Expression.Text(JsonSerializer.Serialize(value.Element, Compact)),
        JsonValueKind.Object => Expression.Text(JsonSerializer.Serialize(value.Element, Compact)),
        _ => Expression.Text(value.Element.GetRawText()),
    };

    static readonly JsonSerializerOptions Compact = new() { MaxDepth = 2 * MaxDepth, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
