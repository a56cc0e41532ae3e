// Claim P4: a repeated beginning of a prompt is found in the cache: tokens, time and money that this saves.

using System.Diagnostics;
using Fathom.Inference;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Statistics;
using Fathom.Planning.Prices;

namespace Fathom.Claims.Experiments;

static class CacheHits
{
    // The documents' own month, after the end of V3's introductory price.
    static readonly DateTimeOffset s_moment = new(2025, 2, 15, 12, 0, 0, TimeSpan.Zero);

    /// <summary>The sizes of the recorded result.</summary>
    internal sealed record Sizes(ModelConfig Model, int SharedTokens, int OwnTokens, int Repetitions)
    {
        public static Sizes Recorded { get; } = new(Presets.Micro with { MaxPositionEmbeddings = 4096 }, 3072, 128, 9);
    }

    public static Measurement Run(ExperimentSettings settings) => Run(settings, Sizes.Recorded);

    internal static Measurement Run(ExperimentSettings settings, Sizes sizes)
    {
        using var model = DecoderModel.Initialize(sizes.Model, 1);
        using var engine = new InferenceEngine(model);
        var cold = new List<double>();
        var warm = new List<double>();
        long hits = 0;
        bool same = true;
        // The first repetition brings memory and kernels up and is not counted.
        for (int i = 0; i <= sizes.Repetitions; i++)
        {
            settings.Cancellation.ThrowIfCancellationRequested();
            settings.Progress(i == 0 ? "warming up" : $"repetition {i} of {sizes.Repetitions}", i / (sizes.Repetitions + 1.0));
            int[] shared = Tokens(sizes.SharedTokens, 3 * i), first = Tokens(sizes.OwnTokens, 3 * i + 1), second = Tokens(sizes.OwnTokens, 3 * i + 2);
            (double missed, _, _) = Ask([.. shared, .. first]);
            (double hit, long found, int answer) = Ask([.. shared, .. second]);
            if (i == 0)
                continue;
            cold.Add(missed);
            warm.Add(hit);
            hits = found;
            // A second engine has cached nothing: a hit must not change the answer.
            using var fresh = new InferenceEngine(model);
            same &= answer == fresh.Generate(Request([.. shared, .. second])).Tokens[0];
        }
        double[] ratios = [.. cold.Zip(warm, (miss, hit) => hit / miss)];
        int tokens = sizes.SharedTokens + sizes.OwnTokens;
        decimal chat = Saved("deepseek-chat", hits, tokens), reasoner = Saved("deepseek-reasoner", hits, tokens);
        (double low, double median, double high) = Quantiles.Quartiles(ratios);
        return (settings with { Seeds = [] }).Result(
            "P4", IsReproduced(hits, same, ratios, chat, reasoner),
            FormattableString.Invariant($"Random weights of {sizes.Model.LayerCount} layers of {sizes.Model.HiddenSize}; the engine gets a prompt of {sizes.SharedTokens} + {sizes.OwnTokens} tokens and then one with the same {sizes.SharedTokens} and {sizes.OwnTokens} others, {sizes.Repetitions} times with ever new tokens. ")
            + "Time from the request to the first token. The answer after a hit is held against that of an engine without a cache of it. Money by the price book in February 2025, input tokens only.",
            FormattableString.Invariant($"{hits} of {tokens} input tokens hit the cache ({(double)hits / tokens:0.0%}); the first token comes after {Quantiles.Median(warm):0} ms instead of {Quantiles.Median(cold):0} ms: {median:0.0%} of the time (quartiles {low:0.0%} and {high:0.0%}, {sizes.Repetitions} repetitions). ")
            + FormattableString.Invariant($"The input costs {chat:0.0%} less on deepseek-chat and {reasoner:0.0%} less on deepseek-reasoner. The answer is {(same ? "the same" : "not the same")}."),
            [
                new("input tokens", tokens, null, 1, "tokens"),
                new("hit tokens", hits, null, 1, "tokens"),
                MeasuredValue.Of("time to first token, miss", cold, "ms"),
                MeasuredValue.Of("time to first token, hit", warm, "ms"),
                MeasuredValue.Of("time of a hit over that of a miss", ratios, "ratio"),
                new("time of a hit over that of a miss, median", median, null, ratios.Length, "ratio"),
                new("money saved on input, deepseek-chat", (double)chat, null, 1, "share"),
                new("money saved on input, deepseek-reasoner", (double)reasoner, null, 1, "share"),
            ]);

        (double Milliseconds, long Hits, int Answer) Ask(int[] prompt)
        {
            long before = engine.Statistics.CachedPromptTokens;
            long start = Stopwatch.GetTimestamp();
            Completion completion = engine.Generate(Request(prompt));
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            return (milliseconds, engine.Statistics.CachedPromptTokens - before, completion.Tokens[0]);
        }

        int[] Tokens(int count, int text)
        {
            var random = new Numerics.Random.RandomStream(1, (ulong)text);
            var tokens = new int[count];
            for (int t = 0; t < count; t++)
                tokens[t] = 2 + random.NextInt(sizes.Model.VocabularySize - 2);
            return tokens;
        }
    }

    /// <summary>
    /// The rule: tokens hit, the answer is the same, both models' inputs cost less, and every repetition was faster with the hit.
    /// </summary>
    internal static bool IsReproduced(long hits, bool same, IEnumerable<double> timeRatios, decimal chatSaved, decimal reasonerSaved) =>
        hits > 0 && same && chatSaved > 0 && reasonerSaved > 0 && timeRatios.All(ratio => ratio < 1);

    /// <summary>Share of the input's price that hits save.</summary>
    internal static decimal Saved(string model, long hits, long tokens)
    {
        PriceBook book = PriceBook.Published;
        return 1 - book.Bill(model, hits, tokens - hits, 0, s_moment, "USD").Total / book.Bill(model, 0, tokens, 0, s_moment, "USD").Total;
    }

    static GenerationRequest Request(int[] prompt) => new(prompt, new SamplingOptions { Temperature = 0, MaxNewTokens = 1 }, 1);
}
