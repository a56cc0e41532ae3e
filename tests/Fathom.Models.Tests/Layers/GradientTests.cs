// Gradients of the whole loss (cross entropy, balance, multi-token prediction) at elements of every parameter, against finite
// differences of the oracle in double precision.

using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Models.Tests.Layers;

public sealed unsafe class GradientTests
{
    const double MtpWeight = 0.3;

    // With the balance loss as heavy as the rest, a mistake in it shows.
    static ModelConfig Heavy(string family)
    {
        ModelConfig config = ToyPresets.All[family];
        return config.Experts is null ? config : config with { Experts = config.Experts with { BalanceLossWeight = 0.5 } };
    }

    static double OracleLoss(NaiveModel naive, int[][] sequences, NaiveSequence[] routing)
    {
        ModelConfig config = naive.Config;
        NaiveSequence[] runs = [.. sequences.Select((tokens, i) => naive.Forward(tokens, routing[i]))];
        double loss = NaiveModel.CrossEntropy(runs);
        int layers = config.LayerCount;
        if (config.MtpLayerCount > 0)
        {
            layers++;
            double sum = 0;
            int targets = 0;
            for (int s = 0; s < runs.Length; s++)
            {
                naive.PredictFurther(runs[s], routing: routing[s]);
                double[][] logits = runs[s].Predictions[0].Logits;
                for (int i = 0; i + 2 < sequences[s].Length; i++, targets++)
                    sum -= LogProbability(logits[i], sequences[s][i + 2]);
            }
            loss += MtpWeight * sum / targets;
        }
        for (int layer = 0; layer < layers; layer++)
        {
            if (config.HasExperts(layer))
                loss += naive.BalanceLoss(runs, layer, config.Experts!.SequenceBalance);
        }
        return loss;
    }

    static double LogProbability(double[] logits, int token)
    {
        double max = logits.Max();
        return logits[token] - max - Math.Log(logits.Sum(value => Math.Exp(value - max)));
    }

    // The loss of the model under test, with its gradients in the parameters. As in training, but here every token of a sequence runs.
    static double Backward(DecoderModel model, int[][] sequences)
    {
        using Tape tape = new() { Recording = true };
        using PackedBatch batch = new(), shifted = new();
        batch.Clear();
        foreach (int[] tokens in sequences)
            batch.Add(tokens);
        model.Parameters.EnableGradients();
        Tensor hidden = model.Forward(tape, batch);
        double loss = Head(tape, hidden, model.Head, sequences, 1, 1);
        if (model.Mtp is { } mtp)
            loss += Head(tape, mtp.Forward(tape, hidden, batch, shifted), mtp.Head, sequences, 2, MtpWeight);
        loss += model.BalanceLoss();
        tape.Backward();
        model.Parameters.GatherGradients();
        return loss;
    }

    // Cross entropy of the tokens `ahead` places on, of rows that hold each sequence without its last ahead - 1 tokens.
    static double Head(Tape tape, Tensor hidden, Weight head, int[][] sequences, int ahead, double weight)
    {
        int[] targets = [.. sequences.SelectMany(tokens => Enumerable.Range(0, Math.Max(0, tokens.Length - ahead + 1)).Select(i => i + ahead < tokens.Length ? tokens[i + ahead] : -1))];
        Assert.Equal(hidden.Rows, targets.Length);
        hidden.Gradient = tape.Scope.RentLike(hidden);
        var objective = new CrossEntropyObjective(null, (float)(weight / targets.Count(t => t >= 0)));
        fixed (int* t = targets)
        {
            return LanguageModelHead.Run(
                hidden.Data, hidden.Rows, hidden.Columns, head, t, 1, ref objective, hidden.Gradient.Data, head.Trainable.Gradient!.Data, null, null);
        }
    }

    [Theory]
    [InlineData("deepseek-v3")]
    [InlineData("deepseek-v2")]
    [InlineData("deepseek-v1")]
    [InlineData("llama")]
    [InlineData("qwen2")]
    public void Loss_AndGradientOfEveryParameter_EqualTheOracle(string family)
    {
        using ToyModel toy = new(Heavy(family));
        int[][] sequences = [ToyModel.Tokens(7, 1), ToyModel.Tokens(4, 2)];
        // The experts chosen stay as they are: the loss has a jump where the choice changes, and no derivative there.
        NaiveSequence[] routing = [.. sequences.Select(tokens => toy.Naive.Forward(tokens))];
        foreach (NaiveSequence run in routing)
            toy.Naive.PredictFurther(run);
        double expectedLoss = OracleLoss(toy.Naive, sequences, routing);
        double loss = Backward(toy.Model, sequences);
        Assert.True(Math.Abs(loss - expectedLoss) <= 1e-5 * expectedLoss, $"loss {loss}, expected {expectedLoss}");

        var random = new Random(1);
        int different = 0;
        foreach (Parameter parameter in toy.Model.Parameters.All)
        {
            if (!parameter.Trainable)
            {
                Assert.Null(parameter.Value.Gradient);
                continue;
            }
            float[] gradient = parameter.Value.Gradient!.Span.ToArray();
            float largest = gradient.Max(Math.Abs);
            // The largest element, where a wrong gradient shows most, and one drawn at random (the only one where all are zero).
            foreach (int index in new[] { Array.FindIndex(gradient, value => Math.Abs(value) == largest), random.Next(gradient.Length) }.Distinct())
            {
                double expected = toy.Naive.FiniteDifference(parameter.Name, index, () => OracleLoss(toy.Naive, sequences, routing));
                // Rounding as in the forward pass, once more on the way back; the difference quotient is good to 1e-10.
                double bound = 1e-4 * largest + 1e-7;
                Assert.True(
                    Math.Abs(gradient[index] - expected) <= bound, $"{family} {parameter.Name}[{index}]: expected {expected}, actual {gradient[index]}, bound {bound}");
                different += expected != 0 ? 1 : 0;
            }
        }
        Assert.True(different > 20, $"only {different} gradients are not zero");
    }
}
