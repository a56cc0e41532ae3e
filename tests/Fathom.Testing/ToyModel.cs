// A toy model twice: the model under test and the oracle, with the same weights.

using Fathom.Models.Configs;
using Fathom.Models.Layers;

namespace Fathom.Testing;

/// <summary>Fathom's model and the naive one, sharing nothing but the values of their weights.</summary>
public sealed class ToyModel : IDisposable
{
    public ToyModel(string preset, int seed = 5)
        : this(ToyPresets.All[preset], seed)
    {
    }

    public ToyModel(ModelConfig config, int seed = 5)
    {
        var weights = NaiveWeights.Random(config, seed);
        Naive = NaiveWeights.Model(config, weights);
        Model = Build(config, weights);
    }

    public DecoderModel Model { get; }

    public NaiveModel Naive { get; }

    /// <summary>Fathom's model alone, with the same random weights.</summary>
    public static DecoderModel Build(ModelConfig config, int seed = 5) => Build(config, NaiveWeights.Random(config, seed));

    static DecoderModel Build(ModelConfig config, Dictionary<string, float[]> weights)
    {
        DecoderModel model = DecoderModel.Initialize(config, 1);
        foreach (Parameter parameter in model.Parameters.All)
            weights[parameter.Name].CopyTo(parameter.Value.Span);
        return model;
    }

    /// <summary>A sequence of random tokens of the toy vocabulary.</summary>
    public static int[] Tokens(int length, int seed)
    {
        var random = new Random(1000 + seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(37))];
    }

    public void Dispose() => Model.Dispose();
}
