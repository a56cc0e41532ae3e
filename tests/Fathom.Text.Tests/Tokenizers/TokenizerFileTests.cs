using System.Text;
using System.Text.Json.Nodes;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

public sealed class TokenizerFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("fathom-tokenizer-").FullName;

    string TokenizerFile => Path.Combine(folder, "tokenizer.json");
    string ConfigFile => Path.Combine(folder, "tokenizer_config.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void SavedAndLoaded_IsTheSameTokenizer()
    {
        Tokenizer saved = SampleTexts.Trained;
        saved.Save(folder);
        foreach (Tokenizer loaded in new[] { Tokenizer.Load(folder), Tokenizer.Load(TokenizerFile) })
        {
            Assert.Equal(saved.Model.Tokens, loaded.Model.Tokens);
            Assert.Equal(saved.Model.Merges, loaded.Model.Merges);
            Assert.Equal(saved.Added, loaded.Added);
            Assert.Equal((saved.VocabularySize, saved.BosId, saved.EosId, saved.ChatTemplate),
                (loaded.VocabularySize, loaded.BosId, loaded.EosId, loaded.ChatTemplate));
            Assert.NotNull(loaded.ChatTemplate);
            foreach (string text in SampleTexts.Scripts)
            {
                Assert.Equal(saved.Encode(text), loaded.Encode(text));
                Assert.Equal(saved.EncodeWithSpecials(text), loaded.EncodeWithSpecials(text));
            }
        }
    }

    [Fact]
    public void SavedTwice_GivesTheSameBytes_AndNothingElse()
    {
        SampleTexts.Trained.Save(folder);
        byte[] first = File.ReadAllBytes(TokenizerFile), config = File.ReadAllBytes(ConfigFile);
        Tokenizer.Load(folder).Save(folder);
        Assert.Equal(first, File.ReadAllBytes(TokenizerFile));
        Assert.Equal(config, File.ReadAllBytes(ConfigFile));
        Assert.Equal(2, Directory.GetFileSystemEntries(folder).Length);
    }

    [Fact]
    public void MergesAsStrings_AreReadLikePairs()
    {
        JsonNode root = Saved();
        root["model"]!["merges"] = new JsonArray([.. root["model"]!["merges"]!.AsArray().Select(m => (JsonNode)$"{m![0]} {m[1]}")]);
        File.WriteAllText(TokenizerFile, root.ToJsonString());
        Assert.Equal(SampleTexts.Trained.Model.Merges, Tokenizer.Load(folder).Model.Merges);
    }

    [Fact]
    public void IgnoreMerges_TakesAPieceThatIsATokenWhole()
    {
        JsonNode root = Saved();
        root["model"]!["ignore_merges"] = true;
        root["model"]!["vocab"]!["qzq"] = 700;
        File.WriteAllText(TokenizerFile, root.ToJsonString());
        Tokenizer tokenizer = Tokenizer.Load(folder);
        Assert.Equal([700], tokenizer.Encode("qzq"));
        Assert.Equal([.. Encoding.ASCII.GetBytes("qzqz").Select(b => (int)b)], tokenizer.Encode("qzqz"));
    }

    [Fact]
    public void SpecialTokensInTheConfig_MayBeObjects()
    {
        JsonNode config = SavedConfig();
        config["eos_token"] = new JsonObject { ["content"] = DeepSeekTokens.User };
        File.WriteAllText(ConfigFile, config.ToJsonString());
        Tokenizer tokenizer = Tokenizer.Load(folder);
        Assert.Equal(tokenizer.SpecialTokens[DeepSeekTokens.User], tokenizer.EosId);
    }

    public static TheoryData<string, string, string> BrokenFields => new()
    {
        { "model.type", "\"Unigram\"", "Unigram" },
        { "model.byte_fallback", "true", "as SentencePiece does" },
        { "model.end_of_word_suffix", "\"</w>\"", "</w>" },
        { "model.vocab", "[]", "object" },
        { "model.vocab", "{\"a\": -1}", "-1" },
        { "model.vocab", "{\"a\": 4000000000}", "4000000000" },
        { "model.vocab", "{\"a\": 1.5}", "1.5" },
        { "model.vocab", "{\"a\": 0, \"b\": 0}", "id 0" },
        { "model.vocab", "{\"a\": 0}", "0x00" },
        { "model.vocab", "{\"a b\": 0}", "a b" },
        { "model.merges", "{}", "array" },
        { "model.merges", "[\"a\"]", "two tokens" },
        { "model.merges", "[[\"a\", \"b\", \"c\"]]", "two tokens" },
        { "model.merges", "[[\"a\", 7]]", "string" },
        { "model.merges", "[\"a Ωx\"]", "Ωx" },
        { "model.merges", "[\"q \\u0100\"]", "vocabulary" },
        { "model.ignore_merges", "\"yes\"", "true or false" },
        { "added_tokens", "[{\"id\": 65, \"content\": \"<x>\"}]", "<x>" },
        { "added_tokens", "[{\"id\": -3, \"content\": \"<x>\"}]", "-3" },
        { "added_tokens", "[{\"id\": 900, \"content\": \"\"}]", "spelling" },
        { "added_tokens", "[{\"content\": \"<x>\"}]", "nothing" },
        { "added_tokens", "[{\"id\": 900, \"content\": \"<x>\", \"lstrip\": 1}]", "lstrip" },
        { "added_tokens", "[{\"id\": 900, \"content\": \"\\ud800\"}]", "Unicode" },
        { "normalizer", "{\"type\": \"Lowercase\"}", "Lowercase" },
        { "normalizer", "{\"type\": \"Prepend\", \"prepend\": \"x\"}", "\"x\"" },
        { "normalizer", "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"b\"}", "\"a\"" },
        { "pre_tokenizer", "null", "pre_tokenizer" },
        { "pre_tokenizer", "{\"type\": \"Whitespace\"}", "Whitespace" },
        { "pre_tokenizer", "{\"type\": \"ByteLevel\"}", "add_prefix_space" },
        { "pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a+)+b\"}, \"behavior\": \"Isolated\"}", "(a+)+b" },
        { "pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\p{N}\"}, \"behavior\": \"Removed\"}", "Removed" },
        { "pre_tokenizer", "{\"type\": \"Digits\", \"individual_digits\": true}", "ByteLevel" },
    };

    [Theory]
    [MemberData(nameof(BrokenFields))]
    public void BrokenField_IsOneErrorThatNamesFileFieldAndValue(string path, string json, string said)
    {
        JsonNode root = Saved();
        string[] parts = path.Split('.');
        (parts.Length == 1 ? root : root[parts[0]]!)[parts[^1]] = "PLACE";
        File.WriteAllText(TokenizerFile, root.ToJsonString().Replace("\"PLACE\"", json));
        TokenizerFormatException error = Assert.Throws<TokenizerFormatException>(() => Tokenizer.Load(folder));
        Assert.Contains(TokenizerFile, error.Message);
        Assert.Contains(path, error.Message);
        Assert.Contains(said, error.Message);
        Assert.Equal(TokenizerFile, error.File);
    }

    [Theory]
    [InlineData("{\"bos_token\": \"<nowhere>\"}", "bos_token")]
    [InlineData("{\"eos_token\": 5}", "eos_token")]
    [InlineData("{\"chat_template\": {}}", "chat_template")]
    [InlineData("{\"bos_token\":", "JSON")]
    [InlineData("[]", "object")]
    public void BrokenConfig_IsOneErrorThatNamesFileAndField(string json, string said)
    {
        Saved();
        File.WriteAllText(ConfigFile, json);
        TokenizerFormatException error = Assert.Throws<TokenizerFormatException>(() => Tokenizer.Load(folder));
        Assert.StartsWith(ConfigFile, error.Message);
        Assert.Contains(said, error.Message);
    }

    [Fact]
    public void MutatedFile_EndsInATypedErrorOrATokenizer()
    {
        Saved();
        byte[] good = File.ReadAllBytes(TokenizerFile);
        Random random = new(17);
        int refused = 0;
        for (int round = 0; round < 600; round++)
        {
            byte[] bad = [.. good];
            switch (round % 3)
            {
                case 0:
                    bad = bad[..random.Next(bad.Length)];
                    break;
                case 1:
                    bad[random.Next(bad.Length)] = (byte)random.Next(256);
                    break;
                default:
                    bad.AsSpan(random.Next(bad.Length - 40), random.Next(40)).Fill((byte)"0\"[]{},: \\"[random.Next(10)]);
                    break;
            }
            File.WriteAllBytes(TokenizerFile, bad);
            try
            {
                Tokenizer tokenizer = Tokenizer.Load(folder);
                Assert.Equal("né 中", tokenizer.Decode(tokenizer.Encode("né 中")));
            }
            catch (TokenizerFormatException)
            {
                refused++;
            }
        }
        Assert.True(refused > 200);
    }

    [Fact]
    public void MissingFile_IsNamed() =>
        Assert.Contains("tokenizer.json", Assert.Throws<FileNotFoundException>(() => Tokenizer.Load(folder)).Message);

    JsonNode Saved()
    {
        SampleTexts.Trained.Save(folder);
        return JsonNode.Parse(File.ReadAllText(TokenizerFile))!;
    }

    JsonNode SavedConfig()
    {
        Saved();
        return JsonNode.Parse(File.ReadAllText(ConfigFile))!;
    }
}
