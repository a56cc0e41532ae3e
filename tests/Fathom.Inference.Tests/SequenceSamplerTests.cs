// Whole sequences of draws against the naive sampler, and the reasoning's bounds.
using Fathom.Numerics.Random;

namespace Fathom.Inference.Tests;

public sealed class SequenceSamplerTests
{
    const int Start = 7, End = 8, Wait = 3, More = 4;

    static float[] Logits(int vocabulary, int seed, double spread = 3)
    {
        var random = new CounterRandom((ulong)seed, 0x106);
        return [.. Enumerable.Range(0, vocabulary).Select(i => (float)(spread * random.Normal((ulong)i)))];
    }

    public static TheoryData<int, SamplingOptions> Cases()
    {
        SamplingOptions[] options =
        [
            new(),
            new() { Temperature = 0.6f, TopP = 0.95f },
            new() { TopP = 0.5f },
            new() { TopP = 0.9999f },
            new() { TopK = 1 },
            new() { TopK = 40 },
            new() { TopK = 700, Temperature = 2 },
            new() { MinP = 0.05f },
            new() { MinP = 1 },
            new() { TopK = 20, TopP = 0.8f, MinP = 0.01f },
            new() { Temperature = 5, TopP = 0.97f },
            new() { RepetitionPenalty = 1.3f, TopP = 0.9f },
            new() { RepetitionPenalty = 0.7f },
            new() { PresencePenalty = 1.5f },
            new() { FrequencyPenalty = -2, PresencePenalty = 0.5f },
            new() { LogitBias = new Dictionary<int, float> { [3] = 6, [11] = -100, [40] = 2.5f } },
            new() { RepetitionPenalty = 1.2f, FrequencyPenalty = 1, PresencePenalty = -1, LogitBias = new Dictionary<int, float> { [0] = 3 }, TopK = 300, TopP = 0.9f, MinP = 0.001f, Temperature = 1.4f },
        ];
        TheoryData<int, SamplingOptions> cases = [];
        foreach (int vocabulary in new[] { 41, 256, 1000, 4099 })
        {
            foreach (SamplingOptions one in options)
                cases.Add(vocabulary, one);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_IsTheNaiveSamplersToken(int vocabulary, SamplingOptions options)
    {
        int[] prompt = [5, 5, 9, vocabulary - 1];
        int told = 0;
        for (ulong seed = 0; seed < 4; seed++)
        {
            var sampler = new SequenceSampler(options, seed, prompt);
            List<int> generated = [];
            for (int position = 0; position < 25; position++)
            {
                float[] logits = Logits(vocabulary, (int)seed * 100 + position), before = [.. logits];
                double[] changed = NaiveSampler.Changed(logits, options, prompt, [.. generated]), p = NaiveSampler.Probabilities(changed, options.Temperature);
                int[] kept = NaiveSampler.Kept(p, options);
                int token = sampler.Draw(logits, out float logProbability);
                Assert.Equal(before, logits);
                Assert.Equal(token, sampler.Draw(logits, out _));
                // A token on the border of what is kept may fall on either side of it by rounding; then its weight is next to nothing.
                if (NaiveSampler.Draw(p, kept, new CounterRandom(seed, 0x5A3F).Double((ulong)position)) is { } expected && expected != token)
                    Assert.Fail($"seed {seed}, position {position}: token {token} (p {p[token]:E3}), expected {expected} (p {p[expected]:E3})");
                else
                    told++;
                // FP32 differences of logits up to 15, times up to 1 / 0.6: 1e-6 each; penalties round once more.
                Assert.Equal(Math.Log(p[token]), logProbability, 1e-5);
                generated.Add(token);
                sampler.Accept(token);
            }
        }
        Assert.True(told > 90);
    }

    [Fact]
    public void Ties_AreKeptByRisingId()
    {
        float[] logits = new float[600];
        var seen = new HashSet<int>();
        for (ulong seed = 0; seed < 400; seed++)
            seen.Add(new SequenceSampler(new SamplingOptions { TopK = 5 }, seed, []).Draw(logits, out _));
        Assert.Equal([0, 1, 2, 3, 4], seen.Order());
        seen.Clear();
        // 600 equal tokens: the first 30 reach almost a twentieth.
        for (ulong seed = 0; seed < 2000; seed++)
            seen.Add(new SequenceSampler(new SamplingOptions { TopP = 0.0499f }, seed, []).Draw(logits, out _));
        Assert.Equal(Enumerable.Range(0, 30), seen.Order());
    }

    [Fact]
    public void Greedy_TakesTheFirstOfTheLargest_AfterPenalties()
    {
        var sampler = new SequenceSampler(new SamplingOptions { Temperature = 0, FrequencyPenalty = 1 }, 0, []);
        float[] logits = [0, 3, 2.5f, 3];
        int[] expected = [1, 3, 2, 1, 3, 2]; // 3 3, then 2 2.5 2, then 2 1.5 2, ...
        foreach (int token in expected)
        {
            Assert.Equal(token, sampler.Draw(logits, out _));
            sampler.Accept(token);
        }
    }

    [Fact]
    public void Explain_GivesTheModelsOwnView_WhateverTheOptions()
    {
        float[] logits = Logits(3000, 1);
        double[] p = NaiveSampler.Probabilities([.. logits.Select(logit => (double)logit)], 1);
        int[] order = [.. Enumerable.Range(0, p.Length).OrderByDescending(i => p[i]).ThenBy(i => i)];
        foreach (int count in new[] { 0, 1, 5, 20 })
        {
            var sampler = new SequenceSampler(new SamplingOptions { Alternatives = count, Temperature = 0.3f, TopK = 1, LogitBias = new Dictionary<int, float> { [17] = 50 } }, 1, []);
            TokenAlternatives alternatives = sampler.Explain(logits, 17)!;
            Assert.Equal(Math.Log(p[17]), alternatives.LogProbability, 1e-5);
            Assert.Equal(order[..count], alternatives.Likeliest.Select(token => token.Id));
            Assert.All(alternatives.Likeliest, token => Assert.Equal(Math.Log(p[token.Id]), token.LogProbability, 1e-5));
        }
        Assert.Null(new SequenceSampler(new SamplingOptions(), 1, []).Explain(logits, 17));
        Assert.Equal(3, new SequenceSampler(new SamplingOptions { Alternatives = 20 }, 1, []).Explain([1, 2, 3], 0)!.Likeliest.Count);
    }

    [Fact]
    public void Mask_KeepsWhatIsAllowed()
    {
        var random = new CounterRandom(3, 1);
        foreach (int vocabulary in new[] { 1, 31, 32, 33, 100, 256, 1000 })
        {
            // Words of all kinds, and a mask shorter than the logits, as where rows are padded.
            uint[] mask = [.. Enumerable.Range(0, (vocabulary + 31) / 32).Select(i => i % 5 == 3 ? uint.MaxValue : i % 5 == 4 ? 0 : (uint)random.UInt64((ulong)i))];
            foreach (int words in new[] { mask.Length, mask.Length - 1 })
            {
                float[] logits = Logits(vocabulary, 5), before = [.. logits];
                Sampler.Mask(logits, mask.AsSpan(0, words));
                for (int i = 0; i < vocabulary; i++)
                    Assert.Equal(i / 32 < words && (mask[i / 32] >> (i % 32) & 1) != 0 ? before[i] : float.NegativeInfinity, logits[i]);
            }
        }
    }

    static int[] Generate(ReasoningOptions reasoning, int[] prompt, int[] model, int count, out SequenceSampler sampler)
    {
        sampler = new SequenceSampler(new SamplingOptions { Temperature = 0, Reasoning = reasoning }, 1, prompt);
        List<int> tokens = [];
        for (int i = 0; i < count; i++)
        {
            var logits = new float[12];
            logits[model[i]] = 5;
            int token = sampler.Draw(logits, out float logProbability);
            Assert.Equal(token, sampler.Draw(logits, out _));
            // One logit of 5 among eleven of 0.
            Assert.Equal(-Math.Log(Math.Exp(5) + 11) + logits[token], logProbability, 1e-5);
            tokens.Add(token);
            sampler.Accept(token);
        }
        return [.. tokens];
    }

    [Fact]
    public void Budget_EndsTheReasoning_AndCountsIt()
    {
        var reasoning = new ReasoningOptions { StartId = Start, EndId = End, Budget = 3 };
        int[] thinks = [1, 1, 1, 1, 1, 1];
        Assert.Equal([1, 1, 1, End, 1, 1], Generate(reasoning, [0, Start], thinks, 6, out SequenceSampler sampler));
        Assert.Equal(3, sampler.ReasoningTokenCount);
        Assert.False(sampler.IsReasoning);
        // Not in its reasoning: a prompt that closed it, or never opened it.
        Assert.Equal(thinks, Generate(reasoning, [Start, End], thinks, 6, out _));
        Assert.Equal(thinks, Generate(reasoning, [0], thinks, 6, out _));
        // Opened by the model.
        Assert.Equal([1, Start, 1, 1, 1, End, 1], Generate(reasoning, [0], [1, Start, 1, 1, 1, 1, 1], 7, out sampler));
        Assert.Equal(3, sampler.ReasoningTokenCount);
        Assert.Equal([End, 1], Generate(reasoning with { Budget = 0 }, [Start], thinks, 2, out _));
        // An end in time is the model's own.
        Assert.Equal([1, End, 1, 1], Generate(reasoning, [Start], [1, End, 1, 1], 4, out sampler));
        Assert.Equal(1, sampler.ReasoningTokenCount);
    }

    [Fact]
    public void Prolonging_RefusesTheEnd_SoManyTimes()
    {
        var reasoning = new ReasoningOptions { StartId = Start, EndId = End, Prolongations = 2, ProlongingIds = [Wait, More] };
        // The second of the prolonging tokens comes whatever the model would.
        Assert.Equal([1, Wait, More, 1, Wait, More, End, End], Generate(reasoning, [Start], [1, End, End, 1, End, 1, End, End], 8, out SequenceSampler sampler));
        Assert.Equal(6, sampler.ReasoningTokenCount);
        // What the model says by itself is not counted as prolonging.
        Assert.Equal([Wait, 1, Wait, More, Wait, More, End], Generate(reasoning, [Start], [Wait, 1, End, 1, End, 1, End], 7, out _));
        // The budget goes before it, also within the prolonging tokens.
        Assert.Equal([Wait, End, 1], Generate(reasoning with { Budget = 1 }, [Start], [End, 1, 1], 3, out _));
        // Outside the reasoning the token is nothing special.
        Assert.Equal([End, End], Generate(reasoning, [0], [End, End], 2, out _));
    }

    [Fact]
    public void Bias_ForATokenThatDoesNotExist_IsNamed()
    {
        var sampler = new SequenceSampler(new SamplingOptions { LogitBias = new Dictionary<int, float> { [50] = 1 } }, 1, []);
        Assert.Contains("50", Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Draw(new float[50], out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_OutOfRange_AreRefusedByName()
    {
        static void Refused(SamplingOptions options, string name) => Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new SequenceSampler(options, 1, [])).ParamName);
        Refused(new() { RepetitionPenalty = 0 }, "RepetitionPenalty");
        Refused(new() { RepetitionPenalty = float.NaN }, "RepetitionPenalty");
        Refused(new() { PresencePenalty = 2.1f }, "PresencePenalty");
        Refused(new() { FrequencyPenalty = -2.1f }, "FrequencyPenalty");
        Refused(new() { LogitBias = new Dictionary<int, float> { [1] = 101 } }, "LogitBias");
        Refused(new() { LogitBias = new Dictionary<int, float> { [-1] = 1 } }, "LogitBias");
        Refused(new() { Alternatives = 21 }, "Alternatives");
        Refused(new() { StopStrings = [""] }, "StopStrings");
        var reasoning = new ReasoningOptions { StartId = Start, EndId = End };
        Refused(new() { Reasoning = reasoning with { EndId = Start } }, "EndId");
        Refused(new() { Reasoning = reasoning with { Budget = -1 } }, "Budget");
        Refused(new() { Reasoning = reasoning with { Prolongations = 1 } }, "ProlongingIds");
        Refused(new() { Reasoning = reasoning with { Prolongations = 1, ProlongingIds = [End] } }, "ProlongingIds");
        Refused(new() { Reasoning = reasoning with { Prolongations = -1 } }, "Prolongations");
    }

    [Fact]
    public void Draw_SteadyState_AllocatesNothing()
    {
        float[] logits = Logits(5000, 1);
        SequenceSampler[] all =
        [
            new(new SamplingOptions { TopP = 0.9f, RepetitionPenalty = 1.1f, LogitBias = new Dictionary<int, float>() }, 1, [1, 2, 3]),
            new(new SamplingOptions { TopK = 50, PresencePenalty = 1 }, 1, []),
            new(new SamplingOptions { MinP = 0.01f, Reasoning = new ReasoningOptions { StartId = 1, EndId = 2, Budget = 5 } }, 1, [1]),
        ];
        foreach (SequenceSampler sampler in all)
            sampler.Accept(sampler.Draw(logits, out _));
        foreach (SequenceSampler sampler in all)
            sampler.Draw(logits, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (SequenceSampler sampler in all)
            sampler.Draw(logits, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
