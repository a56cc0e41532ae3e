// Damaged templates end in a typed error or in a prompt, in bounded time and memory.

using System.Diagnostics;
using System.Text.Json;
using Fathom.Text.Templates;
using Fathom.Text.Templates.Jinja;

namespace Fathom.Text.Tests.Mutations;

public class TemplateMutationTests
{
    // The limits on steps and text of Budget, in time and bytes, with room for a busy machine.
    const long MostBytes = 6L << 30;
    static readonly TimeSpan MostTime = TimeSpan.FromSeconds(60);

    static readonly JsonElement File = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "jinja.json"))).RootElement;

    static readonly Dictionary<string, JsonElement> Data = File.GetProperty("data").EnumerateObject()
        .Append(JsonDocument.Parse("""{"messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}, {"role": "assistant", "content": "<think>x</think>A", "tool_calls": [{"function": {"name": "f", "arguments": {"a": [1, "b"]}}}]}]}""").RootElement.EnumerateObject().First())
        .ToDictionary(p => p.Name, p => p.Value);

    static readonly string[] Sources =
    [
        ChatTemplate.Jinja,
        """
        {%- macro show(schema, level=0) -%}
            {%- for key, value in schema.items() recursive_not %}{% endfor -%}
        {%- endmacro -%}
        """.Replace(" recursive_not", "", StringComparison.Ordinal) +
        """
        {%- set ns = namespace(seen=false, text='') -%}
        {%- for m in messages if m.role != 'system' -%}
            {%- set content = m.content if m.content is string else (m.content | tojson(indent=2)) -%}
            {%- if '</think>' in content -%}{%- set content = content.split('</think>')[-1].lstrip('\n') -%}{%- endif -%}
            {{- '<|' + m.role + '|>\n' + content | trim + '<|end|>\n' -}}
            {%- if m.tool_calls is defined and m.tool_calls -%}
                {%- for call in m.tool_calls -%}{{ call.function.name ~ '(' ~ (call.function.arguments | tojson) ~ ')' }}{% if not loop.last %}, {% endif %}{%- endfor -%}
            {%- endif -%}
            {%- set ns.seen = true -%}{%- set ns.text = ns.text ~ content[:3] -%}
        {%- else -%}{{ raise_exception('nothing to say') }}
        {%- endfor -%}
        {% for g, items in messages | groupby('role') %}{{ g }}={{ items | map(attribute='content') | join(',') }};{% endfor %}
        {{ strftime_now('%d %b %Y') if add_generation_prompt is defined else range(3) | list | sum }}{{ show({'a': {'b': 1}}) }}
        """,
        .. File.GetProperty("cases").EnumerateArray().Select(c => c.GetProperty("template").GetString()!),
    ];

    static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "{%-", "-%}", "{{-", "-}}", "{#", "#}", "'", "\"", "\\", "(", ")", "[", "]", "{", "}", "|", ".", ",", ":", "~", "+", "-", "*", "**", "/", "//", "%", "=", "==", "<", ">=",
        "in", "is", "not", "and", "or", "if", "elif", "else", "endif", "for", "endfor", "set", "endset", "macro", "endmacro", "call", "endcall", "filter", "endfilter", "with", "raw", "endraw", "break", "continue",
        "recursive", "include", "none", "true", "loop", "loop.index", "namespace(a=1)", "ns", "ns.x", "messages", "missing", "s", "u", "l", "d", "range(99999)", "'x' * 9999999", "99999999999999999999", "9223372036854775807",
        "1e308", "0x", "1.", "-1", "0", "[::-1]", "[::0]", "[1:]", ".split('')", ".format(1)", "'%s'", "'{}'", "\"%9999999s\"", "|tojson", "|tojson(indent=99)", "|map('upper')", "|sort", "|list", "|join", "|batch(9)",
        "caller()", "cycler()", "self", "__class__", "\n", " ", "\t", "\0", "😀", "\uD800", "m(", "**d", "*l", "lambda", ";", "$", "`",
    ];

    static void Check(string source)
    {
        Stopwatch clock = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            JinjaTemplate.Parse(source, "test").Render(Data, new Dictionary<string, string> { ["bos_token"] = "<s>" }, DateTimeOffset.UnixEpoch);
        }
        catch (TemplateException)
        {
        }
        catch (Exception e)
        {
            Assert.Fail($"{e}\n{source}");
        }
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(bytes < MostBytes && clock.Elapsed < MostTime, $"{bytes} bytes, {clock.Elapsed}\n{source}");
    }

    [Fact]
    public void MutatedTemplate_EndsInATypedErrorOrAPrompt()
    {
        Random random = new(61);
        for (int round = 0; round < 60_000; round++)
        {
            List<string> parts = Cut(Sources[round % 4 == 0 ? random.Next(2) : random.Next(Sources.Length)]);
            for (int changes = random.Next(1, 5); changes > 0; changes--)
                Change(parts, random);
            Check(string.Concat(parts));
        }
    }

    // Words, white space and signs apart.
    static List<string> Cut(string source)
    {
        List<string> parts = [];
        int Kind(char c) => char.IsLetterOrDigit(c) || c == '_' ? 0 : char.IsWhiteSpace(c) ? 1 : 2;
        for (int start = 0, end; start < source.Length; start = end)
        {
            for (end = start + 1; end < source.Length && Kind(source[end]) == Kind(source[start]) && Kind(source[start]) != 2; end++)
            {
            }
            parts.Add(source[start..end]);
        }
        return parts;
    }

    static void Change(List<string> parts, Random random)
    {
        int at = random.Next(parts.Count + 1), other = random.Next(parts.Count + 1);
        switch (random.Next(6))
        {
            case 0 when parts.Count > 1:
                parts.RemoveRange(Math.Min(at, parts.Count - 1), 1);
                break;
            case 1:
                parts.InsertRange(at, parts.GetRange(Math.Min(at, other), Math.Min(12, Math.Abs(at - other))));
                break;
            case 2 when at < parts.Count && other < parts.Count:
                (parts[at], parts[other]) = (parts[other], parts[at]);
                break;
            case 3:
                parts.Insert(at, string.Concat(Enumerable.Repeat(Pieces[random.Next(Pieces.Length)], random.Next(1, 400))));
                break;
            default:
                if (at < parts.Count && random.Next(2) == 0)
                    parts[at] = Pieces[random.Next(Pieces.Length)];
                else
                    parts.Insert(at, Pieces[random.Next(Pieces.Length)]);
                break;
        }
    }

    /// <summary>What mutations once found, kept.</summary>
    [Fact]
    public void FoundCases_EndInATypedErrorOrAPrompt()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Data", "found"), "*.jinja"))
            Check(System.IO.File.ReadAllText(file));
    }
}
