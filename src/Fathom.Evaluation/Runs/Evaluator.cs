// The loop of an evaluation: ask, grade, write down; many at once, in any order. A sample depends on its problem, its number and the seed
// alone, so an evaluation that was interrupted ends with the same samples as one that was not.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;
using Fathom.Inference;

namespace Fathom.Evaluation.Runs;

/// <summary>Where an evaluation stands.</summary>
/// <param name="Done">Responses graded, those of before an interruption counted in.</param>
/// <param name="Total">Responses in all.</param>
/// <param name="Right">Right ones among those graded.</param>
/// <param name="Failed">Responses whose grading failed.</param>
/// <param name="Tokens">Tokens generated since this process began.</param>
public readonly record struct EvaluationProgress(int Done, int Total, int Right, int Failed, long Tokens);

/// <summary>Evaluates into a folder.</summary>
/// <param name="folder">Takes the samples; what it has is not asked again.</param>
/// <param name="problems">The problems with their tasks, as many as the folder's manifest says.</param>
/// <param name="respondent">Who is asked.</param>
public sealed class Evaluator(EvaluationFolder folder, IReadOnlyList<(VerifiedTask Task, Problem Problem)> problems, IRespondent respondent)
{
    // Graders that run programs wait for processes: without a bound they would hold every thread of the pool.
    readonly SemaphoreSlim _graders = new(2 * Environment.ProcessorCount);
    readonly Lock _gate = new();

    /// <summary>Asks for every sample that is not there yet.</summary>
    /// <param name="concurrency">Responses that are asked for at once.</param>
    /// <param name="onProgress">Called after every sample, one at a time; may be null.</param>
    /// <param name="cancellationToken">Ends the evaluation; what is done stays.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="IOException">The respondent cannot be asked, or the folder cannot be written.</exception>
    public async Task RunAsync(int concurrency, Action<EvaluationProgress>? onProgress, CancellationToken cancellationToken)
    {
        EvaluationManifest manifest = folder.Manifest;
        IReadOnlyList<EvaluationSample> before = folder.Samples;
        int done = before.Count, right = before.Count(sample => sample.Outcome == Outcome.Right), failed = before.Count(sample => sample.Outcome == Outcome.Failed);
        long tokens = 0;
        (int, int)[] open = [.. from problem in Enumerable.Range(0, problems.Count)
                                from sample in Enumerable.Range(0, manifest.Samples)
                                where !folder.Has(problem, sample)
                                select (problem, sample)];
        var options = new ParallelOptions { MaxDegreeOfParallelism = concurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(open, options, async (place, cancelled) =>
        {
            EvaluationSample sample = await SampleAsync(place.Item1, place.Item2, cancelled).ConfigureAwait(false);
            lock (_gate)
            {
                folder.Append(sample);
                done++;
                tokens += sample.Tokens;
                right += sample.Outcome == Outcome.Right ? 1 : 0;
                failed += sample.Outcome == Outcome.Failed ? 1 : 0;
                onProgress?.Invoke(new EvaluationProgress(done, problems.Count * manifest.Samples, right, failed, tokens));
            }
        }).ConfigureAwait(false);
    }

    async Task<EvaluationSample> SampleAsync(int index, int number, CancellationToken cancellationToken)
    {
        (VerifiedTask task, Problem problem) = problems[index];
        ulong seed = SampleSeed.Of((ulong)folder.Manifest.Seed, index, number);
        ModelResponse response = await respondent.RespondAsync(problem.Prompt, seed, cancellationToken).ConfigureAwait(false);
        ParsedResponse parsed = response.Parsed;
        Verdict verdict = response.Problem is { } reason ? Verdict.Of(false, null, reason) : await GradeAsync(task, problem, parsed, cancellationToken).ConfigureAwait(false);
        return new EvaluationSample(
            index, problem.Id, number, seed, problem.Prompt, problem.Answer, response.Text, verdict.Answer, verdict.Outcome, verdict.Reason, verdict.Parts,
            response.PromptTokens, response.Tokens, response.Truncated, parsed.WellFormed);
    }

    async Task<Verdict> GradeAsync(VerifiedTask task, Problem problem, ParsedResponse response, CancellationToken cancellationToken)
    {
        await _graders.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await Task.Run(() => task.Grade(problem, response), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _graders.Release();
        }
    }
}
