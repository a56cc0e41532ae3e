// The scheduler, step by step: who is in which step, how long anybody waits, and that a pass nobody wants ends between two layers.
using Fathom.Inference.Scheduling;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Threading;
using Fathom.Testing;

namespace Fathom.Inference.Tests.Scheduling;

public sealed class SchedulerTests
{
    sealed class Recorded(GenerationRequest request, int contextLength) : ScheduledSequence(request, null, contextLength)
    {
        public bool Ended { get; private set; }

        protected override bool OnToken(GeneratedToken token) => true;

        public override void OnEnd() => Ended = true;
    }

    static ModelConfig Config(string family, int context = 4096) => ToyPresets.All[family] with { MaxPositionEmbeddings = context };

    static Scheduler Create(DecoderModel model, int maxConcurrent = 8, int tokens = 20000, bool keepPrefixes = true)
        => new(model, new KvCache(model.Config, tokens), maxConcurrent, KvCache.PromptGrid, keepPrefixes);

    static Recorded Add(Scheduler scheduler, int[] prompt, int tokens, TimeSpan? limit = null, int priority = 0)
    {
        var sequence = new Recorded(new GenerationRequest(prompt, new SamplingOptions { MaxNewTokens = tokens }, (ulong)prompt.Length) { TimeLimit = limit, Priority = priority }, scheduler.ContextLength);
        scheduler.Add(sequence);
        return sequence;
    }

    [Fact]
    public void Step_LongPromptAndShortOne_NobodyWaitsForMoreThanAPiece()
    {
        using DecoderModel model = ToyModel.Build(Config("llama"));
        using Scheduler scheduler = Create(model);
        Recorded running = Add(scheduler, ToyModel.Tokens(10, 1), 100);
        scheduler.Step();
        Recorded longer = Add(scheduler, ToyModel.Tokens(4000, 2), 5);
        for (int step = 0; step < 3; step++)
        {
            scheduler.Step();
            // A piece of the long prompt, and a token for the one that runs.
            Assert.Equal((2 + step, (step + 1) * KvCache.PromptGrid, 0), (running.Completion.Tokens.Count, longer.Cached.Length, longer.Completion.Tokens.Count));
        }
        Recorded shorter = Add(scheduler, ToyModel.Tokens(300, 3), 5);
        scheduler.Step();
        Assert.Single(shorter.Completion.Tokens);
        while (scheduler.HasWork)
            scheduler.Step();
        Assert.True(running.Ended && longer.Ended && shorter.Ended);
        // The pieces are all there was: eight steps for the long prompt, one for the short one, the rest are tokens.
        Assert.Equal(100, scheduler.Counts.Steps);
    }

    [Fact]
    public void Step_ShortPromptsWithoutEnd_TheLongOneHasItsTurn()
    {
        using DecoderModel model = ToyModel.Build(Config("llama"));
        using Scheduler scheduler = Create(model);
        Recorded longer = Add(scheduler, ToyModel.Tokens(2000, 2), 5);
        int steps = 0;
        for (; !longer.Ended && steps < 100; steps++)
        {
            Add(scheduler, ToyModel.Tokens(500, 100 + steps), 1);
            scheduler.Step();
        }
        Assert.InRange(steps, 10, 60);
    }

    [Fact]
    public void Step_SameBeginningsAtOnce_AreComputedOnce()
    {
        using DecoderModel model = ToyModel.Build(Config("deepseek-v3"));
        using Scheduler scheduler = Create(model);
        int[] beginning = ToyModel.Tokens(1024, 1);
        Recorded[] all = [.. Enumerable.Range(0, 5).Select(i => Add(scheduler, [.. beginning, .. ToyModel.Tokens(200 + i, i)], 3))];
        while (scheduler.HasWork)
            scheduler.Step();
        Assert.Equal(1024 + all.Sum(s => s.Request.Prompt.Length - 1024), scheduler.Counts.PromptTokens);
        Assert.Equal(4 * 1024, scheduler.Counts.SharedPromptTokens);
        Assert.Equal(scheduler.KeptBlocks, scheduler.Cache.BlocksInUse);
        scheduler.ClearPrefixes();
        Assert.Equal(0, scheduler.Cache.BlocksInUse);
    }

    [Fact]
    public void Step_TimeIsUpInsideTheFirstLayers_NothingIsDrawnAndNothingStays()
    {
        // A pass takes many times the limit; the sequence comes in within it.
        using DecoderModel model = ToyModel.Build(Config("llama") with { HiddenSize = 512, IntermediateSize = 2048, LayerCount = 6 });
        using Scheduler scheduler = Create(model);
        Recorded late = Add(scheduler, ToyModel.Tokens(500, 1), 5, TimeSpan.FromMilliseconds(3));
        scheduler.Step();
        Assert.Equal((0L, 0), (scheduler.Counts.Steps, late.Cached.Length));
        scheduler.Step();
        Assert.True(late.Ended);
        Assert.Equal((FinishReason.Deadline, 0, 0), (late.Completion.FinishReason, late.Completion.Tokens.Count, scheduler.Cache.BlocksInUse));
        // The next one is not touched by it.
        Recorded next = Add(scheduler, ToyModel.Tokens(500, 1), 5);
        while (scheduler.HasWork)
            scheduler.Step();
        Assert.Equal(5, next.Completion.Tokens.Count);
    }

    [Fact]
    public void Forward_CancelledBeforeALayer_EndsThere()
    {
        using DecoderModel model = ToyModel.Build(Config("llama") with { LayerCount = 5 });
        using var tape = new Numerics.Gradients.Tape();
        using var batch = new PackedBatch();
        batch.Clear();
        batch.Add([1, 2, 3]);
        int asked = 0;
        Assert.Throws<OperationCanceledException>(() => model.Forward(tape, batch, cancelled: () => ++asked == 3));
        Assert.Equal(3, asked);
        model.Forward(tape, batch, cancelled: () => ++asked < 0);
        Assert.Equal(8, asked);
    }
}

[Collection("alone")]
public sealed class EngineThreadTests
{
    // Wide enough that kernels divide their work; prompts of several pieces, hits, a cache that is too small, guesses.
    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("qwen2")]
    public async Task Generate_OneTwoOrThreeThreads_GivesTheSameBits(string family)
    {
        ModelConfig config = ToyPresets.All[family] with { HiddenSize = 128, VocabularySize = 500, MaxPositionEmbeddings = 800 };
        using DecoderModel model = ToyModel.Build(config);
        int[] beginning = ToyModel.Tokens(550, 1);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 10).Select(i => new GenerationRequest(
            [.. beginning[..(i % 3 * 250)], .. ToyModel.Tokens(10 + 13 * i, i)], new SamplingOptions { MaxNewTokens = 20 + i, TopK = i % 2 * 9 }, (ulong)i))];
        using KvCache probe = new(config, 0);
        EngineOptions options = new() { CacheBytes = 20 * probe.BytesPerToken * KvCache.BlockLength, Speculation = SpeculationOptions.ByLookup(2) };
        int before = ThreadTeam.Shared.ThreadCount;
        List<Completion[]> runs = [];
        try
        {
            for (int threads = 1; threads <= 3; threads++)
            {
                ThreadTeam.SetSharedThreadCount(threads);
                using InferenceEngine engine = new(model, null, options);
                TokenStream[] streams = [.. requests.Select(r => engine.Submit(r))];
                runs.Add(await Task.WhenAll(streams.Select(s => s.Finished)).WaitAsync(TimeSpan.FromMinutes(2)));
            }
        }
        finally
        {
            ThreadTeam.SetSharedThreadCount(before);
        }
        for (int i = 0; i < requests.Length; i++)
        {
            GeneratorTests.Same(runs[0][i], runs[1][i]);
            GeneratorTests.Same(runs[0][i], runs[2][i]);
        }
    }
}
