// One running stage: what it does per step and what it must remember between steps.
using System.Diagnostics;
using Fathom.Inference;
using Fathom.Models.Checkpoints;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Planning.Costs;
using Fathom.Text.Tokenizers;
using Fathom.Training.Optimizers;
using Fathom.Training.Pretraining;
using Fathom.Training.Runs;

namespace Fathom.Training.Recipes;

/// <summary>What all stages of a run share.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Tokenizer">The tokenizer.</param>
/// <param name="Trainer">The model in training with its optimizer.</param>
/// <param name="Generator">Samples from the same model.</param>
/// <param name="Counts">Operations per token.</param>
public sealed record RunContext(RunFolder Run, Tokenizer Tokenizer, ModelTrainer Trainer, Generator Generator, ModelCounts Counts)
{
    /// <summary>Steps done in the run, over all stages.</summary>
    public long GlobalStep { get; set; }

    /// <summary>The recipe.</summary>
    public Recipe Recipe => Run.Recipe;

    /// <summary>The model.</summary>
    public DecoderModel Model => Trainer.Model;

    /// <summary>The run's seed.</summary>
    public ulong Seed => (ulong)Recipe.Seed;
}

/// <summary>What one step reports.</summary>
/// <param name="Tokens">Tokens it used.</param>
/// <param name="Flops">Model operations it used.</param>
/// <param name="Values">Its numbers, the first of which progress shows.</param>
public readonly record struct StepReport(TokenCounts Tokens, double Flops, IReadOnlyList<Metric> Values);

/// <summary>A stage of a recipe while it runs.</summary>
public abstract class StageRun : IDisposable
{
    /// <summary>Steps of the stage.</summary>
    public abstract int Steps { get; }

    /// <summary>The stage's place in its data; stored in checkpoints.</summary>
    public virtual long Cursor { get; set; }

    /// <summary>Steps between checkpoints.</summary>
    public abstract int CheckpointEverySteps { get; }

    /// <summary>Runs step <paramref name="step"/>, counted from 0.</summary>
    public abstract StepReport RunStep(int step);

    /// <summary>Adds to a checkpoint what the model and the optimizer do not hold.</summary>
    public virtual void Save(string folder)
    {
    }

    /// <summary>Takes back what <see cref="Save"/> wrote.</summary>
    public virtual void Restore(string folder)
    {
    }

    /// <summary>The stage's row in the summary, without its time.</summary>
    public virtual StageSummary? Summary => null;

    /// <inheritdoc/>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>The part of training stages that turns options into optimizer settings.</summary>
static class TrainingStages
{
    /// <summary>Optimizer settings of step <paramref name="step"/> of <paramref name="steps"/>.</summary>
    public static OptimizerStep Settings(this TrainingStageOptions options, int step, int steps)
        => new(options.LearningRate(step, steps), options.WeightDecay, options.Beta1, options.Beta2, options.ClipNorm);

    /// <summary>Linear warm-up to the peak, then constant or half a cosine to the final rate (V3 section 4.2).</summary>
    public static double LearningRate(this TrainingStageOptions options, int step, int steps)
    {
        if (step < options.WarmupSteps)
            return options.PeakLearningRate * (step + 1) / options.WarmupSteps;
        if (options.Schedule == LearningRateSchedule.Constant)
            return options.PeakLearningRate;
        double along = steps - options.WarmupSteps <= 1 ? 1 : (double)(step - options.WarmupSteps) / (steps - options.WarmupSteps - 1);
        return options.FinalLearningRate + (options.PeakLearningRate - options.FinalLearningRate) * 0.5 * (1 + Math.Cos(Math.PI * along));
    }

    /// <summary>Model operations of training on, or running, sequences of these lengths.</summary>
    public static double Flops(this ModelCounts counts, IEnumerable<int> lengths, bool training)
    {
        double sum = 0;
        foreach (int length in lengths)
            sum += training ? counts.TrainingFlops(length) : counts.ForwardFlops(length);
        return sum;
    }
}
