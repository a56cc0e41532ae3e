// The engine: the same request gives the same bits alone, in any company, after a hit in the cache and after it had to give way; what
// cannot run is refused; what is cancelled ends soon; nothing is left behind.
using System.Diagnostics;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Testing;

namespace Fathom.Inference.Tests;

public sealed class InferenceEngineTests : IDisposable
{
    const int Context = 1500;

    static DecoderModel Model(string family) => ToyModel.Build(ToyPresets.All[family] with { MaxPositionEmbeddings = Context });

    static EngineOptions Cache(ModelConfig config, int blocks) => new() { CacheBytes = blocks * BlockBytes(config) };

    static long BlockBytes(ModelConfig config)
    {
        using KvCache cache = new(config, 0);
        return cache.BytesPerToken * KvCache.BlockLength;
    }

    static GenerationRequest Request(int[] prompt, int seed, int tokens = 12) => new(prompt, new SamplingOptions
    {
        Temperature = seed % 3 == 0 ? 0 : 1,
        TopK = seed % 3 == 1 ? 9 : 0,
        MaxNewTokens = tokens,
    }, (ulong)seed);

    readonly Dictionary<string, DecoderModel> _twins = [];

    // By an engine that has seen nothing, over a model of its own: a model belongs to one engine.
    Completion Alone(string family, GenerationRequest request, EngineOptions? options = null)
    {
        if (!_twins.TryGetValue(family, out DecoderModel? twin))
            _twins[family] = twin = Model(family);
        using InferenceEngine engine = new(twin, null, options);
        return engine.Generate(request);
    }

    public void Dispose()
    {
        foreach (DecoderModel twin in _twins.Values)
            twin.Dispose();
    }

    static void AllGone(InferenceEngine engine)
    {
        EngineStatistics statistics = engine.Statistics;
        Assert.Equal((0, 0, 0L), (statistics.Running, statistics.Waiting, statistics.CacheBytesInUse));
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("deepseek-v2")]
    [InlineData("llama")]
    public async Task Submit_AloneOrInCompany_GivesTheSameBits(string family)
    {
        using DecoderModel model = Model(family);
        // Short, on both sides of a block and of a piece, and several pieces.
        int[] lengths = [1, 3, 40, 63, 64, 65, 500, 512, 513, 516, 520, 700, 1100];
        GenerationRequest[] requests = [.. lengths.Select((length, i) => Request(ToyModel.Tokens(length, i), i, 5 + i))];
        using InferenceEngine engine = new(model);
        TokenStream[] streams = [.. requests.Select(r => engine.Submit(r))];
        for (int i = 0; i < requests.Length; i++)
        {
            Completion alone = Alone(family, requests[i]), together = await streams[i].Finished;
            GeneratorTests.Same(alone, together);
            var tokens = new List<GeneratedToken>();
            await foreach (GeneratedToken token in streams[i])
                tokens.Add(token);
            Assert.Equal(alone.Tokens.Zip(alone.LogProbabilities, (id, p) => new GeneratedToken(id, p)), tokens);
        }
        AllGone(engine);
    }

    [Theory]
    [InlineData("deepseek-v3", ElementType.F32)]
    [InlineData("deepseek-v3", ElementType.BF16)]
    [InlineData("deepseek-v3", ElementType.I8)]
    [InlineData("llama", ElementType.F32)]
    [InlineData("llama", ElementType.BF16)]
    [InlineData("llama", ElementType.I8)]
    public void Generate_AfterAHit_GivesTheSameBits(string family, ElementType cacheType)
    {
        using DecoderModel model = Model(family);
        EngineOptions options = new() { CacheType = cacheType };
        using InferenceEngine engine = new(model, null, options);
        int[] first = ToyModel.Tokens(1100, 1);
        long hits = 0;
        // The same prompt again, its beginnings, and prompts that leave it at various places: also behind its last whole piece.
        int[][] prompts =
        [
            first, first, first[..1024], first[..1030], first[..900], first[..512], first[..513], first[..64], first[..65],
            [.. first[..1000], .. ToyModel.Tokens(300, 2)], [.. first[..600], .. ToyModel.Tokens(20, 3)],
            [.. first[..128], .. ToyModel.Tokens(400, 4)], [.. first[..70], .. ToyModel.Tokens(3, 5)], ToyModel.Tokens(300, 6), first,
        ];
        for (int i = 0; i < prompts.Length; i++)
        {
            GenerationRequest request = Request(prompts[i], i);
            Completion warm = engine.Generate(request), cold = Alone(family, request, options);
            GeneratorTests.Same(cold, warm);
            Assert.Equal(0, cold.CachedPromptTokens);
            Assert.InRange(warm.CachedPromptTokens, 0, prompts[i].Length - 1);
            hits += warm.CachedPromptTokens;
            if (i == 1)
                Assert.True(warm.CachedPromptTokens >= 1024);
        }
        EngineStatistics statistics = engine.Statistics;
        Assert.Equal(hits, statistics.CachedPromptTokens);
        Assert.Equal(prompts.Sum(p => p.Length), statistics.CachedPromptTokens + statistics.PromptTokens);
        Assert.True(statistics.CacheBytesKept > 0);
        AllGone(engine);
    }

    [Fact]
    public void Generate_AnAnswerAsPartOfTheNextPrompt_IsTakenOverWhereItsBitsAreThose()
    {
        // Grouped-query attention has one order: a conversation's next turn computes its new tokens only.
        using DecoderModel model = Model("llama");
        using InferenceEngine engine = new(model);
        GenerationRequest turn = Request(ToyModel.Tokens(100, 1), 1, tokens: 200);
        Completion answer = engine.Generate(turn);
        GenerationRequest next = Request([.. turn.Prompt, .. answer.Tokens, 5, 6, 7], 2);
        Completion warm = engine.Generate(next);
        Assert.Equal(256, warm.CachedPromptTokens);
        GeneratorTests.Same(Alone("llama", next), warm);
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("qwen2")]
    public async Task Submit_CacheTooSmallForAll_GivesWayAndGivesTheSameBits(string family)
    {
        using DecoderModel model = Model(family);
        // Each request fits, two hardly.
        using InferenceEngine engine = new(model, null, Cache(model.Config, 14));
        Assert.Equal(14 * 64, engine.ContextLength);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => Request(ToyModel.Tokens(30 + 90 * (i % 5), i), i, 200))];
        TokenStream[] streams = [.. requests.Select(r => engine.Submit(r))];
        for (int i = 0; i < requests.Length; i++)
            GeneratorTests.Same(Alone(family, requests[i]), await streams[i].Finished);
        EngineStatistics statistics = engine.Statistics;
        Assert.True(statistics.Preemptions > 0 && statistics.RecomputedTokens > 0);
        AllGone(engine);
    }

    [Fact]
    public async Task Stream_WithAlternatives_ShowsWhatTheCompletionHolds()
    {
        using DecoderModel model = Model("llama");
        using InferenceEngine engine = new(model, null, new EngineOptions { Speculation = SpeculationOptions.ByLookup() });
        GenerationRequest request = Request(ToyModel.Tokens(30, 1), 3, 40) with { Options = new() { Temperature = 0, MaxNewTokens = 40, Alternatives = 3 } };
        TokenStream stream = engine.Submit(request);
        var shown = new List<TokenAlternatives?>();
        await foreach (GeneratedToken token in stream)
        {
            shown.Add(token.Alternatives);
            // Greedy: the likeliest is the one that came.
            Assert.Equal(token.Id, token.Alternatives!.Likeliest[0].Id);
        }
        Completion completion = await stream.Finished;
        Assert.Equal(40, completion.Alternatives.Count);
        Assert.Equal<TokenAlternatives?>(completion.Alternatives, shown);
    }

    [Fact]
    public async Task Submit_HigherPriority_DisplacesTheLower_WhichComesToItsEnd()
    {
        using DecoderModel model = Model("llama");
        using InferenceEngine engine = new(model, null, new EngineOptions { MaxConcurrent = 1 });
        GenerationRequest low = Request(ToyModel.Tokens(30, 1), 1, 1400), high = Request(ToyModel.Tokens(40, 2), 2, 20) with { Priority = 1 };
        TokenStream first = engine.Submit(low);
        Assert.True(await first.Reader.WaitToReadAsync());
        TokenStream second = engine.Submit(high);
        GeneratorTests.Same(Alone("llama", high), await second.Finished);
        Assert.False(first.Finished.IsCompleted);
        Assert.Equal(1, engine.Statistics.Preemptions);
        GeneratorTests.Same(Alone("llama", low), await first.Finished);
    }

    [Fact]
    public async Task Submit_WhatCannotRun_IsRefusedWithItsNumbers()
    {
        using DecoderModel model = Model("llama");
        using InferenceEngine engine = new(model, null, Cache(model.Config, 2) with { MaxConcurrent = 1, MaxWaiting = 2 });
        var tooLong = Assert.Throws<PromptTooLongException>(() => engine.Submit(Request(ToyModel.Tokens(128, 1), 1)));
        Assert.Equal((128, 128), (tooLong.PromptLength, tooLong.ContextLength));
        Assert.Contains("vocabulary has ids 0 to 36", Assert.Throws<ArgumentException>(() => engine.Submit(Request([1, 37], 1))).Message);
        Assert.Contains("time limit", Assert.Throws<ArgumentException>(() => engine.Submit(Request([1], 1) with { TimeLimit = TimeSpan.Zero })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => engine.Submit(Request([1], 1) with { Options = new() { TopK = -1 } }));
        TokenStream[] fine = [.. Enumerable.Range(0, 3).Select(i => engine.Submit(Request([1, 2, 3], i, 100)))];
        var busy = Assert.Throws<EngineBusyException>(() => engine.Submit(Request([1], 1)));
        Assert.Equal((1, 2), (busy.MaxConcurrent, busy.MaxWaiting));
        foreach (TokenStream stream in fine)
            Assert.Equal(100, (await stream.Finished).Tokens.Count);
        Assert.Equal(12, engine.Generate(Request([1], 1)).Tokens.Count);
        ArgumentOutOfRangeException tiny = Assert.Throws<ArgumentOutOfRangeException>(() => new InferenceEngine(model, null, new EngineOptions { CacheBytes = 100 }));
        Assert.Contains("a block of 64 tokens takes", tiny.Message);
    }

    [Fact]
    public async Task Cancel_ByTokenByHandByLeavingAndByTime_EndsOnlyThatOne()
    {
        using DecoderModel model = Model("deepseek-v3");
        using InferenceEngine engine = new(model);
        GenerationRequest request = Request(ToyModel.Tokens(50, 1), 1, 1400), brief = Request(ToyModel.Tokens(50, 1), 1, 100);
        Completion whole = Alone("deepseek-v3", request with { Options = request.Options with { MaxNewTokens = 100 } });
        using CancellationTokenSource source = new();
        TokenStream byToken = engine.Submit(request, source.Token), byHand = engine.Submit(request), left = engine.Submit(request),
            late = engine.Submit(request with { TimeLimit = TimeSpan.FromMilliseconds(1) }), other = engine.Submit(brief with { TimeLimit = TimeSpan.MaxValue });
        await foreach (GeneratedToken token in left)
        {
            Assert.Equal(whole.Tokens[0], token.Id);
            break;
        }
        source.Cancel();
        byHand.Cancel();
        foreach (TokenStream stream in new[] { byToken, byHand, left })
        {
            Completion part = await stream.Finished;
            Assert.Equal(FinishReason.Cancelled, part.FinishReason);
            Assert.True(part.Tokens.Count < 1400);
            int common = Math.Min(100, part.Tokens.Count);
            Assert.Equal(whole.Tokens[..common], part.Tokens[..common]);
        }
        Assert.Equal(FinishReason.Deadline, (await late.Finished).FinishReason);
        GeneratorTests.Same(whole, await other.Finished);
        int calls = 0;
        Completion called = engine.Generate(request, _ => ++calls < 7);
        Assert.Equal((FinishReason.Cancelled, 7), (called.FinishReason, calls));
        Assert.Equal(whole.Tokens[..7], called.Tokens);
        Assert.Equal(whole.LogProbabilities[..7], called.LogProbabilities);
        Assert.Throws<TimeoutException>(() => engine.Generate(request, _ => throw new TimeoutException()));
        using CancellationTokenSource cancelled = new(0);
        Assert.Equal(FinishReason.Cancelled, engine.Generate(request, null, cancelled.Token).FinishReason);
    }

    [Fact]
    public async Task Dispose_WhileRunning_CancelsAll()
    {
        using DecoderModel model = Model("llama");
        InferenceEngine engine = new(model, null, new EngineOptions { MaxConcurrent = 2 });
        TokenStream[] streams = [.. Enumerable.Range(0, 5).Select(i => engine.Submit(Request(ToyModel.Tokens(700, i), i, 700)))];
        engine.Dispose();
        engine.Dispose();
        foreach (TokenStream stream in streams)
            Assert.Equal(FinishReason.Cancelled, (await stream.Finished).FinishReason);
        Assert.Throws<ObjectDisposedException>(() => engine.Submit(Request([1], 1)));
    }

    [Fact]
    public async Task Submit_AShortPromptDuringALongOne_WaitsForOnePieceAtMost()
    {
        using DecoderModel model = Model("llama");
        using InferenceEngine engine = new(model);
        TokenStream running = engine.Submit(Request(ToyModel.Tokens(20, 3), 3, 400));
        Assert.True(await running.Reader.WaitToReadAsync());
        // Three pieces and a rest. The short one comes while the first is computed, or before.
        TokenStream longer = engine.Submit(Request(ToyModel.Tokens(1400, 1), 1, 5)), shorter = engine.Submit(Request(ToyModel.Tokens(10, 2), 2, 1));
        await shorter.Finished;
        Assert.False(longer.Reader.TryPeek(out _));
        await longer.Finished;
        // The running one got a token in each of the steps that computed pieces.
        Assert.True((await running.Finished).Tokens.Count == 400);
    }

    [Theory]
    [InlineData("deepseek-v3", 1)]
    [InlineData("llama", 2)]
    public async Task Stress_RandomArrivalsCancellationsAndATinyCache_EndWithNothingInUse(string family, int seed)
    {
        using DecoderModel model = Model(family);
        ModelConfig config = model.Config;
        using InferenceEngine engine = new(model, null, Cache(config, 20) with { MaxConcurrent = 6, MaxWaiting = 12 });
        var random = new Random(seed);
        int[][] beginnings = [.. Enumerable.Range(0, 4).Select(i => ToyModel.Tokens(600, i))];
        List<(GenerationRequest Request, TokenStream Stream)> all = [];
        int refused = 0;
        var clock = Stopwatch.StartNew();
        for (int i = 0; clock.Elapsed < TimeSpan.FromSeconds(6); i++)
        {
            int[] prompt = [.. beginnings[random.Next(4)][..random.Next(1, 600)], .. ToyModel.Tokens(random.Next(1, 80), i)];
            GenerationRequest request = Request(prompt, i, random.Next(1, 150)) with
            {
                Priority = random.Next(3),
                TimeLimit = random.Next(10) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 100)) : null,
            };
            try
            {
                TokenStream stream = engine.Submit(request);
                all.Add((request, stream));
                if (random.Next(4) == 0)
                    _ = Task.Delay(random.Next(60)).ContinueWith(_ => stream.Cancel(), TaskScheduler.Default);
                else if (random.Next(4) == 0)
                    _ = Leave(stream, random.Next(20));
            }
            catch (EngineBusyException)
            {
                refused++;
                await Task.Delay(random.Next(20));
            }
        }
        Dictionary<FinishReason, int> ends = [];
        foreach ((GenerationRequest request, TokenStream stream) in all)
        {
            Completion completion = await stream.Finished.WaitAsync(TimeSpan.FromMinutes(2));
            ends[completion.FinishReason] = ends.GetValueOrDefault(completion.FinishReason) + 1;
            if (completion.FinishReason == FinishReason.Length)
                Assert.Equal(request.Options.MaxNewTokens, completion.Tokens.Count);
        }
        Assert.True(ends.Keys.All(reason => reason is FinishReason.Length or FinishReason.Cancelled or FinishReason.Deadline));
        Assert.True(ends[FinishReason.Length] > 10 && ends[FinishReason.Cancelled] > 3 && refused > 0);
        EngineStatistics statistics = engine.Statistics;
        Assert.True(statistics.Preemptions > 0 && statistics.CachedPromptTokens > 0);
        AllGone(engine);
        // And it goes on: the whole cache is to be had, and the bits are the same.
        int compared = 0;
        foreach ((GenerationRequest request, TokenStream stream) in all)
        {
            Completion completion = await stream.Finished;
            if (completion.FinishReason == FinishReason.Length && compared++ < 8)
                GeneratorTests.Same(Alone(family, request with { TimeLimit = null }), completion);
        }
        Assert.Equal(5, engine.Generate(Request(ToyModel.Tokens(20 * 64 - 6, 9), 9, 5)).Tokens.Count);
    }

    static async Task Leave(TokenStream stream, int after)
    {
        await foreach (GeneratedToken _ in stream)
        {
            if (--after < 0)
                break;
        }
    }
}
