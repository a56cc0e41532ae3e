// Perplexity against the naive model's log-probabilities, window by window.

using System.Text;
using Fathom.Evaluation.Benchmarks;
using Fathom.Models.Configs;
using Fathom.Testing;
using Fathom.Text.Tokenizers;

namespace Fathom.Evaluation.Tests.Benchmarks;

public sealed class PerplexityTests
{
    [Theory]
    [InlineData(8, true)]
    [InlineData(64, true)]
    [InlineData(8, false)]
    public void Measure_IsTheNaiveLogLikelihoodPerTokenAndByte(int window, bool begins)
    {
        Tokenizer tokenizer = BpeTrainer.Train(["the tree"], 256 + 3 + 4, begins ? [DeepSeekTokens.BeginOfSentence, DeepSeekTokens.EndOfSentence] : ["<a>", "<b>"]);
        Assert.Equal(begins, tokenizer.BosId is not null);
        ModelConfig config = ToyPresets.Llama with { VocabularySize = tokenizer.VocabularySize, MaxPositionEmbeddings = 64 };
        using var toy = new ToyModel(config);
        const string text = "the three trees are é, the end";
        int[] ids = tokenizer.Encode(text), begin = begins ? [tokenizer.BosId!.Value] : [];
        double sum = 0;
        int tokens = 0;
        long bytes = 0;
        foreach (int[] chunk in ids.Chunk(window - begin.Length))
        {
            double[] logp = NaiveModel.LogProbabilities(toy.Naive.Forward([.. begin, .. chunk]));
            sum -= logp.Sum();
            tokens += logp.Length;
            bytes += tokenizer.DecodeBytes(chunk.AsSpan(1 - begin.Length)).Length;
        }
        if (begins)
            Assert.Equal(Encoding.UTF8.GetByteCount(text), bytes);
        var progress = new List<(long Done, long Total)>();
        Perplexity perplexity = Perplexity.Measure(toy.Model, tokenizer, Encoding.UTF8.GetBytes(text), window, (done, total) => progress.Add((done, total)));
        Assert.Equal(tokens, perplexity.Tokens);
        Assert.Equal(bytes, perplexity.Bytes);
        // FP32 against double: the logits' error of 3e-5 of their size, the largest of which is below 10.
        Assert.Equal(sum, perplexity.NegativeLogLikelihood, 3e-4 * tokens);
        Assert.Equal(Math.Exp(sum / tokens), perplexity.Value, 3e-4 * perplexity.Value);
        Assert.Equal(sum / Math.Log(2) / bytes, perplexity.BitsPerByte, 1e-3);
        Assert.Equal((ids.Length, ids.Length), progress[^1]);
    }

    [Fact]
    public void Measure_NothingToPredictOrWindowTooLong_IsRefused()
    {
        Tokenizer tokenizer = BpeTrainer.Train(["the tree"], 260, ["<a>"]);
        using var toy = new ToyModel(ToyPresets.Llama with { VocabularySize = tokenizer.VocabularySize, MaxPositionEmbeddings = 64 });
        Assert.Throws<ArgumentException>(() => Perplexity.Measure(toy.Model, tokenizer, "a"u8, 8));
        Assert.Contains("64", Assert.Throws<ArgumentOutOfRangeException>(() => Perplexity.Measure(toy.Model, tokenizer, "abc"u8, 65)).Message, StringComparison.Ordinal);
    }
}
