// What top-k, top-p and min-p keep. A bound that no kept token can lie below leaves few candidates of a vocabulary, most of the time; of
// these the largest are separated from the rest by quickselect. Nothing is sorted but the few tokens that are shown as alternatives.
using System.Runtime.Intrinsics;

namespace Fathom.Inference;

sealed partial class Sampler
{
    int[] _candidates = [];
    ulong[] _keys = [];

    /// <summary>The likeliest tokens under softmax(logits), likeliest first, ties by rising id.</summary>
    /// <param name="logits">[V].</param>
    /// <param name="token">A token.</param>
    /// <param name="likeliest">Receives as many as it has room for, V at most; the rest is left as it is.</param>
    /// <returns>The log-probability of <paramref name="token"/>.</returns>
    /// <exception cref="InvalidDataException">A logit is no number, or infinite.</exception>
    public float LogProbabilities(ReadOnlySpan<float> logits, int token, Span<TokenLogProbability> likeliest)
    {
        double logTotal = Math.Log(Weigh(logits, 1, out float peak));
        int count = Math.Min(likeliest.Length, logits.Length);
        if (count > 0)
        {
            ReadOnlySpan<float> weights = _weights.AsSpan(0, logits.Length);
            int candidates = Gather(weights, PeakFloor(weights.Length, count));
            Span<ulong> keys = Keys(weights, candidates);
            count = Select(keys, count, double.PositiveInfinity);
            keys = keys[..count];
            keys.Sort();
            for (int i = 0; i < count; i++)
            {
                int id = IdOf(keys[count - 1 - i]);
                likeliest[i] = new TokenLogProbability(id, (float)(logits[id] - peak - logTotal));
            }
        }
        return (float)(logits[token] - peak - logTotal);
    }

    // Candidates by falling weight, ties by rising id; cut by min-p, then top-k, then top-p; drawn among what is left, in the order of ids.
    int DrawFromFew(ReadOnlySpan<float> weights, SamplingOptions options, double total, double uniform)
    {
        int most = options.TopK > 0 ? Math.Min(options.TopK, weights.Length) : weights.Length;
        double share = options.TopP < 1 ? options.TopP * total : double.PositiveInfinity;
        float floor = MathF.Max(options.MinP, PeakFloor(weights.Length, most)); // the likeliest token's weight is 1
        // All tokens below this weigh less than what top-p leaves out, even together.
        if (options.TopP < 1)
            floor = MathF.Max(floor, (float)((1 - (double)options.TopP) * total / weights.Length * 0.99));
        int count = Gather(weights, floor);
        ulong cut = 0;
        if (count > most || options.TopP < 1)
        {
            Span<ulong> keys = Keys(weights, count);
            int kept = Select(keys, most, share);
            cut = ulong.MaxValue;
            foreach (ulong key in keys[..kept])
                cut = Math.Min(cut, key);
        }
        double mass = 0;
        int n = 0;
        for (int i = 0; i < count; i++)
        {
            int id = _candidates[i];
            if (KeyOf(weights[id], id) >= cut)
            {
                _candidates[n++] = id;
                mass += weights[id];
            }
        }
        double target = uniform * mass, sum = 0;
        for (int i = 0; i < n; i++)
        {
            sum += weights[_candidates[i]];
            if (sum > target)
                return _candidates[i];
        }
        return _candidates[n - 1];
    }

    // The smallest weight that the count largest can have, from the blocks' largest; 0 where there are fewer blocks.
    float PeakFloor(int vocabulary, int count)
    {
        int blocks = BlockCount(vocabulary);
        if (count > blocks)
            return 0;
        Span<ulong> keys = KeyRoom(blocks);
        for (int i = 0; i < blocks; i++)
            keys[i] = KeyOf(_blockPeaks[i], i);
        keys = keys[..Select(keys, count, double.PositiveInfinity)];
        ulong least = ulong.MaxValue;
        foreach (ulong key in keys)
            least = Math.Min(least, key);
        return WeightOf(least);
    }

    // Ids of the weights from the floor up that are not 0, rising.
    int Gather(ReadOnlySpan<float> weights, float floor)
    {
        if (_candidates.Length < weights.Length)
            _candidates = new int[weights.Length];
        floor = MathF.Max(floor, float.Epsilon);
        Vector256<float> floors = Vector256.Create(floor);
        int count = 0, i = 0;
        for (; i + 8 <= weights.Length; i += 8)
        {
            uint found = Vector256.GreaterThanOrEqual(Vector256.Create(weights[i..]), floors).ExtractMostSignificantBits();
            for (; found != 0; found &= found - 1)
                _candidates[count++] = i + System.Numerics.BitOperations.TrailingZeroCount(found);
        }
        for (; i < weights.Length; i++)
        {
            if (weights[i] >= floor)
                _candidates[count++] = i;
        }
        return count;
    }

    Span<ulong> Keys(ReadOnlySpan<float> weights, int count)
    {
        Span<ulong> keys = KeyRoom(count);
        for (int i = 0; i < count; i++)
            keys[i] = KeyOf(weights[_candidates[i]], _candidates[i]);
        return keys;
    }

    Span<ulong> KeyRoom(int count)
    {
        if (_keys.Length < count)
            _keys = new ulong[Math.Max(count, 2 * _keys.Length)];
        return _keys.AsSpan(0, count);
    }

    // Larger for a larger weight, and of the same weights for a smaller id: no two are equal. Bits of numbers that are not negative rise with them.
    static ulong KeyOf(float weight, int id) => (ulong)BitConverter.SingleToUInt32Bits(weight) << 32 | ~(uint)id;

    static int IdOf(ulong key) => (int)~(uint)key;

    static float WeightOf(ulong key) => BitConverter.UInt32BitsToSingle((uint)(key >> 32));

    /// <summary>Moves the fewest largest keys whose weights reach <paramref name="mass"/>, but at most <paramref name="most"/>, to the front.</summary>
    /// <returns>How many these are: at least 1 of at least one.</returns>
    static int Select(Span<ulong> keys, int most, double mass)
    {
        const int Few = 24;
        int low = 0, high = keys.Length;
        double sum = 0;
        while (high - low > Few)
        {
            // Larger than the pivot to the front, and the pivot behind them: as the median of three different keys it has some on each side.
            ulong a = keys[low], b = keys[(low + high) / 2], c = keys[high - 1], pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int middle = low;
            double upper = 0;
            for (int i = low; i < high; i++)
            {
                ulong key = keys[i];
                if (key < pivot)
                    continue;
                keys[i] = keys[middle];
                keys[middle++] = key;
                upper += WeightOf(key);
            }
            if (middle >= most || sum + upper >= mass)
            {
                high = middle;
            }
            else
            {
                low = middle;
                sum += upper;
            }
        }
        keys[low..high].Sort();
        keys[low..high].Reverse();
        while (low < high && low < most && (low == 0 || sum < mass))
            sum += WeightOf(keys[low++]);
        return low;
    }
}
