// One optimizer step, however its tokens are split: load a pass, run it forwards and backwards under an objective, repeat, update.
// Supervised and reinforcement stages differ in the objective only.
using System.Runtime.InteropServices;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;
using Fathom.Training.Data;
using Fathom.Training.Optimizers;

namespace Fathom.Training.Pretraining;

/// <summary>Trains a model. Gradients of passes add up exactly in token order, so a step's result does not depend on its split.</summary>
public sealed unsafe class ModelTrainer : IDisposable
{
    readonly Tape _tape = new();
    readonly PackedBatch _batch = new();
    readonly PackedBatch _shifted = new();
    int[] _targets = [];
    int[] _shiftedTargets = [];

    /// <summary>Prepares a model for training: gradients and optimizer state.</summary>
    public ModelTrainer(DecoderModel model)
    {
        Model = model;
        Optimizer = new AdamWOptimizer(model.Parameters);
    }

    /// <summary>The model in training.</summary>
    public DecoderModel Model { get; }

    /// <summary>Its optimizer.</summary>
    public AdamWOptimizer Optimizer { get; }

    /// <summary>Number of tokens in the loaded pass.</summary>
    public int PassTokens => _batch.TokenCount;

    /// <summary>Sets the gradients to zero for a new step.</summary>
    /// <param name="sequences">Sequences of the whole step, over which sequence-wise losses are averaged.</param>
    public void BeginStep(int sequences)
    {
        _batch.StepSequenceCount = sequences;
        Model.Parameters.ClearGradients();
        foreach (MixtureOfExperts layer in Model.ExpertLayers)
            layer.ClearLoad();
    }

    /// <summary>End of the pass that starts at <paramref name="from"/>: as many sequences as fit into <paramref name="maxTokens"/>, at least one.</summary>
    public static int PassEnd(ReadOnlySpan<TrainingSequence> sequences, int from, int maxTokens)
    {
        int tokens = 0, end = from;
        while (end < sequences.Length && (end == from || tokens + sequences[end].Tokens.Length - 1 <= maxTokens))
            tokens += sequences[end++].Tokens.Length - 1;
        return end;
    }

    /// <summary>Loads the sequences of one pass. The last token of each is a target only, so it is not run.</summary>
    /// <exception cref="ArgumentException">A sequence has fewer than two tokens.</exception>
    public void LoadPass(ReadOnlySpan<TrainingSequence> sequences)
    {
        _batch.Clear();
        int t = 0;
        foreach ((int[] tokens, int firstTarget) in sequences)
        {
            if (tokens.Length < 2 || firstTarget < 1)
                throw new ArgumentException($"A training sequence has {tokens.Length} tokens and its first target at {firstTarget}; at least 2 and 1 are needed.");
            _batch.Add(tokens.AsSpan(0, tokens.Length - 1));
            if (_targets.Length < t + tokens.Length)
                Array.Resize(ref _targets, Math.Max(t + tokens.Length, 2 * _targets.Length));
            for (int i = 1; i < tokens.Length; i++)
                _targets[t++] = i >= firstTarget ? tokens[i] : -1;
        }
    }

    /// <summary>Runs the loaded pass forwards and backwards, adding to the gradients.</summary>
    /// <typeparam name="TObjective">The loss of a token and its derivative by the token's log-probability.</typeparam>
    /// <param name="objective">Called once per target, in token order, with the token's index in the pass.</param>
    /// <param name="temperature">Divides the logits; 1 but in reinforcement learning at another temperature.</param>
    /// <param name="mtpTokenWeight">Loss weight of each token of the multi-token-prediction module; 0 leaves it out.</param>
    /// <returns>Sum of the main loss, sum of the multi-token-prediction loss and sum of balance losses.</returns>
    public (double Loss, double MtpLoss, double BalanceLoss) RunPass<TObjective>(ref TObjective objective, float temperature = 1, double mtpTokenWeight = 0)
        where TObjective : struct, ITokenObjective
    {
        _tape.Reset();
        _tape.Recording = true;
        Tensor hidden = Model.Forward(_tape, _batch); // [T, H]
        hidden.Gradient = _tape.Scope.RentLike(hidden);
        double loss = RunHead(hidden, Model.Head, _targets, temperature, ref objective);
        double mtpLoss = 0;
        if (mtpTokenWeight > 0 && Model.Mtp is { } mtp)
        {
            Tensor ahead = mtp.Forward(_tape, hidden, _batch, _shifted); // [T', H]
            if (_shifted.TokenCount > 0)
            {
                FillShiftedTargets();
                ahead.Gradient = _tape.Scope.RentLike(ahead);
                var crossEntropy = new CrossEntropyObjective(null, (float)mtpTokenWeight);
                mtpLoss = RunHead(ahead, mtp.Head, _shiftedTargets, 1, ref crossEntropy);
            }
        }
        double balance = Model.BalanceLoss();
        _tape.Backward();
        return (loss, mtpLoss, balance);
    }

    /// <summary>Sum of the loaded pass's cross-entropies, forwards only.</summary>
    public double CrossEntropy() => Score(Model, default, 1);

    /// <summary>Runs the loaded pass forwards only, through this or another model of the same shape (a reference policy).</summary>
    /// <param name="model">The model.</param>
    /// <param name="logProbabilities">[T] receives each target's log-probability, 0 elsewhere; empty when not wanted.</param>
    /// <param name="temperature">Divides the logits.</param>
    /// <returns>The sum of the targets' cross-entropies.</returns>
    public double Score(DecoderModel model, Span<float> logProbabilities, float temperature = 1)
    {
        _tape.Reset();
        _tape.Recording = false;
        Tensor hidden = model.Forward(_tape, _batch);
        var crossEntropy = new CrossEntropyObjective(null, 1);
        fixed (int* targets = _targets)
        fixed (float* scores = logProbabilities)
        {
            return LanguageModelHead.Run(
                hidden.Data, hidden.Rows, hidden.Columns, model.Head, targets, temperature, ref crossEntropy, null, null, scores, null);
        }
    }

    /// <summary>The worst layer's load imbalance of the step so far (<see cref="MixtureOfExperts.MaxViolation"/>).</summary>
    public double MaxViolation()
    {
        double worst = 0;
        foreach (MixtureOfExperts layer in Model.ExpertLayers)
            worst = Math.Max(worst, layer.MaxViolation());
        return worst;
    }

    /// <summary>Clips, steps the optimizer and moves the routers' selection biases. A gradient that is not finite changes nothing.</summary>
    /// <returns>The gradient norm before clipping.</returns>
    public double EndStep(in OptimizerStep settings, double biasUpdateRate)
    {
        Model.Parameters.GatherGradients();
        double norm = Optimizer.GradientNorm();
        if (!double.IsFinite(norm))
            return norm;
        Optimizer.Step(settings, norm);
        foreach (MixtureOfExperts layer in Model.ExpertLayers)
            layer.UpdateSelectionBias((float)biasUpdateRate);
        return norm;
    }

    double RunHead<TObjective>(Tensor hidden, Weight head, int[] targets, float temperature, ref TObjective objective)
        where TObjective : struct, ITokenObjective
    {
        fixed (int* t = targets)
        {
            return LanguageModelHead.Run(
                hidden.Data, hidden.Rows, hidden.Columns, head, t, temperature, ref objective, hidden.Gradient!.Data,
                head.Trainable.Gradient is { } dHead ? dHead.Data : null, null, null);
        }
    }

    // The module at position i of a sequence predicts token i + 2.
    void FillShiftedTargets()
    {
        if (_shiftedTargets.Length < _shifted.TokenCount)
            _shiftedTargets = new int[Math.Max(_shifted.TokenCount, 2 * _shiftedTargets.Length)];
        int n = 0;
        for (int s = 0; s < _batch.SequenceCount; s++)
        {
            for (int i = _batch.SequenceStarts[s] + 1; i < _batch.SequenceStarts[s + 1]; i++)
                _shiftedTargets[n++] = _targets[i];
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        _tape.Dispose();
        _batch.Dispose();
        _shifted.Dispose();
    }
}
