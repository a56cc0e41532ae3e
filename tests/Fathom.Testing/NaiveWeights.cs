// Weights of the naive model: from a model folder (FP8 blocks decoded by definition), or random ones for toy models, which can be saved as a folder.

using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;

namespace Fathom.Testing;

public static class NaiveWeights
{
    /// <summary>The naive model of a folder's config and weights.</summary>
    public static NaiveModel Load(string path)
    {
        using var folder = ModelFolder.Open(path);
        var weights = new Dictionary<string, double[]>();
        foreach (string name in folder.Names.Where(name => !name.EndsWith("_scale_inv", StringComparison.Ordinal)))
        {
            var entry = folder.Entry(name);
            weights[name] = entry.Type == ElementType.F8E4M3
                ? Dequantize(folder, name, entry)
                : folder.FileOf(name).ReadFloats(name).Select(value => (double)value).ToArray();
        }

        return new NaiveModel(ModelConfig.Read(path), weights);
    }

    /// <summary>
    /// Random FP32 weights by official name, large enough that every part matters: matrices normal with deviation 1.5 / sqrt(in), embeddings 1,
    /// norms around 1, biases 0.1. Stored copies (multi-token prediction) equal their originals.
    /// </summary>
    public static Dictionary<string, float[]> Random(ModelConfig config, int seed)
    {
        var random = new Random(seed);
        var weights = new Dictionary<string, float[]>();
        foreach (var tensor in TensorNames.Of(config))
        {
            var (mean, deviation) = tensor.Role switch
            {
                TensorRole.Embedding => (0, 1),
                TensorRole.Norm => (1, 0.2),
                TensorRole.Bias or TensorRole.SelectionBias => (0, 0.1),
                _ => (0, 1.5 / Math.Sqrt(tensor.Shape[^1])),
            };
            weights[tensor.Name] = tensor.CopyOf is { } original
                ? weights[original]
                : Enumerable.Range(0, (int)tensor.ElementCount).Select(_ => (float)(mean + deviation * Normal(random))).ToArray();
        }

        return weights;
    }

    /// <summary>The naive model of a config and FP32 weights (copied).</summary>
    public static NaiveModel Model(ModelConfig config, IReadOnlyDictionary<string, float[]> weights) =>
        new(config, weights.ToDictionary(pair => pair.Key, pair => pair.Value.Select(value => (double)value).ToArray()));

    /// <summary>Saves a config and FP32 weights as a model folder, so that the model under test can load them; the folder is created.</summary>
    public static void Save(string path, ModelConfig config, IReadOnlyDictionary<string, float[]> weights)
    {
        Directory.CreateDirectory(path);
        ModelFolder.Write(path, TensorNames.Of(config).Select(tensor => TensorSource.Floats(tensor.Name, tensor.Shape.Select(size => (long)size).ToArray(), weights[tensor.Name])));
        AtomicFile.WriteText(Path.Combine(path, ModelFolder.ConfigFileName), config.ToJson());
    }

    // Code times the factor of its block.
    static unsafe double[] Dequantize(ModelFolder folder, string name, TensorEntry entry)
    {
        const int Block = 128;
        var scales = folder.FileOf(name).ReadFloats(name + "_scale_inv");
        byte* codes = folder.Pointer(name);
        int columns = (int)entry.Shape[1], blocksPerRow = (columns - 1) / Block + 1;
        var values = new double[entry.ElementCount];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = E4M3(codes[i]) * scales[i / columns / Block * blocksPerRow + i % columns / Block];
        }

        return values;
    }

    // 1 sign, 4 exponent (bias 7), 3 fraction bits.
    static double E4M3(byte code)
    {
        int exponent = code >> 3 & 15, fraction = code & 7;
        double magnitude = exponent == 0 ? fraction * Math.Pow(2, -9) : (8 + fraction) * Math.Pow(2, exponent - 10);
        return code < 128 ? magnitude : -magnitude;
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
