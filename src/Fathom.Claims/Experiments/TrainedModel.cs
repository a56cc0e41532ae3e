// A run's model after training, and held-out documents to run it on: how its experts are used, and what is lost without some of them.

using Fathom.Evaluation.Tasks;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Text.Tokenizers;
using Fathom.Training.Data;
using Fathom.Training.Pretraining;
using Fathom.Training.Recipes;

namespace Fathom.Claims.Experiments;

/// <summary>A trained model.</summary>
sealed unsafe class TrainedModel : IDisposable
{
    // Below every score with its bias, so that an expert with this bias is never chosen.
    const float Away = -1e6f;

    readonly Recipe _recipe;
    readonly PretrainOptions _options;
    readonly Tokenizer _tokenizer;
    readonly ModelTrainer _trainer;

    /// <summary>Loads the model at the end of a run.</summary>
    public TrainedModel(RecipeRun run)
    {
        _recipe = run.Recipe;
        _options = run.Recipe.Stages.OfType<PretrainOptions>().First();
        _tokenizer = Tokenizer.Load(run.Folder);
        _trainer = new ModelTrainer(DecoderModel.Load(run.Folder));
    }

    /// <summary>The model.</summary>
    public DecoderModel Model => _trainer.Model;

    /// <summary>The tasks of its data.</summary>
    public IReadOnlyList<string> Tasks => [.. _recipe.Tasks.Select(task => task.Task)];

    /// <summary>Held-out documents of one task: its part of the tokens of a validation, at least.</summary>
    public TrainingSequence[] HeldOut(string task)
    {
        int tokens = Math.Max(1, _options.ValidationTokens / _recipe.Tasks.Count);
        var documents = new DocumentStream(_recipe with { Tasks = [.. _recipe.Tasks.Where(options => options.Task == task)] }, _options, [], Split.Validation);
        var sequences = new List<TrainingSequence>();
        for (long i = 0; tokens > 0; i++)
        {
            int[] ids = documents[i].Encode(_tokenizer);
            sequences.Add(new TrainingSequence(ids[..Math.Min(ids.Length, _options.SequenceLength + 1)], 1));
            tokens -= sequences[^1].Tokens.Length - 1;
        }
        return [.. sequences];
    }

    /// <summary>Loss in nats per token.</summary>
    public double Loss(TrainingSequence[] sequences) => SupervisedStep.Validate(_trainer, sequences, _options.MicroBatchTokens);

    /// <summary>How many tokens each expert gets: [layers][experts]. All tokens times the experts per token, unless some were dropped.</summary>
    public long[][] Load(TrainingSequence[] sequences)
    {
        using var batch = new PackedBatch();
        foreach (TrainingSequence sequence in sequences)
            batch.Add(sequence.Tokens.AsSpan(0, sequence.Tokens.Length - 1));
        using var tape = new Tape();
        var trace = new ForwardTrace();
        Model.Forward(tape, batch, trace);
        int experts = Model.Config.Experts!.RoutedExpertCount;
        return [.. trace.Routing.Values.Select(routing => (long[])[.. Enumerable.Range(0, experts).Select(e => (long)(routing.Offsets[e + 1] - routing.Offsets[e]))])];
    }

    /// <summary>Loss in nats per token when, in every layer, the routed experts that these sequences use most cannot be chosen.</summary>
    /// <param name="sequences">The sequences.</param>
    /// <param name="share">Share of the routed experts to take away.</param>
    public double LossWithoutMostUsed(TrainingSequence[] sequences, double share)
    {
        long[][] load = Load(sequences);
        var biases = new List<(int Layer, int Expert, float Bias)>();
        for (int layer = 0; layer < load.Length; layer++)
        {
            float* bias = Model.ExpertLayers[layer].SelectionBias!.Data;
            int count = (int)Math.Round(share * load[layer].Length, MidpointRounding.AwayFromZero);
            foreach (int expert in Enumerable.Range(0, load[layer].Length).OrderByDescending(e => load[layer][e]).Take(count))
            {
                biases.Add((layer, expert, bias[expert]));
                bias[expert] = Away;
            }
        }
        double loss = Loss(sequences);
        foreach ((int layer, int expert, float bias) in biases)
            Model.ExpertLayers[layer].SelectionBias!.Data[expert] = bias;
        return loss;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _trainer.Dispose();
        Model.Dispose();
    }
}
