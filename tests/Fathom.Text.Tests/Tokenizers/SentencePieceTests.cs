// SentencePiece's BPE against its definition: again and again the pair of neighbours whose joined token has the highest score.

using System.Text;
using System.Text.Json.Nodes;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

public sealed class SentencePieceTests : IDisposable
{
    const string Characters = "\u2581abcdehlnortwxéй中.,<>/s0123";

    readonly string folder = Directory.CreateTempSubdirectory("fathom-tokenizer-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static readonly Dictionary<string, object> Metadata = Build();
    static readonly Tokenizer Gguf = Tokenizer.FromGguf("spm.gguf", Metadata);

    /// <summary>Unknown, begin, end, all bytes, then characters, then tokens of two to six characters from words, in the order of their scores.</summary>
    internal static Dictionary<string, object> Build(bool prefix = true)
    {
        List<string> tokens = ["<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>")];
        List<int> types = [2, 3, 3, .. Enumerable.Repeat(6, 256)];
        Random random = new(3);
        string[] words = ["\u2581hello", "\u2581\u2581\u2581\u2581", "world", "\u2581the", "there", "teхt", "\u2581a", "café", "abab", "aaaa", "нй", "中中", "123", "</s", "s>", "ca", "b.\n"];
        HashSet<string> parts = [];
        foreach (string word in words)
            for (int start = 0; start < word.Length; start++)
                for (int length = 2; start + length <= word.Length; length++)
                    parts.Add(word.Substring(start, length));
        string[] order = [.. parts.Where(p => p.All(Characters.Contains)).OrderBy(_ => random.Next())];
        tokens.AddRange(order);
        tokens.AddRange(Characters.Select(c => c.ToString()));
        types.AddRange(Enumerable.Repeat(1, order.Length + Characters.Length));
        // Every third token shares its score with the one before it.
        float[] scores = [.. Enumerable.Range(0, tokens.Count).Select(id => id < 259 ? 0f : -(id - 259) / 3)];
        return new()
        {
            ["tokenizer.ggml.model"] = "llama",
            ["tokenizer.ggml.tokens"] = tokens.ToArray(),
            ["tokenizer.ggml.token_type"] = types.ToArray(),
            ["tokenizer.ggml.scores"] = scores,
            ["tokenizer.ggml.bos_token_id"] = 1u,
            ["tokenizer.ggml.eos_token_id"] = 2u,
            ["tokenizer.ggml.unknown_token_id"] = 0u,
            ["tokenizer.ggml.add_space_prefix"] = prefix,
        };
    }

    /// <summary>The definition, over the whole text.</summary>
    static List<int> Naive(string text)
    {
        string[] tokens = (string[])Metadata["tokenizer.ggml.tokens"];
        float[] scores = (float[])Metadata["tokenizer.ggml.scores"];
        int[] types = (int[])Metadata["tokenizer.ggml.token_type"];
        List<string> parts = [.. ("\u2581" + text.Replace(' ', '\u2581')).EnumerateRunes().Select(r => r.ToString())];
        while (true)
        {
            int best = -1;
            float highest = float.NegativeInfinity;
            for (int i = 0; i + 1 < parts.Count; i++)
                if (Id(parts[i] + parts[i + 1]) is >= 0 and int id && scores[id] > highest)
                    (best, highest) = (i, scores[id]);
            if (best < 0)
                break;
            parts[best] += parts[best + 1];
            parts.RemoveAt(best + 1);
        }
        return [.. parts.SelectMany(p => Id(p) is >= 0 and int id ? [id] : Encoding.UTF8.GetBytes(p).Select(b => 3 + b))];

        int Id(string token) => Array.FindIndex(tokens, t => t == token) is int id && id >= 0 && types[id] == 1 ? id : -1;
    }

    [Fact]
    public void RandomTexts_EqualTheDefinition_AndAreDecodedBack()
    {
        Random random = new(11);
        string alphabet = Characters.Replace('\u2581', ' ') + "  \n\u0301q🙂".Replace("🙂", "");
        foreach (int round in Enumerable.Range(0, 1500))
        {
            string text = SampleTexts.RandomText(random, random.Next(1, 40), round % 3 == 0 ? alphabet : alphabet[..12]);
            if (round % 10 == 0)
                text += "🙂" + text;
            int[] ids = Gguf.Encode(text);
            Assert.Equal(Naive(text), ids);
            Assert.Equal(text, Gguf.Decode(ids));
            StreamingDecoder decoder = new(Gguf);
            Assert.Equal(text, string.Concat(ids.Select(decoder.Append)) + decoder.Flush());
        }
    }

    [Fact]
    public void LongPieces_AreMergedByTheHeapAsByScanning()
    {
        Random random = new(12);
        for (int round = 0; round < 20; round++)
        {
            string text = SampleTexts.RandomText(random, 400, "abchelo");
            Assert.Equal(Naive(text), Gguf.Encode(text));
        }
    }

    [Fact]
    public void SpellingOfAMark_InUserText_NeverBecomesTheMark()
    {
        // "</s" and "s>" are tokens, so merging alone would arrive at </s>.
        foreach (string text in new[] { "</s>", "<s>", "a</s>b", "<unk>", "<0x0A>" })
        {
            int[] ids = Gguf.Encode(text);
            Assert.DoesNotContain(ids, id => id is 0 or 1 or 2);
            Assert.Equal(text, Gguf.Decode(ids));
        }
        Assert.Equal([.. Gguf.Encode("a"), 2, .. Gguf.Encode("b")], Gguf.EncodeWithSpecials("a</s>b"));
    }

    [Fact]
    public void MarkOfASpace_InAText_IsASpace() => Assert.Equal(Gguf.Encode("a  b"), Gguf.Encode("a\u2581 b"));

    [Fact]
    public void SavedAsTokenizerJson_GivesTheSameIds()
    {
        Gguf.Save(folder);
        Tokenizer json = Tokenizer.Load(folder), again = Tokenizer.FromGguf("again", json.ToGguf(json.VocabularySize));
        Random random = new(13);
        for (int round = 0; round < 500; round++)
        {
            string text = SampleTexts.RandomText(random, random.Next(1, 40), "ab cdehlo wrt中й");
            Assert.Equal(text, json.Decode(json.Encode(text)));
            Assert.Equal(text, again.Decode(again.Encode(text)));
        }
        Assert.Equal(Gguf.Model.Tokens, again.Model.Tokens);
        // The order among merges of one score is not the file's to say.
        Assert.Equal(Gguf.Model.Merges.ToHashSet(), json.Model.Merges.ToHashSet());
        Assert.Equal(Gguf.Model.Merges.ToHashSet(), again.Model.Merges.ToHashSet());
        foreach (string text in new[] { "hello world", "the café", "中中 123", "    x", "\n\n", "a</s>b" })
            Assert.Equal(Gguf.Encode(text), json.Encode(text));
        Assert.Equal((1, 2, true), (json.BosId, json.EosId, json.AddsBos));
    }

    [Theory]
    [InlineData("first", "hello", "hello", true)]
    [InlineData("always", "hello", "hello", true)]
    [InlineData("never", "hello", "hello", false)]
    [InlineData("first", " hello", "hello", false)]
    public void Metaspace_SetsTheSpaceAsItsSchemeSays(string scheme, string text, string expected, bool prefixed)
    {
        Tokenizer tokenizer = Saved(root =>
        {
            root["normalizer"] = null;
            root["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "\u2581", ["prepend_scheme"] = scheme, ["split"] = false };
        });
        Tokenizer unprefixed = Tokenizer.FromGguf("x", Build(prefix: false));
        Assert.Equal(unprefixed.Encode(prefixed ? " " + expected : text), tokenizer.Encode(text));
        // Behind a mark, a run is not the first.
        int[] behind = tokenizer.EncodeWithSpecials("</s>hello");
        Assert.Equal(unprefixed.Encode(scheme == "always" ? " hello" : "hello"), behind[1..]);
    }

    [Fact]
    public void UnknownCharacters_WithoutBytes_BecomeOneUnknown()
    {
        Tokenizer tokenizer = Saved(root =>
        {
            root["model"]!["byte_fallback"] = false;
            root["model"]!["fuse_unk"] = true;
        });
        Assert.Equal([0], tokenizer.Encode("QQ")[1..]);
        int[] between = tokenizer.Encode("aQQa");
        Assert.Equal((3, 0), (between.Length, between[1]));
        Assert.Equal("a<unk>a", tokenizer.Decode(between));
    }

    [Fact]
    public void PromptOfSegments_SetsNoSpaceInsideAText()
    {
        int[] ids = Gguf.EncodePrompt([new("<s>hello ", true), new("world</s>", false), new(" a</s>b", true)]);
        Assert.Equal([1, .. Gguf.Encode("hello world</s> a"), 2, .. Gguf.Encode("b")], ids);
    }

    [Theory]
    [InlineData("tokenizer.ggml.scores", "missing")]
    [InlineData("tokenizer.ggml.tokens", "missing")]
    public void MissingValue_IsNamed(string key, string said)
    {
        Dictionary<string, object> metadata = Build();
        metadata.Remove(key);
        Assert.Contains(said, Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromGguf("x", metadata)).Message);
    }

    [Fact]
    public void NanScore_IsRefused()
    {
        Dictionary<string, object> metadata = Build();
        ((float[])metadata["tokenizer.ggml.scores"])[300] = float.NaN;
        Assert.Contains("scores[300]", Assert.Throws<TokenizerFormatException>(() => Tokenizer.FromGguf("x", metadata)).Message);
    }

    [Fact]
    public void HostileMegabyte_IsEncodedAndDecodedBack()
    {
        foreach (string text in SampleTexts.Hostile(1 << 20))
            Assert.Equal(text, Gguf.Decode(Gguf.Encode(text)));
    }

    Tokenizer Saved(Action<JsonNode> change)
    {
        Gguf.Save(folder);
        string file = Path.Combine(folder, "tokenizer.json");
        JsonNode root = JsonNode.Parse(File.ReadAllText(file))!;
        change(root);
        File.WriteAllText(file, root.ToJsonString());
        return Tokenizer.Load(folder);
    }
}
