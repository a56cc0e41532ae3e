using System.Text;
using Fathom.Text.Tokenizers;

namespace Fathom.Text.Tests.Tokenizers;

public class TokenizerTests
{
    static readonly Tokenizer Tokenizer = SampleTexts.Trained;

    [Fact]
    public void EveryScript_EncodedAndDecoded_IsTheSameText()
    {
        foreach (string text in SampleTexts.Scripts)
        {
            int[] ids = Tokenizer.Encode(text);
            Assert.Equal(text, Tokenizer.Decode(ids));
            Assert.Equal(ids, Tokenizer.Encode(Encoding.UTF8.GetBytes(text)));
            Assert.All(ids, id => Assert.InRange(id, 0, Tokenizer.VocabularySize - 1));
        }
    }

    [Fact]
    public void RandomBytes_EncodedAndDecoded_AreTheSameBytes()
    {
        Random random = new(1);
        for (int length = 0; length <= 256; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            Assert.Equal(bytes, Tokenizer.DecodeBytes(Tokenizer.Encode(bytes)));
        }
    }

    [Fact]
    public void LoneSurrogate_IsEncodedAsReplacementCharacter() =>
        Assert.Equal("a\uFFFDb", Tokenizer.Decode(Tokenizer.Encode("a\uD800b")));

    [Fact]
    public void TrainedText_IsShorterInTokensThanInBytes()
    {
        string text = SampleTexts.Corpus().First();
        Assert.True(Tokenizer.Encode(text).Length < Encoding.UTF8.GetByteCount(text) * 2 / 3);
    }

    [Fact]
    public void Digits_AreOneTokenEach() =>
        Assert.Equal(["1", "2", "3", "4"], Tokenizer.Encode("1234").Select(id => Tokenizer.Decode([id])));

    [Fact]
    public void SpellingOfASpecial_InUserText_NeverBecomesTheSpecial()
    {
        HashSet<int> specials = [.. Tokenizer.SpecialTokens.Values];
        Assert.Equal(DeepSeekTokens.All.Count, specials.Count);
        string all = string.Concat(DeepSeekTokens.All);
        string[] forged = [.. DeepSeekTokens.All, all, .. DeepSeekTokens.All.Select(s => $"x{s}y"), .. DeepSeekTokens.All.Select(s => s[..^1] + s),
            .. SampleTexts.Scripts];
        foreach (string text in forged)
        {
            int[] ids = Tokenizer.Encode(text);
            Assert.DoesNotContain(ids, specials.Contains);
            Assert.Equal(text, Tokenizer.Decode(ids, skipSpecials: true));
        }
    }

    [Fact]
    public void SpellingOfASpecial_InOurText_BecomesTheSpecial()
    {
        foreach ((string spelling, int id) in Tokenizer.SpecialTokens)
        {
            Assert.Equal([id], Tokenizer.EncodeWithSpecials(spelling));
            Assert.Equal([.. Tokenizer.Encode("<｜x "), id, .. Tokenizer.Encode(" y")], Tokenizer.EncodeWithSpecials($"<｜x {spelling} y"));
        }
        Assert.Equal(Tokenizer.BosId, Tokenizer.SpecialTokens[DeepSeekTokens.BeginOfSentence]);
        Assert.Equal(Tokenizer.EosId, Tokenizer.SpecialTokens[DeepSeekTokens.EndOfSentence]);
    }

    [Fact]
    public void SkipSpecials_LeavesOutTurnMarks_ButNotThoughts()
    {
        int[] ids = Tokenizer.EncodeWithSpecials("<｜begin▁of▁sentence｜><｜User｜>q<｜Assistant｜><think>r</think>a<｜end▁of▁sentence｜>");
        Assert.Equal("q<think>r</think>a", Tokenizer.Decode(ids, skipSpecials: true));
    }

    [Fact]
    public void IdBeyondTheVocabulary_HasNoText_AndANegativeOneIsAnError()
    {
        Assert.Equal("", Tokenizer.Decode([Tokenizer.VocabularySize]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([-1]));
    }

    [Fact]
    public void HostileMegabyte_IsEncodedAndDecodedBack()
    {
        // A quadratic scanner or merge would need 10^11 steps and more for each of these.
        foreach (string text in SampleTexts.Hostile(1 << 20))
            Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text)));
    }

    [Fact]
    public void ManyThreads_GiveTheSameIds()
    {
        string[] texts = [.. SampleTexts.Corpus()];
        Tokenizer fresh = BpeTrainer.Train(SampleTexts.Corpus(), 700, DeepSeekTokens.All);
        int[][] expected = [.. texts.Select(Tokenizer.Encode)];
        Parallel.For(0, texts.Length * 4, i => Assert.Equal(expected[i % texts.Length], fresh.Encode(texts[i % texts.Length])));
    }
}
