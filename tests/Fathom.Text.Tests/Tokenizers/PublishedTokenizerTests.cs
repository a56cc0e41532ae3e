using System.Text.Json;
using Fathom.Testing;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

/// <summary>Published tokenizers give the ids that the reference libraries give.</summary>
public class PublishedTokenizerTests
{
    [SharedDataTheory]
    [InlineData("deepseek-coder")]
    [InlineData("deepseek-llm")]
    [InlineData("deepseek-v3-style-small")]
    public void RecordedCases_AreEncodedExactly_AndDecodedBack(string name)
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Path("vectors", "tokenizer", name));
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("vectors", "tokenizer", name, "cases.json")));
        int checkedCases = 0;
        foreach (string list in new[] { "cases", "single_reference_cases", "upstream_cases" })
            foreach (JsonElement item in document.RootElement.GetProperty(list).EnumerateArray())
            {
                string text = item.GetProperty("text").GetString()!;
                int[] ids = [.. item.GetProperty("ids").EnumerateArray().Select(i => i.GetInt32())];
                // The libraries recognise added tokens in any text, as we do only in our own.
                Assert.Equal(ids, tokenizer.EncodeWithSpecials(text));
                Assert.Equal(text, tokenizer.Decode(ids));
                Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
                Assert.DoesNotContain(tokenizer.Encode(text), tokenizer.SpecialTokens.Values.Contains);
                checkedCases++;
            }
        Assert.True(checkedCases > 300);
    }

    [SharedDataFact]
    public void LlamaCppTestLines_AreEncodedExactly()
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Path("vectors", "tokenizer", "deepseek-llm"));
        string[] texts = File.ReadAllText(SharedData.Path("real", "tokenizers", "deepseek-llm.inp")).Split("\n__ggml_vocab_test__\n");
        string[] lines = File.ReadAllLines(SharedData.Path("real", "tokenizers", "deepseek-llm.out"));
        Assert.True(lines.Length > 40);
        for (int i = 0; i < lines.Length; i++)
        {
            int[] ids = [.. lines[i].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
            Assert.Equal(ids, tokenizer.Encode(texts[i]));
            Assert.Equal(texts[i], tokenizer.Decode(ids));
        }
    }

    [SharedDataTheory]
    [InlineData("deepseek-llm")]
    [InlineData("deepseek-v3-style-small")]
    public void SavedAgain_GivesTheSameIds(string name)
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Path("vectors", "tokenizer", name));
        string folder = Directory.CreateTempSubdirectory("fathom-tokenizer-").FullName;
        try
        {
            tokenizer.Save(folder);
            Tokenizer loaded = Tokenizer.Load(folder);
            Assert.Equal(tokenizer.Model.Tokens, loaded.Model.Tokens);
            Assert.Equal(tokenizer.Model.Merges, loaded.Model.Merges);
            Assert.Equal(tokenizer.Added, loaded.Added);
            foreach (string text in SampleTexts.Scripts)
                Assert.Equal(tokenizer.Encode(text), loaded.Encode(text));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SharedDataTheory]
    [InlineData("deepseek-coder")]
    [InlineData("deepseek-llm")]
    [InlineData("deepseek-v3-style-small")]
    public void HostileText_IsEncodedAndDecodedBack(string name)
    {
        Tokenizer tokenizer = Tokenizer.Load(SharedData.Path("vectors", "tokenizer", name));
        foreach (string text in SampleTexts.Hostile(1 << 17))
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }
}
