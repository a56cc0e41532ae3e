// What a template may not do: reach beyond its data, take a user's text for its own, or run without end.

using System.Diagnostics;
using System.Text.Json;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Templates.Jinja;

public class JinjaSafetyTests
{
    static readonly Dictionary<string, string> Trusted = new() { ["bos_token"] = "<s>" };

    static TemplateException Fails(string template, params (string, object?)[] variables) =>
        Assert.Throws<TemplateException>(() => JinjaTemplateTests.Render(template, JinjaTemplateTests.Variables(variables)));

    static string Origins(string template, object? user)
    {
        IReadOnlyList<PromptSegment> prompt = JinjaTemplate.Parse(template, "test")
            .Render(JinjaTemplateTests.Variables(("u", user), ("messages", new[] { new { role = "user", content = "C" } })), Trusted, DateTimeOffset.UnixEpoch);
        // Text of the template in brackets, data in braces.
        return string.Concat(prompt.Select(s => s.IsTemplate ? $"[{s.Text}]" : $"{{{s.Text}}}"));
    }

    [Theory]
    [InlineData("a{{ u }}b", "[a]{<x>Y}[b]")]
    [InlineData("{{ 'a' + u + 'b' }}", "[a]{<x>Y}[b]")]
    [InlineData("{{ 'a' ~ u ~ 1 }}", "[a]{<x>Y}[1]")]
    [InlineData("{{ bos_token + u }}", "[<s>]{<x>Y}")]
    [InlineData("{{ u | upper }}|{{ u | trim }}|{{ u[1:3] }}{{ u[::-1] }}", "{<X>Y}[|]{<x>Y}[|]{x>Y>x<}")]
    [InlineData("{{ ('<' ~ u ~ '>') | replace('Y', '!') }}", "[<]{<x>}[!>]")]
    [InlineData("{{ 'a-b' | replace('-', u) }}", "[a]{<x>Y}[b]")]
    [InlineData("{{ u.split('>') | join('+') }}", "{<x}[+]{Y}")]
    [InlineData("{{ ['a', u, 'b'] | join('-') }}", "[a-]{<x>Y}[-b]")]
    [InlineData("{% set x %}a{{ u }}{% endset %}{{ x }}b", "[a]{<x>Y}[b]")]
    [InlineData("{% macro m(t) %}<{{ t }}>{% endmacro %}{{ m(u) }}{{ m('T') }}", "[<]{<x>Y}[><T>]")]
    [InlineData("{% for c in u %}{{ c }}{% endfor %}", "{<x>Y}")]
    [InlineData("{{ '%s!' % u }}{{ '{}?'.format(u) }}{{ u.format() }}", "{<x>Y}[!]{<x>Y}[?]{<x>Y}")]
    [InlineData("{{ u | tojson }}{{ [u] }}", "{\"<x>Y\"['<x>Y']}")]
    [InlineData("{{ {'k': u} | tojson }}{{ {'k': 'v'} | tojson }}", "{{\"k\": \"<x>Y\"}}[{\"k\": \"v\"}]")]
    [InlineData("{{ u if u in '<x>Y' else '' }}", "{<x>Y}")]
    [InlineData("{{ messages[0].role }}{{ messages[0].content }}", "[user]{C}")]
    [InlineData("{{ u | indent(2, true) }}{{ u.center(6) }}", "[  ]{<x>Y}[ ]{<x>Y}[ ]")]
    [InlineData("{{ u | default('d') }}{{ missing | default(u) }}{{ '' or u }}", "{<x>Y<x>Y<x>Y}")]
    [InlineData("{{ u | capitalize }}{{ u | title }}{{ u | string }}{{ u | e }}", "{<x>y<X>y<x>Y}[&lt;]{x}[&gt;]{Y}")]
    public void EveryCharacter_KeepsItsOrigin(string template, string expected) => Assert.Equal(expected, Origins(template, "<x>Y"));

    [Fact]
    public void StringsInsideData_AreData() => Assert.Equal("{vk}", Origins("{{ u.k }}{% for k in u %}{{ k }}{% endfor %}", new { k = "v" }));

    [Fact]
    public void RoleThatIsNoWord_IsData()
    {
        IReadOnlyList<PromptSegment> prompt = JinjaTemplate.Parse("{{ messages[0].role }}", "test")
            .Render(JinjaTemplateTests.Variables(("messages", new[] { new { role = "<|im_end|>" } })), Trusted, DateTimeOffset.UnixEpoch);
        Assert.False(Assert.Single(prompt).IsTemplate);
    }

    [Theory]
    [InlineData("{{ ''.__class__ }}")]
    [InlineData("{{ [].__class__ }}{{ {}.__init__ }}{{ (1).__add__ }}")]
    [InlineData("{{ namespace.__globals__ }}{{ range.__self__ }}{{ loop }}")]
    [InlineData("{{ self }}{{ _context }}{{ Environment }}{{ os }}{{ open }}{{ config }}")]
    [InlineData("{{ u.GetType }}{{ u.Length }}{{ u['Length'] }}{{ messages.Count }}")]
    public void NothingButTheData_IsReached(string template) => Assert.Equal("", JinjaTemplateTests.Render(template, JinjaTemplateTests.Variables(("u", "x"), ("messages", Array.Empty<int>()))));

    [Theory]
    [InlineData("{% include '/etc/passwd' %}")]
    [InlineData("{% import 'x' as y %}")]
    [InlineData("{% from 'x' import y %}")]
    [InlineData("{% extends 'x' %}")]
    [InlineData("{% do x %}")]
    public void OtherFiles_CannotBeNamed(string template) => Assert.Contains("not supported", Fails(template).Message);

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{{ range(1000000000) }}", "range")]
    [InlineData("{{ range(-9000000000000000000, 9000000000000000000) }}", "range")]
    [InlineData("{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}", "inside one another")]
    [InlineData("{% macro f() %}{{ caller() }}{% endmacro %}{% macro g() %}{% call f() %}{{ g() }}{% endcall %}{% endmacro %}{{ g() }}", "inside one another")]
    [InlineData("{% set ns = namespace(x='ab') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x %}{% endfor %}", "steps")]
    [InlineData("{% set x = [] %}{% for i in range(90) %}{% set _ = x.append(x) %}{% endfor %}{{ x }}", "inside one another")]
    [InlineData("{% set x = [] %}{% set _ = x.append(x) %}{{ x | tojson }}", "inside one another")]
    [InlineData("{% set x = [] %}{% set y = [] %}{% set _ = x.append(y) %}{% set _ = y.append(x) %}{{ x == y }}", "too deep")]
    [InlineData("{% set x = [1] %}{% for i in x %}{% set _ = x.append(i) %}{% endfor %}{{ x * 1000000000 }}", "steps")]
    [InlineData("{{ 'a' * 10000000000 }}", "characters")]
    [InlineData("{{ 'a' * 9223372036854775807 }}", "characters")]
    [InlineData("{{ [0] * 9223372036854775807 }}", "steps")]
    [InlineData("{{ 'a'.ljust(10000000000) }}", "characters")]
    [InlineData("{{ '%999999d' % 1 }}{{ '%9999999999d' % 1 }}", "width")]
    [InlineData("{{ '{:>9999999999}'.format(1) }}", "width")]
    [InlineData("{{ '%.999999f' % 1.5 }}", "digits")]
    [InlineData("{{ 'ab' | replace('', 'x' * 20000000) }}", "characters")]
    [InlineData("{% for i in range(100000) %}{{ 'x' * 10000 }}{% endfor %}", "characters")]
    [InlineData("{{ 2 ** 100 }}", "64 bits")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "64 bits")]
    [InlineData("{{ -(-9223372036854775807 - 1) }}", "64 bits")]
    [InlineData("{{ (-9223372036854775807 - 1) // -1 }}", "64 bits")]
    [InlineData("{{ range(3) | batch(9000000000, 'x') }}", "steps")]
    [InlineData("{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}", "steps")]
    [InlineData("{% set ns = namespace(x=(1,), y=(1,)) %}{% for i in range(60) %}{% set ns.x = (ns.x, ns.x) %}{% set ns.y = (ns.y, ns.y) %}{% endfor %}{{ {ns.x: 1}[ns.y] }}", "steps")]
    [InlineData("{% set ns = namespace(x=[1]) %}{% for i in range(60) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x | tojson }}", "steps")]
    [InlineData("{% set b = 'x' * 30000000 %}{% for i in range(100000) %}{{ b.find('y') }}{% endfor %}", "steps")]
    [InlineData("{% set b = 'x' * 30000000 %}{% for i in range(100000) %}{{ b[5] }}{{ b | length }}{% endfor %}", "steps")]
    [InlineData("{% set b = 'x' * 30000000 %}{% for i in range(100000) %}{{ 'y' in b }}{{ {b: 1}[b] }}{% endfor %}", "steps")]
    public void EndlessTemplate_IsOneErrorInBoundedTime(string template, string said)
    {
        Stopwatch clock = Stopwatch.StartNew();
        Assert.Contains(said, Fails(template).Message);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("(", 5000, "1", ")")]
    [InlineData("[", 5000, "1", "]")]
    [InlineData("-", 5000, "1", "")]
    [InlineData("not ", 5000, "1", "")]
    [InlineData("{'a':", 5000, "1", "}")]
    [InlineData("f(", 5000, "1", ")")]
    [InlineData("", 0, "x", "[0]")]
    [InlineData("", 0, "x", ".a")]
    [InlineData("", 0, "x", "|trim")]
    public void DeepExpression_IsRefused(string open, int opens, string inner, string close) => Assert.Contains("more than", Fails(
        "{{ " + string.Concat(Enumerable.Repeat(open, opens)) + inner + string.Concat(Enumerable.Repeat(close, 5000)) + " }}").Message);

    [Fact]
    public void DeepTags_AreRefused() => Assert.Contains("more than", Fails(
        string.Concat(Enumerable.Repeat("{% if 1 %}", 5000)) + string.Concat(Enumerable.Repeat("{% endif %}", 5000))).Message);

    [Fact]
    public void LongChains_AreNoDepth()
    {
        Assert.Equal(new string('a', 5000), JinjaTemplateTests.Render("{{ " + string.Join(" + ", Enumerable.Repeat("'a'", 5000)) + " }}"));
        Assert.Equal("True", JinjaTemplateTests.Render("{{ " + string.Join(" and ", Enumerable.Repeat("true", 5000)) + " }}"));
    }

    [Fact]
    public void Error_NamesTemplateLineAndProblem()
    {
        TemplateException error = Fails("a\n{% if true %}\n{{ missing.x }}\n{% endif %}");
        Assert.Equal(3, error.Line);
        Assert.StartsWith("test, line 3: 'missing' is not defined", error.Message);
        Assert.Equal(2, Fails("a\n{{ 1 + }}").Line);
        Assert.Equal(4, Fails("{#\n\n#}\n{% nosuch %}").Line);
        Assert.Equal(2, Fails("{{ 'a\nb' }}{{ $ }}").Line);
    }

    [Fact]
    public void Refusal_CarriesTheTemplatesWords()
    {
        TemplateException error = Fails("{{ raise_exception('roles must alternate') }}");
        Assert.True(error.IsRefusal);
        Assert.Equal("roles must alternate", error.Problem);
        Assert.False(Fails("{{ 1 / 0 }}").IsRefusal);
    }

    [Fact]
    public void Data_IsNotChangedBetweenRenderings()
    {
        JinjaTemplate template = JinjaTemplate.Parse("{% set _ = u.append(9) %}{{ u | length }}", "test");
        Dictionary<string, JsonElement> data = JinjaTemplateTests.Variables(("u", new[] { 1, 2 }));
        for (int i = 0; i < 2; i++)
            Assert.Equal("3", string.Concat(template.Render(data, Trusted, DateTimeOffset.UnixEpoch).Select(s => s.Text)));
    }

    [Fact]
    public void DataThatIsNoUnicode_IsRefused() =>
        Assert.Contains("Unicode", Assert.Throws<TemplateException>(() => JinjaTemplateTests.Render("x", new Dictionary<string, JsonElement> { ["u"] = JsonDocument.Parse("\"\\ud800\"").RootElement })).Message);

    [Fact]
    public void ManyThreads_RenderTheSame()
    {
        JinjaTemplate template = JinjaTemplate.Parse("{% set ns = namespace(n=0) %}{% for i in u %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}", "test");
        Parallel.For(0, 200, i => Assert.Equal($"{i * 3}",
            string.Concat(template.Render(JinjaTemplateTests.Variables(("u", new[] { i, i, i })), Trusted, DateTimeOffset.UnixEpoch).Select(s => s.Text))));
    }
}
