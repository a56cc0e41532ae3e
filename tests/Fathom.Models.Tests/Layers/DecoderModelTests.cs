// The model against the oracle: logits, hidden states, routing and multi-token prediction, for every family; and what it refuses.

using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Models.Tests.Layers;

public sealed unsafe class DecoderModelTests
{
    public static readonly TheoryData<string> Families = ["deepseek-v3", "deepseek-v2", "deepseek-v1", "llama", "qwen2"];

    // Rounding: a sum of n products is off by at most about sqrt(n) * 2^-24 of its terms' size in the typical case; with n = 40 that is
    // 4e-7. Two layers are some 20 such sums in a row, each with a gain near 1.5 between norms: 20 * 4e-7 * a few = 3e-5 of the largest.
    const double Tolerance = 3e-5;

    internal static void Close(string name, IReadOnlyList<double[]> expected, Tensor actual, int firstRow = 0)
    {
        double bound = Tolerance * expected.Max(row => row.Max(Math.Abs));
        for (int t = 0; t < expected.Count; t++)
            for (int i = 0; i < expected[t].Length; i++)
            {
                float value = actual.Row(firstRow + t)[i];
                Assert.True(
                    Math.Abs(value - expected[t][i]) <= bound, $"{name}[{t}, {i}]: expected {expected[t][i]}, actual {value}, bound {bound}");
            }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Forward_PackedSequences_EqualTheOracle(string family)
    {
        using ToyModel toy = new(family);
        int[][] sequences = [ToyModel.Tokens(11, 1), ToyModel.Tokens(1, 2), ToyModel.Tokens(20, 3), ToyModel.Tokens(2, 4)];
        using Tape tape = new();
        using PackedBatch batch = new(), shifted = new();
        batch.Clear();
        foreach (int[] tokens in sequences)
            batch.Add(tokens);
        var trace = new ForwardTrace();
        Tensor hidden = toy.Model.Forward(tape, batch, trace);
        Tensor logits = toy.Model.Logits(tape, hidden);
        Tensor? ahead = toy.Model.Mtp is { } mtp ? toy.Model.Logits(tape, mtp.Forward(tape, hidden, batch, shifted, trace)) : null;
        int aheadRow = 0;
        for (int s = 0; s < sequences.Length; s++)
        {
            int start = batch.SequenceStarts[s];
            NaiveSequence run = toy.Naive.Forward(sequences[s]);
            for (int layer = 0; layer < run.Hidden.Count; layer++)
                Close($"{family}, sequence {s}, hidden {layer}", run.Hidden[layer], trace.Hidden[layer], start);
            Close($"{family}, sequence {s}, final hidden", run.FinalHidden, hidden, start);
            Close($"{family}, sequence {s}, logits", run.Logits, logits, start);
            if (ahead is not null && sequences[s].Length > 1)
            {
                toy.Naive.PredictFurther(run);
                Close($"{family}, sequence {s}, two ahead", run.Predictions[0].Logits, ahead, aheadRow);
                aheadRow += sequences[s].Length - 1;
            }
            foreach ((int layer, NaiveRouting routing) in run.Routing.Where(pair => pair.Key < toy.Model.Config.LayerCount))
            {
                int k = routing.ExpertIds[0].Length;
                for (int t = 0; t < sequences[s].Length; t++)
                    Assert.Equal(routing.ExpertIds[t], new ReadOnlySpan<int>(trace.Routing[layer].ExpertIds + (start + t) * k, k).ToArray());
                Close($"{family}, sequence {s}, gate weights of layer {layer}", routing.Weights, trace.Routing[layer].Weights, start);
            }
        }
        Assert.Equal(toy.Model.Mtp is null ? 0 : 30, aheadRow);
    }

    [Fact]
    public void Forward_TokenOutsideTheVocabulary_IsRefusedByPlaceAndValue()
    {
        using ToyModel toy = new("llama");
        using Tape tape = new();
        using PackedBatch batch = new();
        batch.Clear();
        batch.Add([3, 37]);
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => toy.Model.Forward(tape, batch)).Message;
        Assert.Contains("Token 1 of the batch has id 37; the vocabulary has ids 0 to 36", message);
        batch.Clear();
        batch.Add([-1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => toy.Model.Forward(tape, batch));
    }

    [Fact]
    public void Initialize_SameSeed_SameBits_OtherSeed_OtherBits_AndRightDeviation()
    {
        using DecoderModel one = DecoderModel.Initialize(Presets.Nano, 1), same = DecoderModel.Initialize(Presets.Nano, 1);
        using DecoderModel other = DecoderModel.Initialize(Presets.Nano, 2);
        Assert.True(new ReadOnlySpan<float>(one.Parameters.Values, (int)one.Parameters.Length).SequenceEqual(new(same.Parameters.Values, (int)same.Parameters.Length)));
        Tensor embedding = one.Parameters["model.embed_tokens.weight"];
        Assert.False(embedding.Span.SequenceEqual(other.Parameters["model.embed_tokens.weight"].Span));
        // 65,536 normal numbers: the deviation's own deviation is 0.28%; five of them.
        double deviation = Math.Sqrt(embedding.Span.ToArray().Average(value => (double)value * value));
        Assert.InRange(deviation, 0.02 * 0.986, 0.02 * 1.014);
        Assert.All(one.Parameters["model.norm.weight"].Span.ToArray(), value => Assert.Equal(1, value));
    }
}
