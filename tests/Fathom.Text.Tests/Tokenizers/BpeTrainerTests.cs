using System.Text;
using Fathom.Text.Tokenizers;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tests.Tokenizers;

public class BpeTrainerTests
{
    [Fact]
    public void SameTexts_InAnyOrder_GiveTheSameMerges()
    {
        Tokenizer again = BpeTrainer.Train(SampleTexts.Corpus(), 700, DeepSeekTokens.All);
        Tokenizer reversed = BpeTrainer.Train(SampleTexts.Corpus().Reverse(), 700, DeepSeekTokens.All);
        Assert.Equal(SampleTexts.Trained.Model.Merges, again.Model.Merges);
        Assert.Equal(SampleTexts.Trained.Model.Merges, reversed.Model.Merges);
        Assert.Equal(SampleTexts.Trained.Model.Tokens, reversed.Model.Tokens);
    }

    [Fact]
    public void Merges_EqualTheNaiveTraining()
    {
        string[] texts = ["abc abc abcd bcd", "aaaa aaaaa baab", "the then them other", "abab baba ababab", "déjà déjà vu", "#### 12 ####"];
        Tokenizer trained = BpeTrainer.Train(texts, 1000, []);
        Assert.Equal(Naive(texts), trained.Model.Merges);
        Assert.InRange(trained.VocabularySize, 257, 999); // no pair occurs twice any more
    }

    [Fact]
    public void Vocabulary_IsBytesThenMergesThenSpecials()
    {
        Tokenizer tokenizer = SampleTexts.Trained;
        Assert.Equal(700, tokenizer.VocabularySize);
        for (int b = 0; b < 256; b++)
            Assert.Equal([(byte)b], tokenizer.Model.Tokens[b]!);
        Assert.Equal(Enumerable.Range(694, 6), DeepSeekTokens.All.Select(s => tokenizer.SpecialTokens[s]));
    }

    [Fact]
    public void NoText_GivesTheBytesAlone()
    {
        Tokenizer tokenizer = BpeTrainer.Train([], 256, []);
        Assert.Equal(256, tokenizer.VocabularySize);
        Assert.Equal("né"u8.ToArray().Select(b => (int)b), tokenizer.Encode("né"));
        Assert.Null(tokenizer.EosId);
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BpeTrainer.Train([], 261, DeepSeekTokens.All));
        Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], 300, ["<a>", "<a>"]));
        Assert.Contains("\"plain\"", Assert.Throws<ArgumentException>(() => BpeTrainer.Train([], 300, ["plain"])).Message);
    }

    /// <summary>The definition: count all pairs of all pieces anew for every merge.</summary>
    static List<TokenPair> Naive(string[] texts)
    {
        List<List<int>> words = [];
        Collector collector = new(words);
        foreach (string text in texts)
            BpeTrainer.Splitter.Split(Encoding.UTF8.GetBytes(text), ref collector);
        List<TokenPair> merges = [];
        Dictionary<string, int> idOf = Enumerable.Range(0, 256).ToDictionary(b => ((char)b).ToString());
        Dictionary<int, string> spelling = idOf.ToDictionary(p => p.Value, p => p.Key);
        while (true)
        {
            var best = words.SelectMany(w => w.Zip(w.Skip(1), (l, r) => new TokenPair(l, r))).GroupBy(p => p).Where(g => g.Count() >= 2)
                .OrderByDescending(g => g.Count()).ThenBy(g => g.Key.Left).ThenBy(g => g.Key.Right).FirstOrDefault();
            if (best is null)
                return merges;
            string joined = spelling[best.Key.Left] + spelling[best.Key.Right];
            if (!idOf.TryGetValue(joined, out int id))
            {
                idOf[joined] = id = idOf.Count;
                spelling[id] = joined;
            }
            if (!merges.Contains(best.Key))
                merges.Add(best.Key);
            foreach (List<int> word in words)
                for (int i = 0; i + 1 < word.Count; i++)
                    if (word[i] == best.Key.Left && word[i + 1] == best.Key.Right)
                    {
                        word[i] = id;
                        word.RemoveAt(i + 1);
                    }
        }
    }

    readonly struct Collector(List<List<int>> words) : IPieceSink
    {
        public void Take(ReadOnlySpan<byte> piece) => words.Add([.. piece.ToArray().Select(b => (int)b)]);
    }
}
