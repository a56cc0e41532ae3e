// Tokenizers from the metadata of GGUF files and back.

using Fathom.Testing;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

public class GgufTokenizerTests
{
    const string File = "model.gguf";

    static Dictionary<string, object> Trained => new(SampleTexts.Trained.ToGguf(704));

    [SharedDataFact]
    public void DeepSeekLlm_EveryLineIsEncodedExactly_AndDecodedBack()
    {
        string path = SharedData.Path("real", "tokenizers", "deepseek-llm.gguf");
        Tokenizer tokenizer = Tokenizer.FromGguf(path, GgufFixture.Metadata(path));
        Tokenizer json = Tokenizer.Load(SharedData.Path("vectors", "tokenizer", "deepseek-llm"));
        Tokenizer again = Tokenizer.FromGguf("again", tokenizer.ToGguf(tokenizer.VocabularySize));
        string[] texts = System.IO.File.ReadAllText(SharedData.Path("real", "tokenizers", "deepseek-llm.inp")).Split("\n__ggml_vocab_test__\n");
        string[] lines = System.IO.File.ReadAllLines(SharedData.Path("real", "tokenizers", "deepseek-llm.out"));
        Assert.True(lines.Length > 40);
        for (int i = 0; i < lines.Length; i++)
        {
            int[] ids = [.. lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
            Assert.Equal(ids, tokenizer.Encode(texts[i]));
            Assert.Equal(texts[i], tokenizer.Decode(ids));
        }
        foreach (string text in SampleTexts.Scripts)
        {
            Assert.Equal(json.Encode(text), tokenizer.Encode(text));
            Assert.Equal(json.EncodeWithSpecials(text), tokenizer.EncodeWithSpecials(text));
            Assert.Equal(json.Encode(text), again.Encode(text));
        }
        Assert.Equal((100000, 100001, true), (tokenizer.BosId, tokenizer.EosId, tokenizer.AddsBos));
        // The model has 102,400 rows; what pads them has no text.
        Assert.Equal(102400, tokenizer.VocabularySize);
        Assert.Equal("", tokenizer.Decode([102399]));
    }

    [Fact]
    public void WrittenAndRead_IsTheSameTokenizer()
    {
        Tokenizer read = Tokenizer.FromGguf(File, Trained);
        Assert.Equal(SampleTexts.Trained.Model.Merges, read.Model.Merges);
        Assert.Equal(SampleTexts.Trained.Model.Tokens, read.Model.Tokens[..700]);
        Assert.Equal(704, read.VocabularySize);
        Assert.Equal((SampleTexts.Trained.BosId, SampleTexts.Trained.EosId, SampleTexts.Trained.ChatTemplate), (read.BosId, read.EosId, read.ChatTemplate));
        foreach (string text in SampleTexts.Scripts)
            Assert.Equal(SampleTexts.Trained.EncodeWithSpecials(text), read.EncodeWithSpecials(text));
    }

    [Fact]
    public void Metadata_HasTheKeysAndTypesOfTheFormat()
    {
        Dictionary<string, object> metadata = Trained;
        Assert.Equal("gpt2", metadata["tokenizer.ggml.model"]);
        Assert.Equal("fathom", metadata["tokenizer.ggml.pre"]);
        int[] types = Assert.IsType<int[]>(metadata["tokenizer.ggml.token_type"]);
        string[] tokens = Assert.IsType<string[]>(metadata["tokenizer.ggml.tokens"]);
        Assert.Equal((704, 704), (tokens.Length, types.Length));
        // 444 bytes and merges, 4 control tokens, <think> and </think>, 4 of padding.
        Assert.Equal([1, 3, 3, 3, 3, 4, 4, 5, 5, 5, 5], types[693..]);
        Assert.Equal((DeepSeekTokens.ThinkEnd, "[PAD700]"), (tokens[699], tokens[700]));
        Assert.Equal(694u, Assert.IsType<uint>(metadata["tokenizer.ggml.bos_token_id"]));
        Assert.Equal(SampleTexts.Trained.ChatTemplate, metadata["tokenizer.chat_template"]);
    }

    [Fact]
    public void NamedTemplates_AreCarried()
    {
        Dictionary<string, object> metadata = Trained;
        metadata["tokenizer.chat_template.tool_use"] = "tools";
        metadata["tokenizer.chat_templates"] = new[] { "tool_use" };
        Tokenizer read = Tokenizer.FromGguf(File, Tokenizer.FromGguf(File, metadata).ToGguf(704));
        Assert.Equal(["default", "tool_use"], read.ChatTemplates.Keys.Order());
        Assert.Equal("tools", read.ChatTemplates["tool_use"]);
    }

    [Theory]
    [InlineData("qwen2", true)]
    [InlineData("deepseek-r1-qwen", true)]
    [InlineData("llama-bpe", false)]
    [InlineData("llama3", false)]
    [InlineData("gpt-2", false)]
    [InlineData("default", false)]
    [InlineData("deepseek-coder", false)]
    [InlineData("deepseek-v3", false)]
    public void EveryFamily_IsReadByItsName_AndSavedAsATokenizerJson(string pre, bool composes)
    {
        Dictionary<string, object> metadata = Trained;
        metadata["tokenizer.ggml.pre"] = pre;
        Tokenizer tokenizer = Tokenizer.FromGguf(File, metadata);
        int[] ids = tokenizer.Encode("e\u0301 12345 don't\n\n  x");
        Assert.Equal((composes ? "\u00E9" : "e\u0301") + " 12345 don't\n\n  x", tokenizer.Decode(ids));
        string folder = Directory.CreateTempSubdirectory("fathom-tokenizer-").FullName;
        try
        {
            tokenizer.Save(folder);
            Tokenizer loaded = Tokenizer.Load(folder);
            foreach (string text in SampleTexts.Scripts)
                Assert.Equal(tokenizer.Encode(text), loaded.Encode(text));
            object named = loaded.ToGguf(704)["tokenizer.ggml.pre"];
            Assert.Equal(pre switch { "deepseek-r1-qwen" => "qwen2", "llama3" => "llama-bpe", _ => pre }, named);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public static TheoryData<string, object?, string> Broken => new()
    {
        { "tokenizer.ggml.model", null, "missing" },
        { "tokenizer.ggml.model", "bert", "gpt2 (byte-level BPE) and llama" },
        { "tokenizer.ggml.model", 5u, "string" },
        { "tokenizer.ggml.pre", "grok-9", "deepseek-llm, deepseek-coder, deepseek-v3, qwen2, deepseek-r1-qwen, llama-bpe" },
        { "tokenizer.ggml.pre", null, "known" },
        { "tokenizer.ggml.tokens", null, "missing" },
        { "tokenizer.ggml.tokens", Array.Empty<string>(), "0 tokens" },
        { "tokenizer.ggml.tokens", new[] { "a" }, "704 types for 1" },
        { "tokenizer.ggml.token_type", new int[3], "3 types for 704" },
        { "tokenizer.ggml.token_type", Enumerable.Repeat(9, 704).ToArray(), "found 9" },
        { "tokenizer.ggml.token_type", "x", "integers" },
        { "tokenizer.ggml.merges", null, "missing" },
        { "tokenizer.ggml.merges", new[] { "a b c" }, "merges[0]" },
        { "tokenizer.ggml.merges", new[] { "q Ωx" }, "q Ωx" },
        { "tokenizer.ggml.bos_token_id", 704u, "0 to 703" },
        { "tokenizer.ggml.bos_token_id", "x", "integer" },
        { "tokenizer.ggml.add_bos_token", 1u, "truth value" },
        { "tokenizer.chat_template", 1u, "string" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void BrokenValue_IsOneErrorThatNamesFileAndKey(string key, object? value, string said)
    {
        Dictionary<string, object> metadata = Trained;
        if (value is null)
            metadata.Remove(key);
        else
            metadata[key] = value;
        TokenizerFormatException error = Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromGguf(File, metadata));
        Assert.StartsWith(File, error.Message);
        Assert.Contains(said, error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void FewerRowsThanTokens_AreRefused() => Assert.Throws<NotSupportedException>(() => SampleTexts.Trained.ToGguf(699));
}
