// The stage `evaluate`: pass@1 and mean length on held-out problems.
using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Planning.Costs;
using Fathom.Training.Data;
using Fathom.Training.Runs;

namespace Fathom.Training.Recipes;

/// <summary>Samples responses to the same held-out problems in every evaluation of a run.</summary>
/// <param name="context">The run.</param>
/// <param name="options">How many problems and samples.</param>
/// <param name="onProgress">Called with the responses done and all of them.</param>
public sealed class EvaluateStage(RunContext context, EvaluateOptions options, Action<int, int>? onProgress) : StageRun
{
    const int SamplesLogged = 8;

    StageSummary? _summary;

    /// <inheritdoc/>
    public override int Steps => 1;

    /// <inheritdoc/>
    public override int CheckpointEverySteps => 1;

    /// <inheritdoc/>
    public override StageSummary? Summary => _summary;

    /// <inheritdoc/>
    public override StepReport RunStep(int step)
    {
        // One purpose for all evaluations, so that all stages are scored on the same problems.
        var stream = new ProblemStream(context.Recipe, Split.HeldOut, "evaluation");
        (VerifiedTask, Problem)[] problems = [.. Enumerable.Range(0, options.Problems).Select(i => ((VerifiedTask)stream[i].Task, stream[i].Problem))];
        int logged = 0, total = options.Problems * options.Samples;
        double flops = 0;
        EvaluationScore score = new ModelEvaluator(context.Generator, context.Tokenizer).Run(
            problems, options.Samples,
            new SamplingOptions { Temperature = (float)options.Temperature, TopP = (float)options.TopP, MaxNewTokens = options.MaxNewTokens },
            ContentHash.Of("evaluation/" + options.Name, [(long)context.Seed]),
            sample =>
            {
                if (sample.ProblemIndex < SamplesLogged && sample.ProblemIndex == logged)
                {
                    logged++;
                    context.Run.AppendSample(new SampleRecord(
                        options.Name, "evaluate", context.GlobalStep, sample.Problem.Prompt, sample.Problem.Answer, sample.Response, sample.Correct,
                        sample.Tokens, []));
                }
            },
            done => onProgress?.Invoke(done, total));
        flops = context.Counts.ForwardFlopsPerToken(score.MeanTokens) * (score.PromptTokens + score.GeneratedTokens);
        _summary = new StageSummary(options.Name, score.PassAt1, score.StandardError, score.MeanTokens, 0);
        return new StepReport(
            new TokenCounts(0, score.GeneratedTokens, score.PromptTokens), flops,
            [
                new(MetricNames.PassAt1, score.PassAt1), new(MetricNames.StandardError, score.StandardError ?? 0),
                new(MetricNames.MeanTokens, score.MeanTokens), new("truncatedShare", score.TruncatedShare), new("format", score.WellFormedShare),
            ]);
    }
}
