// The fused head against a naive log-softmax in double precision, its gradients against finite differences of that.
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Tests.Kernels.Traversal;
using Kernel = Fathom.Numerics.Kernels.LanguageModelHead;

namespace Fathom.Numerics.Tests.Kernels.LanguageModelHead;

public sealed unsafe class LanguageModelHeadTests : KernelTests
{
    /// <summary>0.5 a logp² with a weight per token: a gradient that depends on the value; notes the order of calls.</summary>
    readonly struct Squares(List<int> order) : ITokenObjective
    {
        public static double Weight(int token) => 1 + token % 3;

        public double Evaluate(int token, float logp, float entropy, out float gradient)
        {
            order.Add(token);
            gradient = (float)(Weight(token) * logp);
            return Weight(token) * 0.5 * logp * logp;
        }
    }

    static (double LogP, double Entropy) Naive(double[] h, double[] w, int width, int vocabulary, int token, int target, double temperature)
    {
        double[] logits = new double[vocabulary];
        for (int v = 0; v < vocabulary; v++)
        {
            for (int i = 0; i < width; i++)
                logits[v] += h[token * width + i] * w[v * width + i] / temperature;
        }
        double max = logits.Max(), log = max + Math.Log(logits.Sum(z => Math.Exp(z - max)));
        return (logits[target] - log, -logits.Sum(z => Math.Exp(z - log) * (z - log)));
    }

    static double NaiveLoss(double[] h, double[] w, int width, int vocabulary, int[] targets, double temperature)
    {
        double loss = 0;
        for (int t = 0; t < targets.Length; t++)
        {
            if (targets[t] >= 0)
                loss += Squares.Weight(t) * 0.5 * Math.Pow(Naive(h, w, width, vocabulary, t, targets[t], temperature).LogP, 2);
        }
        return loss;
    }

    static int[] Targets(int tokens, int vocabulary) => [.. Enumerable.Range(0, tokens).Select(t => t % 4 == 1 ? -1 : t * 7 % vocabulary)];

    static Weight Head(float* values, int vocabulary, int width) => new(ElementType.F32, (byte*)values, vocabulary, width);

    sealed record Outcome(double Loss, float[] DHidden, float[] DW, float[] LogP, float[] Entropy);

    static Outcome Run<TObjective>(float[] h, float[] w, int width, int[] targets, float temperature, TObjective objective, float[] oldDW)
        where TObjective : struct, ITokenObjective
    {
        int tokens = targets.Length;
        using var hidden = Guarded(h);
        using var weight = Guarded(w);
        using var targetsMemory = Guarded(targets);
        using var dHidden = Guarded(Enumerable.Repeat(float.NaN, h.Length).ToArray());
        using var dW = Guarded(oldDW);
        using var logp = Guarded(Enumerable.Repeat(float.NaN, tokens).ToArray());
        using var entropy = Guarded(Enumerable.Repeat(float.NaN, tokens).ToArray());
        double loss = Kernel.Run(
            hidden.Pointer, tokens, width, Head(weight.Pointer, w.Length / width, width), targetsMemory.Pointer, temperature, ref objective, dHidden.Pointer,
            dW.Pointer, logp.Pointer, entropy.Pointer);
        return new(loss, dHidden.Span.ToArray(), dW.Span.ToArray(), logp.Span.ToArray(), entropy.Span.ToArray());
    }

    [Theory]
    [InlineData(1, 1, 1, 1f)]
    [InlineData(5, 3, 7, 1f)]
    [InlineData(9, 8, 33, 0.7f)]
    [InlineData(6, 17, 64, 2f)]
    public void Run_OddSizes_IsTheNaiveLossAndItsSlopes(int tokens, int width, int vocabulary, float temperature)
    {
        float[] h = Normal(tokens * width, 1), w = Normal(vocabulary * width, 2), oldDW = Normal(vocabulary * width, 3);
        int[] targets = Targets(tokens, vocabulary);
        double[][] actual = EveryWay(() =>
        {
            List<int> order = [];
            Outcome outcome = Run(h, w, width, targets, temperature, new Squares(order), oldDW);
            Assert.Equal(Enumerable.Range(0, tokens).Where(t => targets[t] >= 0), order);
            return [outcome.DHidden, outcome.DW, outcome.LogP, outcome.Entropy, [(float)outcome.Loss]];
        });
        double[] exactH = Exact(h), exactW = Exact(w);
        (double LogP, double Entropy)[] naive = [.. targets.Select((target, t) =>
            target < 0 ? (0, 0) : Naive(exactH, exactW, width, vocabulary, t, target, temperature))];
        // Logits up to 30 with at most 17 roundings of products: 30 * 20 * 6e-8 = 4e-5 absolute at worst.
        Near([.. naive.Select(n => n.LogP)], actual[2], 0, 4e-5, "logp");
        Near([.. naive.Select(n => n.Entropy)], actual[3], 0, 4e-5, "entropy");
        Near([NaiveLoss(exactH, exactW, width, vocabulary, targets, temperature)], actual[4], 2e-5, 1e-6, "loss");
        // Gradients are sums of weight * logp (below 100) times numbers below 4, relative error 1e-5 as above.
        Near(Slopes(v => NaiveLoss(v, exactW, width, vocabulary, targets, temperature), h), actual[0], 2e-5, 1e-3, "dHidden");
        double[] dW = Slopes(v => NaiveLoss(exactH, v, width, vocabulary, targets, temperature), w);
        Near([.. dW.Select((v, i) => v + oldDW[i])], actual[1], 2e-5, 1e-3, "dW");
    }

    [Fact]
    public void Run_MoreTokensThanAChunk_HasTheBitsOfAnySplit()
    {
        const int tokens = 3 * Kernel.ChunkTokens + 5, width = 24, vocabulary = 5000, cut = 201;
        float[] h = Normal(tokens * width, 1), w = Normal(vocabulary * width, 2, 0.3), none = new float[vocabulary * width];
        int[] targets = Targets(tokens, vocabulary);
        Outcome whole = Run(h, w, width, targets, 1, new CrossEntropyObjective(null, 0.01f), none);
        Outcome first = Run(h[..(cut * width)], w, width, targets[..cut], 1, new CrossEntropyObjective(null, 0.01f), none);
        Outcome second = Run(h[(cut * width)..], w, width, targets[cut..], 1, new CrossEntropyObjective(null, 0.01f), first.DW);
        EqualBits(whole.DW, second.DW, "dW");
        EqualBits(whole.DHidden, [.. first.DHidden, .. second.DHidden], "dHidden");
        EqualBits(whole.LogP, [.. first.LogP, .. second.LogP], "logp");
        EqualBits(whole.Entropy, [.. first.Entropy, .. second.Entropy], "entropy");
        Assert.Equal(whole.Loss, first.Loss + second.Loss, 1e-12 * Math.Abs(whole.Loss));
        double[] exactH = Exact(h), exactW = Exact(w);
        for (int t = 0; t < tokens; t += 37)
        {
            (double logp, double entropy) = targets[t] < 0 ? (0, 0) : Naive(exactH, exactW, width, vocabulary, t, targets[t], 1);
            Near([logp, entropy], [whole.LogP[t], whole.Entropy[t]], 0, 2e-5, $"token {t}");
        }
    }

    [Fact]
    public void Run_ForwardOnly_HasTheBitsOfForwardAndBackward()
    {
        const int tokens = 20, width = 9, vocabulary = 100;
        float[] h = Normal(tokens * width, 1), w = Normal(vocabulary * width, 2);
        int[] targets = Targets(tokens, vocabulary);
        float[] weights = Normal(tokens, 3);
        using var weightsMemory = Guarded(weights);
        var objective = new CrossEntropyObjective(weightsMemory.Pointer, 0.5f);
        Outcome both = Run(h, w, width, targets, 1, objective, new float[w.Length]);
        using var hidden = Guarded(h);
        using var weight = Guarded(w);
        using var targetsMemory = Guarded(targets);
        double loss = Kernel.Run(
            hidden.Pointer, tokens, width, Head(weight.Pointer, vocabulary, width), targetsMemory.Pointer, 1, ref objective, null, null, null, null);
        Assert.Equal(both.Loss, loss);
        Assert.Equal(-0.5 * Dot(Exact(both.LogP), weights), loss, 1e-5);
    }

    [Fact]
    public void Run_NoTargets_IsNothing()
    {
        Outcome outcome = Run(Normal(12, 1), Normal(20, 2), 4, [-1, -1, -1], 1, new CrossEntropyObjective(null, 1), new float[20]);
        Assert.Equal(0, outcome.Loss);
        Assert.All([.. outcome.DHidden, .. outcome.DW, .. outcome.LogP, .. outcome.Entropy], v => Assert.Equal(0, v));
    }
}
