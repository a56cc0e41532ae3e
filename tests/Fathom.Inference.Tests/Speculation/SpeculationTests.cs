// Speculation changes how fast tokens come and never which: the same bits as without, greedy and sampled, whoever guesses, right or wrong.
using Fathom.Inference.Speculation;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Inference.Tests.Speculation;

public sealed class SpeculationTests
{
    static ModelConfig Config(string family) => ToyPresets.All[family] with { MaxPositionEmbeddings = 800 };

    // Prompts with repetitions, of less than a block and more than a piece; drawn in all ways, ended in all ways.
    static GenerationRequest[] Requests() => [.. Enumerable.Range(0, 12).Select(i => new GenerationRequest(
        [.. ToyModel.Tokens(5 + i % 4 * 40, i), .. ToyModel.Tokens(i == 7 ? 560 : 20, 99), .. ToyModel.Tokens(20, 99)],
        new SamplingOptions
        {
            Temperature = i % 3 == 0 ? 0 : i % 3 == 1 ? 0.3f : 1,
            TopK = i % 4 == 3 ? 5 : 0,
            MaxNewTokens = 1 + i * 11,
            StopIds = i % 5 == 4 ? [3, 4, 5] : [],
        },
        (ulong)i))];

    static async Task<Completion[]> Run(DecoderModel model, GenerationRequest[] requests, SpeculationOptions? speculation, long cacheBytes = 1L << 24)
    {
        using InferenceEngine engine = new(model, null, new EngineOptions { Speculation = speculation, CacheBytes = cacheBytes });
        TokenStream[] streams = [.. requests.Select(r => engine.Submit(r))];
        Completion[] completions = await Task.WhenAll(streams.Select(s => s.Finished));
        EngineStatistics statistics = engine.Statistics;
        Assert.Equal((completions.Sum(c => (long)c.DraftedTokens), completions.Sum(c => (long)c.AcceptedTokens)), (statistics.DraftedTokens, statistics.AcceptedTokens));
        Assert.Equal(0, statistics.CacheBytesInUse);
        return completions;
    }

    static void Same(Completion[] expected, Completion[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            GeneratorTests.Same(expected[i], actual[i]);
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("llama")]
    public async Task ByLookup_GivesTheSameBits(string family)
    {
        using DecoderModel model = ToyModel.Build(Config(family));
        Completion[] plain = await Run(model, Requests(), null), guessed = await Run(model, Requests(), SpeculationOptions.ByLookup(3));
        Same(plain, guessed);
        Assert.True(guessed.Sum(c => c.DraftedTokens) > 20);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task ByPrediction_GivesTheSameBits(int tokens)
    {
        using DecoderModel model = ToyModel.Build(Config("deepseek-v3"));
        Completion[] plain = await Run(model, Requests(), null), guessed = await Run(model, Requests(), SpeculationOptions.ByPrediction(tokens));
        Same(plain, guessed);
        Assert.True(guessed.Sum(c => c.DraftedTokens) > 200);
        Assert.True(guessed.Sum(c => c.AcceptedTokens) > 0);
    }

    [Theory]
    [InlineData("deepseek-v3", "deepseek-v3")]
    [InlineData("llama", "llama")]
    [InlineData("llama", "deepseek-v2")]
    public async Task ByModel_GivesTheSameBits_AndATwinGuessesRight(string family, string draftFamily)
    {
        using DecoderModel model = ToyModel.Build(Config(family)), draft = ToyModel.Build(Config(draftFamily));
        Completion[] plain = await Run(model, Requests(), null), guessed = await Run(model, Requests(), SpeculationOptions.ByModel(draft, 2));
        Same(plain, guessed);
        long drafted = guessed.Sum(c => c.DraftedTokens), accepted = guessed.Sum(c => c.AcceptedTokens);
        // A twin draws the same tokens with the same random numbers; guesses behind a stop token are lost.
        if (family == draftFamily)
            Assert.True(accepted > 0.95 * drafted && drafted > 100, $"{accepted} of {drafted}");
        else
            Assert.InRange(accepted, 0, drafted / 2);
    }

    [Fact]
    public async Task InATinyCache_GivesTheSameBits()
    {
        using DecoderModel model = ToyModel.Build(Config("deepseek-v3")), draft = ToyModel.Build(Config("llama"));
        GenerationRequest[] requests = [.. Requests().Select(r => r with { Options = r.Options with { MaxNewTokens = 120 } })];
        Completion[] plain = await Run(model, requests, null);
        foreach (SpeculationOptions options in new[] { SpeculationOptions.ByPrediction(2), SpeculationOptions.ByLookup(2), SpeculationOptions.ByModel(draft, 2) })
        {
            EngineOptions sizes = new() { Speculation = options, CacheBytes = 1 << 30 };
            (KvCache cache, KvCache? other) = sizes.CreateCaches(model.Config);
            long blockBytes = (cache.BytesPerToken + (other?.BytesPerToken ?? 0)) * KvCache.BlockLength;
            cache.Dispose();
            other?.Dispose();
            Same(plain, await Run(model, requests, options, 13 * blockBytes));
        }
    }

    // The module's guesses in the engine, against the module over the whole sequence without a cache: what comes after the last position.
    [Fact]
    public async Task ByPrediction_Greedy_GuessesWhatTheModuleSaysOverTheWholeSequence()
    {
        using DecoderModel model = ToyModel.Build(Config("deepseek-v3"));
        GenerationRequest request = new(ToyModel.Tokens(30, 3), new SamplingOptions { Temperature = 0, MaxNewTokens = 60 }, 1);
        Completion completion = (await Run(model, [request], SpeculationOptions.ByPrediction()))[0];
        int[] tokens = [.. request.Prompt, .. completion.Tokens];
        using Tape tape = new();
        using PackedBatch batch = new(), shifted = new();
        batch.Clear();
        batch.Add(tokens);
        Tensor states = model.Mtp!.Forward(tape, model.Forward(tape, batch), batch, shifted); // row i predicts token i + 2
        Tensor logits = model.Logits(tape, states);
        // Replays the run: after each step one guess, right or wrong.
        int accepted = 0, drafted = 0;
        for (int length = request.Prompt.Length + 1; tokens.Length - length > 1;)
        {
            float[] row = logits.RowSpan(length - 2).ToArray();
            bool right = Array.IndexOf(row, row.Max()) == tokens[length];
            drafted++;
            accepted += right ? 1 : 0;
            length += right ? 2 : 1;
        }
        Assert.Equal((drafted, accepted), (completion.DraftedTokens, completion.AcceptedTokens));
        Assert.True(drafted > 20);
    }

    [Fact]
    public void Find_TakesWhatFollowedTheLatestPlaceOfTheLongestRun()
    {
        int[] Guess(int[] history, int room)
        {
            int[] guesses = new int[room];
            return guesses[..LookupDrafter.Find(history, guesses)];
        }
        Assert.Equal([9, 1], Guess([1, 2, 9, 1, 2], 2));
        Assert.Equal([8, 1, 2], Guess([1, 2, 9, 1, 2, 8, 1, 2], 5));
        Assert.Equal([7, 5], Guess([3, 1, 2, 7, 5, 1, 2, 8, 3, 1, 2], 2));
        Assert.Equal([4], Guess([4, 4, 4], 3));
        Assert.Empty(Guess([1, 2, 3, 1], 3));
        Assert.Empty(Guess([1], 3));
    }

    [Fact]
    public void Options_ThatCannotBe_AreRefused()
    {
        using DecoderModel model = ToyModel.Build(Config("llama")), other = ToyModel.Build(Config("llama") with { VocabularySize = 40 });
        Assert.Contains("vocabulary of 40 ids, the model one of 37", Assert.Throws<ArgumentException>(() => new InferenceEngine(model, null, new() { Speculation = SpeculationOptions.ByModel(other) })).Message);
        Assert.Contains("no multi-token-prediction", Assert.Throws<ArgumentException>(() => new InferenceEngine(model, null, new() { Speculation = SpeculationOptions.ByPrediction() })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => SpeculationOptions.ByLookup(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SpeculationOptions.ByLookup(17));
    }
}
