// Draws a token from a row of logits.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Kernels;

namespace Fathom.Inference;

/// <summary>Draws tokens. One per thread: it keeps scratch memory.</summary>
sealed unsafe class Sampler
{
    float[] _weights = [];
    int[] _order = [];
    readonly Comparison<int> _byWeight;

    // Made once: a comparer handed to Sort would be boxed on every draw.
    public Sampler() => _byWeight = (x, y) =>
    {
        int byWeight = _weights[y].CompareTo(_weights[x]);
        return byWeight != 0 ? byWeight : x.CompareTo(y);
    };

    /// <summary>Draws a token from <paramref name="logits"/> [V].</summary>
    /// <param name="logits">Scores; left unchanged.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="uniform">A number in [0, 1): the only randomness.</param>
    /// <param name="logProbability">Receives the token's log-probability under softmax(logits / temperature); temperature 1 for greedy.</param>
    /// <exception cref="InvalidDataException">A logit is no number, or infinite.</exception>
    public int Draw(ReadOnlySpan<float> logits, SamplingOptions options, double uniform, out float logProbability)
    {
        float inverse = options.Temperature > 0 ? 1 / options.Temperature : 1;
        if (_weights.Length < logits.Length)
        {
            _weights = new float[logits.Length];
            _order = new int[logits.Length];
        }
        int best = IndexOfMax(logits);
        Span<float> weights = _weights.AsSpan(0, logits.Length);
        double total = Weigh(logits, weights, logits[best], inverse);
        // At least the best weighs 1, unless a logit is no number.
        if (!double.IsFinite(total))
            throw new InvalidDataException("The model's logits are not finite numbers: its weights are damaged, or training diverged.");
        int token = options.Temperature == 0 ? best
            : options.TopK == 0 && options.TopP == 1 && options.MinP == 0 ? DrawFromAll(weights, uniform * total)
            : DrawFromFew(weights, options, total, uniform);
        logProbability = (float)((logits[token] - logits[best]) * (double)inverse - Math.Log(total));
        return token;
    }

    static int IndexOfMax(ReadOnlySpan<float> values)
    {
        int best = 0;
        for (int i = 1; i < values.Length; i++)
        {
            if (values[i] > values[best])
                best = i;
        }
        return best;
    }

    // weights = exp((logits - max) / temperature); the sum is in a fixed order, so it does not depend on the batch.
    static double Weigh(ReadOnlySpan<float> logits, Span<float> weights, float max, float inverse)
    {
        int i = 0;
        double total = 0;
        if (Avx512F.IsSupported)
        {
            Vector512<float> maxes = Vector512.Create(max), inverses = Vector512.Create(inverse);
            for (; i + 16 <= logits.Length; i += 16)
            {
                Vector512<float> e = Exponential.Exp((Vector512.Create(logits[i..]) - maxes) * inverses);
                e.CopyTo(weights[i..]);
                total += Vector512.Sum(e);
            }
        }
        for (; i < logits.Length; i++)
        {
            weights[i] = Exponential.Exp((logits[i] - max) * inverse);
            total += weights[i];
        }
        return total;
    }

    static int DrawFromAll(ReadOnlySpan<float> weights, double target)
    {
        double sum = 0;
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            sum += weights[i];
            last = i;
            if (sum > target)
                return i;
        }
        // Rounding may leave the target a hair above the sum.
        return last;
    }

    // Candidates by falling weight, ties by rising id; cut by top-k, top-p and min-p; drawn among what is left.
    int DrawFromFew(ReadOnlySpan<float> weights, SamplingOptions options, double total, double uniform)
    {
        int count = 0;
        float floor = options.MinP; // the likeliest token's weight is 1
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0 && weights[i] >= floor)
                _order[count++] = i;
        }
        Span<int> order = _order.AsSpan(0, count);
        order.Sort(_byWeight);
        if (options.TopK > 0)
            order = order[..Math.Min(order.Length, options.TopK)];
        double kept = 0;
        int n = 0;
        while (n < order.Length && (n == 0 || kept < options.TopP * total))
            kept += weights[order[n++]];
        double target = uniform * kept, sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += weights[order[i]];
            if (sum > target)
                return order[i];
        }
        return order[n - 1];
    }
}
