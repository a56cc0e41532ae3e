// JSON schemas: what is generated is valid by an independent validator; what is valid in our spelling is taken; what is refused and how.

using System.Globalization;
using System.Text.Json;
using Fathom.Inference.Constraints;
using Fathom.Testing;

namespace Fathom.Inference.Tests.Constraints;

public class SchemaConstraintTests
{
    static readonly ConstraintVocabulary Small = Vocabularies.Of("{\"", "\":", "\",", "\"}", "]}", "true", "null", " \"", ",\n", "\\u", "é", "日本", "12", "0.", "\"a\"", "aa", "b\":", "99");

    public static TheoryData<string, string[], string[]> Cases => new()
    {
        { """{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"},"c":{"type":"boolean"}},"required":["b"],"additionalProperties":false}""",
            ["""{"a":1,"b":"x","c":true}""", """{"b":""}""", """{"b":"x", "c":false}""", "{\n  \"a\": -5,\n  \"b\": \"\\n\"\n}"],
            ["{}", """{"b":"x","a":1}""", """{"b":"x","d":1}""", """{"a":1.5,"b":""}""", """{"b":"x",}""", """{,"b":"x"}"""] },
        { """{"type":"object","properties":{"a":{"type":"integer"},"ab":{"const":1}},"additionalProperties":{"type":"string"}}""",
            ["""{"a":1,"x":"y"}""", """{"b":"z", "c":""}""", """{"a":2,"ab":1,"abc":"q"}""", "{}"],
            ["""{"x":"y","a":"z"}""", """{"b":1}""", """{"a":"z"}""", """{"ab":"1"}"""] },
        { """{"type":"object"}""", ["{}", """{"a":[1]}"""], ["[]"] },
        { """{"type":"object","additionalProperties":{"type":"integer"},"minProperties":1,"maxProperties":2}""", ["""{"a":1}""", """{"a":1,"b":2}"""], ["{}", """{"a":1,"b":2,"c":3}"""] },
        { """{"type":["integer","null"],"minimum":-12,"maximum":305}""", ["-12", "0", "99", "305", "null", "-1"], ["-13", "306", "1.0", "-0", "007", "1e2"] },
        { """{"type":"integer","exclusiveMinimum":5.5,"exclusiveMaximum":8}""", ["6", "7"], ["5", "8", "60"] },
        { """{"type":"number","minimum":-0.25,"exclusiveMaximum":10.5}""", ["-0.25", "0", "0.0", "10.49999", "10", "-0.2", "5.123"], ["-0.26", "-0.251", "10.5", "11", "-1", "-0.0", "100"] },
        { """{"type":"number","exclusiveMinimum":0}""", ["0.001", "1", "12345.5"], ["0", "0.0", "-1"] },
        { """{"type":"array","items":{"type":"integer"},"minItems":1,"maxItems":3}""", ["[1]", "[1, 2,3]"], ["[]", "[1,2,3,4]", "[true]"] },
        { """{"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":{"type":"null"},"minItems":1}""",
            ["""["a"]""", """["a", 1]""", """["a",1,null,null]"""], ["[]", "[1]", """["a",null]""", """["a",1,2]"""] },
        { """{"type":"array","prefixItems":[{"type":"string"}],"items":false}""", ["[]", """["a"]"""], ["""["a",1]"""] },
        { """{"type":"string","minLength":2,"maxLength":3}""", ["\"ab\"", "\"日本é\"", "\"\\n\\\"\"", "\"\\ud83d\\ude00😀\""], ["\"a\"", "\"abcd\"", "\"\"", "\"\\ud83d\""] },
        { """{"type":"string","pattern":"^[a-z\"\\\\]{2}$"}""", ["\"ab\"", "\"\\\"\\\\\""], ["\"abc\"", "\"a\"", "\"a\"\""] },
        { """{"type":"string","pattern":"b"}""", ["\"b\"", "\"abc\""], ["\"a\""] },
        { """{"type":"string","format":"date"}""", ["\"2024-02-29\"", "\"2000-02-29\"", "\"1999-12-31\""], ["\"2023-02-29\"", "\"1900-02-29\"", "\"2024-04-31\"", "\"2024-13-01\""] },
        { """{"type":"string","format":"date-time"}""", ["\"2024-02-29T23:59:59.5Z\"", "\"2024-01-01T00:00:00+01:00\""], ["\"2024-01-01\"", "\"2024-01-01T24:00:00Z\""] },
        { """{"type":"string","format":"ipv4"}""", ["\"192.168.0.255\""], ["\"256.1.1.1\"", "\"1.1.1\"", "\"01.1.1.1\""] },
        { """{"enum":["a","é\"",1.50,null,{"k":[1]}]}""", ["\"a\"", "\"é\\\"\"", "1.50", "null", "{\"k\":[1]}"], ["\"b\"", "1.5", "{}"] },
        { """{"type":"string","enum":["a",1,"abc"],"maxLength":2}""", ["\"a\""], ["1", "\"abc\""] },
        { """{"const":"x"}""", ["\"x\""], ["\"y\""] },
        { """{"anyOf":[{"type":"integer"},{"type":"object","properties":{"k":{"const":"v"}},"required":["k"]}]}""", ["5", """{"k":"v"}"""], ["\"s\"", "{}"] },
        { """{"type":"object","properties":{"kind":{"type":"string"}},"required":["kind"],"oneOf":[{"properties":{"kind":{"const":"a"},"n":{"type":"integer"}},"required":["n"]},{"properties":{"kind":{"const":"b"}}}]}""",
            ["""{"kind":"a","n":1}""", """{"kind":"b"}"""], ["""{"kind":"c"}""", """{"kind":"a"}"""] },
        { """{"allOf":[{"type":"object","properties":{"a":{"type":"integer","minimum":2}},"required":["a"]},{"properties":{"a":{"maximum":4},"b":{"type":"null"}}}]}""",
            ["""{"a":3}""", """{"a":4,"b":null}"""], ["""{"a":5}""", "{}", """{"a":3,"b":1}"""] },
        { """{"$ref":"#/$defs/node","$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["v","next"]}}}""",
            ["""{"v":1,"next":{"v":2,"next":null}}"""], ["""{"v":1}""", """{"v":1,"next":{}}"""] },
        { """{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#"}}},"required":["children"]}""", ["""{"children":[{"children":[]}]}"""], ["{}"] },
        { """{"type":"object","properties":{"a/b":{"type":"integer"},"c":{"$ref":"#/properties/a~1b"}},"required":["c"]}""", ["""{"c":1}"""], ["""{"c":"x"}"""] },
        { """{"type":"string","nullable":true,"title":"t","description":"d","x-order":1}""", ["null", "\"\""], ["1"] },
        { """{"type":"object","properties":{"a":false,"b":true}}""", ["{}", """{"b":[1]}"""], ["""{"a":1}"""] },
        { "true", ["[1]", "\"x\""], ["x"] },
        { "{}", ["[1]", "null"], ["nul"] },
        { """{"required":["a"],"type":"object"}""", ["""{"a":[]}""", """{"a":1,"b":2}"""], ["{}", """{"b":2}"""] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Schema_TakesWhatIsValid(string schema, string[] valid, string[] invalid)
    {
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(schema, Small);
        foreach (string text in valid)
            Assert.True(RegexConstraintTests.IsWhole(constraint, text), $"{schema} should take {text}");
        foreach (string text in invalid)
            Assert.False(RegexConstraintTests.IsWhole(constraint, text), $"{schema} should not take {text}");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Walks_AreValid(string schema, string[] valid, string[] invalid)
    {
        _ = (valid, invalid);
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(schema, Small);
        using JsonDocument described = JsonDocument.Parse(schema);
        int ended = 0;
        for (int seed = 0; seed < 60; seed++)
        {
            if (Walks.Text(constraint, new Random(seed), 200) is not { } text)
                continue;
            ended++;
            using JsonDocument parsed = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 1000 });
            // Numbers of a walk may be longer than a decimal holds.
            if (!System.Text.RegularExpressions.Regex.IsMatch(text, "[0-9]{20}|[eE]"))
                Assert.True(SchemaValidator.Complaint(described.RootElement, described.RootElement, parsed.RootElement) is null,
                    $"{schema}: {text}: {SchemaValidator.Complaint(described.RootElement, described.RootElement, parsed.RootElement)}");
        }
        Assert.True(ended >= 3, $"{schema}: only {ended} walks came to an end");
    }

    [Fact]
    public void IntegerRanges_AreExact()
    {
        Random random = new(3);
        for (int i = 0; i < 150; i++)
        {
            int low = random.Next(-1200, 1200), high = low + random.Next(0, 600) / random.Next(1, 20);
            TokenConstraint constraint = TokenConstraint.FromJsonSchema($$"""{"type":"integer","minimum":{{low}},"maximum":{{high}}}""", Small);
            for (int n = low - 150; n <= high + 150; n++)
                Assert.True(RegexConstraintTests.IsWhole(constraint, n.ToString(CultureInfo.InvariantCulture)) == (n >= low && n <= high), $"{n} in {low} to {high}");
        }
    }

    [Fact]
    public void DecimalRanges_AreExact()
    {
        Random random = new(4);
        for (int i = 0; i < 120; i++)
        {
            decimal low = Math.Round((decimal)(random.NextDouble() * 6 - 3), random.Next(4)), high = low + Math.Round((decimal)random.NextDouble() * 2, random.Next(4));
            (string least, string most) = (random.Next(2) == 0 ? "minimum" : "exclusiveMinimum", random.Next(2) == 0 ? "maximum" : "exclusiveMaximum");
            if (low == high)
                (least, most) = ("minimum", "maximum");
            FormattableString text = $$"""{"type":"number","{{least}}":{{low}},"{{most}}":{{high}}}""";
            TokenConstraint constraint = TokenConstraint.FromJsonSchema(text.ToString(CultureInfo.InvariantCulture), Small);
            for (int k = 0; k < 400; k++)
            {
                decimal n = Math.Round(low - 0.5m + (decimal)random.NextDouble() * (high - low + 1), random.Next(5)) + (random.Next(3) == 0 ? 0.000m : 0);
                n = random.Next(10) switch { 0 => low, 1 => high, 2 => low + 0.0001m, 3 => high - 0.0001m, _ => n };
                string spelled = n.ToString(CultureInfo.InvariantCulture);
                if (spelled.StartsWith("-0", StringComparison.Ordinal) && n == 0)
                    continue;
                bool expected = (least == "minimum" ? n >= low : n > low) && (most == "maximum" ? n <= high : n < high);
                Assert.True(RegexConstraintTests.IsWhole(constraint, spelled) == expected, $"{spelled} in {text.ToString(CultureInfo.InvariantCulture)} should be {expected}");
            }
        }
    }

    [Theory]
    [InlineData("""{"type":"object","patternProperties":{}}""", "$.patternProperties", "not supported")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "$.uniqueItems", "not supported")]
    [InlineData("""{"properties":{"a b":{"not":{}}}}""", "$.properties[\"a b\"].not", "not supported")]
    [InlineData("""{"type":"integer","minimum":5,"maximum":4}""", "$", "5 to 4")]
    [InlineData("""{"type":"string","minLength":5,"maxLength":4}""", "$.minLength", "4")]
    [InlineData("""{"type":"array","minItems":2,"maxItems":1}""", "$.minItems", "1")]
    [InlineData("""{"type":"text"}""", "$.type", "text")]
    [InlineData("""{"type":7}""", "$.type", "7")]
    [InlineData("""{"enum":[]}""", "$.enum", "[]")]
    [InlineData("""{"type":"integer","enum":["a"]}""", "$.enum", "none")]
    [InlineData("""{"type":"string","format":"colour"}""", "$.format", "uuid")]
    [InlineData("""{"type":"string","pattern":"(?=a)"}""", "$.pattern", "look-around")]
    [InlineData("""{"type":"string","pattern":"a","minLength":2}""", "$.pattern", "together")]
    [InlineData("""{"type":"string","maxLength":100000000}""", "$", "131072")]
    [InlineData("""{"type":"array","items":{"type":"string"},"minItems":100000000}""", "$", "131072")]
    [InlineData("""{"type":"integer","minimum":1e999999999}""", "$.minimum", "digits")]
    [InlineData("""{"type":"string","minLength":-1}""", "$.minLength", "-1")]
    [InlineData("""{"$ref":"#"}""", "$", "back to here")]
    [InlineData("""{"$ref":"#/a"}""", "$.$ref", "'a'")]
    [InlineData("""{"$ref":"http://x/y"}""", "$.$ref", "http")]
    [InlineData("""{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}""", "$.$defs", "back to here")]
    [InlineData("""{"type":"object","properties":{"n":{"$ref":"#"}},"required":["n"]}""", "constraint", "no text")]
    [InlineData("""{"allOf":[{"type":"string"},{"type":"integer"}]}""", "constraint", "no text")]
    [InlineData("false", "constraint", "no text")]
    [InlineData("[]", "$", "[]")]
    [InlineData("{\"type\":\n  x}", "schema, line 2", "JSON")]
    [InlineData("""{"type":"string","type":"null"}""", "schema", "JSON")]
    [InlineData("""{"const":"\ud800"}""", "$.const", "whole characters")]
    public void BadSchema_IsRefusedWithItsPlace(string schema, string place, string said)
    {
        ConstraintException error = Assert.Throws<ConstraintException>(() => TokenConstraint.FromJsonSchema(schema, Small));
        Assert.StartsWith(place, error.Place, StringComparison.Ordinal);
        Assert.Contains(said, error.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void HostileSchemas_EndInTime()
    {
        string nested = string.Concat(Enumerable.Repeat("{\"items\":", 5000)) + "true" + new string('}', 5000);
        Assert.Throws<ConstraintException>(() => TokenConstraint.FromJsonSchema(nested, Small));
        // Each level doubles the alternatives.
        string doubling = "{\"allOf\":[" + string.Join(",", Enumerable.Repeat("{\"anyOf\":[{\"type\":\"object\"},{\"type\":\"string\"}]}", 40)) + "]}";
        Assert.Throws<ConstraintException>(() => TokenConstraint.FromJsonSchema(doubling, Small));
        string definitions = string.Join(",", Enumerable.Range(0, 60).Select(i => $"\"d{i}\":{{\"anyOf\":[{{\"$ref\":\"#/$defs/d{i + 1}\"}},{{\"$ref\":\"#/$defs/d{i + 1}\"}}]}}"));
        TokenConstraint shared = TokenConstraint.FromJsonSchema($"{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{definitions},\"d60\":{{\"type\":\"null\"}}}}}}", Small);
        Assert.True(RegexConstraintTests.IsWhole(shared, "null"));
    }

    [Fact]
    public void MutatedSchemas_WorkOrAreRefused()
    {
        Random random = new(8);
        string[] schemas = [.. Cases.Select(row => (string)row[0])];
        // Whole values in strange places find more than single characters.
        string[] pieces = ["{}", "[]", "true", "null", "-1", "1e5", "\"a\"", "99999999999", "0.5", "\"$ref\"", "\"#\"", "\"\\ud800\"", ",", ":", "}", "]", "\"not\"", "[[]]", "{\"$ref\":\"#\"}", "\"^(\""];
        MutatedSources sources = new(random);
        for (int i = 0; i < 4000; i++)
        {
            string schema = schemas[random.Next(schemas.Length)];
            for (int k = random.Next(1, 3); k > 0; k--)
            {
                System.Text.RegularExpressions.MatchCollection values = System.Text.RegularExpressions.Regex.Matches(schema, "\"[^\"]*\"|-?[0-9.]+|true|false|null|[{}\\[\\]:,]");
                System.Text.RegularExpressions.Match at = values[random.Next(values.Count)];
                schema = schema[..at.Index] + pieces[random.Next(pieces.Length)] + schema[(at.Index + at.Length)..];
            }
            sources.Try(schema, source => TokenConstraint.FromJsonSchema(source, Small));
        }
        Assert.True(sources.Refused > 500 && sources.Worked > 50, $"{sources.Refused} refused, {sources.Worked} worked");
    }

    [SharedDataFact]
    public void RealVocabulary_MasksAreThoseOfBruteForce()
    {
        ConstraintVocabulary vocabulary = new(Vocabularies.DeepSeek);
        const string Schema = """
            {"type":"object","properties":{"name":{"type":"string","maxLength":30},"age":{"type":"integer","minimum":0,"maximum":120},
             "mail":{"type":"string","format":"email"},"tags":{"type":"array","items":{"enum":["red","green"]}},"more":{"$ref":"#/$defs/m"}},
             "required":["name"],"additionalProperties":{"type":"number"},"$defs":{"m":{"type":"object","properties":{"m":{"$ref":"#/$defs/m"}}}}}
            """;
        const string Text = "{\"name\": \"Jürgen 日本 \\n\", \"age\": 119, \"mail\": \"a.b@example.org\", \"tags\": [\"red\", \"green\"], \"more\": {\"m\": {}}, \"height\": 1.85}";
        TokenConstraint constraint = TokenConstraint.FromJsonSchema(Schema, vocabulary);
        ConstraintState state = constraint.Start();
        foreach (int next in Vocabularies.DeepSeek.Encode(Text))
        {
            Walks.CompareWithBruteForce(constraint, state, vocabulary);
            Assert.True(state.Accept(next), Vocabularies.DeepSeek.Decode([next]));
        }
        Walks.CompareWithBruteForce(constraint, state, vocabulary);
        Assert.True(state.IsComplete);
    }
}
