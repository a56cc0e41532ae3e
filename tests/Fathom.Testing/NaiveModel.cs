// The oracle: a decoder in double precision, straight from the equations, with plain loops and no kernel of Fathom.
// One sequence at a time, no cache, keys and values expanded. Slow on purpose; independent of everything in Fathom.Models but the
// config record and the file reader. Its parts: NaiveModel.Attention.cs, NaiveModel.Experts.cs, NaiveModel.Loss.cs, NaiveWeights.cs.
// Letters: T tokens, H hidden, V vocabulary, E routed experts, k experts per token.

using Fathom.Models.Configs;

namespace Fathom.Testing;

/// <summary>What a forward pass over one sequence computed.</summary>
public sealed class NaiveSequence
{
    /// <summary>The tokens, [T].</summary>
    public required int[] Tokens { get; init; }

    /// <summary>[layers + 1][T][H]: embeddings, then the residual stream after each layer; the last is before the final norm.</summary>
    public List<double[][]> Hidden { get; } = [];

    /// <summary>[T][H], after the final norm.</summary>
    public double[][] FinalHidden { get; set; } = [];

    /// <summary>[T][V].</summary>
    public double[][] Logits { get; set; } = [];

    /// <summary>Routing by layer, for layers with experts (multi-token-prediction layers too, once they ran).</summary>
    public Dictionary<int, NaiveRouting> Routing { get; } = [];

    /// <summary>What the multi-token-prediction modules computed, if they were asked for.</summary>
    public List<NaivePrediction> Predictions { get; } = [];
}

/// <summary>What one multi-token-prediction module computed; position i of depth d (from 1) predicts token i + d + 1.</summary>
/// <param name="Hidden">[T - d][H], after its decoder layer, before its norm.</param>
/// <param name="Logits">[T - d][V].</param>
public sealed record NaivePrediction(double[][] Hidden, double[][] Logits);

/// <summary>A decoder model in double precision.</summary>
public sealed partial class NaiveModel(ModelConfig config, Dictionary<string, double[]> weights)
{
    public ModelConfig Config => config;

    /// <summary>Parameters by official name, row-major. Changing an element changes the model.</summary>
    public Dictionary<string, double[]> Weights => weights;

    /// <summary>Runs one sequence, positions from 0. With <paramref name="routing"/>, the experts chosen in that earlier run are used again.</summary>
    public NaiveSequence Forward(int[] tokens, NaiveSequence? routing = null)
    {
        var run = new NaiveSequence { Tokens = tokens };
        var x = tokens.Select(token => Row("model.embed_tokens.weight", token, config.HiddenSize)).ToArray();
        run.Hidden.Add(x);
        for (int layer = 0; layer < config.LayerCount; layer++)
        {
            x = Layer(layer, x, run, routing);
            run.Hidden.Add(x);
        }

        run.FinalHidden = Norm("model.norm.weight", x, config.RmsNormEpsilon);
        run.Logits = Linear(config.TieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight", run.FinalHidden);
        return run;
    }

    /// <summary>
    /// Runs the multi-token-prediction modules after <see cref="Forward"/> (DeepSeek-V3 report, equations 21 to 24). The first takes the main model's
    /// hidden state after the final norm, or before it; each later one the hidden state of the one before it. Embedding and head are the main model's.
    /// </summary>
    public void PredictFurther(NaiveSequence run, bool beforeFinalNorm = false, NaiveSequence? routing = null)
    {
        run.Predictions.Clear();
        var hidden = beforeFinalNorm ? run.Hidden[^1] : run.FinalHidden;
        for (int depth = 1; depth <= config.MtpLayerCount; depth++)
        {
            int layer = config.LayerCount + depth - 1;
            string prefix = $"model.layers.{layer}.";
            // [T - depth][H]: the embedding of token i + depth beside the state of position i.
            var next = run.Tokens[depth..].Select(token => Row("model.embed_tokens.weight", token, config.HiddenSize)).ToArray();
            var embedded = Norm(prefix + "enorm.weight", next, config.RmsNormEpsilon);
            var state = Norm(prefix + "hnorm.weight", hidden[..next.Length], config.RmsNormEpsilon);
            var joined = embedded.Zip(state, (e, h) => (double[])[.. e, .. h]).ToArray();
            hidden = Layer(layer, Linear(prefix + "eh_proj.weight", joined), run, routing);
            var normed = Norm(prefix + "shared_head.norm.weight", hidden, config.RmsNormEpsilon);
            run.Predictions.Add(new NaivePrediction(hidden, Linear(config.TieWordEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight", normed)));
        }
    }

    // x + attention(norm(x)), then the same with the feed-forward. [T][H] to [T][H].
    double[][] Layer(int layer, double[][] x, NaiveSequence run, NaiveSequence? replay)
    {
        string prefix = $"model.layers.{layer}.";
        x = Add(x, Attention(prefix + "self_attn.", Norm(prefix + "input_layernorm.weight", x, config.RmsNormEpsilon)));
        var normed = Norm(prefix + "post_attention_layernorm.weight", x, config.RmsNormEpsilon);
        bool experts = config.Experts is { } e && layer >= e.FirstDenseLayerCount;
        return Add(x, experts ? MixtureOfExperts(layer, normed, run, replay) : normed.Select(row => FeedForward(prefix + "mlp.", row)).ToArray());
    }

    // down(silu(gate x) * up x), [H] to [H].
    double[] FeedForward(string prefix, double[] x)
    {
        double[] gate = Multiply(prefix + "gate_proj.weight", x), up = Multiply(prefix + "up_proj.weight", x);
        return Multiply(prefix + "down_proj.weight", gate.Zip(up, (g, u) => g / (1 + Math.Exp(-g)) * u).ToArray());
    }

    double[][] Norm(string name, double[][] x, double epsilon)
    {
        var weight = weights[name];
        return x.Select(row =>
        {
            double scale = 1 / Math.Sqrt(row.Sum(value => value * value) / row.Length + epsilon);
            return row.Select((value, i) => value * scale * weight[i]).ToArray();
        }).ToArray();
    }

    double[][] Linear(string name, double[][] x) => x.Select(row => Multiply(name, row)).ToArray();

    // W x + b with W [out, in]; b where the file has one. [in] to [out].
    double[] Multiply(string name, double[] x)
    {
        var matrix = weights[name];
        var result = new double[matrix.Length / x.Length];
        for (int row = 0; row < result.Length; row++)
        {
            double sum = 0;
            for (int i = 0; i < x.Length; i++)
            {
                sum += matrix[row * x.Length + i] * x[i];
            }

            result[row] = sum;
        }

        if (weights.TryGetValue(name.Replace(".weight", ".bias", StringComparison.Ordinal), out var bias))
        {
            for (int row = 0; row < result.Length; row++)
            {
                result[row] += bias[row];
            }
        }

        return result;
    }

    double[] Row(string name, int row, int size) => weights[name][(row * size)..((row + 1) * size)];

    static double[][] Add(double[][] a, double[][] b) => a.Zip(b, (x, y) => x.Zip(y, (u, v) => u + v).ToArray()).ToArray();
}
