// The stage `rl`: GRPO on the recipe's tasks.
using Fathom.Evaluation.Tasks;
using Fathom.Models.Checkpoints;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Planning.Costs;
using Fathom.Training.Data;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Training.Reinforcement;

/// <summary>Runs GRPO and logs what it did, samples included.</summary>
public sealed class RlStage : StageRun
{
    const string ReferenceFile = "reference.safetensors";
    const int SamplesLoggedPerStep = 2;

    readonly RunContext _context;
    readonly RlOptions _options;
    readonly GrpoTrainer _grpo;

    /// <summary>Prepares the stage; the present policy becomes the reference.</summary>
    public RlStage(RunContext context, RlOptions options)
    {
        (_context, _options) = (context, options);
        ulong seed = ContentHash.Of("rollouts/" + options.Name, [(long)context.Seed]);
        _grpo = new GrpoTrainer(
            context.Trainer, context.Generator, context.Tokenizer, new ProblemStream(context.Recipe, Split.Train, options.Name), options, seed);
    }

    /// <inheritdoc/>
    public override int Steps => _options.Steps;

    /// <inheritdoc/>
    public override long Cursor
    {
        get => _grpo.Cursor;
        set => _grpo.Cursor = value;
    }

    /// <inheritdoc/>
    public override int CheckpointEverySteps => _options.CheckpointEverySteps;

    /// <inheritdoc/>
    public override StepReport RunStep(int step)
    {
        GrpoStep result = _grpo.Step(step, _options.Settings(step, Steps));
        IReadOnlyList<Rollout> rollouts = result.Rollouts;
        foreach (Rollout r in rollouts.Take(SamplesLoggedPerStep))
        {
            _context.Run.AppendSample(new SampleRecord(
                _options.Name, "rl", _context.GlobalStep, r.Problem.Prompt, r.Problem.Answer, r.Text, r.Accuracy > 0, r.Completion.Tokens.Count,
                [.. r.Accuracy is { } accuracy ? [new Metric("accuracy", accuracy)] : Array.Empty<Metric>(), new("format", r.Format)]));
        }
        double flops = _context.Counts.Flops(rollouts.Select(r => r.Sequence.Tokens.Length - 1), training: true)
            + _context.Counts.Flops(rollouts.Select(r => r.Sequence.Tokens.Length - 1), training: false) * (_grpo.Reference is null ? 1 : 2);
        return new StepReport(
            new TokenCounts(result.Tokens.Trained, result.Tokens.Generated, result.Tokens.Scored), flops,
            [
                new(MetricNames.Reward, rollouts.Average(r => r.Reward) ?? double.NaN),
                new(MetricNames.PassAt1, rollouts.Average(r => r.Accuracy) ?? double.NaN),
                new("rewardFailedShare", rollouts.Average(r => r.Reward is null ? 1.0 : 0)),
                new("format", rollouts.Average(r => r.Format)),
                new(MetricNames.Loss, result.Loss),
                new(MetricNames.MeanTokens, rollouts.Average(r => (double)r.Completion.Tokens.Count)),
                new(MetricNames.ReflectionWords, rollouts.Average(r => (double)ReflectionWords.Count(r.Text))),
                new(MetricNames.Entropy, result.Entropy),
                new(MetricNames.Kl, result.Kl),
                new(MetricNames.ClipShare, result.ClipShare),
                new(MetricNames.NoSignalShare, result.NoSignalShare),
                new(MetricNames.MaxLogProbGap, result.MaxLogProbGap),
                new(MetricNames.GradNorm, result.GradientNorm),
                new(MetricNames.LearningRate, _options.LearningRate(step, Steps)),
                new(MetricNames.MaxVio, result.MaxViolation),
                new("rolloutTokensPerSecond", result.Tokens.Generated / Math.Max(1e-9, result.Seconds.Rollout)),
                new("rolloutSeconds", result.Seconds.Rollout),
                new("referenceSeconds", result.Seconds.Reference),
                new("updateSeconds", result.Seconds.Update),
            ]);
    }

    /// <inheritdoc/>
    public override void Save(string folder)
    {
        if (_grpo.Reference is { } reference)
            SafetensorsWriter.Write(Path.Combine(folder, ReferenceFile), reference.Parameters.ToSources(ElementType.F32));
    }

    /// <inheritdoc/>
    public override void Restore(string folder)
    {
        if (_grpo.Reference is not { } reference)
            return;
        using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, ReferenceFile));
        reference.Parameters.ReadFrom(file);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _grpo.Dispose();
        base.Dispose();
    }
}
