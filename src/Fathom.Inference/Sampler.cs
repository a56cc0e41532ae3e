// Draws a token from a row of logits. No sort of the vocabulary: what top-k, top-p and min-p keep is found by partial selection
// (Sampler.Selection.cs), and drawn from in the order of ids.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Kernels;

namespace Fathom.Inference;

/// <summary>Draws tokens. One per thread: it keeps scratch memory.</summary>
sealed partial class Sampler
{
    // Sums are taken block by block, so that a draw from all finds its block first.
    const int BlockLength = 256;

    float[] _adjusted = [];
    float[] _weights = [];
    double[] _blockSums = [];
    float[] _blockPeaks = [];

    /// <summary>A copy of <paramref name="logits"/> that may be changed; valid until the next call.</summary>
    public Span<float> Copy(ReadOnlySpan<float> logits)
    {
        if (_adjusted.Length < logits.Length)
            _adjusted = new float[logits.Length];
        logits.CopyTo(_adjusted);
        return _adjusted.AsSpan(0, logits.Length);
    }

    /// <summary>Draws a token from <paramref name="logits"/> [V].</summary>
    /// <param name="logits">Scores; left unchanged.</param>
    /// <param name="options">How to draw.</param>
    /// <param name="uniform">A number in [0, 1): the only randomness.</param>
    /// <param name="logProbability">Receives the token's log-probability under softmax(logits / temperature); temperature 1 for greedy.</param>
    /// <exception cref="InvalidDataException">A logit is no number, or infinite.</exception>
    public int Draw(ReadOnlySpan<float> logits, SamplingOptions options, double uniform, out float logProbability)
    {
        float inverse = options.Temperature > 0 ? 1 / options.Temperature : 1;
        double total = Weigh(logits, inverse, out float peak);
        Span<float> weights = _weights.AsSpan(0, logits.Length);
        int token = options.Temperature == 0 ? FirstOf(logits, peak)
            : options.TopK == 0 && options.TopP == 1 && options.MinP == 0 ? DrawFromAll(weights, uniform * total)
            : DrawFromFew(weights, options, total, uniform);
        logProbability = (float)((logits[token] - peak) * (double)inverse - Math.Log(total));
        return token;
    }

    /// <summary>The log-probability of a token under softmax(logits / temperature); temperature 1 for greedy.</summary>
    /// <exception cref="InvalidDataException">A logit is no number, or infinite.</exception>
    public float LogProbability(ReadOnlySpan<float> logits, float temperature, int token)
    {
        float inverse = temperature > 0 ? 1 / temperature : 1;
        double total = Weigh(logits, inverse, out float peak);
        return (float)((logits[token] - peak) * (double)inverse - Math.Log(total));
    }

    /// <summary>Takes out what a mask does not allow.</summary>
    /// <param name="logits">[V]; others become minus infinity.</param>
    /// <param name="allowed">Token i is bit i % 32 of word i / 32; tokens beyond the mask are not allowed.</param>
    public static void Mask(Span<float> logits, ReadOnlySpan<uint> allowed)
    {
        Vector256<uint> bits = Vector256.Create(1u, 2, 4, 8, 16, 32, 64, 128);
        Vector256<float> none = Vector256.Create(float.NegativeInfinity);
        int words = Math.Min(allowed.Length, logits.Length / 32);
        for (int word = 0; word < words; word++)
        {
            uint mask = allowed[word];
            Span<float> here = logits.Slice(32 * word, 32);
            if (mask == 0)
            {
                here.Fill(float.NegativeInfinity);
                continue;
            }
            if (mask == uint.MaxValue)
                continue;
            for (int i = 0; i < 32; i += 8)
            {
                Vector256<uint> chosen = Vector256.Equals(Vector256.Create(mask >> i) & bits, bits);
                Vector256.ConditionalSelect(chosen.AsSingle(), Vector256.Create<float>(here[i..]), none).CopyTo(here[i..]);
            }
        }
        for (int i = 32 * words; i < logits.Length; i++)
        {
            if (i / 32 >= allowed.Length || (allowed[i / 32] >> (i % 32) & 1) == 0)
                logits[i] = float.NegativeInfinity;
        }
    }

    // weights = exp((logits - peak) / temperature), with sums and peaks of blocks; all sums are in a fixed order.
    double Weigh(ReadOnlySpan<float> logits, float inverse, out float peak)
    {
        int blocks = BlockCount(logits.Length);
        if (_weights.Length < logits.Length)
        {
            _weights = new float[logits.Length];
            _blockSums = new double[blocks];
            _blockPeaks = new float[blocks];
        }
        peak = Peak(logits);
        double total = 0;
        for (int block = 0; block < blocks; block++)
        {
            int first = block * BlockLength, count = Math.Min(BlockLength, logits.Length - first);
            Span<float> weights = _weights.AsSpan(first, count);
            Exponentials(logits.Slice(first, count), weights, peak, inverse);
            (_blockSums[block], _blockPeaks[block]) = SumAndPeak(weights);
            total += _blockSums[block];
        }
        // The best weighs 1, unless a logit is no number, or none is finite.
        return double.IsFinite(total) && total > 0
            ? total
            : throw new InvalidDataException("The model's logits are not finite numbers: its weights are damaged, or training diverged.");
    }

    static int BlockCount(int vocabulary) => (vocabulary + BlockLength - 1) / BlockLength;

    static float Peak(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector512<float>> wide = MemoryMarshal.Cast<float, Vector512<float>>(values);
        float peak = float.NegativeInfinity;
        if (wide.Length > 0)
        {
            // Four chains: a maximum takes several cycles.
            Vector512<float> a = wide[0], b = a, c = a, d = a;
            int i = 0;
            for (; i + 4 <= wide.Length; i += 4)
            {
                a = Vector512.MaxNative(a, wide[i]);
                b = Vector512.MaxNative(b, wide[i + 1]);
                c = Vector512.MaxNative(c, wide[i + 2]);
                d = Vector512.MaxNative(d, wide[i + 3]);
            }
            for (; i < wide.Length; i++)
                a = Vector512.MaxNative(a, wide[i]);
            a = Vector512.MaxNative(Vector512.MaxNative(a, b), Vector512.MaxNative(c, d));
            for (int lane = 0; lane < Vector512<float>.Count; lane++)
                peak = MathF.Max(peak, a[lane]);
        }
        for (int i = wide.Length * Vector512<float>.Count; i < values.Length; i++)
            peak = MathF.Max(peak, values[i]);
        return peak;
    }

    // The same bits at every width.
    static void Exponentials(ReadOnlySpan<float> logits, Span<float> weights, float peak, float inverse)
    {
        int i = 0;
        if (Avx512F.IsSupported)
        {
            for (; i + 16 <= logits.Length; i += 16)
                Exponential.Exp((Vector512.Create(logits[i..]) - Vector512.Create(peak)) * Vector512.Create(inverse)).CopyTo(weights[i..]);
        }
        else if (Vector256.IsHardwareAccelerated)
        {
            for (; i + 8 <= logits.Length; i += 8)
                Exponential.Exp((Vector256.Create(logits[i..]) - Vector256.Create(peak)) * Vector256.Create(inverse)).CopyTo(weights[i..]);
        }
        for (; i < logits.Length; i++)
            weights[i] = Exponential.Exp((logits[i] - peak) * inverse);
    }

    static (double Sum, float Peak) SumAndPeak(ReadOnlySpan<float> weights)
    {
        Vector512<double> low = Vector512<double>.Zero, high = low;
        Vector512<float> peaks = Vector512<float>.Zero;
        int i = 0;
        for (; i + 16 <= weights.Length; i += 16)
        {
            Vector512<float> here = Vector512.Create(weights[i..]);
            low += Vector512.WidenLower(here);
            high += Vector512.WidenUpper(here);
            peaks = Vector512.MaxNative(peaks, here);
        }
        low += high;
        double sum = 0;
        for (int lane = 0; lane < Vector512<double>.Count; lane++)
            sum += low[lane];
        float peak = 0;
        for (int lane = 0; lane < Vector512<float>.Count; lane++)
            peak = MathF.Max(peak, peaks[lane]);
        for (; i < weights.Length; i++)
        {
            sum += weights[i];
            peak = MathF.Max(peak, weights[i]);
        }
        return (sum, peak);
    }

    // Only blocks whose largest weight is 1 can hold the peak.
    int FirstOf(ReadOnlySpan<float> logits, float peak)
    {
        for (int block = 0; ; block++)
        {
            int first = block * BlockLength, at = _blockPeaks[block] == 1 ? logits.Slice(first, Math.Min(BlockLength, logits.Length - first)).IndexOf(peak) : -1;
            if (at >= 0)
                return first + at;
        }
    }

    int DrawFromAll(ReadOnlySpan<float> weights, double target)
    {
        int blocks = BlockCount(weights.Length), block = 0, last = 0;
        double sum = 0;
        while (block < blocks - 1 && sum + _blockSums[block] <= target)
            sum += _blockSums[block++];
        for (int i = block * BlockLength; i < weights.Length; i++)
        {
            if (weights[i] == 0)
                continue;
            sum += weights[i];
            last = i;
            if (sum > target)
                return i;
        }
        // Rounding may leave the target a hair above the sum; where the last blocks hold nothing, the last that can come is before them.
        return weights[last] > 0 ? last : weights.LastIndexOfAnyExcept(0f);
    }
}
