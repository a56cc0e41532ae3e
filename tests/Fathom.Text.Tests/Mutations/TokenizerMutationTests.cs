// Damaged tokenizers end in a typed error or in a tokenizer that works, in bounded time and memory.

using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Fathom.Text.Tests.Tokenizers;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Mutations;

public class TokenizerMutationTests
{
    // Ids up to 2^22 ask for arrays of that length; one tokenizer has a handful of them.
    const long MostBytes = 400L << 20;
    static readonly TimeSpan MostTime = TimeSpan.FromSeconds(30);

    static readonly string ByteLevel = Saved(BpeTrainer.Train(SampleTexts.Corpus().Take(20), 300, DeepSeekTokens.All), "tokenizer.json");
    static readonly string Config = Saved(SampleTexts.Trained, "tokenizer_config.json");
    static readonly string SentencePiece = Saved(Tokenizer.FromGguf("spm", SentencePieceTests.Build()), "tokenizer.json");

    static string Saved(Tokenizer tokenizer, string file)
    {
        string folder = Directory.CreateTempSubdirectory("fathom-tokenizer-").FullName;
        try
        {
            tokenizer.Save(folder);
            return File.ReadAllText(Path.Combine(folder, file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Reads and uses a tokenizer; whether it was refused.</summary>
    static bool IsRefused(Func<Tokenizer> read, string what)
    {
        Stopwatch clock = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool refused = false;
        try
        {
            Tokenizer tokenizer = read();
            int[] ids = tokenizer.Encode("née  <s>\u2581 中文 1234\n");
            tokenizer.Decode(ids);
            tokenizer.EncodeWithSpecials("<｜User｜> x </s>");
        }
        catch (TokenizerFormatException)
        {
            refused = true;
        }
        catch (Exception e)
        {
            Assert.Fail($"{e}\n{what[..Math.Min(what.Length, 5000)]}");
        }
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(bytes < MostBytes && clock.Elapsed < MostTime, $"{bytes} bytes, {clock.Elapsed}\n{what[..Math.Min(what.Length, 5000)]}");
        return refused;
    }

    static Tokenizer Parse(string json, string? config = null) => TokenizerReader.Parse(
        "tokenizer.json", Encoding.UTF8.GetBytes(json), "tokenizer_config.json", config is null ? null : Encoding.UTF8.GetBytes(config), new Dictionary<string, string>());

    [Theory]
    [InlineData(0, 10_000)]
    [InlineData(1, 10_000)]
    public void MutatedTokenizerJson_EndsInATypedErrorOrWorks(int which, int count)
    {
        string good = which == 0 ? ByteLevel : SentencePiece;
        Assert.False(IsRefused(() => Parse(good), good));
        Random random = new(31 + which);
        int refused = 0;
        for (int round = 0; round < count; round++)
        {
            string bad = JsonMutations.Apply(good, random);
            refused += IsRefused(() => Parse(bad), bad) ? 1 : 0;
        }
        Assert.InRange(refused, count / 4, count - 1);
    }

    [Fact]
    public void MutatedConfig_EndsInATypedErrorOrWorks()
    {
        Random random = new(41);
        int refused = 0;
        for (int round = 0; round < 3000; round++)
        {
            string bad = JsonMutations.Apply(Config, random);
            refused += IsRefused(() => Parse(ByteLevel, bad), bad) ? 1 : 0;
        }
        Assert.InRange(refused, 300, 2999);
    }

    [Fact]
    public void CutTokenizerJson_IsRefused()
    {
        byte[] good = Encoding.UTF8.GetBytes(ByteLevel);
        for (int length = 0; length < good.Length - 1; length += 7)
        {
            byte[] bad = good[..length];
            Assert.True(IsRefused(() => TokenizerReader.Parse("t", bad, "c", null, new Dictionary<string, string>()), $"the first {length} bytes"));
        }
    }

    [Theory]
    [InlineData(0, 5000)]
    [InlineData(1, 5000)]
    public void MutatedGgufMetadata_EndsInATypedErrorOrWorks(int which, int count)
    {
        Random random = new(51 + which);
        object[] values =
        [
            "gpt2", "llama", "qwen2", "deepseek-v3", "", "x", 0u, 1u, uint.MaxValue, -1, long.MinValue, ulong.MaxValue, 1.5f, double.NaN, true, false, new string[] { "a" }, Array.Empty<string>(), Enumerable.Repeat("", 300).ToArray(),
            new int[] { 1, 2, 3 }, Array.Empty<int>(), new uint[] { 1 }, new float[] { 0.5f, float.NaN }, Array.Empty<float>(), Enumerable.Repeat(1, 704).ToArray(), Enumerable.Repeat(6, 704).ToArray(),
            Enumerable.Repeat("a", 704).ToArray(), Enumerable.Range(0, 704).Select(i => $"[PAD{i}]").ToArray(), Enumerable.Range(0, 704).Select(i => new string('\u2581', i)).ToArray(), new object(),
        ];
        int refused = 0;
        for (int round = 0; round < count; round++)
        {
            Dictionary<string, object> metadata = which == 0 ? new(SampleTexts.Trained.ToGguf(704)) : SentencePieceTests.Build();
            List<string> changed = [];
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                string key = metadata.Keys.ElementAt(random.Next(metadata.Count));
                object value = values[random.Next(values.Length)];
                changed.Add($"{key} = {value}");
                if (random.Next(4) == 0)
                    metadata.Remove(key);
                else if (random.Next(2) == 0 && metadata[key] is Array { Length: > 0 } array)
                    ChangeElement(metadata, key, array, random);
                else
                    metadata[key] = value;
            }
            refused += IsRefused(() => Tokenizer.FromGguf("model.gguf", metadata), string.Join('\n', changed)) ? 1 : 0;
        }
        Assert.InRange(refused, count / 4, count - 1);
    }

    static void ChangeElement(Dictionary<string, object> metadata, string key, Array array, Random random)
    {
        Array copy = (Array)array.Clone();
        int index = random.Next(copy.Length);
        switch (copy)
        {
            case string[] texts:
                texts[index] = random.Next(6) switch { 0 => "", 1 => texts[random.Next(texts.Length)], 2 => "a b c", 3 => new string('x', 100_000), 4 => "<0x00>", _ => "\uD800" };
                break;
            case int[] numbers:
                numbers[index] = random.Next(-2, 9);
                break;
            case float[] numbers:
                numbers[index] = random.Next(2) == 0 ? float.NaN : float.PositiveInfinity;
                break;
        }
        metadata[key] = copy;
    }

    /// <summary>What mutations once found, kept.</summary>
    [Fact]
    public void FoundCases_EndInATypedErrorOrWork()
    {
        foreach (string file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Data", "found"), "*.tokenizer.json"))
        {
            string json = File.ReadAllText(file);
            IsRefused(() => Parse(json), file);
        }
    }
}
