// The interpreter against what Jinja2 itself renders: published templates, and hundreds of small ones.

using System.Text.Json;
using Fathom.Testing;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Templates.Jinja;

public class JinjaTemplateTests
{
    static readonly DateTimeOffset Now = new(2025, 3, 7, 9, 5, 4, TimeSpan.Zero);

    internal static JsonElement Load(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    static JsonElement Data(string name) => Load(Path.Combine(AppContext.BaseDirectory, "Data", name));

    internal static Dictionary<string, JsonElement> Variables(params (string Name, object? Value)[] variables) =>
        variables.ToDictionary(v => v.Name, v => v.Value as JsonElement? ?? JsonSerializer.SerializeToElement(v.Value));

    internal static string Render(string template, IReadOnlyDictionary<string, JsonElement>? data = null, IReadOnlyDictionary<string, string>? trusted = null) =>
        string.Concat(JinjaTemplate.Parse(template, "test").Render(data ?? Variables(), trusted ?? new Dictionary<string, string>(), Now).Select(s => s.Text));

    [Fact]
    public void SmallTemplates_RenderAsJinja2Does()
    {
        JsonElement file = Data("jinja.json");
        Dictionary<string, JsonElement> data = file.GetProperty("data").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        List<string> wrong = [];
        int compared = 0;
        foreach (JsonElement item in file.GetProperty("cases").EnumerateArray())
        {
            string template = item.GetProperty("template").GetString()!;
            string? expected = item.TryGetProperty("expected", out JsonElement text) ? text.GetString() : null;
            string? actual;
            try
            {
                actual = Render(template, data);
            }
            catch (TemplateException e)
            {
                actual = expected is null ? null : $"error: {e.Message}";
            }
            if (actual != expected)
                wrong.Add($"{template}\n  expected: {expected ?? item.GetProperty("error").GetString()}\n  actual:   {actual}");
            compared++;
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} of {compared}:\n{string.Join('\n', wrong)}");
        Assert.True(compared > 250);
    }

    [SharedDataFact]
    public void PublishedPrompts_AreRenderedExactly()
    {
        JsonElement file = Load(SharedData.Path("vectors", "chat_template", "chat.json"));
        Dictionary<string, JinjaTemplate> templates = file.GetProperty("templates").EnumerateObject().ToDictionary(t => t.Name, t => JinjaTemplate.Parse(t.Value.GetString()!, t.Name));
        Dictionary<string, string> trusted = new() { ["bos_token"] = file.GetProperty("bos_token").GetString()!, ["eos_token"] = file.GetProperty("eos_token").GetString()! };
        int compared = 0;
        foreach (JsonElement item in file.GetProperty("cases").EnumerateArray())
        {
            Dictionary<string, JsonElement> data = item.GetProperty("kwargs").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
            data["messages"] = item.GetProperty("messages");
            data["add_generation_prompt"] = item.GetProperty("add_generation_prompt");
            IReadOnlyList<PromptSegment> prompt = templates[item.GetProperty("template").GetString()!].Render(data, trusted, Now);
            Assert.Equal(item.GetProperty("rendered").GetString(), string.Concat(prompt.Select(s => s.Text)));
            compared++;
        }
        Assert.Equal(88, compared);
    }

    [SharedDataTheory]
    [InlineData("deepseek-r1-distill-qwen.jinja")]
    [InlineData("llama-3.1.jinja")]
    public void RealTemplate_RendersAsJinja2Does(string name) =>
        CompareConversations(Data("real-templates.json"), name, File.ReadAllText(SharedData.Path("real", "templates", name)));

    internal static void CompareConversations(JsonElement file, string name, string source)
    {
        Dictionary<string, string> trusted = new() { ["bos_token"] = "<BOS>", ["eos_token"] = "<EOS>" };
        JinjaTemplate template = JinjaTemplate.Parse(source, name);
        List<string> wrong = [];
        int compared = 0, refused = 0;
        foreach (JsonElement item in file.GetProperty("results").GetProperty(name).EnumerateArray())
        {
            Dictionary<string, JsonElement> data = file.GetProperty("variables")[item.GetProperty("v").GetInt32()].EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
            data["messages"] = file.GetProperty("conversations")[item.GetProperty("c").GetInt32()];
            data["add_generation_prompt"] = item.GetProperty("g");
            string? expected = item.TryGetProperty("expected", out JsonElement text) ? text.GetString() : null, actual;
            try
            {
                actual = string.Concat(template.Render(data, trusted, Now).Select(s => s.Text));
            }
            catch (TemplateException e)
            {
                actual = expected is null ? null : $"error: {e.Message}";
                refused++;
            }
            compared++;
            if (actual != expected)
                wrong.Add($"{item.GetRawText()}\n  actual: {actual}");
        }
        Assert.True(wrong.Count == 0, $"{name}: {wrong.Count} of {compared}:\n{string.Join('\n', wrong.Take(4))}");
        Assert.True(compared > 50 && refused < compared);
    }
}
