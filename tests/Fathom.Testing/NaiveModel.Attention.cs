// Attention of the naive model: latent (DeepSeek-V2 report, appendix C, expanded) and grouped-query, and the rotation of both.

using Fathom.Models.Configs;

namespace Fathom.Testing;

public sealed partial class NaiveModel
{
    // Angle per position of each pair; the rotated size is the same in every layer.
    readonly double[] frequencies = Enumerable.Range(0, config.Attention.RotaryDim / 2).Select(pair => Frequency(config.Rotary, pair, config.Attention.RotaryDim)).ToArray();

    // [T][H] to [T][H].
    double[][] Attention(string prefix, double[][] x)
    {
        int tokens = x.Length, heads = config.HeadCount;
        // [T][head][size]
        var (queries, keys, values) = config.Attention is LatentAttentionConfig latent ? Latent(prefix, x, latent) : GroupedQuery(prefix, x, (GroupedQueryAttentionConfig)config.Attention);
        double scale = ScoreScale(queries[0][0].Length);
        var output = new double[tokens][];
        for (int t = 0; t < tokens; t++)
        {
            var joined = new List<double>();
            for (int h = 0; h < heads; h++)
            {
                int kv = h * keys[0].Length / heads;
                var scores = new double[t + 1];
                for (int s = 0; s <= t; s++)
                {
                    for (int i = 0; i < queries[t][h].Length; i++)
                    {
                        scores[s] += scale * queries[t][h][i] * keys[s][kv][i];
                    }
                }

                var probabilities = Softmax(scores);
                for (int i = 0; i < values[0][kv].Length; i++)
                {
                    double sum = 0;
                    for (int s = 0; s <= t; s++)
                    {
                        sum += probabilities[s] * values[s][kv][i];
                    }

                    joined.Add(sum);
                }
            }

            output[t] = Multiply(prefix + "o_proj.weight", [.. joined]);
        }

        return output;
    }

    (double[][][] Queries, double[][][] Keys, double[][][] Values) Latent(string prefix, double[][] x, LatentAttentionConfig latent)
    {
        int nope = latent.QkNopeHeadDim, rope = latent.QkRopeHeadDim, rank = latent.KvLoraRank;
        var q = latent.QLoraRank is null
            ? Linear(prefix + "q_proj.weight", x)
            : Linear(prefix + "q_b_proj.weight", Norm(prefix + "q_a_layernorm.weight", Linear(prefix + "q_a_proj.weight", x), 1e-6));
        var compressed = Linear(prefix + "kv_a_proj_with_mqa.weight", x);
        var kv = Linear(prefix + "kv_b_proj.weight", Norm(prefix + "kv_a_layernorm.weight", compressed.Select(row => row[..rank]).ToArray(), 1e-6));
        var queries = q.Select((row, t) => Heads(row, nope + rope).Select(head => (double[])[.. head[..nope], .. Rotate(head[nope..], t)]).ToArray()).ToArray();
        var keys = kv.Select((row, t) =>
        {
            var shared = Rotate(compressed[t][rank..], t);
            return Heads(row, nope + latent.VHeadDim).Select(head => (double[])[.. head[..nope], .. shared]).ToArray();
        }).ToArray();
        var values = kv.Select(row => Heads(row, nope + latent.VHeadDim).Select(head => head[nope..]).ToArray()).ToArray();
        return (queries, keys, values);
    }

    (double[][][] Queries, double[][][] Keys, double[][][] Values) GroupedQuery(string prefix, double[][] x, GroupedQueryAttentionConfig grouped)
    {
        double[][][] Split(string name) => Linear(prefix + name, x).Select(row => Heads(row, grouped.HeadDim)).ToArray();
        double[][][] Rotated(string name) => Split(name).Select((row, t) => row.Select(head => Rotate(head, t)).ToArray()).ToArray();
        return (Rotated("q_proj.weight"), Rotated("k_proj.weight"), Split("v_proj.weight"));
    }

    static double[][] Heads(double[] row, int size) => row.Chunk(size).ToArray();

    // Rotates the pairs of a vector by position * frequency of the pair.
    double[] Rotate(double[] x, int position)
    {
        int half = x.Length / 2;
        var result = new double[x.Length];
        for (int i = 0; i < half; i++)
        {
            var (first, second) = config.Rotary.Interleaved ? (2 * i, 2 * i + 1) : (i, i + half);
            double angle = position * frequencies[i], m = CosSinScale();
            double cos = m * Math.Cos(angle), sin = m * Math.Sin(angle);
            result[first] = x[first] * cos - x[second] * sin;
            result[second] = x[first] * sin + x[second] * cos;
        }

        return result;
    }

    static double Frequency(RotaryConfig rotary, int pair, int dim)
    {
        double plain = Math.Pow(rotary.Theta, -2.0 * pair / dim);
        switch (rotary.Scaling)
        {
            case null:
                return plain;
            case LinearScaling linear:
                return plain / linear.Factor;
            case YarnScaling yarn:
                // 0 where the pair is kept, 1 where it is interpolated (arXiv 2309.00071, section 3.2, in terms of the pair's index).
                double Index(double rotations) => dim * Math.Log(yarn.OriginalMaxPositions / (rotations * 2 * Math.PI)) / (2 * Math.Log(rotary.Theta));
                double low = Math.Max(0, Math.Floor(Index(yarn.BetaFast))), high = Math.Min(dim - 1, Math.Ceiling(Index(yarn.BetaSlow)));
                double ramp = Math.Clamp((pair - low) / Math.Max(high - low, 0.001), 0, 1);
                return plain * (1 - ramp) + plain / yarn.Factor * ramp;
            case Llama3Scaling llama:
                // Full turns of the pair over the original context.
                double turns = llama.OriginalMaxPositions * plain / (2 * Math.PI);
                double keep = Math.Clamp((turns - llama.LowFrequencyFactor) / (llama.HighFrequencyFactor - llama.LowFrequencyFactor), 0, 1);
                return plain * keep + plain / llama.Factor * (1 - keep);
            default:
                throw new NotSupportedException(rotary.Scaling.ToString());
        }
    }

    static double Temperature(YarnScaling yarn, double mscale) => 0.1 * mscale * Math.Log(yarn.Factor) + 1;

    double CosSinScale() => config.Rotary.Scaling is YarnScaling yarn ? Temperature(yarn, yarn.MScale) / Temperature(yarn, yarn.MScaleAllDim) : 1;

    double ScoreScale(int headDim) => config is { Attention: LatentAttentionConfig, Rotary.Scaling: YarnScaling yarn }
        ? Math.Pow(Temperature(yarn, yarn.MScaleAllDim), 2) / Math.Sqrt(headDim)
        : 1 / Math.Sqrt(headDim);

    static double[] Softmax(double[] x)
    {
        double max = x.Max();
        var exponentials = x.Select(value => Math.Exp(value - max)).ToArray();
        double sum = exponentials.Sum();
        return exponentials.Select(value => value / sum).ToArray();
    }
}
