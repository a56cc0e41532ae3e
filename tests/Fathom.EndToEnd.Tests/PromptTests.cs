// Tokenizers and chat templates of models by the executable: tokenize, render, and what chat and generate make of them.
using System.Text.Json;
using System.Text.Json.Nodes;
using Fathom.Testing;

namespace Fathom.EndToEnd.Tests;

public sealed class PromptTests : IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Init()
    {
        Executable.Run("init", "nano", "-o", _folder.In("m")).Ends(0);
        return _folder.In("m");
    }

    // The same model with another template.
    string WithTemplate(string template)
    {
        string model = Init(), config = Path.Combine(model, "tokenizer_config.json");
        JsonNode root = JsonNode.Parse(File.ReadAllText(config))!;
        root["chat_template"] = template;
        File.WriteAllText(config, root.ToJsonString());
        return model;
    }

    static int[] Ids(JsonElement json) => [.. json.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];

    [SharedDataFact]
    public void Tokenize_TokenizerJsonAndGguf_GiveTheSameIds()
    {
        string json = SharedData.Path("vectors", "tokenizer", "deepseek-llm"), gguf = SharedData.Path("real", "tokenizers", "deepseek-llm.gguf");
        string text = _folder.Write("text.txt", "Hello  world, 中文 1234 <｜User｜>\r\n\tø");
        int[] ids = Ids(Executable.Run("tokenize", Path.Combine(json, "tokenizer.json"), "--file", text, "--json").Json());
        Assert.NotEmpty(ids);
        Assert.Equal(ids, Ids(Executable.Run("tokenize", json, "--file", text, "--json").Json()));
        Assert.Equal(ids, Ids(Executable.Run("tokenize", gguf, "--file", text, "--json").Json()));
        Assert.Equal([100000, .. ids], Ids(Executable.Run("tokenize", gguf, "--file", text, "--bos", "--json").Json()));
        Assert.Equal([100000, .. ids], Ids(Executable.Run("tokenize", json, "--file", text, "--bos", "--json").Json()));
    }

    [Fact]
    public void Render_OwnTemplate_GivesPromptIdsAndSegments()
    {
        string model = Init(), messages = _folder.Write("chat.json", """[{"role": "system", "content": "S"}, {"role": "user", "content": "hi <｜User｜>"}]""");
        const string prompt = "<｜begin▁of▁sentence｜>S<｜User｜>hi <｜User｜><｜Assistant｜>";
        Assert.Equal(prompt, Executable.Run("render", model, "--messages", messages).Ends(0).Output);
        Assert.Equal(prompt[..^"<｜Assistant｜>".Length], Executable.Run("render", model, "--messages", messages, "--no-generation-prompt").Ends(0).Output);
        Assert.Equal(prompt + "<think>\n", Executable.Run("render", model, "--messages", messages, "--set", "thinking=true").Ends(0).Output);

        JsonElement json = Executable.Run("render", model, "--messages", messages, "--json").Json();
        Assert.Equal(prompt, json.GetProperty("prompt").GetString());
        Assert.Equal(prompt, string.Concat(json.GetProperty("segments").EnumerateArray().Select(s => s.GetProperty("text").GetString())));
        Assert.Contains(json.GetProperty("segments").EnumerateArray(), s => !s.GetProperty("isTemplate").GetBoolean() && s.GetProperty("text").GetString() == "hi <｜User｜>");
        // Begin, user, assistant; a byte each for the rest.
        Assert.Equal(3 + "Shi <｜User｜>"u8.Length, Ids(json).Length);
    }

    [Fact]
    public void Render_MessagesAndToolsInOneFile_AndVariables()
    {
        string model = WithTemplate("{{ tools | length }} {{ name }} {{ n + 1 }}{% for m in messages %} {{ m.content }}{% endfor %}");
        string messages = _folder.Write("chat.json", """{"messages": [{"role": "user", "content": "U"}], "tools": [{"type": "function", "function": {"name": "f"}}]}""");
        Assert.Equal("1 Ada 5 U", Executable.Run("render", model, "--messages", messages, "--set", "name=Ada", "--set", "n=4").Ends(0).Output);
        string tools = _folder.Write("tools.json", "[1, 2]");
        Assert.Equal("2 Ada 5 U", Executable.Run("render", model, "--messages", messages, "--tools", tools, "--set", "name=Ada", "--set", "n=4").Ends(0).Output);
    }

    [Fact]
    public void Render_WhatIsWrong_IsSaid()
    {
        string model = WithTemplate("{{ raise_exception('no ' ~ messages[0].role) }}"), messages = _folder.Write("chat.json", """[{"role": "user", "content": ""}]""");
        Executable.Run("render", model, "--messages", messages).Says(1, "chat_template, line 1", "no user");
        Executable.Run("render", model, "--messages", _folder.In("none.json")).Says(1, "none.json");
        Executable.Run("render", model, "--messages", _folder.Write("bad.json", "[{")).Says(1, "bad.json", "JSON");
        Executable.Run("render", model, "--messages", messages, "--set", "x").Says(2, "--set x", "KEY=VALUE");
        Executable.Run("render", model).Says(2, "--messages");
        Executable.Run("render", WithTemplateAgain(model, "\n\n{% for %}"), "--messages", messages).Says(1, "line 3");

        static string WithTemplateAgain(string model, string template)
        {
            File.WriteAllText(Path.Combine(model, "chat_template.jinja"), template);
            return model;
        }
    }

    [Fact]
    public void Generate_TakesTheModelsOwnTemplate_AndItsTailSaysWhetherItReasons()
    {
        // Templates whose prompts have no tokens but these: the numbers of tokens tell them apart.
        string model = WithTemplate("ab{{ messages[0].content }}");
        JsonElement plain = Executable.Run("generate", model, "-p", "cd", "--max-tokens", "1", "--json").Json();
        Assert.Equal(4, plain.GetProperty("promptTokens").GetInt32());
        Assert.DoesNotContain("<think>\n", Executable.Run("generate", model, "-p", "cd", "--max-tokens", "1").Ends(0).Output, StringComparison.Ordinal);

        Directory.Delete(model, recursive: true);
        model = WithTemplate("{{ messages[0].content }}<think>\n");
        Assert.StartsWith("<think>\n", Executable.Run("generate", model, "-p", "cd", "--max-tokens", "1").Ends(0).Output, StringComparison.Ordinal);
        // What a user writes opens nothing.
        Directory.Delete(model, recursive: true);
        model = WithTemplate("{{ messages[0].content }}");
        Assert.DoesNotContain("<think>\n", Executable.Run("generate", model, "-p", "x<think>", "--max-tokens", "1").Ends(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Gguf_CarriesTokenizerAndTemplate()
    {
        string model = WithTemplate("[{{ messages[0].content }}]"), file = _folder.In("m.gguf"), messages = _folder.Write("chat.json", """[{"role": "user", "content": "U"}]""");
        Executable.Run("convert", model, "-o", file).Ends(0);
        Assert.Equal("[U]", Executable.Run("render", file, "--messages", messages).Ends(0).Output);
        Assert.Equal(Ids(Executable.Run("tokenize", model, "--text", "née 中", "--json").Json()), Ids(Executable.Run("tokenize", file, "--text", "née 中", "--json").Json()));
    }
}
