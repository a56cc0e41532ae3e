// Generation: a sequence depends on its prompt, options and seed alone; it ends where it should; what cannot be run is refused.

using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;
using Fathom.Testing;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Tests;

public sealed class GeneratorTests
{
    internal static GenerationRequest[] Requests(int count) => [.. Enumerable.Range(0, count).Select(i => new GenerationRequest(
        ToyModel.Tokens(1 + i * 5 % 30, i),
        new SamplingOptions
        {
            Temperature = i % 4 == 0 ? 0 : 0.5f + i % 3 * 0.5f,
            TopK = i % 5 == 1 ? 7 : 0,
            TopP = i % 5 == 2 ? 0.8f : 1,
            MinP = i % 5 == 3 ? 0.05f : 0,
            MaxNewTokens = 3 + i % 20,
            StopIds = i % 3 == 0 ? [1, 4, 9, 15, 21, 30] : [],
        },
        (ulong)i))];

    internal static void Same(Completion expected, Completion actual)
    {
        Assert.Equal(expected.Tokens, actual.Tokens);
        Assert.Equal(expected.LogProbabilities, actual.LogProbabilities);
        Assert.Equal(expected.FinishReason, actual.FinishReason);
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("deepseek-v2")]
    [InlineData("qwen2")]
    public void Generate_AloneOrAmong64_GivesTheSameBits(string family)
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All[family]);
        GenerationRequest[] requests = Requests(64);
        using Generator all = new(model), few = new(model, maxConcurrent: 5, promptTokensPerStep: 40), single = new(model);
        Completion[] together = all.Generate(requests), inTurn = few.Generate(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            Same(together[i], inTurn[i]);
            Same(together[i], single.Generate([requests[i]])[0]);
        }
        Assert.Contains(together, c => c.FinishReason == FinishReason.Stop);
        Assert.Contains(together, c => c.FinishReason == FinishReason.Length);
        Assert.Equal((requests.Sum(r => r.Prompt.Length), 0), (all.PromptTokens, all.SharedPromptTokens));
        Assert.Equal(together.Sum(c => c.Tokens.Count), all.GeneratedTokens);
        // Other seeds, other tokens.
        Completion[] others = all.Generate([.. requests.Select(r => r with { Seed = r.Seed + 1000 })]);
        Assert.True(Enumerable.Range(0, 64).Count(i => !others[i].Tokens.SequenceEqual(together[i].Tokens)) > 32);
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("qwen2")]
    public void Generate_GroupsOfTheSamePrompt_ComputeItOnce_AndGiveTheSameBits(string family)
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All[family] with { MaxPositionEmbeddings = 256 });
        // Prompts of less than a block, a block and more, the same array or an equal one.
        int[][] prompts = [.. new[] { 1, 9, 64, 130 }.Select(length => ToyModel.Tokens(length, length))];
        GenerationRequest[] requests = [.. Enumerable.Range(0, 24).Select(i => new GenerationRequest(
            i % 8 < 4 ? prompts[i % 4] : [.. prompts[i % 4]], new SamplingOptions { MaxNewTokens = 5 + i, TopK = i % 3 * 5 }, (ulong)i))];
        using Generator all = new(model), few = new(model, maxConcurrent: 4), single = new(model);
        Completion[] together = all.Generate(requests), inTurn = few.Generate(requests);
        for (int i = 0; i < requests.Length; i++)
        {
            Completion alone = single.Generate([requests[i]])[0];
            Same(alone, together[i]);
            Same(alone, inTurn[i]);
        }
        Assert.Equal(prompts.Sum(p => p.Length), all.PromptTokens);
        Assert.Equal(5 * prompts.Sum(p => p.Length), all.SharedPromptTokens);
        Assert.Equal(all.SharedPromptTokens, together.Sum(c => c.CachedPromptTokens));
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("llama")]
    public void Generate_Greedy_FollowsTheWholePassesArgmax(string family)
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All[family]);
        using Generator generator = new(model);
        int[] prompt = ToyModel.Tokens(6, 3);
        Completion completion = generator.Generate([new(prompt, new SamplingOptions { Temperature = 0, MaxNewTokens = 20 }, 1)])[0];
        using Tape tape = new();
        using PackedBatch batch = new();
        int[] tokens = [.. prompt, .. completion.Tokens];
        batch.Clear();
        batch.Add(tokens);
        Tensor logits = model.Logits(tape, model.Forward(tape, batch));
        for (int i = 0; i < 20; i++)
        {
            float[] row = logits.RowSpan(prompt.Length + i - 1).ToArray();
            Assert.Equal(Array.IndexOf(row, row.Max()), completion.Tokens[i]);
        }
    }

    [Fact]
    public void Generate_UntilTheContextIsFull_EndsByLength()
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.DeepSeekV3);
        using Generator generator = new(model);
        var options = new SamplingOptions { MaxNewTokens = 1000 };
        Completion[] completions = generator.Generate([new(ToyModel.Tokens(60, 1), options, 1), new(ToyModel.Tokens(63, 1), options, 1), new([5], options, 1)]);
        Assert.Equal([4, 1, 63], completions.Select(c => c.Tokens.Count));
        Assert.All(completions, c => Assert.Equal(FinishReason.Length, c.FinishReason));
        Completion brief = generator.Generate([new([5], options with { MaxNewTokens = 7 }, 1)])[0];
        Assert.Equal(7, brief.Tokens.Count);
        Assert.Equal(completions[2].Tokens[..7], brief.Tokens);
    }

    [Fact]
    public void Generate_PromptThatCannotRun_IsRefusedBeforeAnythingRuns()
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.DeepSeekV3);
        using Generator generator = new(model);
        GenerationRequest fine = new([5], new SamplingOptions(), 1);
        string message = Assert.Throws<PromptTooLongException>(() => generator.Generate([fine, fine with { Prompt = ToyModel.Tokens(70, 1) }])).Message;
        Assert.Contains("Request 1", message);
        Assert.Contains("70 tokens", message);
        Assert.Contains("holds 64", message);
        Assert.Contains("empty prompt", Assert.Throws<ArgumentException>(() => generator.Generate([fine with { Prompt = [] }])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => generator.Generate([fine with { Options = new() { TopP = 2 } }]));
        Assert.Contains("without a tokenizer", Assert.Throws<ArgumentException>(() => generator.Generate([fine with { Options = new() { StopStrings = ["x"] } }])).Message);
        Assert.Equal(0, generator.PromptTokens);
    }

    [Fact]
    public void Generate_CancelledOrThrownOutOf_LeavesTheGeneratorAsNew()
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.DeepSeekV3);
        using Generator generator = new(model), untouched = new(model);
        GenerationRequest[] requests = [.. Requests(12).Select(r => r with { Options = new() { MaxNewTokens = 10 + (int)r.Seed } })];
        Completion[] expected = untouched.Generate(requests);
        int calls = 0;
        Assert.Throws<TimeoutException>(() => generator.Generate(requests, (index, _) => ++calls == 60 ? throw new TimeoutException() : index != 2));
        Completion[] again = generator.Generate(requests);
        for (int i = 0; i < requests.Length; i++)
            Same(expected[i], again[i]);
        var seen = new List<int>[requests.Length];
        Completion[] cancelled = generator.Generate(requests, (index, token) =>
        {
            (seen[index] ??= []).Add(token);
            return index != 3 || seen[3].Count < 4;
        });
        Assert.Equal(expected[3].Tokens[..4], cancelled[3].Tokens);
        for (int i = 0; i < requests.Length; i++)
            Assert.Equal(cancelled[i].Tokens, seen[i]);
        Same(expected[11], cancelled[11]);
    }

    [Fact]
    public void StopString_AcrossTokens_EndsTheText_AndNothingElseDoes()
    {
        Tokenizer tokenizer = BpeTrainer.Train(["a stop string may begin in one token and end in the next"], 270, DeepSeekTokens.All);
        using DecoderModel model = ToyModel.Build(ToyPresets.Llama with { VocabularySize = tokenizer.VocabularySize, MaxPositionEmbeddings = 256 });
        using Generator generator = new(model, tokenizer);
        int found = 0;
        for (ulong seed = 0; seed < 8; seed++)
        {
            GenerationRequest request = new([97, 98], new SamplingOptions { MaxNewTokens = 120 }, seed);
            Completion whole = generator.Generate([request])[0];
            string text = whole.Text(tokenizer, []);
            // The text that the first n tokens complete.
            var decoder = new StreamingDecoder(tokenizer);
            string[] pieces = [.. whole.Tokens.Select(decoder.Append)];
            for (int i = 3; i + 1 < pieces.Length; i++)
            {
                if (pieces[i].Length == 0 || pieces[i + 1].Length == 0 || (pieces[i] + pieces[i + 1]).Any(c => !char.IsAsciiLetterOrDigit(c)))
                    continue;
                string stop = $"{pieces[i][^1]}{pieces[i + 1][0]}";
                if (string.Concat(pieces[..i]).Contains(stop, StringComparison.Ordinal))
                    continue;
                int at = text.IndexOf(stop, StringComparison.Ordinal);
                Completion stopped = generator.Generate([request with { Options = request.Options with { StopStrings = ["\u0001never\u0001", stop] } }])[0];
                Assert.Equal(FinishReason.Stop, stopped.FinishReason);
                Assert.Equal(whole.Tokens[..(i + 2)], stopped.Tokens);
                Assert.Equal(text[..at], stopped.StoppedText);
                Assert.Equal(text[..at], stopped.Text(tokenizer, []));
                found++;
                break;
            }
        }
        Assert.True(found >= 3, $"only {found} of 8 texts had a place for a stop string");
    }

    [Fact]
    public void Text_StopToken_IsNotPartOfIt()
    {
        Tokenizer tokenizer = BpeTrainer.Train(["abc"], 262, DeepSeekTokens.All);
        using DecoderModel model = ToyModel.Build(ToyPresets.Llama with { VocabularySize = tokenizer.VocabularySize, MaxPositionEmbeddings = 256 });
        using Generator generator = new(model, tokenizer);
        int[] stops = [.. Enumerable.Range(0, 128)];
        Completion completion = generator.Generate([new([97], new SamplingOptions { MaxNewTokens = 200, StopIds = stops }, 1)])[0];
        Assert.Equal(FinishReason.Stop, completion.FinishReason);
        Assert.InRange(completion.Tokens[^1], 0, 127);
        Assert.All(completion.Tokens.SkipLast(1), token => Assert.True(token >= 128));
        Assert.Equal(tokenizer.Decode(completion.Tokens.SkipLast(1).ToArray()), completion.Text(tokenizer, stops));
    }
}

[Collection("alone")]
public sealed class GeneratorThreadTests
{
    [Fact]
    public void Generate_OneOrTwoThreads_GivesTheSameBits()
    {
        // Wide enough that kernels divide their work.
        ModelConfig config = ToyPresets.DeepSeekV3 with { HiddenSize = 128, VocabularySize = 500 };
        using DecoderModel model = ToyModel.Build(config);
        GenerationRequest[] requests = GeneratorTests.Requests(64);
        int before = ThreadTeam.Shared.ThreadCount;
        try
        {
            ThreadTeam.SetSharedThreadCount(1);
            using Generator first = new(model), second = new(model);
            Completion[] one = first.Generate(requests);
            ThreadTeam.SetSharedThreadCount(2);
            Completion[] two = second.Generate(requests);
            for (int i = 0; i < requests.Length; i++)
                GeneratorTests.Same(one[i], two[i]);
        }
        finally
        {
            ThreadTeam.SetSharedThreadCount(before);
        }
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("qwen2")]
    public void Decode_SteadyState_AllocatesNothing(string family)
    {
        using DecoderModel model = ToyModel.Build(ToyPresets.All[family] with { MaxPositionEmbeddings = 250 });
        using Generator generator = new(model);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => new GenerationRequest(
            ToyModel.Tokens(20, i), new SamplingOptions { MaxNewTokens = 150, TopK = i % 2 * 9, TopP = i % 3 == 0 ? 0.9f : 1 }, (ulong)i))];
        // From the first request's 10th token to its 140th: over two cache blocks, away from start and end.
        long at = 0, allocated = -1;
        int step = 0;
        Func<int, int, bool> watch = (index, _) =>
        {
            if (index == 0 && ++step == 10)
                at = GC.GetAllocatedBytesForCurrentThread();
            else if (index == 0 && step == 140)
                allocated = GC.GetAllocatedBytesForCurrentThread() - at;
            return true;
        };
        Allocations.OnOneThread(() =>
        {
            generator.Generate(requests);
            generator.Generate(requests, watch);
        });
        Assert.Equal(0, allocated);
    }
}
